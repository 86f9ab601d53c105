"""Every route, for everybody, with ids that are real and not theirs: who is not meant finds and changes nothing.

The matrix is made from the URL map and from ``routes.tsv``, which says for whom each route is meant: what a gate says
of itself proves nothing. A route without a row there fails the build, and so does one whose address has a part that
nobody here knows: say in ``REAL`` what it names, and in ``FOREIGN`` whose it may be instead.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Role
from portal.accounts.tokens import LinkPurpose, make_link
from portal.cases.models import Case
from portal.db import Database
from tests.support.critic import Plain
from tests.support.fingerprint import digest
from tests.support.matrix import FIXED, NOTHING_THERE, ROWS, Ids, address, everybody_in, ids_in, rules
from tests.support.portals import make_settings, portal
from tests.support.visitors import Visitor, visitor
from tests.support.world import World, make_world

OPENS = {
    LinkPurpose.STOP: {"tracking.stop", "tracking.stop_it"},
    LinkPurpose.TOLD: {"tracking.told", "tracking.confirm_told"},
    LinkPurpose.RECEIVE: {"delivery.receive", "delivery.take_file"},
    LinkPurpose.RESUME: {"intake.resume", "intake.take_up_again"},
    LinkPurpose.ACTIVATE: {"review.activate", "review.begin_activation"},
}
"""Which routes a link of each kind opens; none of the others."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Flask]:
    """Give a demo portal with every route there is; forged forms are another test's."""
    with portal(make_settings(tmp_path_factory.mktemp("matrix"), demo=True, smtp=None), migrated) as opened:
        opened.config["WTF_CSRF_ENABLED"] = False
        opened.test_client_class = Plain
        yield opened


@pytest.fixture(scope="module")
def world(app: Flask) -> World:
    """Give something of everything, all of it Ada's or of the staff."""
    return make_world(app)


@pytest.fixture(scope="module")
def ids(app: Flask, world: World) -> Ids:
    """Give Ben a request of his own, and say what is whose."""
    return ids_in(app, world)


@pytest.fixture(scope="module")
def everybody(app: Flask, world: World, ids: Ids) -> dict[str, Visitor]:
    """Give a browser each: a stranger, Ben, and staff of every role."""
    return everybody_in(app, world, ids)


def test_every_route_has_a_row_that_says_for_whom_it_is_meant_and_is_for_nobody_else(app: Flask) -> None:
    said = {
        (rule.endpoint, method): str(getattr(app.view_functions[rule.endpoint], "__gate__", ""))
        for rule, _gate, _roles, method in rules(app)
    }
    assert said == ROWS, "routes.tsv: endpoint, method and gate; change it only when the route is meant for others"


def test_every_part_of_every_address_is_known_here(app: Flask, ids: Ids) -> None:
    unknown = {
        f"{rule.endpoint}: {name}"
        for rule, gate, _roles, _method in rules(app)
        for name in rule.arguments - set(FIXED)
        if name not in ids.real or f"{gate} {name}" not in ids.foreign
    }
    assert unknown == set()


@pytest.mark.parametrize("who", ["stranger", "person", *Role])
def test_what_is_really_there_does_not_open_for_whom_it_is_not_meant(
    app: Flask, ids: Ids, everybody: dict[str, Visitor], who: str
) -> None:
    before, passed = digest(app), []
    for rule, gate, roles, method in rules(app):
        if gate == "public" or (gate == "staff" and who in roles.split(",")) or (gate == who == "person"):
            continue
        answer = everybody[who].open(address(app, rule, ids.real), method=method, data={})
        away = {303} if gate == "staff" and who in {"stranger", "person"} else {303, 404}
        if answer.status_code not in away or (answer.status_code == 303 and not _leads_to_a_door(answer.location)):
            passed.append(f"{method} {rule.endpoint}: {answer.status_code} {answer.location or ''}")
    assert passed == []
    assert _changed(app, before) == set()


def _leads_to_a_door(location: str | None) -> bool:
    path = str(location).partition("?")[0]
    return path.endswith(("/desk/sign-in", "/requests"))


def _changed(app: Flask, before: Mapping[str, str]) -> set[str]:
    """Return the tables that changed; who has a session, and that somebody was turned away, may be noted."""
    noted = {"server_sessions", "audit_entries", "audit_head"}
    return {table for table, found in digest(app).items() if found != before[table]} - noted


@pytest.mark.parametrize("who", ["stranger", "person", *Role])
def test_with_an_id_of_another_nobody_finds_anything(
    app: Flask, ids: Ids, everybody: dict[str, Visitor], who: str
) -> None:
    before, found = digest(app), []
    for rule, gate, roles, method in rules(app):
        meant = (
            who in roles.split(",") if gate == "staff" else who == "stranger" if gate == "public" else who == "person"
        )
        for name in rule.arguments - set(FIXED) if meant else ():
            for foreign in ids.foreign[f"{gate} {name}"]:
                answer = everybody[who].open(address(app, rule, {**ids.real, name: foreign}), method=method, data={})
                if answer.status_code not in NOTHING_THERE:
                    found.append(f"{method} {rule.endpoint} {name}={foreign}: {answer.status_code}")
    assert found == []
    assert _changed(app, before) == set()


def _is_meant(who: str, gate: str, roles: str) -> bool:
    if gate == "staff":
        return who in roles.split(",")
    return who == ("stranger" if gate == "public" else "person")


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_opens_what_it_is_for_and_nothing_else(
    app: Flask, world: World, ids: Ids, everybody: dict[str, Visitor], purpose: LinkPurpose
) -> None:
    database: Database = app.extensions["portal_db"]
    for rule, _gate, _roles, method in rules(app):
        if "token" not in rule.arguments or rule.endpoint in OPENS[purpose]:
            continue
        for subject in (world.open_case, world.desk.invited):
            with database.reader() as session:
                token = make_link(session, purpose, subject)
            answer = everybody["stranger"].open(address(app, rule, {"token": token}), method=method, data={})
            assert answer.status_code in NOTHING_THERE, f"{method} {rule.endpoint}"


def test_what_is_really_there_opens_for_whom_it_is_meant(
    app: Flask, world: World, ids: Ids, everybody: dict[str, Visitor]
) -> None:
    """Without this the tests above would also pass on ids of nothing."""
    database: Database = app.extensions["portal_db"]
    with database.reader() as session:
        ada = session.get_one(Case, world.open_case).mailbox
    everybody = {**everybody, "owner": visitor(app, {MAILBOX: ada, CONVERSATION: world.draft})}
    requests = (world.open_case, world.second_case, world.finished_case, world.doubted_case)
    shut = set()
    for rule, gate, roles, method in rules(app):
        if method == "GET" and gate != "public" and rule.arguments - set(FIXED):
            meant = [everybody[each] for each in (roles.split(",") if gate == "staff" else ["owner"])]
            ways = [address(app, rule, {**ids.real, "case_id": each}) for each in requests]
            if all(who.open(way).status_code in NOTHING_THERE for who in meant for way in ways):
                shut.add(rule.endpoint)
    assert shut == set()
