"""What a screen reader gets: one heading, the landmarks, a name for every control, an order that makes sense."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.gallery import Gallery
from tests.journeys.sights import FRONT, PROBLEMS, TRACKING, TURNS, Sight
from tests.journeys.test_pages import show

PUBLIC = tuple(sight for sight in (*FRONT, *TURNS, *TRACKING, *PROBLEMS) if sight.name != "demo")
CONTROLS = {"button", "checkbox", "combobox", "link", "radio", "textbox", "spinbutton", "DisclosureTriangle"}
GROUPED = {"radio"}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the accessibility tree, in reading order."""

    role: str
    name: str
    level: int
    above: tuple[str, ...]  # the roles and names around it, outermost first


def read(page: Page) -> list[Node]:
    """Return what Chromium tells assistive technology of ``page``, in reading order."""
    session = page.context.new_cdp_session(page)
    nodes: dict[str, Any] = {each["nodeId"]: each for each in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    root = next(each for each in nodes.values() if "parentId" not in each)
    return list(_walk(root, nodes, ()))


def _walk(node: dict[str, Any], nodes: dict[str, Any], above: tuple[str, ...]) -> Iterator[Node]:
    role, name = _value(node, "role"), " ".join(_value(node, "name").split())
    if not node.get("ignored"):
        levels = [each["value"]["value"] for each in node.get("properties", ()) if each["name"] == "level"]
        yield Node(role, name, int(levels[0]) if levels else 0, above)
        above = (*above, f"{role}: {name}")
    for child in node.get("childIds", ()):
        if child in nodes:
            yield from _walk(nodes[child], nodes, above)


def _value(node: dict[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", ""))


@pytest.mark.parametrize("sight", PUBLIC, ids=lambda sight: sight.name)
def test_a_page_reads_well(gallery: Gallery, sight: Sight) -> None:
    show(gallery, sight, "nl", 1280)
    nodes = read(gallery.page)
    assert_reads_well(nodes)
    if sight in TURNS and "nl" in sight.languages:
        assert_read_in_order(gallery.page, nodes, sight)


def assert_reads_well(nodes: list[Node]) -> None:
    """Fail unless there is one heading, every landmark once, a name for each control and no level skipped."""
    roles = Counter(node.role for node in nodes)
    assert {role: roles[role] for role in ("banner", "main", "contentinfo")} == {
        "banner": 1,
        "main": 1,
        "contentinfo": 1,
    }
    assert [node.name for node in nodes if node.role == "heading" and node.level == 1 and node.name] != []
    assert sum(node.role == "heading" and node.level == 1 for node in nodes) == 1
    assert [node for node in nodes if node.role in CONTROLS and not node.name] == []
    assert [node for node in nodes if node.role in {"navigation", "complementary", "region"} and not node.name] == []
    assert [node for node in nodes if node.role in GROUPED and not _is_grouped(node)] == []
    assert _skipped_levels(nodes) == []
    assert _same_names(nodes) == {}


def assert_read_in_order(page: Page, nodes: list[Node], sight: Sight) -> None:
    """Fail unless first comes the way, then what was said, errors, the question and its controls; the log is silent."""
    heading = next(place for place, node in enumerate(nodes) if node.role == "heading" and node.level == 1)
    inside = [place for place, node in enumerate(nodes) if node.role in CONTROLS and _in_form(node)]
    said = [place for place, node in enumerate(nodes) if node.name == "U" and node.role == "StaticText"]
    summary = page.locator(".errors h2").all_inner_texts()
    errors = [place for place, node in enumerate(nodes) if node.role == "heading" and node.name in summary]
    links = [place for place in inside if nodes[place].role == "link" and place < heading]
    assert all(place < heading for place in said)
    assert bool(errors) == (sight.status >= 400)
    assert all(place < heading for place in errors)
    assert all(place > heading for place in inside if place not in links)
    assert not links or errors
    assert [node.name for node in nodes if node.role == "log"] == ["Bewaarde antwoorden"]
    assert page.locator("[role=log]").inner_text() == ""


def _is_grouped(node: Node) -> bool:
    return any(each.startswith(("group: ", "radiogroup: ")) and not each.endswith(": ") for each in node.above)


def _in_form(node: Node) -> bool:
    return any(each.startswith("main") for each in node.above) and any(each.startswith("form") for each in node.above)


def _skipped_levels(nodes: list[Node]) -> list[str]:
    headings = [node for node in nodes if node.role == "heading"]
    return [now.name for before, now in pairwise(headings) if now.level > before.level + 1]


def _same_names(nodes: list[Node]) -> dict[str, int]:
    """Return links inside main that say the same and, not being the same, confuse who hears them alone."""
    names = Counter(node.name for node in nodes if node.role == "link" and any("main" in each for each in node.above))
    return {name: count for name, count in names.items() if name.startswith("Wijzig") and count > 1}
