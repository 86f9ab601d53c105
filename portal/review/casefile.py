"""Everything the desk shows of one case, opened and put into the reader's language. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.audit.record import Actor
from portal.cases.access import (
    answers_of,
    awaited_copy,
    contact_of,
    decision_content,
    decision_of,
    evidence_of,
    right_of,
    signature_of,
    text_of,
)
from portal.cases.attachments import Sent, attachments_of
from portal.cases.disagreements import Again, again_of
from portal.cases.extension import Extension, extension_of, why_not_extend
from portal.cases.fees import Announced, fee_of, why_no_fee
from portal.cases.holds import Held, held
from portal.cases.letter_papers import LetterPaper, letter_paper_of
from portal.cases.letters import DecisionLetter, compose, hold_ends_at, mails_of
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Author, Case, Decision, Evidence, Paper
from portal.cases.papers import Added, amendments_of, papers_of
from portal.cases.siblings import siblings
from portal.cases.signing import Undersigned
from portal.clock import local, now, today
from portal.register import Register
from portal.register.reading import retold
from portal.review.decisions import obstacles
from portal.review.earlier import Earlier
from portal.review.findings import Findings, load_findings
from portal.review.handling import is_own
from portal.review.history import Entry, Judged, entries_of, in_words, last_verdict, viewed_by
from portal.review.identity import judged_together, may_judge, same_picture
from portal.review.letter_titles import LETTERS, MAIL_STATES
from portal.review.obstacles import Obstacle, needs_second, pause_asked, untold
from portal.review.parts import Offered, offered
from portal.review.pauses import Pause, pause_of
from portal.review.queue import colleagues, names_of_staff
from portal.review.recovery import Stuck, stuck
from portal.review.shown_tasks import ShownTask, shown_tasks
from portal.review.sleeping import may_sleep_until
from portal.rights.base import Answers, Right
from portal.words import N_

RESIDENCES = {"be": N_("Belgium"), "nl": N_("The Netherlands"), "other": N_("Another country")}

PARTLY = N_("Granted in part")


@dataclass(frozen=True, slots=True)
class Said:
    """A message or note, opened."""

    at: datetime
    author: Author
    name: str
    text: str
    files: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A mail about this case: which letter, and what became of it. No address."""

    at: datetime
    title: str
    state: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """The decision that stands there, with its letter."""

    decision: Decision
    content: Mapping[str, object]
    letter: DecisionLetter
    decided_by: str
    confirmed_by: str

    @property
    def said(self) -> str:
        """What was decided, a source string."""
        return PARTLY if self.letter.partly else self.decision.outcome.label


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as the desk sees it."""

    case: Case
    right: Right
    name: str
    contact: Mapping[str, str]
    asked: tuple[tuple[str, str], ...]
    other_proof: str
    handed_over_at: datetime | None
    items: tuple[Mapping[str, str], ...]
    signed: Undersigned
    added: tuple[Added, ...]
    papers: tuple[Paper, ...]
    letter_paper: LetterPaper | None
    tasks: tuple[ShownTask, ...]
    earlier: tuple[Earlier, ...]
    together: tuple[Case, ...]
    judged_with: tuple[Case, ...]
    copy_first: Case | None
    record: tuple[Entry, ...]
    notes: tuple[Said, ...]
    messages: tuple[Said, ...]
    mails: tuple[Post, ...]
    findings: Findings
    offer: Offered
    extension: Extension | None
    not_extendable: str | None
    fee: Announced | None
    no_fee: str | None
    pause: Case | None
    card: Evidence | None
    card_viewed: bool
    same_picture: tuple[Case, ...] | None
    judged: Judged | None
    judging: bool
    hold_ends_at: datetime | None
    held: Held
    obstacles: tuple[Obstacle, ...]
    second_on_grant: bool
    untold: bool
    stuck: Stuck
    paused: Pause | None
    proposal: Proposal | None
    owner: str
    mine: bool
    own: bool
    again: Again | None
    barred: bool
    colleagues: tuple[Staff, ...]
    sleeps_at_most: date | None


def open_file(session: Session, case: Case, member: Staff, by: Actor, language: str) -> CaseFile:
    """Return the file of ``case`` for ``member``, in ``language``.

    Raises:
        KeyDestroyed: the content of this case was forgotten.
    """
    right, answers, contact = right_of(case), answers_of(session, case), contact_of(session, case)
    register: Register = session.info["register"]
    together = siblings(session, case)
    findings = load_findings(session, case)
    offer = offered(session, case, findings)
    names, entries, card = names_of_staff(session), entries_of(session, case), evidence_of(session, case)
    said, again = _said(session, case, names), again_of(session, case)
    decided = again.decided if again is not None and again.is_open else frozenset()
    return CaseFile(
        case=case,
        right=right,
        name=contact.get("name", ""),
        contact=contact,
        asked=tuple(retold(right.questions, answers, register, language, _)),
        other_proof=_other_proof(contact),
        handed_over_at=datetime.fromisoformat(contact["handed_over_at"]) if "handed_over_at" in contact else None,
        items=_items(answers),
        signed=signature_of(session, case),
        added=tuple(amendments_of(session, case)),
        papers=tuple(papers_of(session, case)),
        letter_paper=letter_paper_of(session, case),
        tasks=shown_tasks(session, case, member),
        earlier=offer.earlier,
        together=tuple(together),
        judged_with=tuple(judged_together(session, case)),
        copy_first=awaited_copy(session, case),
        record=tuple(in_words(entries, names)),
        notes=tuple(each for each in said if each.author is Author.NOTE),
        messages=tuple(each for each in said if each.author is not Author.NOTE),
        mails=_mails(session, case),
        findings=findings,
        offer=offer,
        extension=extension_of(session, case),
        not_extendable=why_not_extend(session, case, today()),
        fee=fee_of(session, case),
        no_fee=why_no_fee(session, case),
        pause=pause_asked(session, case),
        card=card,
        card_viewed=card is not None and viewed_by(entries, card.id, member.id),
        same_picture=same_picture(session, card),
        judged=last_verdict(entries, names),
        judging=may_judge(case),
        hold_ends_at=hold_ends_at(session, case),
        held=held(session, case, now()),
        obstacles=obstacles(session, case, Outcome.GRANT, by),
        second_on_grant=needs_second(session, case, Outcome.GRANT),
        untold=untold(session, case),
        stuck=stuck(session, case),
        paused=pause_of(session, case),
        proposal=_proposal(session, case, names),
        owner=names.get(case.assigned_to or "", ""),
        mine=case.assigned_to == member.id,
        own=is_own(session, case, member),
        again=again,
        barred=member.id in decided,
        sleeps_at_most=may_sleep_until(case, today()),
        colleagues=tuple(
            each for each in colleagues(session, member) if not is_own(session, case, each) and each.id not in decided
        ),
    )


def _other_proof(contact: Mapping[str, str]) -> str:
    way, note = contact.get("other_proof", ""), contact.get("other_proof_note", "")
    return "\n".join(part for part in (_(way) if way else "", note) if part)


def _items(answers: Answers) -> tuple[Mapping[str, str], ...]:
    return tuple(item for item in answers.get("items", ()) if isinstance(item, dict))


def _said(session: Session, case: Case, names: Mapping[str, str]) -> list[Said]:
    files = attachments_of(session, case)
    return [
        Said(
            each.created_at,
            each.author,
            names.get(each.staff_id or "", ""),
            text_of(session, each),
            files.get(each.id, ()),
        )
        for each in case.messages
    ]


def _mails(session: Session, case: Case) -> tuple[Post, ...]:
    return tuple(
        Post(
            at=mail.sent_at or mail.queued_at,
            title=_(LETTERS.get(mail.letter, mail.letter)),
            state=_(MAIL_STATES[mail.state.value]),
            failed=mail.state.value in {"failed", "bounced"},
        )
        for mail in mails_of(session, case)
    )


def _proposal(session: Session, case: Case, names: Mapping[str, str]) -> Proposal | None:
    decision = decision_of(session, case)
    if decision is None:
        return None
    content = decision_content(session, decision)
    sent = case.answered_at if case.status not in {Status.DECIDING, Status.SECOND} else None
    return Proposal(
        decision=decision,
        content=content,
        letter=compose(case, decision, content, local(sent or now()).date()),
        decided_by=names.get(decision.decided_by, ""),
        confirmed_by=names.get(decision.confirmed_by or "", ""),
    )
