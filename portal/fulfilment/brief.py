"""What a case asks of the sources: whom to look for, what to collect, what to change. Opens no source."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.cases import markings
from portal.cases.access import answers_of, contact_of, right_of
from portal.cases.holds import Held, held
from portal.cases.lifecycle import UNDECIDED
from portal.cases.models import Case
from portal.clock import now
from portal.fulfilment.collect import Scope
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Correction, ErasePlan, FlagPlan, LegalHold, Plan, RectifyPlan, Withheld
from portal.register import Register
from portal.rights.access import period, wants_copy
from portal.rights.base import Answers, Effect, Right, fields_of
from portal.rights.scope import scope


@dataclass(frozen=True, slots=True)
class Brief:
    """A case as the sources need to know it.

    Args:
        right: the right.
        mailbox: the address that was confirmed by a code; empty for who has none.
        claimed: another address the person says Medbook knows; proves nothing.
        account: the account that the controller's app handed over with this mailbox; empty without a hand-over.
        for_self: False where somebody asks for somebody else.
        ips: IP addresses the person gave for the server logs (Art. 11(2)).
        days: the days on which those were theirs.
        activities: slugs the request covers; None is all of them.
        scope: what to collect, for access and portability.
        wants_copy: False where only the information of Art. 15(1) is wanted.
        hold: what an order keeps from being erased.
        paused: activities in which the person's data is restricted, so that nothing is erased there (Art. 18).
    """

    right: Right
    mailbox: str = field(repr=False)
    claimed: str = field(repr=False)
    account: str = field(repr=False)
    for_self: bool
    ips: tuple[str, ...] = field(repr=False)
    days: frozenset[date] = field(repr=False)
    activities: frozenset[str] | None
    scope: Scope
    wants_copy: bool
    hold: LegalHold | None = None
    paused: frozenset[str] = frozenset()

    def subject(self, emails: tuple[str, ...]) -> Subject:
        """Return whom to look for under ``emails``."""
        return Subject(emails=emails, ips=self.ips, ip_days=self.days)

    def plan(self, content: Mapping[str, Any]) -> Plan:
        """Return what to change, given the opened content of the decision: corrections, and what was not granted."""
        without = withheld(content)
        if self.right.effect is Effect.ERASE:
            return ErasePlan(self.activities, without, self.hold, self.paused)
        if self.right.effect is Effect.RECTIFY:
            return RectifyPlan(tuple(_correction(each) for each in content.get("corrections", ())))
        return FlagPlan(self.right.slug, self._flagged(without))

    def _flagged(self, without: Withheld) -> frozenset[str]:
        """Return the activities to flag; all of them are named one by one once one is left out."""
        asked = self.activities
        if asked is None:
            asked = frozenset(self.scope.bases) if without.activities else EVERY
        return asked - without.activities

    def granted(self, content: Mapping[str, Any]) -> Scope:
        """Return what to collect, given the opened content of the decision."""
        return replace(self.scope, without=withheld(content))


EVERY: frozenset[str] = frozenset({markings.EVERY})


def brief_for(session: Session, case: Case) -> Brief:
    """Return the brief of ``case``."""
    register: Register = session.info["register"]
    right, answers, contact = right_of(case), answers_of(session, case), contact_of(session, case)
    covered = scope(right, answers, register.activities)
    slugs = frozenset(activity.slug for activity in covered.activities)
    activities = None if covered.everything and right.effect in {Effect.ERASE, Effect.COLLECT} else slugs
    trace = fields_of(answers, "trace")
    return Brief(
        right=right,
        mailbox=contact.get("email", ""),
        claimed=contact.get("known_email", ""),
        account=contact.get("account", ""),
        for_self=contact.get("acting", "self") == "self",
        ips=(trace["ip"],) if trace.get("ip") and trace.get("at") else (),
        days=frozenset({date.fromisoformat(trace["at"])}) if trace.get("at") else frozenset(),
        activities=activities,
        scope=Scope(
            right=right.slug,
            activities=activities,
            period=_period(right, answers),
            bases={activity.slug: activity.basis for activity in register.activities},
        ),
        wants_copy=right.slug != "access" or wants_copy(answers),
        hold=_hold(session, case),
        paused=markings.paused(session, case) if right.effect is Effect.ERASE else frozenset(),
    )


def withheld(content: Mapping[str, Any]) -> Withheld:
    """Return what the decision with this opened content does not grant."""
    said = content.get("without") or {}
    return Withheld(frozenset(said.get("activities", ())), frozenset(said.get("collections", ())))


def legal_hold(found: Held) -> LegalHold | None:
    """Return what an order keeps, for a plan; None where no order stands."""
    return LegalHold(None if found.whole else found.collections, found.until) if found.until else None


def _hold(session: Session, case: Case) -> LegalHold | None:
    """Return what must stay: what a decision said stays, by the holds that stood when the sources were searched for it;
    before a decision what stands now. A hold set since keeps the case from being carried out at all.
    """
    searched_at = case.located_at if case.status not in UNDECIDED else None
    return legal_hold(held(session, case, searched_at or now()))


def _period(right: Right, answers: Answers) -> tuple[date | None, date | None] | None:
    asked = period(answers) if right.slug == "access" else (None, None)
    return asked if any(asked) else None


def _correction(said: Mapping[str, Any]) -> Correction:
    key = tuple(said["key"]) if said.get("key") else None
    return Correction(field=said["field"], old=said["old"], new=said["new"], key=key)
