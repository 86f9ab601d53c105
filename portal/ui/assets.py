"""Serves what a page needs besides itself: one style sheet, the scripts, a font, an icon. Knows no page.

Everything is read and compressed once, when the app starts. The address of an asset holds the hash of all of them, so a
browser may keep it for ever and a new release is seen at once.

Pages themselves are never compressed: they hold secrets beside what a visitor typed, and the compressed length of such
a page would tell the secrets to who can listen in (BREACH, CVE-2013-3587).
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli  # type: ignore[import-untyped] # it brings no types
from flask import Flask, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.ui.fonts import FONTS_DIR, make_fonts

STATIC_DIR = Path(__file__).parents[2] / "static"
ENDPOINT = "asset"
LAYERS = ("tokens", "base", "layout", "components", "desk", "print")
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".woff2": "font/woff2",
}

_LONG_COMMENT = re.compile(r"^\s*/\*\*.*?\*/$", re.MULTILINE | re.DOTALL)
CODINGS = ("br", "gzip")
"""Content codings, the best first."""

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All assets of one release: ``build`` is the hash of them, ``bodies`` holds them by the name in their address.

    ``packed`` holds those that become smaller, by name and content coding.
    """

    build: str
    bodies: Mapping[str, bytes]
    packed: Mapping[str, Mapping[str, bytes]]


def everybody(view: View) -> View:
    """The gate of a route that holds nothing about anyone and needs no session; read by the test of the gates."""
    view.__gate__ = "public"  # type: ignore[attr-defined]
    return view


def init_app(app: Flask, fonts_dir: Path = FONTS_DIR, static_dir: Path = STATIC_DIR) -> None:
    """Serve the assets at ``/assets/<build>/<name>`` to everybody and give templates ``asset(name)``.

    ``asset`` raises KeyError for a name that does not exist, so a page with a wrong name fails in its first test.
    """
    shelf = fill_shelf(static_dir, fonts_dir)

    @everybody
    def show_asset(build: str, name: str) -> Response:
        if name not in shelf.bodies:
            abort(404)
        forms = shelf.packed.get(name, {})
        coding = request.accept_encodings.best_match(forms)
        body = forms[coding] if coding else shelf.bodies[name]
        response = Response(body, content_type=MEDIA_TYPES[Path(name).suffix])
        if coding:
            response.headers["Content-Encoding"] = coding
        if forms:
            response.vary.add("Accept-Encoding")
        lasting = build == shelf.build
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-store"
        return response

    def asset(name: str) -> str:
        if name not in shelf.bodies:
            raise KeyError(name)
        return url_for(ENDPOINT, build=shelf.build, name=name)

    app.add_url_rule("/assets/<build>/<path:name>", ENDPOINT, show_asset, methods=["GET"])
    app.jinja_env.globals["asset"] = asset


def fill_shelf(static_dir: Path, fonts_dir: Path) -> Shelf:
    """Read all assets; the fonts are made first where they are missing."""
    bodies = {"portal.css": join_styles(static_dir / "css").encode()}
    bodies |= {path.name: path.read_bytes() for path in make_fonts(fonts_dir)}
    bodies |= {
        path.relative_to(static_dir / "js").as_posix(): bare_script(path.read_text(encoding="utf-8")).encode()
        for path in _all(static_dir / "js")
    }
    bodies |= {path.relative_to(static_dir).as_posix(): path.read_bytes() for path in _all(static_dir / "icons")}
    total = hashlib.sha256()
    for name in sorted(bodies):
        total.update(name.encode() + b"\0" + bodies[name])
    return Shelf(total.hexdigest()[:16], bodies, {name: pack(body) for name, body in bodies.items() if _is_text(name)})


@cache
def pack(body: bytes) -> Mapping[str, bytes]:
    """Return ``body`` as small as it gets, by content coding, the best first; without those that make it no smaller."""
    forms = {"br": brotli.compress(body, mode=brotli.MODE_TEXT), "gzip": gzip.compress(body, mtime=0)}
    return {coding: forms[coding] for coding in CODINGS if len(forms[coding]) < len(body)}


def join_styles(css_dir: Path) -> str:
    """Return all style sheets as one. A file lies in the layer of its name; ``components/`` is one layer together."""
    parts = [f"@layer {', '.join(LAYERS)};"]
    for layer in LAYERS:
        files = sorted(css_dir.glob(f"{layer}/*.css")) or [css_dir / f"{layer}.css"]
        parts += [f"@layer {layer} {{\n{path.read_text(encoding='utf-8')}}}" for path in files]
    return "\n".join(parts) + "\n"


def bare_script(text: str) -> str:
    """Return a script without what only its readers need: the lines that are comments, and the indentation.

    Comments therefore stand on lines of their own, and no text of a script runs over several lines.
    """
    lines = (line.strip() for line in _LONG_COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def _is_text(name: str) -> bool:
    return "charset" in MEDIA_TYPES[Path(name).suffix]


def _all(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in MEDIA_TYPES)
