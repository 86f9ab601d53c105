"""Names that are not to be shown: ``redact: name`` gives a neutral one to a Dataset, a collection or a field. Pure.

As in Fides, a name is its kind and its place, so that it stays the same from copy to copy.
"""

from collections.abc import Collection as AnyOf

from fideslang.models import CollectionMeta, DatasetMetadata, FidesMeta

from portal.sources.model import Texts


def alias(about: DatasetMetadata | CollectionMeta | FidesMeta | None, kind: str, place: int, taken: AnyOf[str]) -> str:
    """Return the name to show instead of its own; empty where its own may be shown.

    Args:
        about: what Fides is told of it.
        kind: ``dataset``, ``collection`` or ``field``.
        place: where it stands among others of its kind, from 1.
        taken: names of others of its kind.
    """
    if about is None or about.redact is None:
        return ""
    name = f"{kind}_{place}"
    while name in taken:
        name += "_"
    return name


def title_of(name: str) -> Texts:
    """Return how ``name`` reads where the manifest gives it no title."""
    return {"en": name.replace("_", " ").capitalize()}
