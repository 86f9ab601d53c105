"""Takes the screenshots of the documents: the access journey in Dutch, from the first page to the download.

    .venv/bin/python -m tests.journeys.screens docs/screens

Run it with compiled catalogues. Everybody in the pictures is made up.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from portal.clock import now
from portal.demo.medbook import build, demo_people
from tests.journeys.gallery import open_gallery
from tests.journeys.rarities import RARITIES
from tests.journeys.sights import SIGHTS
from tests.journeys.staff_sights import STAFF
from tests.journeys.stage import SOURCES, Stage, member, set_stage
from tests.journeys.walks import DeskWalk, PersonWalk
from tests.support.browser import ARGUMENTS, THEMES, Theme, open_page
from tests.support.portals import make_template
from tests.support.programs import find_chromium
from tests.support.pseudo import LANGUAGE, longer_catalogues, longer_register, speak_longer

PHONE, SCREEN = 320, 1280
COLOURS, COMMON = 64, 40
LONGEST = {PHONE: 2600, SCREEN: 1500}
"""Pixels, by width; what stands below is cut off: a picture shows a page, it does not replace it."""
LONGER_PAGES = (
    ("landing", "nobody", "/{language}/"),
    ("turn", "draft", "/{language}/c/{draft}/about"),
    ("status", "owner", "/{language}/s/{deciding}"),
)
"""Name, whose browser, address: see ``gallery``."""
RARE = {
    "not-agreed": "status, not agreed",
    "parts": "download in parts",
    "receiver": "receiver",
    "silent": "desk case, silent source",
    "unread": "desk mail, not read",
    "holds": "desk holds",
    "record": "desk record",
    "report": "desk yearly report",
    "member": "desk member",
}
"""Names of the pictures of states that few requests come to, and of what the desk opens rarely; and of their sights."""
AROUND = ("figures", "access", "account", "settings", "tasks", "new", "mail")
"""Pages of the desk around the queue."""
LARGEST = 60_000
"""Bytes of one picture."""


def palette_of(picture: Image.Image) -> Image.Image:
    """Return a palette of the commonest colours as they are, and of others for the rest (the edges of letters)."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    common = [part for _, colour in counted[:COMMON] for part in (colour if isinstance(colour, tuple) else ())]
    others = picture.quantize(COLOURS - COMMON, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*common, *others[: 3 * (COLOURS - COMMON)]])
    return palette


@dataclass(frozen=True, slots=True)
class Camera:
    """Photographs pages into a folder, as ``turn-320-light.png``."""

    folder: Path

    def shoot(
        self, page: Page, name: str, widths: tuple[int, ...] = (PHONE, SCREEN), themes: tuple[Theme, ...] = THEMES
    ) -> None:
        """Take the page as it stands, at each width and in each theme."""
        before = page.viewport_size
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            for theme in themes:
                page.emulate_media(color_scheme=theme)
                taken = page.screenshot(full_page=True)
                (self.folder / f"{name}-{width}-{theme}.png").write_bytes(made_small(taken, LONGEST[width]))
        page.emulate_media(color_scheme="light")
        if before is not None:
            page.set_viewport_size(before)


def made_small(png: bytes, longest: int) -> bytes:
    """Return it in few colours, cut off at ``longest`` pixels, or higher where the file would be too large."""
    with Image.open(BytesIO(png)) as taken:
        whole = taken.convert("RGB")
    while True:
        part = whole.crop((0, 0, whole.width, min(whole.height, longest)))
        small = BytesIO()
        part.quantize(palette=palette_of(part), dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
        if len(small.getvalue()) < LARGEST:
            return small.getvalue()
        longest = part.height * 9 // 10


def walk_in(camera: Camera, walk: PersonWalk, folder: Path) -> str:
    """Walk the conversation of ``walk`` up to the receipt, with a picture of what matters; return the reference."""
    page = walk.page
    page.goto(walk.stage.live.at(f"/{walk.language}/"))
    camera.shoot(page, "landing")
    walk.begin("access")
    walk.tick("about", "everything")
    camera.shoot(page, "turn")
    walk.go_on()
    walk.tick("form-form", "copy")
    walk.go_on()
    walk.tell_who("be")
    camera.shoot(page, "identity")
    walk.upload_card(folder)
    walk.tick("preset", "photo-left", "number-low")
    page.locator("main form button[name=show].btn").click()
    camera.shoot(page, "mask")
    walk.go_on()
    walk.fill(signature=walk.person.full_name)
    camera.shoot(page, "sign")
    walk.go_on()
    camera.shoot(page, "check")
    walk.go_on()
    camera.shoot(page, "receipt")
    return page.locator("main .ref").inner_text()


def decide(camera: Camera, desk: DeskWalk, reference: str) -> None:
    """Let the desk look, confirm and grant the access of ``reference``."""
    camera.shoot(desk.page, "queue", (SCREEN,))
    desk.open(reference)
    desk.take()
    desk.look_at_card()
    desk.confirm_identity()
    camera.shoot(desk.page, "case", (SCREEN,))
    desk.page.check("input[name=outcome][value=grant]")
    desk.press("letter")
    camera.shoot(desk.page, "letter", (SCREEN,))
    desk.page.locator("form[action$='/decision'] .btn.primary").click()


def propose(walk: PersonWalk, desk: DeskWalk, folder: Path) -> str:
    """File an erasure and propose it to a second person; return its reference."""
    walk.begin("erase")
    walk.tick("about", "everything")
    walk.go_on()
    walk.page.locator("main form input[type=checkbox]").first.check()
    walk.go_on()
    walk.tell_who("nl")
    walk.show_card(folder)
    reference = walk.sign_and_send()
    walk.stage.work()
    desk.open(reference)
    desk.take()
    desk.look_at_card()
    desk.confirm_identity()
    desk.decide("grant")
    return reference


def take_all(camera: Camera, stage: Stage, browser: Browser, folder: Path) -> None:
    """Walk once through everything."""
    people = demo_people().shown

    def open_for() -> Page:
        return open_page(browser, script=False, language="nl-BE", width=SCREEN)[1]

    lies = PersonWalk(stage, open_for(), people["access"], "nl")
    reference = walk_in(camera, lies, folder)
    els, tom = DeskWalk(stage, open_for(), member("els")), DeskWalk(stage, open_for(), member("tom"))
    els.page.goto(stage.live.at("/desk/"))
    camera.shoot(els.page, "sign-in", (SCREEN,))
    els.sign_in()
    second = propose(PersonWalk(stage, open_for(), people["erase"], "nl"), els, folder)
    els.page.goto(stage.live.at("/desk/"))
    decide(camera, els, reference)
    tom.sign_in()
    tom.open(second)
    tom.page.locator("a[href$='/second']").click()
    camera.shoot(tom.page, "second", (SCREEN,))
    for name in AROUND:
        tom.page.goto(stage.live.at(f"/desk/{name}"))
        camera.shoot(tom.page, name, (SCREEN,))
    lies.follow()
    camera.shoot(lies.page, "status")
    lies.page.locator("main a[href$='/download']").first.click()
    camera.shoot(lies.page, "download")
    lies.page.goto(stage.live.at("/demo/"))
    camera.shoot(lies.page, "demo")


def take_longer(camera: Camera, template: Path, browser: Browser, folder: Path) -> None:
    """Take a few pages in words 40 % longer than German, on a telephone: ``longer-landing-320-light.png``."""
    dress = partial(speak_longer, catalogues=longer_catalogues(folder / "catalogues"))
    register = longer_register(folder / "register")
    (folder / "longer").mkdir()
    with open_gallery(folder / "longer", template, browser, dress, register_dir=register) as gallery:
        for name, who, path in LONGER_PAGES:
            gallery.enter(who)
            gallery.page.goto(gallery.address(path, LANGUAGE))
            camera.shoot(gallery.page, f"longer-{name}", (PHONE,), ("light",))


def take_rare(camera: Camera, template: Path, browser: Browser, folder: Path) -> None:
    """Take states that few requests come to, and pages that are opened rarely, in Dutch."""
    (folder / "rare").mkdir()
    sights = {sight.name: sight for sight in (*SIGHTS, *STAFF, *RARITIES)}
    with open_gallery(folder / "rare", template, browser) as gallery:
        gallery.speak("nl")
        for name, sight in RARE.items():
            gallery.enter(sights[sight].who)
            gallery.page.goto(gallery.address(sights[sight].path, "nl"))
            camera.shoot(gallery.page, name, (SCREEN,), ("light",))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium."""
    program = find_chromium()
    if program is None:
        raise SystemExit("no Chromium starts on this machine: run bin/setup --test")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield opened
        opened.close()


def main() -> None:
    """Take every picture into the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    camera = Camera(parser.parse_args().folder)
    camera.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        medbook = {key: folder / f"made-{key}.db" for key in SOURCES}
        first, second = (f"sqlite:///{path}" for path in medbook.values())
        build(first, second, now())
        stage_folder = folder / "stage"
        stage_folder.mkdir()
        template = make_template(folder / "template.db")
        with chromium() as browser:
            with set_stage(stage_folder, template, medbook) as stage:
                take_all(camera, stage, browser, folder)
            take_longer(camera, template, browser, folder)
            take_rare(camera, template, browser, folder)


if __name__ == "__main__":
    main()
