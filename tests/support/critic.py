"""A test client that reads every page it gets like a strict reviewer: bad HTML fails the test that fetched it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "headers", "list")
CONTROLS = ("input", "select", "textarea")
FormValue = str | list[str] | tuple[Any, ...]


class Critic(FlaskClient):
    """Flask's client that judges each answer; ``submit`` fills in a form the way a browser would."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, judge the answer, and give it back closed (a file left open would be a warning)."""
        kwargs.setdefault("buffered", True)
        response = super().open(*args, **kwargs)
        faults = headers_faults(response)
        if response.mimetype == "text/html" and not response.location and response.request.method != "HEAD":
            faults += page_faults(response.get_data(as_text=True))
        assert not faults, f"{response.request.method} {response.request.path}:\n" + "\n".join(faults)
        return response

    def submit(self, path: str, values: Mapping[str, FormValue], form: int = 0, **kwargs: Any) -> TestResponse:
        """Fetch ``path``, fill in its form and send it; what ``values`` leaves out keeps what the page says.

        Args:
            path: page with the form.
            values: what the person fills in, by field name. A name the form does not have fails.
            form: which of the page's POST forms, from 0.
            kwargs: for ``open``, such as ``follow_redirects``.
        """
        page = self.get(path)
        assert page.status_code == 200, f"{path} answered {page.status_code}"
        found = post_forms(page)
        assert len(found) > form, f"{path} has {len(found)} forms"
        action, fields, names = found[form]
        unknown = set(values) - names
        assert not unknown, f"the form of {path} has no {sorted(unknown)}, but {sorted(names)}"
        return self.post(action or path, data={**fields, **values}, **kwargs)


class Plain(Critic):
    """A client that takes pages as they are, where others judge them and many are asked."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, and give the answer back closed."""
        kwargs.setdefault("buffered", True)
        return FlaskClient.open(self, *args, **kwargs)


def post_forms(page: TestResponse) -> list[tuple[str, dict[str, FormValue], set[str]]]:
    """Return each POST form of a page: where it goes, what it holds already, and the names one may fill in."""
    tree, _errors = parsed(page.get_data(as_text=True))
    return [_read_form(form) for form in tree.iter("form") if form.get("method", "get").lower() == "post"]


def _read_form(form: Element) -> tuple[str, dict[str, FormValue], set[str]]:
    held: dict[str, FormValue] = {}
    names = {element.get("name", "") for element in form.iter() if element.tag in {*CONTROLS, "button"}}
    for element in form.iter():
        name = element.get("name")
        if name and element.tag in CONTROLS and (value := _held(element)) is not None:
            earlier = held.get(name)
            held[name] = (
                [*earlier, value] if isinstance(earlier, list) else value if earlier is None else [str(earlier), value]
            )
    return form.get("action", ""), held, names


def _held(element: Element) -> str | None:
    """Return what a browser would send for this control without being touched; None for nothing."""
    if element.tag == "textarea":
        return "".join(element.itertext())
    if element.tag == "select":
        chosen = [option for option in element.iter("option") if option.get("selected") is not None]
        options = chosen or list(element.iter("option"))
        return (options[0].get("value") or "") if options else None
    kind = element.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return element.get("value", "on") if element.get("checked") is not None else None
    return None if kind in {"file", "submit", "button", "image"} else element.get("value", "")


def headers_faults(response: TestResponse) -> list[str]:
    """Return what is wrong with the headers every answer needs (security.md, T: headers)."""
    headers, faults = response.headers, []
    policy = dict(part.strip().partition(" ")[::2] for part in headers.get("Content-Security-Policy", "").split(";"))
    if response.mimetype == "text/html":
        faults += [f"CSP: {key} is {policy.get(key)!r}" for key, value in CSP.items() if policy.get(key) != value]
    if headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("X-Content-Type-Options is not nosniff")
    if "Referrer-Policy" not in headers:
        faults.append("no Referrer-Policy")
    return faults


@lru_cache(maxsize=4)
def parsed(html: str) -> tuple[Element, tuple[str, ...]]:
    """Return a page as a tree, to read only, and what a strict parser finds wrong with it."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree: Element = parser.parse(html)
    return tree, tuple(f"line {place[0]}: {code}" for place, code, _ in parser.errors)


def page_faults(html: str) -> list[str]:
    """Return what is wrong with a page, one sentence each."""
    tree, errors = parsed(html)
    faults = list(errors)
    elements = list(tree.iter())
    faults += _document_faults(tree)
    faults += _id_faults(elements)
    for element in elements:
        faults += _element_faults(element)
    return faults


def _document_faults(tree: Element) -> Iterable[str]:
    title = tree.find("head/title")
    if title is None or not (title.text or "").strip():
        yield "no title"
    if not re.fullmatch(r"(nl|fr|de|en)(-[A-Z]{2})?", tree.get("lang", "")):
        yield f"lang is {tree.get('lang')!r}"
    if len(list(tree.iter("main"))) != 1:
        yield "not exactly one main"
    if len(list(tree.iter("h1"))) != 1:
        yield "not exactly one h1"


def _id_faults(elements: list[Element]) -> Iterable[str]:
    ids = Counter(found for element in elements if (found := element.get("id")) is not None)
    yield from (f"id {name!r} stands {times} times" for name, times in ids.items() if times > 1)
    for element in elements:
        for attribute in REFERENCES:
            for name in element.get(attribute, "").split():
                if name not in ids:
                    yield f"{attribute}={name!r} points to nothing"


def _element_faults(element: Element) -> Iterable[str]:
    if not isinstance(element.tag, str):
        return
    if element.tag == "style" or (element.tag == "script" and not element.get("src")):
        yield f"inline {element.tag}"
    if element.tag == "img" and element.get("alt") is None:
        yield f"img {element.get('src')!r} without alt"
    if element.tag == "form" and element.get("method", "").lower() == "post" and not _has_token(element):
        yield f"form {element.get('action')!r} without a token against forged requests"
    for attribute in element.keys():
        if attribute == "style" or attribute.startswith("on"):
            yield f"{element.tag} has {attribute}="


def _has_token(form: Element) -> bool:
    return any(element.get("name") == "csrf_token" and element.get("value") for element in form.iter("input"))
