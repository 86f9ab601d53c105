"""What of the queue may be looked at: the fixed views, a place in one of them, and both as they stand in an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, String, and_, literal_column, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from portal.accounts.models import Staff
from portal.cases.lifecycle import OPEN, Status
from portal.cases.models import GIVEN_ANSWER, Case, one_of
from portal.config import LANGUAGES
from portal.rights import RIGHTS
from portal.words import N_

DUE, MINE, ALL = "due", "mine", "all"
NEVER_HIDDEN = timedelta(days=3)
"""What is due within this time is shown, whoever put it aside."""

Condition: TypeAlias = ColumnElement[bool]


class Unindexed(ColumnElement[str]):
    """A column that SQLite, which guesses, must not go through an index by. PostgreSQL counts, and needs no telling."""

    inherit_cache = True
    type = String()
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 # as SQLAlchemy names it

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


@compiles(Unindexed)
def _as_it_is(element: Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.column, **how)


@compiles(Unindexed, "sqlite")
def _with_a_plus(element: Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return f"+{compiler.process(element.column, **how)}"


def has_one_of(statuses: frozenset[Status]) -> Condition:
    """Return that a case has one of ``statuses``, in the words of the partial indexes."""
    return literal_column(one_of(statuses))


def is_awake(today: date) -> Condition:
    """Return that a case is not put aside on ``today``; what is due within three days never is."""
    return or_(Case.sleeps_until.is_(None), Case.sleeps_until <= today, Case.due_on <= today + NEVER_HIDDEN)


@dataclass(frozen=True, slots=True)
class View:
    """A fixed view of the queue. ``statuses`` None means every status, also the closed ones, which nobody counts."""

    slug: str
    title: str
    statuses: frozenset[Status] | None
    free: bool = False  # only what nobody has taken
    own: bool = False  # only what is mine
    awake: bool = False  # without what was put aside
    asleep: bool = False  # only what was put aside

    @property
    def led_by_filters(self) -> bool:
        """Whether there is an index for this view with each filter; else the index of the view is the shorter one."""
        return self.slug in {DUE, ALL}

    @property
    def counted(self) -> bool:
        """Whether its rows are counted on every page."""
        return self.statuses is not None and self.statuses <= OPEN

    def condition(self, member: Staff, today: date) -> Condition:
        """Return what a row of this view fulfils, for ``member``."""
        parts: list[Condition] = []
        if self.statuses is not None:
            alone = len(self.statuses) == 1
            parts.append(Case.status == next(iter(self.statuses)) if alone else has_one_of(self.statuses))
        if self.free:
            parts.append(Case.assigned_to.is_(None))
        if self.own:
            parts.append(Case.assigned_to == member.id)
        if self.awake:
            parts.append(is_awake(today))
        if self.asleep:
            parts += [Case.sleeps_until.is_not(None), ~is_awake(today)]
        return and_(true(), *parts)


VIEWS = {
    view.slug: view
    for view in (
        View(DUE, N_("Due first"), OPEN, awake=True),
        View(MINE, N_("Mine"), OPEN, own=True, awake=True),
        View("new", N_("New"), OPEN, free=True, awake=True),
        View("identity", N_("Identity"), frozenset({Status.IDENTITY})),
        View("waiting", N_("Waiting for the person"), frozenset({Status.WAITING})),
        View("second", N_("Second pair of eyes"), frozenset({Status.SECOND})),
        View("aside", N_("Aside"), OPEN, asleep=True),
        View("answered", N_("Answered"), GIVEN_ANSWER),
        View(ALL, N_("All"), None),
    )
}


@dataclass(frozen=True, slots=True)
class Key:
    """The place of a row in the queue, written in the address as ``2026-12-22.<id>``."""

    due_on: date
    case_id: str

    def __str__(self) -> str:
        return f"{self.due_on.isoformat()}.{self.case_id}"

    @classmethod
    def of(cls, case: Case) -> "Key":
        """Return the place of ``case``."""
        return cls(case.due_on, case.id)

    @classmethod
    def read(cls, text: str | None) -> "Key | None":
        """Return the place that ``text`` names, or None."""
        day, _, case_id = (text or "").partition(".")
        try:
            return cls(date.fromisoformat(day), case_id) if case_id else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue is looked at."""

    view: View
    right: str = ""
    language: str = ""
    after: Key | None = None
    before: Key | None = None

    @classmethod
    def read(cls, said: Mapping[str, str]) -> "Wanted":
        """Return what an address or a form asks for; what it says wrongly is as if it were not said."""
        return cls(
            view=VIEWS.get(said.get("view", DUE), VIEWS[DUE]),
            right=said.get("right", "") if said.get("right") in RIGHTS else "",
            language=said.get("language", "") if said.get("language") in LANGUAGES else "",
            after=Key.read(said.get("after")),
            before=Key.read(said.get("before")),
        )

    @property
    def filters(self) -> dict[str, str]:
        """View and filters as they stand in an address, without the place."""
        said = {"view": self.view.slug, "right": self.right, "language": self.language}
        return {name: value for name, value in said.items() if value}

    @property
    def address(self) -> dict[str, str]:
        """Everything, as it stands in an address."""
        places = {"after": self.after, "before": self.before}
        return self.filters | {name: str(key) for name, key in places.items() if key}

    def condition(self, member: Staff, today: date) -> Condition:
        """Return what a row of the view and its filters fulfils, wherever its place."""
        kept = self.view.condition(member, today)
        columns = Case.__table__.c
        for column, value in ((columns.right_slug, self.right), (columns.language, self.language)):
            if value:
                kept = kept & ((column if self.view.led_by_filters else Unindexed(column)) == value)
        return kept
