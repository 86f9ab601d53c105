"""What ``flask sources check`` and ``flask sources collect`` do, as plain functions; the command line calls them."""

import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from flask_babel import force_locale
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.errors import SourceDown, SourceRefused
from portal.fulfilment.collect import Scope, collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.package import Packed, write_package
from portal.fulfilment.package_pages import Cover
from portal.fulfilment.restored import Again, erase_restored
from portal.register import Register, load_register
from portal.sources import DataMapFault, Fault, Sources, check, draft_manifest, load_data_map

__all__ = ["SOURCE_FAULTS", "check_sources", "collect_to_folder", "draft_manifest", "open_sources", "told"]

SOURCE_FAULTS = (DataMapFault, SourceDown, SourceRefused, ArgumentError, ModuleNotFoundError)
"""What keeps a command from reading the sources and is the operator's to mend: the map, an address, a driver."""

ADDRESSES = "Write postgresql+psycopg://..., sqlite:///... or, with the extra `mysql` installed, mysql+pymysql://..."


def told(fault: Exception) -> str:
    """Return what the operator reads of one of ``SOURCE_FAULTS``; never an address, which may hold a password."""
    if isinstance(fault, SourceRefused):
        kind, key = fault.values["kind"], fault.values["source"]
        return f"{key}: The source refuses the change ({kind}). Look which of its rules forbids it."
    if isinstance(fault, ModuleNotFoundError):
        return f"The driver {fault.name} is not installed. {ADDRESSES}"
    if isinstance(fault, ArgumentError):
        return f"{str(fault).rstrip('.')}. {ADDRESSES}"
    if not isinstance(fault, SourceDown):
        return str(fault)
    kind, key = fault.values.get("kind", "no address is set for it"), fault.values.get("source", "source")
    if kind == "InsufficientPrivilege":
        return f"{key}: The account may not read all that the data map names. `flask sources check` tells what."
    return f"{key}: The source does not answer ({kind}). Check its address and account."


def open_sources(settings: Settings) -> Sources:
    """Return the sources of the data map that ``settings`` name; close them when done.

    Raises:
        DataMapFault: the data map cannot be used; carries every fault.
    """
    return Sources(load_data_map(settings.manifests_dir), settings.source_urls, settings.source_seconds)


@cache
def source_titles(manifests_dir: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the title of every source of the data map, in each language, by its key; none where it has a fault."""
    try:
        return {key: dict(each.title) for key, each in load_data_map(manifests_dir).sources.items()}
    except DataMapFault:
        return {}


@cache
def collection_titles(manifests_dir: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the title of every collection of the data map, in each language, by its key; none where it has a fault."""
    try:
        return {key: dict(each.title) for key, each in load_data_map(manifests_dir).collections.items()}
    except DataMapFault:
        return {}


def apply_tombstones(settings: Settings, session: Session, *, dry_run: bool = False) -> Again:
    """Erase again what a restored backup brought back; return what was erased; the caller puts it on record.

    Raises:
        DataMapFault: the data map cannot be used.
        SourceDown: a source does not answer; run it again.
    """
    sources = open_sources(settings)
    try:
        return erase_restored(session, sources, dry_run=dry_run)
    finally:
        sources.close()


def check_sources(settings: Settings) -> list[str]:
    """Return every fault of the data map and the live databases as one line each; none when all is well."""
    try:
        sources = open_sources(settings)
    except DataMapFault as wrong:
        return [str(fault) for fault in wrong.faults]
    try:
        return [
            str(fault)
            for fault in [*check(sources), *_unknown_activities(sources, load_register(settings.register_dir))]
        ]
    finally:
        sources.close()


def collect_to_folder(
    settings: Settings,
    *,
    email: str,
    right: str,
    out: Path,
    language: str = "nl",
    now: datetime | None = None,
    identities: Mapping[str, tuple[str, ...]] | None = None,
) -> Packed:
    """Write what a case would collect as a package folder, without a case; needs an app context.

    Args:
        settings: where the manifests, the register and the databases are.
        email: whose data.
        right: ``access`` or ``port``.
        out: the folder; made when it is not there, for the operator's account alone.
        language: the language of the pages.
        now: the moment the package carries; this moment when not given.
        identities: more values by which the person is found, by the kind of identity the data map speaks of.

    Raises:
        DataMapFault: the data map cannot be used.
        SourceDown: a source does not answer; no package is left behind.
    """
    register = load_register(settings.register_dir)
    bases = {activity.slug: activity.basis for activity in register.activities}
    cover = Cover(right, language, now or clock.now(), settings.controller, register)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    packed_at = out / ".package.zip"
    sources = open_sources(settings)
    try:
        collected = collect(sources, Subject((email,), more=identities or {}), Scope(right, bases=bases))
        with packed_at.open("wb") as sink, force_locale(language):
            packed = write_package(sink, collected, cover)
        with zipfile.ZipFile(packed_at) as archive:
            archive.extractall(out)
    finally:
        packed_at.unlink(missing_ok=True)
        sources.close()
    return packed


def _unknown_activities(sources: Sources, register: Register) -> Iterator[Fault]:
    known = sorted(activity.slug for activity in register.activities)
    for manual in sources.data_map.manual.values():
        for slug in manual.activities:
            if slug not in known:
                what = f"The register has no activity `{slug}`."
                yield Fault(manual.file, "meta._source.activities", what, f"Use one of: {', '.join(known)}.")
    for collection in sources.data_map.collections.values():
        if collection.activity and collection.activity not in known:
            yield Fault(
                sources.data_map.sources[collection.source].file,
                f"meta.{collection.name}.activity",
                f"The register has no activity `{collection.activity}`.",
                f"Use one of: {', '.join(known)}.",
            )
