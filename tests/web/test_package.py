"""The package: exact JSON, safe CSV, readable offline pages, and a manifest that proves all of it."""

import gc
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert

from portal.config import SourceUrls
from portal.errors import SourceDown
from portal.fulfilment.collect import Scope, collect
from portal.fulfilment.encoding import as_json, as_text, kind_of, suffix_of
from portal.fulfilment.locate import Subject
from portal.fulfilment.package import write_package
from portal.fulfilment.spool import Spool
from portal.register import Register, load_register
from portal.sources import Sources
from portal.sources.model import Field
from tests.support.packing import ME, Nowhere, Pipe, cover, pack, package_app, table
from tests.support.shop import PHOTO, comments, open_shop


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


def test_the_json_is_exact_and_the_csv_comes_back_to_the_same(shop: Sources, register: Register) -> None:
    archive, packed, _ = pack(shop, cover(register))
    data = json.loads(archive.read("data.json"))
    assert data["collections"]["shop.comments"] == [
        {"id": 1, "customer_id": 1, "parent_id": None, "body": "=1+1"},
        {"id": 2, "customer_id": 1, "parent_id": 1, "body": "Second, by me"},
    ]
    assert data["reference"] == "MB-7K4Q-29"
    for key, rows in data["collections"].items():
        assert table(archive, key) == [{name: as_text(value) for name, value in row.items()} for row in rows]
        assert packed.rows[key] == len(rows)


def test_no_cell_can_be_run_by_a_spreadsheet(shop: Sources, register: Register) -> None:
    archive, _, _ = pack(shop, cover(register))
    raw = archive.read("csv/shop.comments.csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"'=1+1" in raw
    readme = archive.read("README.txt").decode()
    assert "apostrophe (')" in readme
    assert "&#39;" not in readme


def test_the_manifest_proves_every_file(shop: Sources, register: Register) -> None:
    archive, packed, _ = pack(shop, cover(register))
    manifest = json.loads(archive.read("manifest.json"))
    listed = {each["path"]: each for each in manifest["files"]}
    assert set(listed) == set(archive.namelist()) - {"manifest.json"}
    for path, each in listed.items():
        content = archive.read(path)
        assert (len(content), sha256(content).hexdigest()) == (each["bytes"], each["sha256"])
    assert listed["csv/shop.comments.csv"]["rows"] == 2
    assert listed["data.json"]["rows"] == sum(packed.rows.values())


def test_the_schema_names_type_origin_and_category_of_each_field(shop: Sources, register: Register) -> None:
    archive, _, _ = pack(shop, cover(register))
    schema = json.loads(archive.read("schema.json"))["properties"]["collections"]["properties"]
    customer = schema["shop.customers"]["items"]["properties"]
    assert customer["email"]["x-data-categories"] == ["user.contact.email"]
    assert customer["photo"]["format"] == "file"
    assert schema["shop.favourites"]["items"]["properties"]["product_id"]["x-provided"] == "observed"
    assert "password" not in customer


def test_what_is_withheld_is_nowhere_in_the_package_but_is_told(shop: Sources, register: Register) -> None:
    archive, _, content = pack(shop, cover(register))
    for path in archive.namelist():
        assert b"Mallory" not in archive.read(path)
        assert b"adam@example.org" not in archive.read(path)
    assert b"A security value." in archive.read("index.html")
    assert b"A security value." in archive.read("data.json")
    assert content[:2] == b"PK"


def test_the_same_data_and_clock_give_the_same_bytes(shop: Sources, register: Register) -> None:
    assert pack(shop, cover(register))[2] == pack(shop, cover(register))[2]


def test_portability_gives_data_and_says_what_is_left_out(shop: Sources, register: Register) -> None:
    bases = {activity.slug: activity.basis for activity in register.activities}
    archive, _, _ = pack(shop, cover(register, "port"), scope=Scope("port", bases=bases))
    data = json.loads(archive.read("data.json"))
    assert "shop.reviews" not in data["collections"]
    assert {"collection": "shop.reviews", "field": None, "rows": 1, "why": "other_basis", "reason": ""} in data[
        "left_out"
    ]
    page = archive.read("index.html").decode()
    assert "Portability covers only data we use with your consent" in page
    assert "art. 15(1)" not in page
    assert not [name for name in archive.namelist() if name.endswith(".pdf")]


def test_a_package_of_somebody_with_nothing_still_tells_what_was_searched(shop: Sources, register: Register) -> None:
    archive, packed, _ = pack(shop, cover(register), Subject(("nobody@example.org",)))
    data = json.loads(archive.read("data.json"))
    assert data["collections"] == {}
    assert set(data["searched"]) == set(shop.data_map.collections)
    assert packed.rows == {}


def test_a_package_that_stops_half_way_is_no_package(shop: Sources, register: Register) -> None:
    reviews = shop.data_map.collections["shop.reviews"]
    gone = replace(reviews, fields=(*reviews.fields, Field("gone")))
    data_map = replace(shop.data_map, collections={**shop.data_map.collections, "shop.reviews": gone})
    urls = {key: str(shop[key].writer.url) for key in ("shop", "letters")}
    changed = Sources(data_map, {key: SourceUrls(url, url) for key, url in urls.items()})
    sink = Pipe()
    with pytest.raises(SourceDown):
        write_package(sink, collect(changed, ME), cover(register))
    changed.close()
    gc.collect()
    assert sink.pieces
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(sink.pieces)))


def test_memory_stays_flat_however_many_rows_there_are(shop: Sources, register: Register) -> None:
    def peak() -> int:
        tracemalloc.start()
        write_package(Nowhere(), collect(shop, ME, Scope()), cover(register))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    def add(first: int, number: int) -> None:
        many = [{"id": first + n, "customer_id": 2, "body": "x" * 4000} for n in range(number)]
        with shop["shop"].writer.begin() as connection:
            connection.execute(insert(comments), many)
            connection.exec_driver_sql("UPDATE comments SET customer_id = 1 WHERE id >= 1000")

    add(1000, 300)
    small = peak()
    add(5000, 1500)
    assert peak() < small + 2_000_000  # the keys that lead on are held, the rows are not: they weigh 6 MB


def test_the_spool_gives_back_what_it_was_given_and_keeps_nothing_readable() -> None:
    with Spool() as spool:
        for number in range(3000):
            spool.write(b"secret %d " % number)
        spool._file.seek(0)
        assert b"secret" not in spool._file.read()
        assert b"".join(spool.read()) == b"".join(b"secret %d " % number for number in range(3000))


@pytest.mark.parametrize(
    ("value", "exact", "kind"),
    [
        (None, None, "null"),
        (True, True, "boolean"),
        (7, 7, "integer"),
        (Decimal("12.50"), "12.50", "string:decimal"),
        (float("nan"), "nan", "number"),
        (datetime(2026, 3, 12, 9, tzinfo=UTC), "2026-03-12T09:00:00+00:00", "string:date-time"),
        (date(2026, 3, 12), "2026-03-12", "string:date"),
        ({"a": [date(2026, 1, 1)]}, {"a": ["2026-01-01"]}, "object"),
        ([[0.5, float("nan")], [None, float("inf")]], [[0.5, "nan"], [None, "inf"]], "array"),
        ([b"\x00\xff", None], ["AP8=", None], "array"),
    ],
)
def test_every_kind_of_value_has_one_exact_form(value: object, exact: object, kind: str) -> None:
    assert as_json(value) == exact  # type: ignore[arg-type]
    assert kind_of(type(value)) == kind


def test_a_file_is_named_by_what_it_is() -> None:
    assert [suffix_of(content) for content in (PHOTO, b"%PDF-1.7", b"RIFF0000WEBPVP8 ", b"MZ")] == [
        "jpg", "pdf", "webp", "bin",
    ]  # fmt: skip
