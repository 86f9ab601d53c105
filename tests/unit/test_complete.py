"""No letter refuses, also in part, without ground, facts, reason, authority and court (Art. 12(4)): every ground."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from portal.cases.complete import Gap, gaps
from portal.cases.grounds import GROUNDS
from portal.cases.letters import DecisionLetter
from portal.cases.lifecycle import Outcome
from portal.cases.parts import Balance, EarlierRequest, Other, Part, Parts
from portal.cases.remedies import remedies
from portal.rights import RIGHTS

DAY = date(2026, 3, 12)
WHOLE = Parts(
    refused=(Part("Invoices", 3),),
    earlier=(EarlierRequest("MB-AAAA-00", date(2026, 1, 2), date(2026, 1, 20)),),
    evidence="Nothing changed since.",
    balance=Balance("We must", 3, "They could", 2, "Nothing milder"),
    others=(Other("committee", "Committee", "info@committee.example", "recognition"),),
)
GROUNDS_OF = [(right.slug, ground) for right in RIGHTS.values() for ground in right.grounds]
RESIDENCES = ("be", "nl", "other", "")


def letter(right: str, ground: str, residence: str, partly: bool) -> DecisionLetter:
    """Return a refusal, or a grant in part, that lacks nothing."""
    return DecisionLetter(
        reference="MB-BBBB-00",
        right=right,
        received_on=DAY,
        outcome=Outcome.GRANT if partly else Outcome.REFUSE,
        ground=GROUNDS[ground],
        reason="Because.",
        facts="The facts.",
        kept=(),
        changes=(),
        remedies=remedies(residence, DAY),
        decided_on=DAY,
        partly=partly,
        parts=WHOLE,
    )


@pytest.mark.parametrize(("right", "ground"), GROUNDS_OF)
def test_a_refusal_goes_only_with_everything_the_law_wants(right: str, ground: str) -> None:
    for residence, partly in product(RESIDENCES, (False, True)):
        whole = letter(right, ground, residence, partly)
        assert gaps(whole, residence) == ()
        assert Gap.GROUND in gaps(replace(whole, ground=None), residence)
        assert Gap.FACTS in gaps(replace(whole, facts=" "), residence)
        assert Gap.REASON in gaps(replace(whole, reason=""), residence)
        assert Gap.AUTHORITY in gaps(replace(whole, remedies=replace(whole.remedies, authorities=())), residence)
        assert Gap.COURT in gaps(replace(whole, remedies=replace(whole.remedies, court="")), residence)


def test_somebody_who_lives_in_the_netherlands_reads_of_their_authority_and_of_the_last_day_for_the_court() -> None:
    whole = letter("access", "repeated", "nl", partly=False)
    belgian = replace(whole.remedies, authorities=remedies("be", DAY).authorities)
    assert gaps(replace(whole, remedies=belgian), "nl") == (Gap.AUTHORITY,)
    assert gaps(replace(whole, remedies=replace(whole.remedies, court_before=None)), "nl") == (Gap.COURT,)
    assert gaps(replace(whole, remedies=remedies("nl", DAY, late=True)), "nl") == ()


def test_a_letter_says_the_last_day_for_the_court_or_that_no_law_sets_one() -> None:
    for residence in RESIDENCES:
        whole = letter("access", "repeated", residence, partly=False)
        silent = replace(whole.remedies, court_before=None, no_last_day="")
        assert gaps(replace(whole, remedies=silent), residence) == (Gap.COURT,)


@pytest.mark.parametrize(
    ("right", "ground", "parts", "gap"),
    [
        ("access", "repeated", replace(WHOLE, earlier=()), Gap.EARLIER),
        ("access", "excessive", replace(WHOLE, evidence=" "), Gap.EVIDENCE),
        ("access", "unfounded", replace(WHOLE, evidence=""), Gap.EVIDENCE),
        ("object", "compelling-interest", replace(WHOLE, balance=None), Gap.BALANCE),
        ("object", "compelling-interest", replace(WHOLE, balance=Balance("We", 2, "They", 2, "None")), Gap.BALANCE),
        ("object", "compelling-interest", replace(WHOLE, balance=Balance("We", 3, "They", 2, "")), Gap.BALANCE),
        ("access", "not-controller", replace(WHOLE, others=()), Gap.OTHERS),
    ],
)
def test_what_a_ground_rests_on_is_in_the_letter(right: str, ground: str, parts: Parts, gap: Gap) -> None:
    assert gaps(replace(letter(right, ground, "be", partly=False), parts=parts), "be") == (gap,)


def test_a_grant_in_part_says_which_part_is_refused() -> None:
    bare = replace(letter("access", "rights-of-others", "be", partly=True), parts=replace(WHOLE, refused=()))
    assert gaps(bare, "be") == (Gap.PARTS,)
