"""What a foreign database is made of, and how its rows are compared with what was collected."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, select, text

from portal.config import SourceUrls
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.sources import Sources, load_data_map
from portal.sources.reading import raw


def filled(rows: Mapping[str, str], **parts: str) -> dict[str, str]:
    """Return ``rows`` with each ``~NAME~`` in them replaced by the part of that name."""
    found = dict(rows)
    for name, part in parts.items():
        found = {key: statement.replace(f"~{name}~", part) for key, statement in found.items()}
    return found


@dataclass(frozen=True, slots=True)
class Foreign:
    """One foreign database.

    Args:
        key: the dataset's key.
        schema: statements that make and fill it, each ending in a semicolon at the end of a line.
        manifest: the Dataset, without any addition of ours.
        people: an address of everybody in it, as they would write it.
        rows: by collection, the statement that finds the rows of the person with the address ``:email``.
        erased: the collections in which erasing the first of ``people`` changes a row.
        listing: the collections with a list that names several people.
    """

    key: str
    schema: str
    manifest: str
    people: tuple[str, ...]
    rows: Mapping[str, str]
    erased: frozenset[str]
    listing: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        """The key of the source: a dot in a dataset's key would part it from the collection."""
        return self.key.replace(".", "_")

    def open(self, folder: Path, url: str) -> Sources:
        """Make the database at ``url``, write the manifest to ``folder`` and return the source opened."""
        engine = create_engine(url)
        with engine.begin() as connection:
            for statement in self.schema.split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("%", "%%") if "pymysql" in url else statement)
        engine.dispose()
        (folder / f"{self.key}.yml").write_text(self.manifest, encoding="utf-8")
        return Sources(load_data_map(folder), {self.source: SourceUrls(url, url)})

    def by_hand(self, sources: Sources, email: str) -> dict[str, Counter[str]]:
        """Return what hand-written SQL finds of the person, by collection; empty ones left out."""
        found: dict[str, Counter[str]] = {}
        with sources[self.source].reading() as connection:
            for name, statement in self.rows.items():
                columns = [each.name for each in sources.data_map.collections[f"{self.source}.{name}"].fields]
                rows = connection.execute(text(statement), {"email": email.strip().lower()}).mappings()
                found[name] = Counter(repr([str(row[column]) for column in columns]) for row in rows)
        return {name: rows for name, rows in found.items() if rows}

    def collected(self, sources: Sources, email: str) -> dict[str, Counter[str]]:
        """Return what collecting finds of the person, in the same form."""
        return {
            collection.name: Counter(repr([str(row[each.name]) for each in collection.fields]) for row in rows)
            for collection, rows in collect(sources, Subject((email,)))
        }

    def everything(self, sources: Sources) -> dict[str, Counter[str]]:
        """Return every row of every collection."""
        found = {}
        with sources[self.source].reading() as connection:
            for collection in sources.data_map.of(self.source):
                table = sources[self.source].table(collection.name, connection)
                rows = connection.execute(select(*(raw(column) for column in table.columns))).mappings()
                names = [each.name for each in collection.fields]
                found[collection.name] = Counter(repr([str(row[name]) for name in names]) for row in rows)
        return found
