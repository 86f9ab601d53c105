"""Impostors, story by story: nothing is released, nothing changes at a source, one notice goes out, one entry says it.

Each story drives the portal by its pages, its worker and its post, on real databases; ``cast.py`` makes the list.
"""

from collections.abc import Iterator
from pathlib import Path as Folder

import pytest
from sqlalchemy import func, select

from portal.audit.events import CaseStopped, IdentityJudged, NoticeQueued, PackageMade, SourceChanged
from portal.audit.record import AuditEntry
from portal.cases.letters import NOTICE, RECEIPT
from portal.cases.lifecycle import Identity
from portal.cases.models import Package
from portal.mail.outbox import Mail
from portal.verify import breaches
from tests.stories.cast import STORIES, Path, Story, Wish, all_stories, pairs
from tests.stories.plot import WAYS, Attempt, confirm, file, grant, play
from tests.stories.stage import Stage, set_stage

RELEASES = (PackageMade.kind, SourceChanged.kind)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, migrated: Folder) -> Iterator[Stage]:
    """Give the stage of all stories."""
    with set_stage(tmp_path_factory.mktemp("stories"), migrated) as opened:
        yield opened


@pytest.fixture
def stage(whole: Stage) -> Iterator[Stage]:
    """Give the stage as it was before the first story."""
    with whole.fresh():
        yield whole


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_in_vain(stage: Stage, story: Story) -> None:
    attempt = play(stage, story)
    assert set(attempt.answers) <= {409, 422}, "no letter that grants it was sent"
    assert stage.fingerprint() == attempt.before, "no row of a source changed"
    assert [entries(attempt, each, kind) for each in attempt.cases for kind in RELEASES] == [0, 0] * len(attempt.cases)
    with stage.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Package)) == 0
        assert list(breaches(session)) == []
    if story.held:
        notices = [to for to, way in stage.notices() if way not in attempt.earlier]
        assert notices == [attempt.told] * len(attempt.cases), "one notice for each"
        for case_id in attempt.cases:
            assert [entries(attempt, case_id, kind) for kind in (NoticeQueued.kind, CaseStopped.kind)] == [1, 1]
    else:
        assert stage.notices() == []
        for case_id in attempt.cases:
            assert letters(attempt, case_id, NOTICE) == 0
            assert entries(attempt, case_id, IdentityJudged.kind, verdict(stage, case_id)) == 1
        assert sum(letters(attempt, each, RECEIPT) for each in attempt.cases) == conversations(attempt)


@pytest.mark.parametrize("wish", [Wish.ACCESS, Wish.RESTRICT])
def test_who_is_who_they_say_gets_it_by_the_same_steps(stage: Stage, wish: Wish) -> None:
    ada = stage.world.shown["access"]
    who = {"name": ada.full_name, "email": ada.email, "residence": "be", "acting": "self"}
    (case_id,) = file(stage, who, (wish,), card=True)
    before = stage.fingerprint()
    confirm(stage, case_id)
    assert grant(stage, case_id) == 303
    stage.work()
    honest = Attempt(stage, STORIES[0], ada.email, who, ada.email, [case_id])
    assert sum(entries(honest, case_id, kind) for kind in RELEASES) > 0
    assert (stage.fingerprint() != before) is (wish is Wish.RESTRICT)


def test_every_word_of_a_story_meets_every_other_that_it_must() -> None:
    assert len({str(story) for story in STORIES}) == len(STORIES) >= 40
    assert {pair for story in all_stories() for pair in pairs(story)} == {
        each for story in STORIES for each in pairs(story)
    }
    assert set(WAYS) == set(Path), "a way in that nobody can play"


def verdict(stage: Stage, case_id: str) -> str:
    """Return what the desk made of who it is."""
    found = stage.case(case_id).identity
    assert found in {Identity.IMPOSTOR, Identity.UNPROVEN}
    return found.value


def entries(attempt: Attempt, case_id: str, kind: str, said: str = "") -> int:
    """Return how many entries of ``kind`` the record has of the case, of those with this verdict."""
    with attempt.stage.database.reader() as session:
        of_case = select(AuditEntry).where(AuditEntry.case_id == case_id, AuditEntry.kind == kind)
        return sum(1 for each in session.scalars(of_case) if not said or each.facts["verdict"] == said)


def letters(attempt: Attempt, case_id: str, letter: str) -> int:
    """Return how many of ``letter`` were written about the case."""
    with attempt.stage.database.reader() as session:
        found = select(func.count()).where(Mail.case_id == case_id, Mail.letter == letter)
        return session.scalar(found) or 0


def conversations(attempt: Attempt) -> int:
    """Return how often something was sent: what was sent together has one receipt."""
    return len({attempt.stage.case(each).conversation_id for each in attempt.cases})
