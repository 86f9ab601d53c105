"""From the files of the register to a ``Register``; every fault is told at once. Reads files, nothing else."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fideslang.models import LegalBasisForProcessingEnum, PrivacyDeclaration, System
from pydantic import ValidationError

from portal.register.manifest import HeadEntry, RowEntry, TextsEntry, read_yaml, systems_of, told
from portal.register.model import (
    LANGUAGES,
    ROW_TEXTS,
    Caution,
    JointController,
    Party,
    Recipient,
    Register,
    RegisterFaulty,
    RetentionRule,
    Row,
    Texts,
    Transfer,
)
from portal.rights.base import Activity, Basis

BASES = {
    LegalBasisForProcessingEnum.CONSENT: Basis.CONSENT,
    LegalBasisForProcessingEnum.CONTRACT: Basis.CONTRACT,
    LegalBasisForProcessingEnum.LEGAL_OBLIGATION: Basis.LEGAL_OBLIGATION,
    LegalBasisForProcessingEnum.LEGITIMATE_INTEREST: Basis.LEGITIMATE_INTEREST,
}
GENERAL_TEXTS = ("no_transfer", "aggregated", "joint")


@dataclass(frozen=True, slots=True)
class _Declared:
    """A privacy declaration with our additions."""

    slug: str
    declaration: PrivacyDeclaration
    entry: RowEntry

    @property
    def basis(self) -> Basis | None:
        """The legal basis, or None when it is missing or not one the portal knows."""
        stated = self.declaration.legal_basis_for_processing
        return BASES.get(stated) if stated else None


def load_register(folder: Path | None = None) -> Register:
    """Read ``register.yml``, ``manifests/*.yml`` and ``texts/*.yml`` of ``folder``; of the shipped one if None.

    Raises:
        RegisterFaulty: with every fault that was found.
    """
    folder = folder or Path(__file__).parent
    return _load(folder, _digest(folder))


@lru_cache(maxsize=8)
def _load(folder: Path, digest: str) -> Register:
    """Read the register once for the same content; it cannot be changed by who has it."""
    faults: list[str] = []
    head = _head(folder / "register.yml", faults)
    texts = {language: _texts(folder / "texts" / f"{language}.yml", faults) for language in LANGUAGES}
    declared = _declared(sorted((folder / "manifests").glob("*.yml")), faults)
    if head is None or any(each is None for each in texts.values()):
        raise RegisterFaulty(faults)
    whole = {language: each for language, each in texts.items() if each is not None}
    faults += _loose_ends(head, declared)
    faults += _text_gaps(head, declared, whole)
    if faults:
        raise RegisterFaulty(faults)
    return _build(head, declared, whole, digest)


# -- reading -----------------------------------------------------------------------------------------------------------


def _head(path: Path, faults: list[str]) -> HeadEntry | None:
    before = len(faults)
    content = read_yaml(path, faults)
    try:
        return HeadEntry.model_validate(content) if len(faults) == before else None
    except ValidationError as fault:
        faults += told(path.name, fault)
        return None


def _texts(path: Path, faults: list[str]) -> TextsEntry | None:
    before = len(faults)
    content = read_yaml(path, faults)
    try:
        return TextsEntry.model_validate(content) if len(faults) == before else None
    except ValidationError as fault:
        faults += told(path.name, fault)
        return None


def _declared(paths: Iterable[Path], faults: list[str]) -> list[_Declared]:
    found: list[_Declared] = []
    for path in paths:
        content = read_yaml(path, faults)
        for system in systems_of(path, content, faults) if content is not None else []:
            found += _rows_of(path.name, system, faults)
    return sorted(found, key=lambda each: each.entry.order)


def _rows_of(where: str, system: System, faults: list[str]) -> list[_Declared]:
    additions = (system.meta or {}).get("rows", {})
    names = [each.name for each in system.privacy_declarations]
    faults += (
        f"{where}: meta.rows.{slug} belongs to no privacy declaration" for slug in additions if slug not in names
    )
    rows = []
    for declaration in system.privacy_declarations:
        slug = declaration.name or ""
        try:
            rows.append(_Declared(slug, declaration, RowEntry.model_validate(additions.get(slug))))
        except ValidationError as fault:
            faults += told(f"{where}: meta.rows.{slug}", fault)
    return rows


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


# -- checking ----------------------------------------------------------------------------------------------------------


def _loose_ends(head: HeadEntry, declared: list[_Declared]) -> list[str]:
    faults = [*_twice("row", (each.slug for each in declared))]
    faults += _twice("order", (str(each.entry.order) for each in declared))
    for each in declared:
        if each.basis is None:
            faults.append(
                f"{each.slug}: the legal basis is missing or not one of {', '.join(known.value for known in BASES)}"
            )
        for kind, used, known in (
            ("recipient", each.entry.recipients, head.recipients),
            ("transfer", each.entry.transfers, head.transfers),
            ("joint controller", each.entry.joint_controllers, head.joint_controllers),
            ("warning", each.entry.warnings, head.warnings),
        ):
            faults += (f"{each.slug}: unknown {kind} {slug}" for slug in used if slug not in known)
    faults += (f"register.yml: unknown warning {slug}" for slug in head.general_warnings if slug not in head.warnings)
    return faults


def _twice(what: str, names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    faults = []
    for name in names:
        if name in seen:
            faults.append(f"{what} {name} is there twice")
        seen.add(name)
    return faults


def _text_gaps(head: HeadEntry, declared: list[_Declared], texts: Mapping[str, TextsEntry]) -> list[str]:
    faults: list[str] = []
    for language, entry in texts.items():
        faults += _gaps(f"{language}: general", entry.general, GENERAL_TEXTS)
        faults += _gaps(f"{language}: recipients", entry.recipients, head.recipients)
        faults += _gaps(f"{language}: transfers", entry.transfers, head.transfers)
        faults += _gaps(f"{language}: joint_controllers", entry.joint_controllers, head.joint_controllers)
        faults += _gaps(f"{language}: warnings", entry.warnings, head.warnings)
        slugs = {each.slug for each in declared}
        faults += (f"{language}: rows.{slug} belongs to no row" for slug in entry.rows if slug not in slugs)
        for each in declared:
            faults += _gaps(f"{language}: rows.{each.slug}", entry.rows.get(each.slug, {}), ROW_TEXTS)
    return faults


def _gaps(where: str, given: Mapping[str, str], wanted: Iterable[str]) -> list[str]:
    wanted = list(wanted)
    missing = [f"{where}.{key} is missing or empty" for key in wanted if not given.get(key, "").strip()]
    return missing + [f"{where}.{key} is not used" for key in given if key not in wanted]


# -- building ----------------------------------------------------------------------------------------------------------


def _build(head: HeadEntry, declared: list[_Declared], texts: Mapping[str, TextsEntry], digest: str) -> Register:
    rows = tuple(_row(head, each, each.basis, texts) for each in declared if each.basis)
    general = tuple(_caution(slug, None, head, texts) for slug in head.general_warnings)
    return Register(
        version=head.version,
        policy_version=head.policy_version,
        digest=digest,
        rows=rows,
        warnings=(*(caution for row in rows for caution in row.warnings), *general),
        general={key: {language: entry.general[key] for language, entry in texts.items()} for key in GENERAL_TEXTS},
    )


def _row(head: HeadEntry, each: _Declared, basis: Basis, texts: Mapping[str, TextsEntry]) -> Row:
    entry = each.entry
    return Row(
        activity=Activity(
            slug=each.slug,
            basis=basis,
            clause=entry.clause,
            switch=entry.switch,
            identifiable=entry.identifiable,
            consequential=entry.consequential,
        ),
        texts={key: {language: text.rows[each.slug][key] for language, text in texts.items()} for key in ROW_TEXTS},
        data_categories=tuple(str(key) for key in each.declaration.data_categories),
        retention_clause=entry.retention.clause,
        retention_rules=tuple(RetentionRule(r.event, r.duration, r.at_least) for r in entry.retention.rules),
        recipients=tuple(_recipient(slug, head, texts) for slug in entry.recipients),
        transfers=tuple(
            Transfer(slug, {language: text.transfers[slug] for language, text in texts.items()})
            for slug in entry.transfers
        ),
        joint_controllers=tuple(_joint(slug, head, texts) for slug in entry.joint_controllers),
        warnings=tuple(_caution(slug, each.slug, head, texts) for slug in entry.warnings),
    )


def _recipient(slug: str, head: HeadEntry, texts: Mapping[str, TextsEntry]) -> Recipient:
    entry = head.recipients[slug]
    name: Texts = {language: text.recipients[slug] for language, text in texts.items()}
    named = tuple(Party(each.name, each.contact, each.keeps_copy) for each in entry.named)
    return Recipient(slug, entry.kind, name, named)


def _joint(slug: str, head: HeadEntry, texts: Mapping[str, TextsEntry]) -> JointController:
    entry = head.joint_controllers[slug]
    about = {language: text.joint_controllers[slug] for language, text in texts.items()}
    return JointController(slug, entry.name, entry.contact, about)


def _caution(slug: str, row: str | None, head: HeadEntry, texts: Mapping[str, TextsEntry]) -> Caution:
    return Caution(slug, head.warnings[slug], row, {language: text.warnings[slug] for language, text in texts.items()})
