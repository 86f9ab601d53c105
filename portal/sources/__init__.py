"""The data map: where personal data is, whose it is, what each right does to it, and the SQL sources it describes.

Only ``fulfilment`` imports this folder. Nothing here knows a case, a request or a page. ``loading`` reads the
manifests, ``checking`` compares them with the live databases, ``reach`` follows a person, ``reading`` streams rows.
"""

from portal.sources.checking import check
from portal.sources.draft import draft_manifest
from portal.sources.engines import Sources
from portal.sources.faults import DataMapFault, Fault
from portal.sources.loading import load_data_map
from portal.sources.model import Collection, DataMap, Edge, Field, Hold, Texts, say

__all__ = [
    "Collection",
    "DataMap",
    "DataMapFault",
    "Edge",
    "Fault",
    "Field",
    "Hold",
    "Sources",
    "Texts",
    "check",
    "draft_manifest",
    "load_data_map",
    "say",
]
