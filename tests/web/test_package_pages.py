"""The readable pages of a package: offline, escaped, in the person's language, with the information of Art. 15(1)."""

import json
import re
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from sqlalchemy import insert, update

from portal.demo.medbook import DemoWorld
from portal.fulfilment import readable
from portal.fulfilment.locate import Subject
from portal.fulfilment.package_pages import compile_pages
from portal.fulfilment.readable import INLINE, PAGE_ROWS
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
                assert value.startswith(("#", "files/")) or value == "dictionary.html"
    assert "http://" not in page
    assert "https://" not in page
    assert "&lt;script&gt;" in page


def many_comments(shop: Sources, number: int) -> None:
    more = [{"id": 1000 + n, "customer_id": 1, "body": f"<row {n}>"} for n in range(number)]
    with shop["shop"].writer.begin() as connection:
        connection.execute(insert(comments), more)


def test_a_long_table_goes_on_over_pages_that_lead_to_one_another(shop: Sources, register: Register) -> None:
    many_comments(shop, PAGE_ROWS * 2 + 10)
    archive, packed, _ = pack(shop, cover(register))
    assert packed.rows["shop.comments"] == PAGE_ROWS * 2 + 12
    index = archive.read("index.html").decode()
    assert "The first 20 rows are shown here." in index
    assert '<a href="pages/shop.comments-1.html">Read 1,012 rows on 3 pages</a>' in index
    assert "&lt;row 17&gt;" in index
    assert "&lt;row 18&gt;" not in index
    pages = [archive.read(f"pages/shop.comments-{number}.html").decode() for number in (1, 2, 3)]
    for page in pages:
        html5lib.HTMLParser(strict=True).parse(page)
    shown = [line for page in pages for line in re.findall(r"&lt;row (\d+)&gt;", page)]
    assert shown == [str(n) for n in range(PAGE_ROWS * 2 + 10)]
    assert "Rows 501 to 1,000 · page 2 of 3" in pages[1]
    assert 'href="../pages/shop.comments-1.html" rel="prev"' in pages[1]
    assert 'href="../pages/shop.comments-3.html" rel="next"' in pages[1]
    assert 'rel="next"' not in pages[2]
    assert 'rel="prev"' not in pages[0]
    assert not [name for name in archive.namelist() if name.startswith("pages/") and "comments" not in name]


def test_pages_end_somewhere_and_say_where_the_rest_is(
    shop: Sources, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readable, "MOST_PAGES", 2)
    monkeypatch.setattr(readable, "PAGE_ROWS", 150)
    many_comments(shop, 400)
    archive, _, _ = pack(shop, cover(register))
    rest = "All 402 rows are in csv/shop.comments.csv and in data.json."
    assert rest in archive.read("index.html").decode()
    assert rest in archive.read("pages/shop.comments-2.html").decode()
    assert "pages/shop.comments-3.html" not in archive.namelist()
    assert len(table(archive, "shop.comments")) == 402


def test_a_table_that_fits_stands_on_the_contents_page_as_a_whole(shop: Sources, register: Register) -> None:
    many_comments(shop, INLINE - 2)
    archive, _, _ = pack(shop, cover(register))
    index = archive.read("index.html").decode()
    assert f"&lt;row {INLINE - 3}&gt;" in index
    assert "rows are shown here" not in index
    assert not [name for name in archive.namelist() if name.startswith("pages/")]


@pytest.mark.parametrize(
    ("language", "whole", "origin"), [("en", "whole number", "you gave it"), ("nl", "geheel getal", "door u gegeven")]
)
def test_the_dictionary_tells_of_every_field_what_it_is_and_who_gets_it(
    demo: tuple[Sources, DemoWorld], register: Register, language: str, whole: str, origin: str
) -> None:
    sources, world = demo
    archive, _, _ = pack(sources, cover(register, language=language), Subject((world.ada.email,)))
    page = archive.read("dictionary.html").decode()
    html5lib.HTMLParser(strict=True).parse(page)
    text = "".join(html5lib.parse(page).itertext())
    for key, rows in json.loads(archive.read("data.json"))["collections"].items():
        collection = sources.data_map.collections[key]
        assert collection.title[language] in text
        assert set(rows[0]) <= set(re.findall(r"<code>([^<]+)</code>", page))
    for key in ("title", "retention"):
        assert register.row("account").text(key, language) in text
    assert register.row("account").recipients[0].text(language) in text
    for words in (whole, origin, "user.contact.email"):
        assert words in text


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


def test_a_worker_compiles_the_pages_before_its_first_copy(shop: Sources, register: Register) -> None:
    with package_app() as made:
        compile_pages()
        ready = set(made.jinja_env.cache or ())
        pack(shop, cover(register))
        assert ready
        assert set(made.jinja_env.cache or ()) == ready
