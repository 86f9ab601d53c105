"""Stage 3, the desk: staff sign in, work the queue, settle who it is, decide, look over each other's shoulder."""

from importlib import import_module

from portal.review.desk import blueprint

__all__ = ["blueprint"]

for _views in ("sign_in", "queue", "case", "identity", "decision", "second", "recovery", "paper"):
    import_module(f"{__name__}.views_{_views}")  # each adds its routes to the blueprint
