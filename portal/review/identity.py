"""Settling who it is: the checklist, the verdicts, and what each does. Any verdict destroys the picture's key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.audit.events import CardViewed, IdentityJudged
from portal.audit.record import Actor, record
from portal.cases.access import evidence_of
from portal.cases.lifecycle import Identity, Move, Status
from portal.cases.models import Case, Evidence
from portal.cases.moves import move
from portal.cases.representing import OTHER, SELF
from portal.cases.retention import forget_card
from portal.cases.siblings import card_siblings
from portal.clock import now
from portal.db import changed
from portal.errors import MoveRefused
from portal.review.handling import ask_person, write_note
from portal.words import N_

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the checklist.

    Attributes:
        key: how the record names it.
        title: the question, a source string.
        needed: what a doubt asks the person where the answer is no, a source string; empty where nothing can be asked.
        of_card: asked only where there is a picture to look at.
        by_search: answered by what the sources hold, not by the reviewer.
        when_for: asked only of who asks for themselves (``self``), or for somebody else (``other``); empty: of both.
    """

    key: str
    title: str
    needed: str = ""
    of_card: bool = False
    by_search: bool = False
    when_for: str = ""


CHECKS = (
    Check(
        "name",
        N_("Name matches the account"),
        N_("The name is not the one that we have on file. Did your name change? Please tell us how."),
        when_for=SELF,
    ),
    Check(
        "asker",
        N_("It is shown who asks"),
        N_("We cannot tell yet who you are. Please send us what shows it."),
        when_for=OTHER,
    ),
    Check(
        "mandate",
        N_("It is shown that they may ask for the person on file"),
        N_("How may you act for this person? Please send a mandate, or proof that you are parent or guardian."),
        when_for=OTHER,
    ),
    Check(
        "valid",
        N_("Card is valid"),
        N_("The card is no longer valid. Please send a picture of a card that is."),
        of_card=True,
    ),
    Check(
        "front",
        N_("It is the front of an identity card"),
        N_("The picture does not show the front of an identity card. Please send a picture that does."),
        of_card=True,
    ),
    Check(
        "signature",
        N_("Signed name matches"),
        N_("The name under the request is not the name of the account. Please tell us who signed it."),
        when_for=SELF,
    ),
    Check("mailbox", N_("Mailbox is on file"), by_search=True),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict: what the reviewer chooses, what stays said, and the move that follows."""

    title: str
    hint: str
    said: str
    tone: str
    move: Move


VERDICTS = {
    Identity.CONFIRMED: Verdict(
        N_("It is this person"), N_("Every answer above is yes."), N_("confirmed"), "ok", Move.CONFIRM_IDENTITY
    ),
    Identity.DOUBT: Verdict(
        N_("I doubt it"), N_("The person gets a question and can answer."), N_("in doubt"), "warn", Move.DOUBT
    ),
    Identity.UNPROVEN: Verdict(
        N_("Not shown"),
        N_("Can only be refused, or answered that nothing was found."),
        N_("not shown"),
        "warn",
        Move.SUSPECT,
    ),
    Identity.IMPOSTOR: Verdict(
        N_("Somebody else is asking"), N_("Can only be refused."), N_("somebody else suspected"), "err", Move.SUSPECT
    ),
}

SAID = {identity: verdict.said for identity, verdict in VERDICTS.items()} | {
    Identity.OPEN: N_("open"),
    Identity.MAILBOX: N_("mailbox on file"),
    Identity.ACCOUNT: N_("signed in to the account"),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the reviewer filled in.

    Attributes:
        verdict: the verdict.
        checks: answers of the reviewer, ``yes`` or ``no`` by key; those left open are absent.
        other_proof: what was shown instead of a card; kept as a note.
        question: for a doubt: what the person is asked; empty asks what is needed for each no.
        version: of the case as the reviewer saw it.
    """

    verdict: Identity
    checks: Mapping[str, str]
    other_proof: str
    question: str
    version: int


def checks_for(card: Evidence | None, *, signed: bool = True, for_other: bool = False) -> tuple[Check, ...]:
    """Return what the reviewer answers: less where there is no picture, or where nobody signed; of who asks for
    somebody else, whether they may.
    """
    asked = (check for check in CHECKS if (signed or check.key != "signature") and not check.by_search)
    asked = (check for check in asked if check.when_for in {"", OTHER if for_other else SELF})
    return tuple(check for check in asked if card is not None or not check.of_card)


def what_is_needed(checks: Mapping[str, str], language: str) -> str:
    """Return what a doubt asks the person in ``language``: a sentence for each no of ``checks``, one a line."""
    with force_locale(language):
        return "\n".join(_(check.needed) for check in CHECKS if check.needed and checks.get(check.key) == NO)


def same_picture(session: Session, card: Evidence | None) -> tuple[Case, ...] | None:
    """Return the other requests with which the picture came, of people with another mailbox; None where it is new.

    Empty means that the other request was not sent, or is gone.
    """
    if card is None:
        return None
    others = select(Evidence.case_id).where(or_(Evidence.id == (card.same_as or ""), Evidence.same_as == card.id))
    found = session.scalars(others).all()
    if not found and card.same_as is None:
        return None
    wanted = select(Case).where(Case.id.in_([each for each in found if each]), Case.id != card.case_id)
    return tuple(session.scalars(wanted.order_by(Case.received_at)))


def may_judge(case: Case) -> bool:
    """Whether a verdict is due: in the identity step, or later where nothing was shown before."""
    late = case.status is Status.DECIDING and case.identity in {Identity.UNPROVEN, Identity.DOUBT}
    return case.status is Status.IDENTITY or late


def show_card(session: Session, case: Case, by: Actor) -> Evidence:
    """Put on record that ``by`` looks at the card, and return it.

    Raises:
        MoveRefused: there is no picture any more.
    """
    card = evidence_of(session, case)
    if card is None:
        raise MoveRefused(N_("There is no picture of a card any more."))
    for each in (case, *card_siblings(session, case)):  # whoever reads the record of one of them finds the look in it
        record(session, CardViewed(evidence=card.id, role=by.role), by, each.id)
    return card


def judged_together(session: Session, case: Case) -> list[Case]:
    """Return the other cases that a verdict on ``case`` settles: sent together, asking the card, and not settled yet.

    The same person signed them from the same mailbox, with the same card.
    """
    return [each for each in card_siblings(session, case) if may_judge(each) or _leads_to(each) is not None]


def _leads_to(case: Case) -> Move | None:
    """Return the move after which a verdict is due: it was not searched for yet, or waits for an answer to a doubt."""
    if case.status is Status.RECEIVED:
        return Move.TAKE_UP
    doubted = case.status is Status.WAITING and case.identity is Identity.DOUBT
    return Move.GO_ON if doubted and case.waits_before == Status.IDENTITY.value else None


def judge(session: Session, case: Case, said: Judgement, by: Actor) -> list[str]:
    """Record a verdict and what follows from it, for all that was sent together; return the files to unlink afterwards.

    Raises:
        MoveRefused: the case changed since the reviewer looked, or no verdict is due.
    """
    if not may_judge(case) or case.version != said.version:
        raise MoveRefused
    others, card, moment = judged_together(session, case), evidence_of(session, case), now()
    proof = "other" if said.other_proof else "card" if card is not None else "none"
    for each in (case, *others):
        if step := _leads_to(each):
            move(session, each, step, by)
        _judge_one(session, each, said, proof, by, moment)
    return forget_card(session, card, "verdict", moment) if card is not None else []


def _judge_one(session: Session, case: Case, said: Judgement, proof: str, by: Actor, moment: datetime) -> None:
    late = case.status is Status.DECIDING
    unchanged = update(Case).where(Case.id == case.id, Case.version == case.version)
    values = {"identity": said.verdict, "identity_at": moment, "version": case.version + int(late)}
    if not changed(session, unchanged.values(**values)):
        raise MoveRefused
    session.refresh(case)
    answers = {**said.checks, "mailbox": YES if case.on_file else NO}
    checks = " ".join(f"{key}={answer}" for key, answer in answers.items())
    record(session, IdentityJudged(verdict=said.verdict.value, proof=proof, checks=checks), by, case.id)
    if said.other_proof:
        write_note(session, case, said.other_proof, by)
    _follow(session, case, said, by, late)


def _follow(session: Session, case: Case, said: Judgement, by: Actor, late: bool) -> None:
    step = VERDICTS[said.verdict].move
    if said.verdict is Identity.DOUBT:
        question = said.question or what_is_needed(said.checks, case.language)
        ask_person(session, case, question, by, Move.ASK if late else Move.DOUBT)
    elif not late:
        move(session, case, step, by)
