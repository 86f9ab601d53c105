"""Looking changes nothing: every GET route of the URL map is visited by somebody it is for, and the database is equal.

A route that nobody here knows how to visit fails: give it its values in ``known``.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from werkzeug.routing import Rule

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Role
from portal.clock import now, today
from portal.config import LANGUAGES
from portal.delivery.views import WINDOWS
from portal.review.views_activation import ACTIVATING
from portal.review.views_identity import CARD_VIEW
from portal.tracking.views import FINDING
from tests.support.critic import Critic
from tests.support.fingerprint import digest
from tests.support.portals import make_settings, portal
from tests.support.visitors import just_in, visitor
from tests.support.world import World, make_world

CONSUMES = {
    "review.picture": {"server_sessions"},
    **{page: {"presences"} for page in ("review.case", "review.second", "review.presence")},
}
"""One logged look at a card gives one picture: the browser's session forgets it. Who has a request open is seen by the
others (architecture.md lets a look say so). Nothing else may be used up."""
SHOWN = {"front": 302, "review.next_due": 302, "feed.flags": 404, "review.copy_page": 404, "intake.not_me": 303}
SHOWN |= {"intake.way_back": 404}  # tests/web/test_coming_back.py looks at it with the word of a browser
"""Pages that, rightly, send on to another, or are closed without a token, a copy or a hand-over; others answer 200."""
VIEW = "0123456789abcdef" * 2
Values = dict[str, object]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give a demo portal: it has every route there is."""
    with portal(make_settings(tmp_path_factory.mktemp("look"), demo=True, smtp=None)) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False  # a page that breaks is named with the others
        yield app


@pytest.fixture(scope="module")
def world(demo: Flask) -> World:
    """Give something to look at."""
    return make_world(demo)


def known(world: World, endpoint: str) -> list[Values]:
    """Return what to fill into an address of ``endpoint``, by the names in its path: one set for each visit."""
    usual: Values = {
        "language": "nl",
        "conversation_id": world.draft,
        "case_id": world.open_case,
        "token": world.stop_token,
        "view": VIEW,
        "number": 0,
        "part": 0,
        "page": 0,
        "build": "any",
        "name": "portal.css",
        "member_id": world.desk.invited,
        "year": today().year,
        "task_id": world.task,
    }
    cases = [world.open_case, world.second_case, world.finished_case]
    special: dict[str, list[Values]] = {
        "intake.turn": [{"step": step} for step in world.steps],
        "intake.right": [{"number": number} for number in (1, 2)],
        "intake.received": [{"conversation_id": world.sent}],
        "tracking.status": [{"case_id": case} for case in cases],
        "review.case": [{"case_id": case} for case in cases],
        "tracking.ask_disagree": [{"case_id": world.finished_case}],
        "delivery.receive": [{"token": world.receive_token}],
        "tracking.told": [{"token": world.told_token}],
        "intake.handover": [{"token": world.handover_token}],
        "intake.resume": [{"token": world.resume_token}],
        "review.activate": [{"token": world.desk.activate_token}],
        "review.second": [{"case_id": world.second_case}],
        **{f"intake.{page}": [{"case_id": world.doubted_case}] for page in ("new_card", "new_mask", "new_picture")},
    }
    if endpoint.startswith("delivery.") and endpoint not in special:
        return [{**usual, "case_id": world.finished_case}]
    return [{**usual, **values} for values in special.get(endpoint, [{}])]


def visits(app: Flask, world: World) -> Iterator[tuple[Rule, Values | None]]:
    """Give every rule that answers a GET with values for it, in every language; None where a value is missing."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        for values in known(world, rule.endpoint):
            if not rule.arguments <= set(values):
                yield rule, None
                continue
            for language in LANGUAGES if "language" in rule.arguments else ("nl",):
                yield rule, {name: {**values, "language": language}[name] for name in rule.arguments}


def entitled(app: Flask, world: World, rule: Rule, values: Values) -> Critic:
    """Return the browser of somebody whom the gate of ``rule`` lets in."""
    gate, _, roles = str(getattr(app.view_functions[rule.endpoint], "__gate__", "")).partition(":")
    until = (now() + timedelta(hours=1)).isoformat()
    look = {"case": world.open_case, "card": world.card, "view": VIEW, "until": until}
    named = roles.split(",") if roles else [Role.REVIEWER.value]
    role = Role.REVIEWER if Role.REVIEWER.value in named else Role(named[0])
    sessions: dict[str, dict[str, object]] = {
        "public": {FINDING: world.mailbox, ACTIVATING: {"id": world.desk.begun, "until": until}},
        "conversation": {CONVERSATION: values.get("conversation_id"), MAILBOX: world.mailbox},
        "person": {MAILBOX: world.mailbox, WINDOWS: {world.package: until}},
        "staff": {**just_in(world.staff[role]), CARD_VIEW: look},
    }
    return visitor(app, sessions[gate])


def test_every_get_shows_something_and_changes_nothing(demo: Flask, world: World) -> None:
    faults: list[str] = []
    for rule, values in visits(demo, world):
        if values is None:
            faults.append(f"{rule.endpoint}: nobody knows how to visit {rule.rule}")
            continue
        browser = entitled(demo, world, rule, values)
        address = demo.url_map.bind("localhost").build(rule.endpoint, values)
        before = digest(demo)
        with time_machine.travel(now() + timedelta(minutes=2)):  # long enough for a session to be seen again
            answer = browser.get(address)
        changed = {table for table, fingerprint in digest(demo).items() if fingerprint != before[table]}
        if answer.status_code != SHOWN.get(rule.endpoint, 200):
            faults.append(f"{rule.endpoint}: {address} answered {answer.status_code} {answer.location or ''}")
        if changed - CONSUMES.get(rule.endpoint, set()):
            faults.append(f"{rule.endpoint}: looking changed {sorted(changed)}")
    assert "\n".join(faults) == ""
