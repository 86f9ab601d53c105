"""What erasing does where a manifest says nothing of ours: what Fides would do with it.

Fides masks each field whose category is the person's, with null unless the field says otherwise; a collection may say
that its rows are deleted. Keys and references stay, so that what is left keeps its shape; only what tells by itself who
somebody is, like an address, goes all the same where the database allows it. Pure.
"""

from dataclasses import replace

from fideslang.models import DatasetCollection, DatasetField

from portal.sources.model import Collection, Erase, Field, Mask

STRATEGIES = {
    "null_rewrite": Mask.NULL,
    "string_rewrite": Mask.HASH,
    "random_string_rewrite": Mask.HASH,
    "hash": Mask.HASH,
    "hmac": Mask.HASH,
    "aes_encrypt": Mask.HASH,
    "preserve": Mask.KEEP,
}
"""Fides' masking strategies; what writes a new text leaves a token here, which tells nobody anything."""


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
    kept = {each.name for each in collection.fields if each.name in referring and not _tells_who(each)}
    fields = tuple(
        each if each.name in kept else replace(each, mask=_mask(each, by_name[each.name]), mask_assumed=True)
        for each in collection.fields
    )
    masked = any(each.mask not in {None, Mask.KEEP} for each in fields)
    return replace(collection, fields=fields, erase=Erase.DEIDENTIFY if masked else Erase.KEEP)


def _tells_who(each: Field) -> bool:
    """Return whether values of ``each`` tell by themselves who somebody is: an address or a name, not a number."""
    return each.identity in {"email", "phone_number"} or any(said.startswith(TELLING) for said in each.categories)


def is_personal(categories: tuple[str, ...]) -> bool:
    """Return whether a category of Fides' taxonomy is a person's: ``user`` and everything below it."""
    return any(each == "user" or each.startswith("user.") for each in categories)


def _mask(each: Field, read: DatasetField) -> Mask | None:
    personal = is_personal(each.categories) or any(is_personal(inner.categories) for inner in each.inner)
    if each.primary_key or each.read_only or not personal:
        return None
    override = read.fides_meta.masking_strategy_override if read.fides_meta else None
    return STRATEGIES.get(override.strategy, Mask.NULL) if override else Mask.NULL
