"""The person's own page: where each request stands, messages, additions, withdraw, stop; and the public check of a
signed request. Stage two.
"""

from importlib import import_module

from portal.tracking.views import blueprint

__all__ = ["blueprint"]

for _views in ("message", "disagree", "paper", "told", "verify", "answer"):
    import_module(f"{__name__}.views_{_views}")  # each adds its routes to the blueprint
