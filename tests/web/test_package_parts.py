"""A package that is too large for one file: parts that open by themselves and together hold everything once."""

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from portal.fulfilment.package import Packed
from portal.register import Register, load_register
from portal.sources import Sources
from portal.sources.streaming import WEIGHT
from tests.support.packing import cover, pack_parts, package_app, table
from tests.support.shop import comments, open_shop

SIZE = 40_000
ROWS = 3000
Opened = list[zipfile.ZipFile]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    opened = open_shop(tmp_path_factory.mktemp("shop"))
    bodies = [sha256(b"%d" % number).hexdigest() for number in range(ROWS)]
    with opened["shop"].writer.begin() as connection:
        connection.execute(
            insert(comments), [{"id": 1000 + n, "customer_id": 1, "body": body} for n, body in enumerate(bodies)]
        )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    with package_app() as made:
        yield made


@pytest.fixture(scope="module")
def packed(app: Flask, shop: Sources, register: Register) -> tuple[Opened, Packed]:
    parts, packed = pack_parts(shop, cover(register), SIZE)
    return [zipfile.ZipFile(io.BytesIO(part)) for part in parts], packed


def rows_of(archives: Opened) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for archive in archives:
        for key, rows in json.loads(archive.read("data.json"))["collections"].items():
            found[key] += rows
    return found


def test_the_parts_together_hold_every_row_once_and_in_order(
    packed: tuple[Opened, Packed], app: Flask, shop: Sources, register: Register
) -> None:
    archives, told = packed
    (one,), _ = pack_parts(shop, cover(register), None)
    assert len(archives) > 2
    assert rows_of(archives) == rows_of([zipfile.ZipFile(io.BytesIO(one))])
    assert [part.rows for part in told.parts] == [
        sum(len(rows) for rows in rows_of([each]).values()) for each in archives
    ]


def test_every_part_opens_by_itself_and_is_whole(packed: tuple[Opened, Packed]) -> None:
    archives, _ = packed
    for number, archive in enumerate(archives, 1):
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert (manifest["part"], manifest["parts"]) == (number, len(archives))
        assert {each["path"] for each in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
        for each in manifest["files"]:
            assert sha256(archive.read(each["path"])).hexdigest() == each["sha256"]
        data = json.loads(archive.read("data.json"))
        schema = json.loads(archive.read("schema.json"))["properties"]["collections"]["properties"]
        assert set(schema) == set(data["collections"])
        for key, rows in data["collections"].items():
            assert len(table(archive, key)) == len(rows)


def test_no_part_is_much_larger_than_it_may_be_nor_much_smaller(packed: tuple[Opened, Packed]) -> None:
    _, told = packed
    sizes = [part.size for part in told.parts]
    assert max(sizes) < SIZE + 3 * WEIGHT  # what is read at once, as table, exact copy and page
    assert min(sizes[:-1]) > SIZE * 0.8


def test_every_contents_page_tells_all_parts(packed: tuple[Opened, Packed]) -> None:
    archives, _ = packed
    for number, archive in enumerate(archives, 1):
        page = archive.read("index.html").decode()
        assert f"Part {number} of {len(archives)}." in page
        assert f"come in {len(archives)} parts" in page
        assert page.count("rows ") >= len(archives)
        assert ("What we do with your data (art. 15(1) GDPR)" in page) is (number == 1)
        assert "Unpack each part into a folder of its own." in archive.read("README.txt").decode()
    assert f"to {ROWS + 2:,}</span>" in archives[0].read("index.html").decode()


def test_the_same_data_and_clock_give_the_same_parts(app: Flask, shop: Sources, register: Register) -> None:
    assert pack_parts(shop, cover(register), SIZE)[0] == pack_parts(shop, cover(register), SIZE)[0]


def test_the_proof_of_search_names_every_collection(packed: tuple[Opened, Packed], shop: Sources) -> None:
    for archive in packed[0]:
        proof = {each["collection"]: each for each in json.loads(archive.read("search.json"))["searched"]}
        assert set(proof) == set(shop.data_map.collections)
        assert proof["shop.comments"]["rows"] == ROWS + 2
        assert all(each["state"] == ("found" if each["rows"] else "empty") for each in proof.values())


def test_what_is_stored_is_the_parts_and_nothing_else(packed: tuple[Opened, Packed]) -> None:
    _, told = packed
    stretches = sorted(stretch for part in told.parts for stretch in part.stretches)
    assert stretches[0][0] == 0
    assert all(one[1] == two[0] for one, two in pairwise(stretches))
    assert stretches[-1][1] == sum(part.size for part in told.parts)
