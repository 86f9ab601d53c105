"""What erasing does where a manifest says nothing of ours: what Fides would do with it.

Fides masks each field whose category is the person's, with null unless the field says otherwise; a collection may say
that its rows are deleted. Keys and references stay, so that what is left keeps its shape; only what tells by itself who
somebody is, like an address, goes all the same where the database allows it. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fideslang.models import DatasetCollection, DatasetField

from portal.sources.model import Collection, Erase, Field, Mask, Rewrite

STRATEGIES = {
    "null_rewrite": Mask.NULL,
    "string_rewrite": Mask.HASH,
    "random_string_rewrite": Mask.HASH,
    "hash": Mask.HASH,
    "hmac": Mask.HASH,
    "aes_encrypt": Mask.HASH,
    "preserve": Mask.KEEP,
}
"""Fides' masking strategies; what hashes, encrypts or draws a text leaves a token here, which tells nobody anything."""


TELLING = ("user.contact", "user.name")
"""Categories of what tells by itself who somebody is."""


def with_defaults(collection: Collection, read: DatasetCollection, referring: frozenset[str]) -> Collection:
    """Return ``collection`` with the effects of erasing that Fides would have.

    Args:
        collection: the collection, without notes of ours.
        read: the same as Fides reads it.
        referring: its fields that take part in a reference.
    """
    if collection.primary_key and read.fides_meta is not None and read.fides_meta.masking_strategy_override is not None:
        return replace(collection, erase=Erase.DELETE)
    if not collection.primary_key:
        return collection  # Fides cannot tell its rows apart either; the check tells how to mend it
    by_name = {each.name: each for each in read.fields}
    kept = {
        each.name
        for each in collection.fields
        if each.name in referring and not tells_who(each.identity, each.categories)
    }
    fields = tuple(each if each.name in kept else _masked(each, by_name[each.name]) for each in collection.fields)
    masked = any(each.mask not in {None, Mask.KEEP} for each in fields)
    return replace(collection, fields=fields, erase=Erase.DEIDENTIFY if masked else Erase.KEEP)


def tells_who(identity: object, categories: Iterable[str]) -> bool:
    """Return whether such values tell by themselves who somebody is: an address or a name, not a number."""
    return identity in {"email", "phone_number"} or any(said.startswith(TELLING) for said in categories)


def is_personal(categories: tuple[str, ...]) -> bool:
    """Return whether a category of Fides' taxonomy is a person's: ``user`` and everything below it."""
    return any(each == "user" or each.startswith("user.") for each in categories)


def _masked(each: Field, read: DatasetField) -> Field:
    """Return ``each`` with what Fides' masking does to it; what it does not know empties the field."""
    personal = is_personal(each.categories) or any(is_personal(inner.categories) for inner in each.inner)
    if each.primary_key or each.read_only or not personal:
        return replace(each, mask_assumed=True)
    override = read.fides_meta.masking_strategy_override if read.fides_meta else None
    if override is None:
        return replace(each, mask=Mask.NULL, mask_assumed=True)
    rewrite = _rewrite(override.strategy, override.configuration or {})
    return replace(each, mask=STRATEGIES.get(override.strategy, Mask.NULL), mask_assumed=True, rewrite=rewrite)


def _rewrite(strategy: str, said: Mapping[str, object]) -> Rewrite:
    """Return what the configuration ``said`` of a masking strategy says of the new text."""
    text, length, keeps = said.get("rewrite_value"), said.get("length"), said.get("format_preservation")
    suffix = keeps.get("suffix") if isinstance(keeps, Mapping) else None
    return Rewrite(
        text=text if isinstance(text, str) and strategy == "string_rewrite" else None,
        length=length if isinstance(length, int) and length > 0 and strategy == "random_string_rewrite" else None,
        suffix=suffix if isinstance(suffix, str) else "",
    )
