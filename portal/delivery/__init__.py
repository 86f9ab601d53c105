"""Handing the package over: fresh code, window, streamed download; and straight to another controller. Stage five."""

from importlib import import_module

from portal.delivery.views import blueprint

__all__ = ["blueprint"]

import_module(f"{__name__}.views_transmission")  # adds its routes to the blueprint
