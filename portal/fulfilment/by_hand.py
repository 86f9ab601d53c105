"""Which manual tasks a granted request needs, and what was answered to them."""

from collections.abc import Mapping
from typing import Any

from portal.cases.asked_by_hand import waits_for_hand
from portal.cases.models import Case
from portal.cases.tasks import Found, Wanted, found_by_hand, make_tasks
from portal.clock import now
from portal.db import Database
from portal.fulfilment.brief import Brief
from portal.fulfilment.collect import PORT, PORTABLE_BASES
from portal.fulfilment.trials import LOOK_AGAIN
from portal.jobs.worker import TryLater
from portal.sources import DataMap
from portal.sources.hands import Manual


def tasks_needed(data_map: DataMap, brief: Brief, content: Mapping[str, Any]) -> list[Wanted]:
    """Return a task for each manual source that holds something of an activity that was granted.

    Args:
        data_map: the data map.
        brief: what the request covers.
        content: the opened content of the decision; empty for what is carried out at once.
    """
    return [
        Wanted(each.key, each.title, each.look_for, each.role, each.colleague, each.days_before)
        for each in data_map.manual.values()
        if _concerned(each, brief, content)
    ]


def ask_hands(database: Database, case: Case, wanted: list[Wanted]) -> list[Found]:
    """Make the tasks of ``case`` that are not there yet, and return what was answered to all of them.

    Args:
        database: where tasks are kept.
        case: the case.
        wanted: what the data map says that it needs; a reviewer may have asked more.

    Raises:
        TryLater: one of them waits; the last answer wakes the work sooner.
    """
    sources = [each.source for each in wanted]
    if wanted:
        with database.writing() as session:
            make_tasks(session, session.get_one(Case, case.id), wanted)
    with database.reader() as session:
        found = found_by_hand(session, case, sources)
        if waits_for_hand(session, case) or not {each.source for each in found} >= set(sources):
            raise TryLater(now() + LOOK_AGAIN)
    return found


def _concerned(source: Manual, brief: Brief, content: Mapping[str, Any]) -> bool:
    scope = brief.granted(content)
    slugs = set(source.activities) - scope.without.activities
    if brief.activities is not None:
        slugs &= brief.activities
    if brief.right.slug == PORT:  # Art. 20(1)(a)
        slugs = {slug for slug in slugs if scope.bases.get(slug) in PORTABLE_BASES}
    return bool(slugs)
