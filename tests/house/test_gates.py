"""Every route wears exactly one gate, and the gate holds: whoever is not meant finds nothing there."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.accounts import gates
from portal.accounts.models import Role
from tests.support.portals import make_settings, portal
from tests.support.visitors import Visitor, visitors

GATES = ("public", "conversation", "person", "staff")
METHODS = ("GET", "POST")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give a demo portal with every route there is, its forms unguarded: here only the gates are asked."""
    settings = make_settings(tmp_path_factory.mktemp("gates"), demo=True, smtp=None)
    with portal(settings) as app:
        app.config["WTF_CSRF_ENABLED"] = False
        yield app


@pytest.fixture(scope="module")
def everyone(demo: Flask) -> dict[str, Visitor]:
    """Give a browser for a stranger, a person with a confirmed mailbox and one member of staff of each role."""
    return visitors(demo)


def test_every_route_wears_exactly_one_gate(demo: Flask) -> None:
    faults = {endpoint: fault for endpoint, view in demo.view_functions.items() if (fault := _fault(view))}
    assert faults == {}


def _fault(view: Callable[..., object]) -> str | None:
    gate = getattr(view, "__gate__", None)
    if gate is None:
        return "wears no gate"
    if gate.partition(":")[0] not in GATES:
        return f"wears an unknown gate, {gate}"
    worn = list(_guards(view)) or ["public"]
    if worn != [gate.partition(":")[0]]:
        return f"says {gate} and is guarded by {worn}"
    named = _named_in_source(inspect.unwrap(view))
    return f"names the gates {named}" if len(named) > 1 else None


def _guards(view: Callable[..., object]) -> Iterator[str]:
    """Give the name of each gate whose code a visitor passes on the way to the view."""
    layer: Callable[..., object] | None = view
    while layer is not None:
        code = layer.__code__
        if Path(code.co_filename) == Path(gates.__file__):
            yield code.co_qualname.partition(".")[0]
        layer = getattr(layer, "__wrapped__", None)


def _named_in_source(view: Callable[..., object]) -> list[str]:
    """Return the gates among the decorators, as they stand in the source."""
    function = ast.parse(textwrap.dedent(inspect.getsource(view))).body[0]
    if not isinstance(function, ast.FunctionDef):
        return []
    bare = [each.func if isinstance(each, ast.Call) else each for each in function.decorator_list]
    names = [each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in bare]
    return [name for name in names if name in GATES]


def _address(app: Flask, rule: Rule) -> str:
    """Return an address of ``rule`` where nothing is: every id made up."""
    kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}
    made_up = {"IntegerConverter": 1, "AnyConverter": "nl", "UUIDConverter": "0" * 32}
    values = {name: made_up.get(kind, "0" * 32) for name, kind in kinds.items()}
    for name, converter in rule._converters.items():
        if type(converter).__name__ == "AnyConverter":
            values[name] = next(iter(getattr(converter, "items", {"nl"})))
    built = app.url_map.bind("localhost").build(rule.endpoint, values, append_unknown=False)
    return str(built)


def _behind(app: Flask, *kinds: str) -> Iterator[tuple[str, str, str, str]]:
    """Give endpoint, method, address and gate of every route behind a gate of one of ``kinds``."""
    for rule in app.url_map.iter_rules():
        gate = str(getattr(app.view_functions[rule.endpoint], "__gate__", ""))
        if gate.partition(":")[0] in kinds:
            for method in METHODS:
                if method in (rule.methods or ()):
                    yield rule.endpoint, method, _address(app, rule), gate


def test_a_stranger_passes_no_gate_but_the_public_one(demo: Flask, everyone: dict[str, Visitor]) -> None:
    passed = []
    for endpoint, method, address, gate in _behind(demo, "conversation", "person", "staff"):
        answer = everyone["stranger"].open(address, method=method)
        turned_away = answer.status_code == 303 if gate != "conversation" else answer.status_code == 404
        if not turned_away:
            passed.append((endpoint, method, answer.status_code))
    assert passed == []


def test_a_person_finds_no_desk(demo: Flask, everyone: dict[str, Visitor]) -> None:
    answers = [
        (endpoint, method, everyone["person"].open(address, method=method))
        for endpoint, method, address, _gate in _behind(demo, "staff")
    ]
    found = [(endpoint, method) for endpoint, method, answer in answers if answer.status_code != 303]
    assert found == []


@pytest.mark.parametrize("role", list(Role))
def test_staff_of_another_role_find_nothing(demo: Flask, everyone: dict[str, Visitor], role: Role) -> None:
    passed = []
    for endpoint, method, address, gate in _behind(demo, "staff"):
        if role.value not in gate.partition(":")[2].split(","):
            answer = everyone[role.value].open(address, method=method)
            if answer.status_code != 404:
                passed.append((endpoint, method, answer.status_code))
    assert passed == []


@pytest.mark.parametrize("role", list(Role))
def test_staff_cannot_use_a_persons_page(demo: Flask, everyone: dict[str, Visitor], role: Role) -> None:
    for endpoint, method, address, gate in _behind(demo, "conversation", "person"):
        answer = everyone[role.value].open(address, method=method)
        assert answer.status_code in {303, 404}, (endpoint, method, gate)
