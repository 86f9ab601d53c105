"""A package in parts is handed over part by part: each whole, resumable, under one code; to a receiver the same."""

from hashlib import sha256
from itertools import pairwise

import pytest

from portal.cases.models import Package
from portal.cases.package_parts import PackagePart
from portal.cases.retention import forget_package
from portal.clock import now
from tests.support.critic import post_forms
from tests.support.factories import PACKAGE
from tests.support.handed import Handed, clock, handed
from tests.support.visitors import visitor
from tests.web.test_transmission import link, port, send

__all__ = ["clock", "handed", "port"]
CUTS = (((0, 700), (1500, 1600)), ((700, 1500), (1600, len(PACKAGE))))
PARTS = [b"".join(PACKAGE[start:stop] for start, stop in part) for part in CUTS]


def in_parts(found: Handed) -> Handed:
    """Have the stored file of the package be two parts, which lie in it as they were written."""
    told = [
        {"size": len(part), "sha256": sha256(part).hexdigest(), "stretches": cuts}
        for part, cuts in zip(PARTS, CUTS, strict=True)
    ]
    with found.database.writing() as session:
        session.get_one(Package, found.package.id).parts = told
    return found


def test_one_code_opens_every_part_as_it_was_made(handed: Handed) -> None:
    in_parts(handed).open()
    page = handed.person.get(handed.page).get_data(as_text=True)
    for number, part in enumerate(PARTS, 1):
        assert f'href="{handed.file}?part={number}"' in page
        assert f"Download part {number} of 2" in page
        assert sha256(part).hexdigest() in page
        found = handed.person.get(f"{handed.file}?part={number}")
        assert (found.status_code, found.data) == (200, part)
        assert f"medbook-export-{number}-of-2.zip" in found.headers["Content-Disposition"]
    assert handed.row().downloads == 1


@pytest.mark.parametrize("number", [1, 2])
def test_a_part_goes_on_where_it_stopped(handed: Handed, number: int) -> None:
    in_parts(handed).open()
    whole, edges = PARTS[number - 1], [0, 1, 650, 799, 800, len(PARTS[number - 1])]
    address = f"{handed.file}?part={number}"
    tag = handed.person.get(address).headers["ETag"]
    ranges = [
        handed.person.get(address, headers={"Range": f"bytes={a}-{b - 1}", "If-Range": tag})
        for a, b in pairwise(sorted({min(edge, len(whole)) for edge in edges}))
    ]
    assert {each.status_code for each in ranges} == {206}
    assert b"".join(each.data for each in ranges) == whole
    assert ranges[0].headers["Content-Range"] == f"bytes 0-0/{len(whole)}"
    beyond = handed.person.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    other = handed.person.get(f"{handed.file}?part={3 - number}", headers={"Range": "bytes=5-9", "If-Range": tag})
    assert other.status_code == 200, "the tag is that of another part"


@pytest.mark.parametrize("asked", ["0", "3", "-1", "x", "", "1 "])
def test_there_is_no_other_part(handed: Handed, asked: str) -> None:
    in_parts(handed).open()
    assert handed.person.get(handed.file, query_string={"part": asked}).status_code == 404


def test_no_part_comes_without_a_code_or_to_a_stranger(handed: Handed) -> None:
    in_parts(handed)
    assert handed.person.get(f"{handed.file}?part=2").status_code == 303
    found = visitor(handed.app).get(f"{handed.file}?part=2")
    assert found.status_code in {303, 404}
    assert PARTS[1] not in found.data


def test_all_parts_end_with_their_package(handed: Handed) -> None:
    in_parts(handed).open()
    with handed.database.writing() as session:
        forget_package(session, session.get_one(Package, handed.package.id), now())
    for number in (1, 2):
        assert handed.person.get(f"{handed.file}?part={number}").status_code == 410


def test_a_receiver_takes_part_by_part(port: Handed) -> None:
    in_parts(port)
    send(port)
    stranger = visitor(port.app)
    page = stranger.get(link(port))
    assert "Download deel 2 van 2" in page.text
    _action, fields, _names = post_forms(page)[0]
    for number, part in enumerate(PARTS, 1):
        assert stranger.post(link(port), data={**fields, "part": str(number)}).data == part


def test_any_stretch_of_a_part_is_found_in_the_stored_file() -> None:
    for number, part in enumerate(PARTS):
        told = PackagePart(number + 1, 2, len(part), "", CUTS[number])
        for start in range(0, len(part), 37):
            for stop in range(start + 1, len(part) + 1, 53):
                found = b"".join(PACKAGE[one:two] for one, two in told.stored(start, stop))
                assert found == part[start:stop]
