"""The look and the shared web code on a bare app: every component is sound HTML, every answer is guarded, every error
is a page.
"""

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import brotli  # type: ignore[import-untyped] # it brings no types
import pytest
from flask import Flask, abort, g, render_template, request
from flask.testing import FlaskClient
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from portal.config import HERE, load_controller
from portal.errors import LinkExpired, TooManyTries, UploadTooBig
from portal.ui import assets, filters, headers, pages, problems
from portal.ui.languages import LANGUAGE_IN_PATH
from tests.support.critic import page_faults

OWN = "https://privacy.example"
GUIDE = Path(__file__).parent / "styleguide"
PARTS = sorted(path.stem for path in GUIDE.glob("*.html"))
TEXT = '<b>Ünïcode & "quotes"</b>'


@pytest.fixture(scope="module")
def bare() -> Flask:
    """Give an app with nothing but the shared web code and a page per part of the style guide."""
    app = Flask("bare", template_folder=str(HERE.parent / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY="not-a-secret" * 3, PROPAGATE_EXCEPTIONS=False, TRUSTED_HOSTS=["privacy.example", "localhost"]
    )
    app.extensions["portal_settings"] = SimpleNamespace(controller=load_controller(HERE / "controller.toml"))
    Babel(app, default_locale="en", locale_selector=lambda: g.get("language", "en"))
    CSRFProtect(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    loader = app.jinja_env.loader
    assert loader is not None
    app.jinja_env.loader = ChoiceLoader([FileSystemLoader(GUIDE), loader])
    assets.init_app(app)
    filters.init_app(app)
    headers.init_app(app, base_url=OWN)
    problems.init_app(app)
    pages.init_app(app, lambda view: view, home="home", follow="follow", verify="follow")
    _add_routes(app)
    return app


def _add_routes(app: Flask) -> None:
    @app.url_value_preprocessor
    def take_language(_endpoint: str | None, values: dict[str, str] | None) -> None:
        g.language = (values or {}).pop("language", "en")

    @app.context_processor
    def context() -> dict[str, object]:
        return {"language": g.language, "TEXT": TEXT, "day": date(2026, 11, 22), "moment": datetime.now(UTC)}

    faults = {
        "expired": LinkExpired(),
        "big": UploadTooBig(),
        "often": TooManyTries(),
        "bug": ValueError("lies@example.com"),
    }

    def show_fault(name: str) -> str:
        if name in faults:
            raise faults[name]
        abort(int(name))

    def take_freely() -> str:
        return request.method

    app.add_url_rule(f"/{LANGUAGE_IN_PATH}/", "home", lambda: "home", methods=["GET", "POST"])
    app.add_url_rule(f"/{LANGUAGE_IN_PATH}/requests", "follow", lambda: "follow")
    app.add_url_rule("/guide/<name>", "guide", lambda name: render_template(f"{name}.html"))
    app.add_url_rule("/fault/<name>", "fault", show_fault)
    app.add_url_rule("/free", "free", app.extensions["csrf"].exempt(take_freely), methods=["POST"])


@pytest.fixture
def visitor(bare: Flask) -> Iterator[FlaskClient]:
    """Give a visitor of the bare app."""
    with bare.test_client() as client:
        yield client


@pytest.mark.parametrize("part", PARTS)
def test_every_component_is_sound_html_and_escapes_what_it_shows(visitor: FlaskClient, part: str) -> None:
    page = visitor.get(f"/guide/{part}")
    assert page.status_code == 200
    assert page_faults(page.text) == []
    assert "<b>Ünïcode" not in page.text
    assert "&lt;b&gt;Ünïcode" in page.text


def test_a_password_is_never_sent_back(visitor: FlaskClient) -> None:
    assert "never" not in visitor.get("/guide/ask").text.replace("Ünïcode", "")


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
@pytest.mark.parametrize("name", ["safety", "accessibility", "other-ways", "complaint"])
def test_the_text_pages_are_there_in_every_language(visitor: FlaskClient, name: str, language: str) -> None:
    page = visitor.get(f"/{language}/{name}")
    assert page_faults(page.text) == []
    assert f'<html lang="{language}">' in page.text


@pytest.mark.parametrize("path", ["/en/safety", "/nowhere", "/fault/bug", "/fault/big"])
def test_every_page_and_every_problem_carries_all_headers(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    assert {name: answer.headers[name] for name in headers.HEADERS} == headers.HEADERS
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Server" not in answer.headers


def test_an_asset_may_be_kept_for_ever_and_an_old_address_may_not(visitor: FlaskClient) -> None:
    page = visitor.get("/en/safety").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = visitor.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert visitor.get("/assets/old/portal.css").headers["Cache-Control"] == "no-store"
    assert visitor.get("/assets/old/../../wsgi.py").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.1, gzip", "gzip"),
        ("br;q=0", None),
        ("", None),
    ],
)
def test_an_asset_comes_in_the_best_coding_that_the_browser_takes(
    visitor: FlaskClient, accepted: str, coding: str | None
) -> None:
    page = visitor.get("/en/safety").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    plain, answer = visitor.get(address), visitor.get(address, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert unpack(answer.data) == plain.data
    assert len(answer.data) < len(plain.data) / 3 or coding is None


def test_a_font_and_a_page_are_not_compressed(visitor: FlaskClient) -> None:
    """A font is compressed already; a page holds secrets beside what a visitor typed (BREACH)."""
    page = visitor.get("/en/safety", headers={"Accept-Encoding": "br, gzip"})
    address = page.text.partition('rel="preload" href="')[2].partition('"')[0]
    font = visitor.get(address, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in page.headers
    assert "Content-Encoding" not in font.headers
    assert "Vary" not in font.headers


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": f"{OWN}.evil.example"},
        {"Origin": "http://privacy.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
def test_a_form_from_elsewhere_is_refused(visitor: FlaskClient, sent: dict[str, str]) -> None:
    answer = visitor.post("/free", headers=sent, base_url=OWN)
    assert answer.status_code == 400
    assert "another website" in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Origin": OWN},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_form_is_taken(visitor: FlaskClient, sent: dict[str, str]) -> None:
    assert visitor.post("/free", headers=sent, base_url=OWN).status_code == 200


def test_a_form_without_its_token_says_that_nothing_is_lost(visitor: FlaskClient) -> None:
    answer = visitor.post("/en/", base_url=OWN)
    assert answer.status_code == 400
    assert "Go back, load the page again" in answer.text


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("expired", 410, "This link no longer works. Ask for a new one."),
        ("big", 413, "Choose a file of at most 10 MB."),
        ("413", 413, "Choose a file of at most 10 MB."),
        ("often", 429, "Wait a while and try again."),
        ("404", 404, "We cannot find this page."),
        ("418", 418, "Go back and try again."),
        ("503", 503, "does not answer"),
        ("bug", 500, "What you saved is kept."),
    ],
)
def test_every_error_is_a_page_with_a_sentence_and_a_reference(
    visitor: FlaskClient, name: str, status: int, sentence: str
) -> None:
    answer = visitor.get(f"/fault/{name}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert page_faults(answer.text) == []
    assert sentence in answer.text
    assert "tell us this number" in answer.text


def test_a_crash_tells_a_stranger_nothing(visitor: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    answer = visitor.get("/fault/bug")
    for secret in ("lies@example.com", "Traceback", "ValueError", "/portal/", "Werkzeug"):
        assert secret not in answer.text
    assert "lies@example.com" not in "".join(capsys.readouterr())


def test_a_wrong_method_says_which_ones_are_right(visitor: FlaskClient) -> None:
    answer = visitor.put("/en/safety", base_url=OWN)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_another_host_name_gets_no_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/en/safety", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
