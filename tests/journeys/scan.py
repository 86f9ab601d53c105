"""What is left of a person in the sources, and whether anybody else's rows were touched."""

from collections.abc import Mapping

from sqlalchemy import create_engine

from portal.demo.medbook import Person
from portal.demo.medbook.oracle import oracle_rows
from tests.journeys.stage import Row, Rows, Stage

Keys = Mapping[str, set[Row]]


def holding(rows: Rows, planted: list[str | bytes]) -> set[str]:
    """Return the tables in which any planted value stands, in any case, inside text, JSON and bytes too."""
    return {
        table
        for table, found in rows.items()
        if any(_holds(cell, value) for row in found.values() for cell in row for value in planted)
    }


def owned_by(stage: Stage, person: Person) -> Keys:
    """Return the keys of the person's rows, and of those that name them, as hand-written SQL finds them."""
    engines = {key: create_engine(f"sqlite:///{path}") for key, path in stage.databases.items()}
    with engines["medbook"].connect() as medbook, engines["medbook_support"].connect() as support:
        found = oracle_rows({"medbook": medbook, "medbook_support": support}, person.email, named=True)
    for engine in engines.values():
        engine.dispose()
    return {table: set(rows) for table, rows in found.items()}


def changed_strangers(before: Rows, after: Rows, owned: Keys) -> dict[str, list[Row]]:
    """Return the rows, by table, that are not the person's and are no longer what they were, to the byte."""
    touched = {
        table: [key for key, row in rows.items() if key not in owned.get(table, ()) and after[table].get(key) != row]
        for table, rows in before.items()
    }
    new = {table: [key for key in rows if key not in before[table]] for table, rows in after.items()}
    return {table: keys + new[table] for table, keys in touched.items() if keys or new[table]}


def _holds(cell: object, value: str | bytes) -> bool:
    if isinstance(value, bytes):
        return isinstance(cell, bytes) and value in cell
    if isinstance(cell, bytes):
        return value.lower() in cell.decode("utf-8", "replace").lower()
    return value.lower() in str(cell).lower() if isinstance(cell, str | dict | list) else False
