"""The life of a case: the table of moves, and the one guard that no path of up to eight steps gets around."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from portal.cases.lifecycle import (
    OPEN,
    RULES,
    Identity,
    Move,
    Outcome,
    ReleaseFacts,
    Status,
    Unmet,
    Who,
    unmet,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
MAIL = Path(__file__).parents[2] / "templates" / "mail"
STEPS = 8
DONE = ReleaseFacts(
    identity=Identity.CONFIRMED,
    stopped=False,
    found=True,
    on_file=True,
    hold_ends_at=None,
    outcome=Outcome.GRANT,
    decided_by="rex",
    confirmed_by=None,
    needs_second=False,
    at_once=False,
)


def every_fact() -> Iterator[ReleaseFacts]:
    """Give every combination of what the guard looks at."""
    yes_no = (False, True)
    for identity, stopped, found, on_file, hold, outcome, confirmed, second, at_once, alone in product(
        Identity,
        yes_no,
        yes_no,
        yes_no,
        (None, PAST, NOW, FUTURE),
        (None, *Outcome),
        (None, "rex", "max"),
        yes_no,
        yes_no,
        yes_no,
    ):
        yield ReleaseFacts(
            identity=identity,
            stopped=stopped,
            found=found,
            on_file=on_file,
            hold_ends_at=hold,
            outcome=outcome,
            decided_by="rex",
            confirmed_by=confirmed,
            needs_second=second,
            at_once=at_once,
            unreachable=alone,
        )


def is_safe(facts: ReleaseFacts) -> bool:
    """Say in other words than the guard whether a case may be released."""
    known = facts.identity in {Identity.CONFIRMED, Identity.ACCOUNT} or (
        facts.at_once and facts.identity is Identity.MAILBOX and facts.on_file
    )
    nobody_told = facts.unreachable and not facts.on_file
    waited = facts.on_file or nobody_told or (facts.hold_ends_at is not None and facts.hold_ends_at <= NOW)
    decided = facts.at_once or facts.outcome is Outcome.GRANT
    alone = nobody_told and facts.outcome is not Outcome.NO_DATA
    seen_by_two = facts.confirmed_by == "max" or not (facts.needs_second or alone)
    return known and waited and decided and seen_by_two and facts.found and not facts.stopped


def test_the_guard_lets_through_what_is_safe_and_nothing_else() -> None:
    assert all((unmet(facts, NOW) == ()) is is_safe(facts) for facts in every_fact())


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"outcome": None}, Unmet.NO_DECISION),
        ({"outcome": Outcome.REFUSE}, Unmet.NO_DECISION),
        ({"identity": Identity.OPEN}, Unmet.IDENTITY),
        ({"identity": Identity.DOUBT}, Unmet.IDENTITY),
        ({"identity": Identity.MAILBOX}, Unmet.IDENTITY),
        ({"stopped": True}, Unmet.STOPPED),
        ({"on_file": False}, Unmet.HOLD),
        ({"on_file": False, "hold_ends_at": FUTURE}, Unmet.HOLD),
        ({"needs_second": True}, Unmet.SECOND),
        ({"needs_second": True, "confirmed_by": "rex"}, Unmet.SECOND),
        ({"found": False}, Unmet.NOT_FOUND),
        ({"on_file": False, "unreachable": True}, Unmet.SECOND),
    ],
)
def test_each_missing_condition_is_named(change: dict[str, object], missing: Unmet) -> None:
    assert unmet(DONE, NOW) == ()
    assert unmet(replace(DONE, **change), NOW) == (missing,)  # type: ignore[arg-type] # names are checked by replace
    assert missing.sentence.endswith(".")


@dataclass(frozen=True, slots=True)
class Walk:
    """A case somewhere on its way; ``released`` is whether something left or changed for it."""

    status: Status
    before: Status | None
    facts: ReleaseFacts
    released: bool = False


def next_steps(walk: Walk) -> Iterator[Walk]:
    """Give every place one step on: a move of the table, with every verdict and decision staff could come to."""
    for move, rule in RULES.items():
        if walk.status not in rule.before:
            continue
        for facts in _acts(move, walk):
            if not rule.releases:
                yield _go(walk, move, facts, released=walk.released)
            elif unmet(facts, NOW) == ():
                yield _go(walk, move, facts, released=True)
            elif facts.outcome in {Outcome.REFUSE, Outcome.NO_DATA} and Unmet.SECOND not in unmet(facts, NOW):
                yield _go(walk, move, facts, released=walk.released)  # a letter only


def _acts(move: Move, walk: Walk) -> Iterator[ReleaseFacts]:
    facts = walk.facts
    match move:
        case Move.CONFIRM_IDENTITY:
            yield replace(facts, identity=Identity.CONFIRMED)
        case Move.TRUST_ACCOUNT:
            yield replace(facts, identity=Identity.ACCOUNT)
        case Move.SUSPECT:
            yield replace(facts, identity=Identity.IMPOSTOR)
            yield replace(facts, identity=Identity.UNPROVEN)
        case Move.DOUBT:
            yield replace(facts, identity=Identity.DOUBT)
        case Move.ANSWER | Move.PROPOSE:
            for outcome, second in product(Outcome, (False, True)):
                yield replace(facts, outcome=outcome, needs_second=second, confirmed_by=None)
        case Move.CONFIRM:
            yield replace(facts, confirmed_by="rex")
            yield replace(facts, confirmed_by="max")
        case _:
            yield facts


def _go(walk: Walk, move: Move, facts: ReleaseFacts, *, released: bool) -> Walk:
    back = Status.ANSWERED if RULES[move].restores else walk.before
    target = walk.status if RULES[move].stays else RULES[move].to or back
    assert target is not None, f"{move} leads back to where it waited, and nothing waited"
    if move in {Move.REOPEN, Move.DISAGREE} or RULES[move].restores:  # what was released before counts no more
        facts, released = replace(facts, outcome=None, confirmed_by=None), False
    before = walk.before if RULES[move].stays else walk.status if target is Status.WAITING else None
    return Walk(target, before, facts, released)


def worlds() -> Iterator[Walk]:
    """Give a fresh case in every world: who is on file, found, stopped, and when the hold ends."""
    yes_no = (False, True)
    holds = (None, PAST, FUTURE)
    for stopped, found, on_file, hold, at_once, alone in product(yes_no, yes_no, yes_no, holds, yes_no, yes_no):
        for identity in (Identity.OPEN, Identity.MAILBOX) if at_once else (Identity.OPEN,):
            facts = replace(
                DONE,
                identity=identity,
                stopped=stopped,
                found=found,
                on_file=on_file,
                hold_ends_at=hold,
                outcome=None,
                at_once=at_once,
                unreachable=alone,
            )
            yield Walk(Status.RECEIVED, None, facts)


def test_no_path_of_eight_steps_releases_what_is_not_safe() -> None:
    reached, front = set[Walk](), set(worlds())
    for _ in range(STEPS):
        front = {after for walk in front for after in next_steps(walk)} - reached
        reached |= front
    released = [walk for walk in reached if walk.released]
    assert all(is_safe(walk.facts) for walk in released)
    assert {walk.facts.at_once for walk in released} == {False, True}
    assert {walk.facts.needs_second for walk in released} == {False, True}
    assert {walk.status for walk in reached} == set(Status)


def test_every_move_has_one_rule() -> None:
    assert set(RULES) == set(Move)


def test_only_what_is_guarded_leads_to_an_answer() -> None:
    assert {move for move, rule in RULES.items() if rule.to is Status.ANSWERED} == {
        move for move, rule in RULES.items() if rule.releases
    }


def test_what_releases_is_never_the_persons_own_move() -> None:
    assert all(rule.by is not Who.PERSON for rule in RULES.values() if rule.releases)


def test_a_closed_or_withdrawn_case_goes_nowhere() -> None:
    assert not any(rule.before & {Status.CLOSED, Status.WITHDRAWN} for rule in RULES.values())


def test_a_person_can_withdraw_as_long_as_an_answer_is_owed() -> None:
    assert RULES[Move.WITHDRAW].before == OPEN


def test_the_second_pair_of_eyes_is_part_of_deciding_to_the_person() -> None:
    assert Status.SECOND.label == Status.DECIDING.label
    assert Status.SECOND.desk_label != Status.DECIDING.desk_label


def test_every_letter_of_the_table_is_written() -> None:
    wanted = {rule.letter for rule in RULES.values() if rule.letter}
    assert wanted <= {folder.name for folder in MAIL.iterdir() if folder.is_dir()}
