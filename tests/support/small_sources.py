"""Small sources of a few tables each, with a manifest in plain fideslang made from a few words."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import create_engine

from portal.config import SourceUrls
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.sources import Sources, load_data_map

KEY, EMAIL = "primary_key: true", "identity: email"


def opened(folder: Path, urls: Mapping[str, str], **made: tuple[str, str]) -> Sources:
    """Make each source of ``made``, its schema and the collections of its manifest, and return them opened."""
    for key, (schema, collections) in made.items():
        engine = create_engine(urls[key])
        with engine.begin() as connection:
            for statement in schema.split(";\n"):
                connection.exec_driver_sql(statement)
        engine.dispose()
        (folder / f"{key}.yml").write_text(f"dataset:\n- fides_key: {key}\n  collections:\n{collections}", "utf-8")
    return Sources(load_data_map(folder), {key: SourceUrls(url, url) for key, url in urls.items()})


def found(sources: Sources, email: str) -> dict[str, list[object]]:
    """Return what collecting finds of a person: of each collection the first field of every row."""
    return {
        collection.name: sorted((next(iter(row.values())) for row in rows), key=str)
        for collection, rows in collect(sources, Subject((email,)))
    }


def column(name: str, *notes: str, category: str = "user") -> str:
    """Return a field of a manifest."""
    return f"    - {{name: {name}, data_categories: [{category}], fides_meta: {{{', '.join(notes)}}}}}\n"


def table(name: str, *columns: str) -> str:
    """Return a collection of a manifest."""
    return f"  - name: {name}\n    fields:\n{''.join(columns)}"


def reference(field: str) -> str:
    """Return a note that values of ``field`` lead here."""
    dataset, _, place = field.partition(".")
    return f"references: [{{dataset: {dataset}, field: {place}, direction: from}}]"
