"""The text pages of the portal (safety, accessibility, other ways, complaint) and the links at the foot of each page.

Holds no rule: what these pages promise is done elsewhere.
"""

from collections.abc import Callable

from flask import Blueprint, Flask, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.config import Settings
from portal.ui.languages import LANGUAGE_IN_PATH, current_language

View = Callable[..., ResponseReturnValue]
Gate = Callable[[View], View]


def init_app(app: Flask, gate: Gate, home: str, follow: str, verify: str) -> None:
    """Serve the text pages at ``/<language>/...`` behind ``gate``, and give all pages their home and foot.

    Args:
        app: the app, with its settings in place; templates and macros get their ``controller``.
        gate: the decorator of a route that everybody may read.
        home: endpoint of the landing page.
        follow: endpoint of the page where a person finds their requests.
        verify: endpoint of the page that checks a signed request; all three take ``language`` in their path.
    """
    app.extensions["portal_pages"] = (home, follow, verify)
    settings: Settings = app.extensions["portal_settings"]
    app.jinja_env.globals["controller"] = settings.controller
    app.register_blueprint(_make_blueprint(gate))
    app.context_processor(lambda: {"home_url": home_url(), "footer_links": footer_links()})


def home_url() -> str:
    """Return the address of the landing page in the language of this answer."""
    home, _follow, _verify = _ends()
    return url_for(home, language=current_language())


def footer_links() -> list[tuple[str, str, bool]]:
    """Return the links of the foot: label, address, and whether this page is it."""
    _home, follow, verify = _ends()
    wanted = (
        (follow, _("Follow a request")),
        (verify, _("Check a signed request")),
        ("pages.complaint", _("Complaint")),
        ("pages.other_ways", _("Other ways to reach us")),
        ("pages.safety", _("How we keep this safe")),
        ("pages.accessibility", _("Accessibility")),
    )
    language = current_language()
    return [(label, url_for(endpoint, language=language), request.endpoint == endpoint) for endpoint, label in wanted]


def _ends() -> tuple[str, str, str]:
    home, follow, verify = current_app.extensions["portal_pages"]
    return str(home), str(follow), str(verify)


def _make_blueprint(gate: Gate) -> Blueprint:
    blueprint = Blueprint("pages", __name__)
    for name, path in (
        ("safety", "safety"),
        ("accessibility", "accessibility"),
        ("other_ways", "other-ways"),
        ("complaint", "complaint"),
    ):
        blueprint.add_url_rule(f"/{LANGUAGE_IN_PATH}/{path}", name, gate(_shower(name)), methods=["GET"])
    return blueprint


def _shower(name: str) -> View:
    def show_page(language: str = "") -> str:
        return render_template(f"pages/{name}.html")

    show_page.__name__ = f"show_{name}"
    return show_page
