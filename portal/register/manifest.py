"""What stands in the files of the register, and what is wrong with it. Form only; ``loader`` builds the values."""

import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated

from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from fideslang.models import PrivacyDeclaration, System
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_DURATION = re.compile(r"P(?=\d)(\d+Y)?(\d+M)?(\d+D)?")


def _iso_duration(text: str) -> str:
    if not _DURATION.fullmatch(text):
        raise ValueError("a duration is written as P12M, P5Y or P14D")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleEntry(_Strict):
    """When data go."""

    event: str
    duration: Annotated[str, AfterValidator(_iso_duration)] | None = None
    at_least: bool = False


class RetentionEntry(_Strict):
    """The clause that promises a period, and the period for machines."""

    clause: str
    rules: tuple[RuleEntry, ...] = ()


class RowEntry(_Strict):
    """Our additions to a privacy declaration; they stand in ``System.meta.rows`` under its name."""

    order: int
    clause: str
    retention: RetentionEntry
    recipients: tuple[str, ...]
    transfers: tuple[str, ...] = ()
    joint_controllers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    switch: bool = False
    identifiable: bool = True
    consequential: bool = False


class PartyEntry(_Strict):
    """A name and a contact."""

    name: str
    contact: str


class NamedEntry(PartyEntry):
    """A recipient by name; ``keeps_copy``: with data of its own, so that a change must be told (Art. 19)."""

    keeps_copy: bool = False


class RecipientEntry(_Strict):
    """A category of recipients with the names that are known."""

    kind: str
    named: tuple[NamedEntry, ...] = ()


class HeadEntry(_Strict):
    """``register.yml``: versions, and everything rows point to."""

    version: str
    policy_version: str
    recipients: dict[str, RecipientEntry]
    transfers: tuple[str, ...]
    joint_controllers: dict[str, PartyEntry]
    warnings: dict[str, str]  # slug to clause
    general_warnings: tuple[str, ...]


class TextsEntry(_Strict):
    """``texts/<language>.yml``."""

    general: dict[str, str]
    rows: dict[str, dict[str, str]]
    recipients: dict[str, str]
    transfers: dict[str, str]
    joint_controllers: dict[str, str]
    warnings: dict[str, str]


def read_yaml(path: Path, faults: list[str]) -> object:
    """Return what a file holds; add a fault and return None when it is missing or no YAML (a key twice is no YAML)."""
    try:
        return YAML(typ="safe", pure=True).load(StringIO(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as fault:
        faults.append(f"{path.name}: cannot be read ({type(fault).__name__})")
    except YAMLError as fault:
        faults.append(f"{path.name}: {' '.join(str(fault).split())}")
    return None


def systems_of(path: Path, content: object, faults: list[str]) -> list[System]:
    """Return the valid systems of one manifest; add a fault for everything fideslang or its taxonomy does not know."""
    entries = content.get("system") if isinstance(content, Mapping) else None
    if not isinstance(entries, list):
        faults.append(f"{path.name}: has no list `system`")
        return []
    systems = []
    for entry in entries:
        try:
            system = System.model_validate(entry)
        except ValidationError as fault:
            faults += told(path.name, fault)
            continue
        faults += (f"{path.name}: {each}" for each in _unknown_fields(entry))
        faults += (f"{path.name}: {each}" for each in _unknown_terms(system))
        systems.append(system)
    return systems


def told(where: str, fault: ValidationError) -> list[str]:
    """Return each fault of a validation with its path."""
    return [f"{where}: {'.'.join(str(step) for step in each['loc'])}: {each['msg']}" for each in fault.errors()]


def _unknown_fields(entry: Mapping[str, object]) -> Iterator[str]:
    """Tell fields that fideslang would ignore in silence."""
    yield from (f"unknown field {name}" for name in entry if name not in System.model_fields)
    declarations = entry.get("privacy_declarations")
    for each in declarations if isinstance(declarations, list) else []:
        yield from (
            f"{each.get('name')}: unknown field {name}" for name in each if name not in PrivacyDeclaration.model_fields
        )


def _unknown_terms(system: System) -> Iterator[str]:
    categories = {str(each.fides_key) for each in DEFAULT_TAXONOMY.data_category}
    uses = {str(each.fides_key) for each in DEFAULT_TAXONOMY.data_use}
    subjects = {str(each.fides_key) for each in DEFAULT_TAXONOMY.data_subject}
    for each in system.privacy_declarations:
        yield from (
            f"{each.name}: unknown data category {key}" for key in each.data_categories if key not in categories
        )
        yield from (f"{each.name}: unknown data subject {key}" for key in each.data_subjects if key not in subjects)
        if each.data_use not in uses:
            yield f"{each.name}: unknown data use {each.data_use}"
