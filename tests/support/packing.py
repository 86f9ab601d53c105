"""Writes packages for tests: a bare app to render with, a small demo, a sink that cannot seek."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_babel import Babel, force_locale
from jinja2 import StrictUndefined

from portal.config import HERE, Controller, SourceUrls, load_controller
from portal.demo.medbook import DemoWorld, build
from portal.fulfilment.collect import Scope, collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.package import Packed, write_package
from portal.fulfilment.package_pages import Cover
from portal.register import Register
from portal.sources import Sources, load_data_map
from portal.ui import filters
from portal.ui.csvsafe import unsafe
from tests.support.shop import ADA, NOW

ME = Subject((ADA,))
CONTROLLER: Controller = load_controller(HERE / "controller.toml")


class Pipe:
    """A sink that can neither seek nor tell."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass


class Nowhere(Pipe):
    """A sink that keeps nothing."""

    def write(self, data: bytes, /) -> int:
        return len(data)


@contextmanager
def package_app() -> Iterator[Flask]:
    """Open an app context that can render packages, and nothing else."""
    made = Flask("portal", template_folder=str(HERE.parent / "templates"))
    Babel(made, default_locale="en")
    made.jinja_env.undefined = StrictUndefined
    made.jinja_env.trim_blocks = made.jinja_env.lstrip_blocks = True
    filters.init_app(made)
    with made.app_context():
        yield made


@contextmanager
def small_demo(folder: Path) -> Iterator[tuple[Sources, DemoWorld]]:
    """Build a demo of twenty people in ``folder`` and open its sources."""
    urls = {key: f"sqlite:///{folder / key}.db" for key in ("medbook", "medbook_support")}
    world = build(urls["medbook"], urls["medbook_support"], NOW, people=20)
    opened = Sources(load_data_map(HERE / "sources" / "manifests"), {k: SourceUrls(u, u) for k, u in urls.items()})
    yield opened, world
    opened.close()


def pack(
    sources: Sources, cover: Cover, subject: Subject = ME, scope: Scope | None = None, part_size: int | None = None
) -> tuple[zipfile.ZipFile, Packed, bytes]:
    """Write a package and return it opened (its first part), with what was written and its bytes."""
    sink = Pipe()
    with force_locale(cover.language):
        collected = collect(sources, subject, scope or Scope(cover.right))
        packed = write_package(sink, collected, cover, part_size)
    content = b"".join(sink.pieces)
    first = b"".join(content[start:stop] for start, stop in packed.parts[0].stretches)
    return zipfile.ZipFile(io.BytesIO(first)), packed, content


def pack_parts(sources: Sources, cover: Cover, part_size: int | None) -> tuple[list[bytes], Packed]:
    """Write a package in parts and return the bytes of each, with what was written."""
    _, packed, content = pack(sources, cover, part_size=part_size)
    return [b"".join(content[start:stop] for start, stop in part.stretches) for part in packed.parts], packed


def cover(register: Register, right: str = "access", language: str = "en", copy: bool = True) -> Cover:
    """Return a cover for the made-up request MB-7K4Q-29."""
    return Cover(right, language, NOW, CONTROLLER, register, "MB-7K4Q-29", copy)


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str | None]]:
    """Return one CSV file of a package, read back by the documented rule."""
    text = archive.read(f"csv/{name}.csv").decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    return [dict(zip(head, map(unsafe, line), strict=True)) for line in lines]
