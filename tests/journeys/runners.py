"""People who go through the whole conversation in a browser: with a pointer or keys alone, with or without script."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from portal.demo.specimen import draw_specimen
from tests.support.live import Live
from tests.support.walks import ANSWERS, CONTACT, COVERED, NAME, Walk

Given = Mapping[str, Any]
CARD = {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": draw_specimen(NAME, "en")}
OPEN = "main .ask .btn.primary"  # of several the last is the one that goes on
FOCUSED = """() => {
    const node = document.activeElement;
    const {type = "", name = "", value = "", checked = false, id} = node;
    const {top, bottom, height} = node.getBoundingClientRect();
    return {id, type, name, value, checked, part: node.dataset.part ?? "", primary: node.matches(".btn.primary"),
        seen: height > 0 && bottom > 0 && top < innerHeight};
}"""
UNCOVERED = """node => {
    const {left, right, top, bottom} = node.getBoundingClientRect();
    const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return left >= 0 && right <= innerWidth && node.contains(there);
}"""
COUNT_POINTERS = """["pointerdown", "mousedown", "touchstart"].forEach((kind) => addEventListener(kind, () => {
    localStorage.pointers = Number(localStorage.pointers ?? 0) + 1;
}, true))"""


@dataclass
class Runner:
    """One person with one right to exercise; presses and fills in as Playwright's own pointer does."""

    live: Live
    page: Page
    language: str
    right: str
    visited: list[str] = field(default_factory=list)

    @property
    def step(self) -> str:
        """The turn that is shown; the first page asks what the turn ``right`` asks."""
        path = self.page.url.removeprefix(self.live.url).partition("#")[0].partition("?")[0]
        return path.rpartition("/")[2] or "right"

    def open(self) -> None:
        """Open the first page."""
        self.page.goto(self.live.at(f"/{self.language}/"))

    def run(self, until: str = "received") -> None:
        """Answer turn after turn, until the turn ``until`` is shown."""
        while self.step != until:
            assert len(self.visited) < 12, self.visited
            self.look()
            self.answer()
        assert self.page.locator("html").get_attribute("lang") == self.language

    def look(self) -> None:
        """What this person checks on every page; nothing, where they simply go on."""

    def answer(self) -> None:
        """Fill in the turn that is shown and go on."""
        self.visited.append(self.step)
        if self.step == "identity":
            return self.show_card()
        self.fill(self.wanted())
        self.go_on()

    def wanted(self) -> Given:
        """Return what this person says to the turn that is shown, by the names of inputs."""
        if self.step == "code":
            return {"code": Walk(self.live.app, self.language).newest_code()}
        special = {"right": {"right": self.right}, "contact": CONTACT, "sign": {"signature": NAME}, "check": {}}
        return {**special, "mask": {"preset": COVERED["preset"]}, **ANSWERS[self.right]}[self.step]

    def fill(self, given: Given) -> None:
        """Fill in inputs by name."""
        for name, values in given.items():
            for value in [values] if isinstance(values, str) else values:
                self.set(name, value)

    def set(self, name: str, value: str) -> None:
        """Fill in one input, or choose one of its values."""
        inputs = self.page.locator(f"main .ask [name='{name}']")
        kind = inputs.first.evaluate("node => node.type")
        if kind in {"radio", "checkbox"}:
            self.page.locator(f"main .ask [name='{name}'][value='{value}']").check()
        elif kind == "select-one":
            inputs.select_option(value)
        else:
            inputs.fill(value)

    def go_on(self) -> None:
        """Press the main button, and wait for what comes: loaded, or shown in place."""
        with self.coming():
            self.page.locator(OPEN).last.click()

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Wait, after the block, until another turn is shown."""
        self.page.locator("main").evaluate("node => { node.dataset.old = 'yes' }")
        yield
        self.page.locator("main:not([data-old])").wait_for()
        self.page.wait_for_load_state()

    def show_card(self) -> None:
        """Send a card; without script its boxes are chosen on a page of their own."""
        self.page.set_input_files("main .ask [type=file]", CARD)  # type: ignore[arg-type] # a payload of playwright
        self.go_on()


@dataclass
class Scripted(Runner):
    """Somebody whose browser runs script: the card is covered where it is chosen."""

    def show_card(self) -> None:
        """Choose a card, cover photo and number, use the picture."""
        self.page.set_input_files("main .ask [type=file]", CARD)  # type: ignore[arg-type] # a payload of playwright
        self.page.locator("#mask-photo").click()
        self.page.locator("#mask-number").click()
        with self.coming():
            self.page.locator("[data-part=use]").click()

    def go_back_to(self, step: str) -> None:
        """Press the browser's own Back."""
        with self.coming():
            self.page.go_back()
        assert self.step == step, f"Back leads to {self.step} and not to {step}"

    def go_forward_to(self, step: str) -> None:
        """Press the browser's own Forward."""
        with self.coming():
            self.page.go_forward()
        assert self.step == step, f"Forward leads to {self.step} and not to {step}"

    def still_says(self, step: str) -> None:
        """Fail unless the turn ``step``, which is shown, holds what this person said there."""
        if step == "right":  # the first page is the same for all, and tells of what was begun
            return expect(self.page.locator("main .notice a[href*='/c/']")).to_be_visible()
        if step == "identity":
            return self.page.locator("main .ask img.id-picture").wait_for()
        for name, values in self.wanted().items():
            for value in [values] if isinstance(values, str) else values:
                inputs = self.page.locator(f"main .ask [name='{name}']")
                if inputs.first.evaluate("node => node.type") in {"radio", "checkbox"}:
                    expect(self.page.locator(f"main .ask [name='{name}'][value='{value}']")).to_be_checked()
                else:
                    expect(inputs).to_have_value(shown(value))


def shown(typed: str) -> str:
    """Return ``typed`` as the page says it again: a day as it is kept, all else as it was."""
    day = re.fullmatch(r"(\d{1,2})-(\d{1,2})-(\d{4})", typed)
    return f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}" if day else typed


@dataclass
class Magnified(Runner):
    """Somebody who sees a sixteenth of the page at a time."""

    def look(self) -> None:
        """Fail where something lies beside the window, or the main button cannot be brought into it."""
        assert self.page.evaluate("document.scrollingElement.scrollWidth") <= 320, self.step
        button = self.page.locator("main .btn:visible").last
        button.scroll_into_view_if_needed()
        assert button.evaluate(UNCOVERED), f"{self.step}: the button is out of sight"


@dataclass
class Keyboarder(Runner):
    """Somebody without pointer: Tab, arrows, Space, Enter and letters, at what has the focus and is in sight."""

    def open(self) -> None:
        """Open the first page; from here on every pointer is counted."""
        self.page.add_init_script(COUNT_POINTERS)
        super().open()

    @property
    def pointers(self) -> int:
        """How many events of a pointer any page saw."""
        found: int = self.page.evaluate("Number(localStorage.pointers ?? 0)")
        return found

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, back: bool = False, **wanted: Any) -> dict[str, Any]:
        """Tab to the next place that is as ``wanted``, and return what is known of it."""
        for _ in range(120):
            found: dict[str, Any] = self.page.evaluate(FOCUSED)
            if all(found[key] == value for key, value in wanted.items()):
                assert found["seen"], f"{self.step}: the focus is out of sight on {found}"
                return found
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{self.step}: Tab does not lead to {wanted}")

    def set(self, name: str, value: str) -> None:
        """Fill in one input, or choose one of its values."""
        box = self.page.locator(f"main .ask [type=checkbox][name='{name}'][value='{value}']")
        if box.count():
            found = self.reach(name=name, value=value)
            return None if found["checked"] else self.press("Space")
        found = self.reach(name=name)
        if found["type"] == "radio" and not found["checked"]:
            self.press("Space")
        if found["type"] in {"radio", "select-one"}:
            return self.turn_to(value)
        self.press("Control+a")
        self.page.keyboard.type(value)

    def turn_to(self, value: str) -> None:
        """Go through a list, or a set of radio buttons, with the arrows."""
        for _ in range(20):
            if self.page.evaluate(FOCUSED)["value"] == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{self.step}: the arrows do not lead to {value}")

    def go_on(self) -> None:
        """Tab to the button that goes on, and press it."""
        self.press("Tab")
        if self.step == "right":
            self.reach(type="submit", primary=False)
        else:
            self.reach(type="submit", primary=True)
        with self.coming():
            self.press("Enter")

    def show_card(self) -> None:
        """Choose a file where the focus is (the window for it is the system's), then cover photo and number."""
        self.reach(type="file")
        self.page.set_input_files("input[type=file]:focus", CARD)  # type: ignore[arg-type] # a payload of playwright
        self.page.wait_for_function("() => document.activeElement.dataset.part === 'title'")
        self.reach(id="mask-photo")
        self.press("Enter", "ArrowLeft")
        self.reach(id="mask-number", back=True)
        self.press("Enter")
        self.reach(part="use")
        with self.coming():
            self.press("Enter")
