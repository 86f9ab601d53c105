"""The readable pages of a package: offline, escaped, in the person's language, with the information of Art. 15(1)."""

import json
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from sqlalchemy import insert, update

from portal.demo.medbook import DemoWorld
from portal.fulfilment.locate import Subject
from portal.fulfilment.package import SHOWN_ROWS
from portal.register import Register, load_register
from portal.sources import Sources
from tests.support.packing import cover, pack, package_app, small_demo, table
from tests.support.shop import PHOTO, comments, customers, open_shop

XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sources]:
    opened = open_shop(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    with package_app() as made:
        yield made


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sources, DemoWorld]]:
    with small_demo(tmp_path_factory.mktemp("demo")) as built:
        yield built


def test_photos_come_as_files_and_are_shown(shop: Sources, register: Register) -> None:
    archive, _, _ = pack(shop, cover(register))
    photo = json.loads(archive.read("data.json"))["collections"]["shop.customers"][0]["photo"]
    assert photo == {
        "file": "files/shop.customers/000001-photo.jpg",
        "bytes": len(PHOTO),
        "sha256": sha256(PHOTO).hexdigest(),
    }
    assert archive.read(photo["file"]) == PHOTO
    assert f'<img src="{photo["file"]}"' in archive.read("index.html").decode()


def test_text_of_people_is_text_and_nothing_is_remote(shop: Sources, register: Register) -> None:
    with shop["shop"].writer.begin() as connection:
        connection.execute(update(comments).where(comments.c.id == 1).values(body=XSS))
        connection.execute(update(customers).where(customers.c.id == 1).values(name=XSS))
    archive, _, _ = pack(shop, cover(register))
    page = archive.read("index.html").decode()
    parsed = html5lib.HTMLParser(strict=True).parse(page)
    names = {element.tag.rpartition("}")[2] for element in parsed.iter() if isinstance(element.tag, str)}
    assert names.isdisjoint({"script", "iframe", "object", "form", "link", "base"})
    for element in parsed.iter():
        for name, value in element.attrib.items():
            assert not str(name).startswith("on")
            if name in {"src", "href"}:
                assert value.startswith(("#", "files/"))
    assert "http://" not in page
    assert "https://" not in page
    assert "&lt;script&gt;" in page


def test_the_page_shows_the_first_rows_and_says_where_the_rest_is(shop: Sources, register: Register) -> None:
    more = [{"id": 1000 + n, "customer_id": 1, "body": f"row {n}"} for n in range(SHOWN_ROWS + 48)]
    with shop["shop"].writer.begin() as connection:
        connection.execute(insert(comments), more)
    archive, packed, _ = pack(shop, cover(register))
    assert packed.rows["shop.comments"] == SHOWN_ROWS + 50
    page = archive.read("index.html").decode()
    assert f"The first {SHOWN_ROWS} rows are shown here." in page
    assert "50 more rows are in csv/shop.comments.csv and in data.json." in page
    assert f"row {SHOWN_ROWS + 10}" not in page
    assert len(table(archive, "shop.comments")) == SHOWN_ROWS + 50


def test_information_only_tells_everything_but_gives_no_copy(
    demo: tuple[Sources, DemoWorld], register: Register
) -> None:
    sources, world = demo
    archive, packed, _ = pack(sources, cover(register, copy=False), Subject((world.ada.email,)))
    assert archive.namelist() == ["index.html", "README.txt", "manifest.json"]
    page = archive.read("index.html").decode()
    assert register.row("account").text("purpose", "en") in page
    assert world.ada.email not in page
    assert sum(packed.rows.values()) > 100


def test_the_sheet_holds_the_rows_of_the_register_this_person_is_in(
    demo: tuple[Sources, DemoWorld], register: Register
) -> None:
    sources, world = demo
    archive, _, _ = pack(sources, cover(register, language="nl"), Subject((world.ada.email,)))
    page = "".join(html5lib.parse(archive.read("index.html").decode()).itertext())
    for slug in ("account", "research", "administration", "helpdesk", "portal"):
        for key in ("title", "purpose", "basis", "retention", "source"):
            assert register.row(slug).text(key, "nl") in page, (slug, key)
    assert register.row("contract-company").text("title", "nl") not in page
    assert register.text("aggregated", "nl") in page
    disclosed = json.loads(archive.read("data.json"))["collections"]["medbook.disclosures"]
    assert disclosed
    assert all(row["recipient"] in page for row in disclosed)
    invoices = json.loads(archive.read("data.json"))["collections"]["medbook.invoices"]
    last = max(date.fromisoformat(row["fiscal_year_end"]) for row in invoices)
    assert f"31 december {last.year + 10}" in page
