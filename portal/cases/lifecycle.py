"""The life of a case: statuses, the moves between them and what may never be released. Pure: no Flask, no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.words import N_


class Status(StrEnum):
    """Where a case is."""

    RECEIVED = "received"
    IDENTITY = "identity"
    DECIDING = "deciding"
    SECOND = "second"
    WAITING = "waiting"
    ANSWERED = "answered"
    CARRIED_OUT = "carried_out"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """What people read; the second pair of eyes is part of deciding to them."""
        return STATUS_TITLES[self]

    @property
    def desk_label(self) -> str:
        """What staff read."""
        return DESK_TITLES.get(self, STATUS_TITLES[self])


STATUS_TITLES = {
    Status.RECEIVED: N_("Received"),
    Status.IDENTITY: N_("Checking it is you"),
    Status.DECIDING: N_("Deciding"),
    Status.SECOND: N_("Deciding"),
    Status.WAITING: N_("Waiting for you"),
    Status.ANSWERED: N_("Answered"),
    Status.CARRIED_OUT: N_("Carried out"),
    Status.CLOSED: N_("Closed"),
    Status.WITHDRAWN: N_("Withdrawn"),
}

DESK_TITLES = {
    Status.IDENTITY: N_("Identity"),
    Status.SECOND: N_("Second pair of eyes"),
    Status.WAITING: N_("Waiting for the person"),
}

OPEN = frozenset({Status.RECEIVED, Status.IDENTITY, Status.DECIDING, Status.SECOND, Status.WAITING})
"""The statuses in which an answer is still owed."""


UNDECIDED = OPEN - {Status.SECOND}
"""The statuses in which the sources may be searched again: no decision rests on what was found."""


class Who(StrEnum):
    """Who may make a move."""

    PERSON = "person"
    REVIEWER = "reviewer"
    SECOND = "second"
    SYSTEM = "system"


class Move(StrEnum):
    """The steps a case can take."""

    SUBMIT = "submit"
    CHECK_IDENTITY = "check_identity"
    TAKE_UP = "take_up"
    CARRY_OUT_AT_ONCE = "carry_out_at_once"
    TRUST_ACCOUNT = "trust_account"
    CONFIRM_IDENTITY = "confirm_identity"
    SUSPECT = "suspect"
    DOUBT = "doubt"
    ASK = "ask"
    REPLY = "reply"
    GO_ON = "go_on"
    ANSWER = "answer"
    PROPOSE = "propose"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    REOPEN = "reopen"
    FULFIL = "fulfil"
    HAND_OVER = "hand_over"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    EXTEND = "extend"
    ANNOUNCE_FEE = "announce_fee"
    ACCEPT_FEE = "accept_fee"
    DISAGREE = "disagree"
    UPHOLD = "uphold"
    RELENT = "relent"
    TAKE_BACK = "take_back"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Rule:
    """From where, to where and by whom a move goes, with the letter and the job that follow it.

    ``to`` None means back to where the case was before it waited for the person or was answered, or with ``stays`` that
    it stays there, or with ``restores`` back to where it was when the person disagreed: answered, or carried out.
    """

    before: frozenset[Status]
    to: Status | None
    by: Who
    letter: str | None = None
    job: str | None = None
    releases: bool = False
    stays: bool = False
    restores: bool = False


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


RULES: dict[Move, Rule] = {
    Move.SUBMIT: Rule(_from(), Status.RECEIVED, Who.PERSON, job="case.locate"),  # one receipt for all sent together
    Move.CHECK_IDENTITY: Rule(_from(Status.RECEIVED), Status.IDENTITY, Who.SYSTEM),
    Move.CARRY_OUT_AT_ONCE: Rule(_from(Status.RECEIVED), Status.ANSWERED, Who.SYSTEM, job="case.fulfil", releases=True),
    Move.TRUST_ACCOUNT: Rule(_from(Status.IDENTITY), Status.DECIDING, Who.SYSTEM),
    Move.TAKE_UP: Rule(_from(Status.RECEIVED), Status.IDENTITY, Who.REVIEWER),
    Move.CONFIRM_IDENTITY: Rule(_from(Status.IDENTITY), Status.DECIDING, Who.REVIEWER),
    Move.SUSPECT: Rule(_from(Status.IDENTITY), Status.DECIDING, Who.REVIEWER),
    Move.DOUBT: Rule(_from(Status.IDENTITY), Status.WAITING, Who.REVIEWER, letter="question"),
    Move.ASK: Rule(_from(Status.IDENTITY, Status.DECIDING), Status.WAITING, Who.REVIEWER, letter="question"),
    Move.REPLY: Rule(_from(Status.WAITING), None, Who.PERSON),
    Move.GO_ON: Rule(_from(Status.WAITING), None, Who.REVIEWER),
    Move.ANSWER: Rule(
        _from(Status.DECIDING), Status.ANSWERED, Who.REVIEWER, letter="decision", job="case.fulfil", releases=True
    ),
    Move.PROPOSE: Rule(_from(Status.DECIDING), Status.SECOND, Who.REVIEWER),
    Move.CONFIRM: Rule(
        _from(Status.SECOND), Status.ANSWERED, Who.SECOND, letter="decision", job="case.fulfil", releases=True
    ),
    Move.SEND_BACK: Rule(_from(Status.SECOND), Status.DECIDING, Who.SECOND),
    Move.REOPEN: Rule(_from(Status.ANSWERED), Status.DECIDING, Who.REVIEWER, letter="reopened"),
    Move.FULFIL: Rule(_from(Status.ANSWERED), Status.CARRIED_OUT, Who.SYSTEM, letter="carried-out"),
    Move.HAND_OVER: Rule(_from(Status.ANSWERED), Status.CARRIED_OUT, Who.SYSTEM, letter="ready"),
    Move.CLOSE: Rule(_from(Status.ANSWERED, Status.CARRIED_OUT), Status.CLOSED, Who.SYSTEM, letter="closed"),
    Move.WITHDRAW: Rule(OPEN, Status.WITHDRAWN, Who.PERSON, letter="withdrawn"),
    Move.EXTEND: Rule(UNDECIDED, None, Who.REVIEWER, letter="extension", stays=True),
    Move.ANNOUNCE_FEE: Rule(_from(Status.DECIDING), Status.WAITING, Who.REVIEWER, letter="fee"),
    Move.ACCEPT_FEE: Rule(_from(Status.WAITING), None, Who.PERSON),
    Move.DISAGREE: Rule(
        _from(Status.ANSWERED, Status.CARRIED_OUT), Status.DECIDING, Who.PERSON, letter="disagreed", job="case.locate"
    ),
    Move.UPHOLD: Rule(_from(Status.DECIDING), None, Who.REVIEWER, letter="upheld", restores=True),
    Move.RELENT: Rule(_from(Status.DECIDING, Status.SECOND, Status.WAITING), None, Who.PERSON, restores=True),
    Move.TAKE_BACK: Rule(_from(Status.ANSWERED), None, Who.REVIEWER),  # to where it was answered from
    Move.SET_ASIDE: Rule(UNDECIDED, Status.CLOSED, Who.REVIEWER, letter="no-request"),  # a mail that asks no right
}


class Identity(StrEnum):
    """What is known of who the person is."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DOUBT = "doubt"
    IMPOSTOR = "impostor"
    UNPROVEN = "unproven"  # not shown; the case may only be refused or answered that nothing was found
    MAILBOX = "mailbox"  # a confirmed mailbox that the controller has on file suffices for this right
    ACCOUNT = "account"  # the controller's app handed the person over, and account and mailbox belong together


class Outcome(StrEnum):
    """What was decided."""

    GRANT = "grant"
    REFUSE = "refuse"
    NO_DATA = "no_data"

    @property
    def label(self) -> str:
        """What people read."""
        return OUTCOME_TITLES[self]


OUTCOME_TITLES = {
    Outcome.GRANT: N_("Granted"),
    Outcome.REFUSE: N_("Refused"),
    Outcome.NO_DATA: N_("No data found"),
}

HOLD = timedelta(hours=72)


class Unmet(StrEnum):
    """A condition for release that is not met."""

    NO_DECISION = "no_decision"
    IDENTITY = "identity"
    STOPPED = "stopped"
    HOLD = "hold"
    SECOND = "second"
    NOT_FOUND = "not_found"
    LEGAL_HOLD = "legal_hold"

    @property
    def sentence(self) -> str:
        """What staff read."""
        return UNMET_SENTENCES[self]


UNMET_SENTENCES = {
    Unmet.NO_DECISION: N_("There is no decision to carry out."),
    Unmet.IDENTITY: N_("It is not settled who the person is."),
    Unmet.STOPPED: N_("Somebody with an address on file stopped this request."),
    Unmet.HOLD: N_("The address is not the one on file: 72 hours must pass after the notice was delivered."),
    Unmet.SECOND: N_("A second person must look at this decision first."),
    Unmet.LEGAL_HOLD: N_("A legal hold was set since: search again, and decide with what must stay."),
    Unmet.NOT_FOUND: N_("Nobody was found in the sources: there is nothing to carry out."),
}


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What the release guard looks at."""

    identity: Identity
    stopped: bool
    found: bool
    on_file: bool
    hold_ends_at: datetime | None  # None with on_file False: a notice has not been accepted by its mail server yet
    outcome: Outcome | None
    decided_by: str | None
    confirmed_by: str | None
    needs_second: bool
    at_once: bool  # withdrawal of consent, marketing: carried out, not decided
    unreachable: bool = False  # no address on file could be told: none is known, or every notice was given up
    held_anew: bool = False  # a legal hold was set since the sources were searched or the case was decided


def unmet(facts: ReleaseFacts, at: datetime) -> tuple[Unmet, ...]:
    """Return every condition that keeps a case from being released, erased or changed at a source.

    The one guard of the house: looked at on every move that releases, before the worker touches a source and at every
    download (GHSA-qx5f in a peer: a side door that skipped it). Empty means: may be released. Where nobody on file can
    be told of the request, a second person takes the place of the 72 hours.
    """
    found: list[Unmet] = []
    settled = {Identity.CONFIRMED, Identity.ACCOUNT} | ({Identity.MAILBOX} if facts.at_once else set())
    if facts.outcome is not Outcome.GRANT and not facts.at_once:
        found.append(Unmet.NO_DECISION)
    if facts.identity not in settled:
        found.append(Unmet.IDENTITY)
    if facts.identity is Identity.MAILBOX and not facts.on_file:
        found.append(Unmet.IDENTITY)
    if facts.stopped:
        found.append(Unmet.STOPPED)
    held = facts.hold_ends_at is None or facts.hold_ends_at > at
    if not facts.on_file and not facts.unreachable and held:
        found.append(Unmet.HOLD)
    alone = facts.unreachable and not facts.on_file and facts.outcome is not Outcome.NO_DATA
    second = facts.needs_second or alone
    if second and (facts.confirmed_by is None or facts.confirmed_by == facts.decided_by):
        found.append(Unmet.SECOND)
    if not facts.found:
        found.append(Unmet.NOT_FOUND)
    if facts.held_anew:
        found.append(Unmet.LEGAL_HOLD)
    return tuple(dict.fromkeys(found))
