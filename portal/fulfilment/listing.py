"""Which lists in the rows of a person name several people, and what masking leaves of them."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import cast

from sqlalchemy import Table
from sqlalchemy.types import ARRAY, JSON, Enum, String, TypeEngine

from portal.fulfilment.known import Known
from portal.fulfilment.mask import ERASED, Tokens
from portal.fulfilment.mask_elements import (
    Masked,
    each_single,
    is_more_than_elements,
    names_anybody,
    same,
    without_theirs,
)
from portal.fulfilment.plans import Key
from portal.sources.alike import tells_address
from portal.sources.elements import Mark, is_listed, mark_at, parsed
from portal.sources.model import Collection, DataMap, Field, FieldRef, Mask, Value
from portal.sources.numbers import write_json
from portal.sources.reading import Found
from portal.sources.values import folded, spelled


class Lists:
    """Masks lists element by element.

    Args:
        data_map: the data map.
        known: what is known of the person.
        tokens: what makes tokens.
    """

    def __init__(self, data_map: DataMap, known: Known, tokens: Tokens) -> None:
        self.known, self.tokens = known, tokens
        self._places: dict[tuple[str, str], dict[FieldRef, None]] = defaultdict(dict)
        for ref in [*(each.ref for each in data_map.identities), *(edge.target for edge in data_map.edges)]:
            self._places[ref.collection, ref.field][ref] = None

    def places(self, collection: str, name: str) -> Iterable[FieldRef]:
        """Return the places in the column ``name`` that tell whose a row or an element is."""
        return self._places.get((collection, name), ())

    def marks(self, collection: Collection, each: Field, key: Key) -> list[Mark]:
        """Return what tells whose an element of a list in the column of ``each`` is; nothing where nothing does."""
        refs = [ref for ref in self.places(collection.key, each.name) if self.known.tells_owners(ref)]
        owned = bool(refs) and self.known.owns_row(collection.key, key)
        emails = [tells_address(collection, each.name, ref.path) for ref in refs]
        return [
            mark_at(each, ref.path, partial(self._owns, ref, fold), owned=owned)
            for ref, fold in zip(refs, emails, strict=True)
        ]

    def masked(self, collection: Collection, each: Field, key: Key, value: Value, kind: TypeEngine[object]) -> Value:
        """Return what masking leaves of ``value``; None when it is no list that names several people.

        Args:
            collection: whose column.
            each: the field, which says how it is masked.
            key: of the row.
            value: as it was read.
            kind: the column's type.
        """
        marks = self.marks(collection, each, key)
        document = parsed(value) if marks else None
        if not marks or not is_listed(document, marks):
            return None
        element, outside = self._ways(each, marks, kind)
        left = without_theirs(document, marks, element, outside)
        if each.mask is Mask.REDACT:
            left = self.known.words.redacted_json(left)
        if left == document:
            return value
        if not isinstance(value, str) or isinstance(kind, JSON):
            return cast("Value", left)
        text, length = write_json(left), kind.length if isinstance(kind, String) else None
        if length is None or len(text) <= length:
            return text
        return write_json(without_theirs(document, marks, None, outside))

    def spared(self, collection: Collection, row: Found, key: Key, table: Table) -> dict[str, Value]:
        """Return the lists of ``row`` without the person, where it names others and is the person's by elements only.

        Such a row is not deleted, whatever the rule of its collection; nothing where it may be.
        """
        spared: dict[str, Value] = {}
        others = False
        for each in collection.fields:
            marks = self.marks(collection, each, key)
            document = parsed(row[each.name]) if marks else None
            if marks and is_more_than_elements(document, marks):
                return {}
            left = without_theirs(document, marks, None, same) if is_listed(document, marks) else document
            if left != document:
                is_text = isinstance(row[each.name], str) and not isinstance(table.c[each.name].type, JSON)
                spared[each.name] = write_json(left) if is_text else cast("Value", left)
                others = others or names_anybody(left, marks)
        return spared if others else {}

    def _ways(self, each: Field, marks: list[Mark], kind: TypeEngine[object]) -> tuple[Masked | None, Masked]:
        """Return what is left of the person's elements (nothing when None), and of what stands outside of lists."""
        item = kind.item_type if isinstance(kind, ARRAY) else None
        takes_text = item is None or (isinstance(item, String) and not isinstance(item, Enum))
        length = item.length if isinstance(item, String) else None
        match each.mask:
            case Mask.HASH | Mask.RANDOM if takes_text:
                make = self.tokens.token if each.mask is Mask.HASH else self.tokens.random
                tokened = partial(each_single, make=lambda one: make(one, length) if isinstance(one, str) else None)
                return tokened, tokened
            case Mask.NULL | Mask.HASH | Mask.RANDOM:
                return None, lambda _value: None
            case Mask.REDACT if takes_text:
                return partial(each_single, make=partial(_unnamed, marks, length)), same
            case Mask.REDACT | Mask.UNLINK:
                return None, same
            case _:
                return same, same

    def _owns(self, ref: FieldRef, fold: bool, value: Value) -> bool:
        return self.known.owns_element(ref, folded(str(value)) if fold else spelled(value))


def _unnamed(marks: list[Mark], length: int | None, one: object) -> object:
    """Return ``one`` without what makes an element the person's."""
    return ERASED[:length] if isinstance(one, str) and any(mark.theirs(one) for mark in marks) else one
