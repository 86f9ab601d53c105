"""Proposes a manifest for a live database: every table and column, keys, references and guessed categories.

References get the direction in which a person's rows are found; one that would lead to other people's rows is left out
and said so. What comes out is plain fideslang with comments, for somebody who knows the database to correct.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection, inspect
from sqlalchemy.types import String

from portal.config import SourceUrls
from portal.sources import guessing
from portal.sources.defaults import is_personal
from portal.sources.direction import flowing
from portal.sources.edges import Edge, FieldRef, Way
from portal.sources.engines import SqlSource, setting_of
from portal.sources.faults import DataMapFault, Fault
from portal.sources.model import Collection, DataMap, Field, Source
from portal.sources.sharing import by_key_of, shared_in_turn

HOUSEKEEPING = frozenset(
    {"alembic_version", "schema_migrations", "flyway_schema_history", "django_migrations", "ar_internal_metadata"}
    | {"migrations", "databasechangelog", "databasechangeloglock", "spatial_ref_sys", "doctrine_migration_versions"}
)
"""Tables in which tools keep their own state."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_YAML_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


def draft_manifest(url: str, key: str, schema: str | None = None) -> str:
    """Return a manifest for the database at ``url``, as YAML.

    Args:
        url: SQLAlchemy URL of an account that may read the schema; no row is read.
        key: the dataset's key.
        schema: database schema of the tables, if it is not the default one.

    Raises:
        SourceDown: the database does not answer.
        DataMapFault: the account sees no table there.
    """
    source = SqlSource(key, SourceUrls(url, url), schema)
    try:
        with source.reading() as connection:
            drafted = _Draft(source, connection)
            if not drafted.tables:
                named = ", ".join(inspect(connection).get_schema_names())
                todo = f"Check the address, or name the schema with --schema: {named}."
                raise DataMapFault([Fault(key, schema or "default schema", "This account sees no table here.", todo)])
            return "\n".join(drafted.lines()) + "\n"
    finally:
        source.close()


class _Draft:
    """One database as it is being described."""

    def __init__(self, source: SqlSource, connection: Connection) -> None:
        self.source = source
        self.key = setting_of(source.key)
        self.tables = sorted(source.tables(connection))
        self.columns = {name: self._columns(name, connection) for name in self.tables}
        self.guessed: set[tuple[str, str]] = set()
        self.elsewhere: dict[tuple[str, str], str] = {
            (fk.table, one): ".".join(filter(None, (fk.parent_schema, fk.parent, other)))
            for fk in self.source.references_elsewhere(connection)
            for one, other in zip(fk.columns, fk.parent_columns, strict=True)
        }
        self.edges = [edge for pair in self._references(connection) for edge in pair]
        data_map = self._data_map()
        self.followed = {
            edge for edge in flowing(data_map, {"email", "phone_number"}) if not self._leads_to_words(edge)
        }
        reached = {each.ref.collection for each in data_map.identities}
        while more := {edge.target.collection for edge in self.followed if edge.origin.collection in reached} - reached:
            reached |= more
        self.reached = reached
        self.shared = by_key_of(data_map, self.followed)
        self.shared_by = {
            there.partition(".")[2]: here.partition(".")[2]
            for there, here in shared_in_turn(data_map, self.followed).items()
            if any(is_personal(each.categories) for each in data_map.collections[there].fields)
        }

    def _columns(self, table: str, connection: Connection) -> list[Field]:
        primary = self.source.primary_key(table, connection)
        found = []
        for column in self.source.table(table, connection).columns:
            guessed = guessing.category(table, column.name, column.type)
            keyed = column.name in primary
            each = Field(
                name=column.name,
                categories=(guessed,) if guessed else (),
                data_type=guessing.data_type(column.type),
                length=column.type.length if isinstance(column.type, String) else None,
                primary_key=keyed,
                identity=guessing.identity(column.name, guessed, column.type),
            )
            found.append(each)
        if any(each.identity == "email" for each in found):  # an address shared by many must not lead to one of them
            found = [replace(each, identity=None) if each.identity == "ip_address" else each for each in found]
        return found

    def _references(self, connection: Connection) -> Iterator[tuple[Edge, Edge]]:
        for fk in self.source.foreign_keys(connection):
            if fk.parent in self.columns:
                for one, other in zip(fk.columns, fk.parent_columns, strict=True):
                    yield self._both_ways(fk.table, one, fk.parent, other)
        kept = {(fk.table, name) for fk in self.source.foreign_keys(connection) for name in fk.columns}
        kept |= self.elsewhere.keys()
        for table, columns in self.columns.items():
            for column in columns:
                parent = guessing.refers_to(column.name, self.tables)
                keys = self.source.primary_key(parent, connection) if parent else ()
                if parent and parent != table and len(keys) == 1 and (table, column.name) not in kept:
                    self.guessed.add((f"{self.key}.{table}", column.name))
                    yield self._both_ways(table, column.name, parent, keys[0])

    def _both_ways(self, table: str, column: str, parent: str, key: str) -> tuple[Edge, Edge]:
        here, there = FieldRef(f"{self.key}.{table}", column), FieldRef(f"{self.key}.{parent}", key)
        return Edge(there, here, way=Way.DOWN), Edge(here, there, way=Way.UP)

    def _leads_to_words(self, edge: Edge) -> bool:
        """Return whether ``edge`` leads up to what people wrote: to a post that the person only liked."""
        parent = self.columns[edge.target.collection.partition(".")[2]]
        found_there = any(each.identity for each in self.columns[edge.origin.collection.partition(".")[2]])
        words = any(name.startswith("user.content") for each in parent for name in each.categories)
        return edge.way is Way.UP and words and not found_there

    def _data_map(self) -> DataMap:
        collections = [Collection(self.key, name, {}, tuple(columns)) for name, columns in self.columns.items()]
        source = Source(self.key, {}, "")
        return DataMap({self.key: source}, {each.key: each for each in collections}, tuple(self.edges))

    def lines(self) -> Iterator[str]:
        """Yield the lines of the manifest."""
        yield "# A draft made from the schema alone; read docs/data-map.md, correct it, then run `flask sources check`."
        yield "dataset:"
        yield f"  - fides_key: {self.key}"
        yield f"    name: {_quoted(self.source.key)}"
        if self.source.schema:
            yield "    fides_meta:"
            yield f"      namespace: {{schema: {_quoted(self.source.schema)}}}"
        if self.shared_by:
            yield "    meta:"
            for name, by in sorted(self.shared_by.items()):
                yield f"      {_quoted(name)}: {{erase: keep}}  # many may share it, by way of {by}"
        yield "    collections:"
        for name in self.tables:
            yield from self._table(name)

    def _table(self, name: str) -> Iterator[str]:
        yield f"      - name: {_quoted(name)}"
        if name.lower() in HOUSEKEEPING:
            yield "        fides_meta: {skip_processing: true}  # a tool keeps its own state here"
        elif f"{self.key}.{name}" not in self.reached:
            yield "        # Nobody is found here yet: add an identity or a reference, or skip_processing: true."
        yield "        fields:"
        leading = self._leading(name)
        for column in self.columns[name]:
            guessed = (f"{self.key}.{name}", column.name) in self.guessed
            yield from self._column(column, leading[column.name], guessed)
            for ref in (ref for direction, ref in leading[column.name] if not direction):
                yield f"            # Refers to {_path(ref)}; not followed, for it could lead to rows of others."
                if f"{self.key}.{name}" in self.shared:
                    kept = f"`{ref.collection.partition('.')[2]}: {{erase: keep}}` in meta"
                    yield f"            # If it cannot, add it with direction: to, and {kept}."
                elif ref.collection != f"{self.key}.{name}":
                    yield "            # If it cannot, add it with direction: to."
            if there := self.elsewhere.get((name, column.name)):
                yield f"            # Refers to {there}, in another schema: write the reference by its Dataset."

    def _leading(self, table: str) -> dict[str, list[tuple[str, FieldRef]]]:
        """Return by column of ``table`` what it refers to, with the direction that is followed, or none."""
        found: dict[str, list[tuple[str, FieldRef]]] = defaultdict(list)
        for edge in self.edges:
            if edge.way is Way.DOWN and edge.target.collection == f"{self.key}.{table}":
                back = Edge(edge.target, edge.origin, way=Way.UP)
                direction = "from" if edge in self.followed else "to" if back in self.followed else ""
                found[edge.target.field].append((direction, edge.origin))
        return found

    def _column(self, each: Field, leading: list[tuple[str, FieldRef]], guessed: bool) -> Iterator[str]:
        yield f"          - name: {_quoted(each.name)}"
        if each.categories:
            yield f"            data_categories: [{', '.join(each.categories)}]"
        about = [f"primary_key: {str(each.primary_key).lower()}"] if each.primary_key else []
        about += [f"identity: {each.identity}"] if each.identity else []
        about += [f"data_type: {_quoted(each.data_type)}"] if each.data_type else []
        about += [f"length: {each.length}"] if each.length and each.categories else []
        told = [
            f"{{dataset: {self.key}, field: {_quoted(_path(ref))}, direction: {direction}}}"
            for direction, ref in leading
            if direction
        ]
        if about or told:
            yield "            fides_meta:"
            yield from (f"              {line}" for line in about)
        if told:
            yield "              references:" + ("  # guessed from the name" if guessed else "")
            yield from (f"                - {line}" for line in told)


def _path(ref: FieldRef) -> str:
    return f"{ref.collection.partition('.')[2]}.{ref.field}"


def _quoted(text: str) -> str:
    """Return ``text`` as YAML writes it, between quotes where it needs them."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS else json.dumps(text, ensure_ascii=False)
