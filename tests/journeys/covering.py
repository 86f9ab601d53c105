"""A person in a real browser at the turn about identity: what they see, press and send, and what the portal keeps."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from PIL import Image
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy import select

from portal.cases.models import Evidence
from portal.intake import pictures
from tests.support.live import serve
from tests.support.photos import Shot, jpeg, photo
from tests.support.portals import make_settings, portal
from tests.support.postgres import free_port
from tests.support.walks import Walk

Served = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]
SHOT = Shot(size=(1600, 1200), share=0.8)
PHOTO_PLACE = (250, 420, 420, 700)
"""Pixels of ``SHOT`` in which nothing but the photo of the card is seen."""


@dataclass
class Covering:
    """One browser with the identity page open, and all it sent."""

    page: Page
    walk: Walk
    sent: list[bytes] = field(default_factory=list)

    def choose(self, content: bytes, name: str = "card.jpg") -> None:
        """Choose a file; wait until it is opened, or said to be one that cannot be."""
        kind = {"heic": "image/heic", "pdf": "application/pdf"}.get(name.rpartition(".")[2], "image/jpeg")
        self.page.set_input_files("input[type=file]", {"name": name, "mimeType": kind, "buffer": content})
        self.page.locator(".mask-editor:not([hidden]), [data-part=note]:not([hidden])").first.wait_for()

    @property
    def boxes(self) -> Locator:
        """The boxes over the picture."""
        return self.page.locator(".mask-box")

    def sides(self, index: int) -> list[float]:
        """Return left, top, width and height of a box as it is spoken, in percent."""
        spoken = self.boxes.nth(index).get_attribute("aria-label") or ""
        return [float(each) for each in re.findall(r"([\d.]+) %", spoken)]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag the mouse over the picture, between places in percent of it."""
        (x, y), (to_x, to_y) = self.at(start), self.at(end)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
        self.page.mouse.move(to_x, to_y)
        self.page.mouse.up()

    def at(self, place: tuple[float, float]) -> tuple[float, float]:
        """Return where in the window a place of the picture is."""
        frame = self.page.locator("[data-part=sheet]").bounding_box()
        assert frame is not None
        return frame["x"] + frame["width"] * place[0] / 100, frame["y"] + frame["height"] * place[1] / 100

    def use(self) -> None:
        """Press "Use this picture" and arrive at the next turn."""
        self.page.locator("[data-part=use]").click()
        self.page.wait_for_url("**/sign*")

    @property
    def uploads(self) -> list[Image.Image]:
        """The pictures that left the browser, as it sent them."""
        starts = [(body, body.find(b"\xff\xd8\xff")) for body in self.sent]
        return [Image.open(BytesIO(body[place:])).convert("RGB") for body, place in starts if place >= 0]

    def kept(self) -> tuple[Evidence, Image.Image]:
        """Return the row of the picture the portal keeps, and its pixels."""
        with self.walk.database.reader() as session:
            card = session.scalars(select(Evidence).where(Evidence.destroyed_at.is_(None))).one()
            return card, Image.open(BytesIO(pictures.read(session, card))).convert("RGB")


def is_dark(picture: Image.Image, place: tuple[int, int, int, int]) -> bool:
    """Tell whether nothing can be seen at ``place`` but black, and the mark on it."""
    green = picture.crop(place).getchannel("G").histogram()
    return sum(green[:48]) >= 0.999 * sum(green)


def drawn(shot: Shot = SHOT) -> bytes:
    """Return a photo of a card."""
    return jpeg(photo(shot))


def listening(serving: Served, heard: list[bytes]) -> Served:
    """Return ``serving`` with an ear at its door: the body of each form goes into ``heard`` as it arrived."""

    def serve_and_hear(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            heard.append(body)
            environ["wsgi.input"] = BytesIO(body)
        return serving(environ, start_response)

    return serve_and_hear


@contextmanager
def at_identity(folder: Path, template: Path, browser: Browser, **context: object) -> Iterator[Covering]:
    """Serve a portal to a person who stands at the turn about identity, with ``context`` for their browser."""
    port = free_port()
    address = f"http://localhost:{port}"
    settings = make_settings(folder, base_url=address, demo=True, smtp=None)
    with portal(settings, template) as app, serve(app, port):
        walk = Walk(app)
        walk.choose("restrict").answer("restrict").confirm()
        options = {"viewport": {"width": 1280, "height": 1600}, "reduced_motion": "reduce", **context}
        opened = browser.new_context(**options)  # type: ignore[arg-type] # playwright's own names
        opened.set_default_timeout(15_000)
        cookie = walk.client.get_cookie("portal")
        assert cookie is not None
        opened.add_cookies([{"name": "portal", "value": cookie.value, "url": address}])
        page, complaints = opened.new_page(), list[str]()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        covering = Covering(page, walk)
        app.wsgi_app = listening(app.wsgi_app, covering.sent)  # type: ignore[method-assign]
        page.goto(address + walk.at("identity"))
        yield covering
        opened.close()
        assert complaints == []
