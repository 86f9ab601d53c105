"""Limits on what is begun and left: reached by a program sooner than by people, and said with whom to ask."""

import pytest
from sqlalchemy import update

from portal.cases.models import Conversation
from portal.clock import now
from portal.intake import limits
from tests.support.walks import ADDRESS, CANARY, Walk, main_of


def unsent(walk: Walk, number: int) -> None:
    """Leave ``number`` confirmed requests of the same mailbox lying about."""
    with walk.database.writing() as session:
        known = session.get_one(Conversation, walk.conversation).verified_mailbox
        for place in range(number):
            made = Conversation(id=f"{place:032x}", language="en", rights=[], created_at=now(), updated_at=now())
            made.verified_mailbox = known
            session.add(made)


def test_too_many_beginnings_from_one_network_are_refused_and_the_words_stay(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BEGUN_PER_HOUR", 2)
    for _ in range(2):
        Walk(walk.app).choose("access")
    before = walk.count(Conversation)
    refused = walk.client.submit("/en/", {"words": f"please {CANARY}"})
    assert refused.status_code == 429
    assert "Wait an hour, or write to privacy@medbook.com." in main_of(refused)
    assert f"please {CANARY}</textarea>" in refused.get_data(as_text=True)
    assert walk.count(Conversation) == before


def test_a_mailbox_with_ten_unsent_requests_confirms_no_other_one(walk: Walk) -> None:
    walk.choose("withdraw").answer("withdraw").confirm()
    unsent(walk, limits.UNSENT - 1)
    walk.choose("withdraw").answer("withdraw")
    refused = walk.client.submit(walk.url, {"code": walk.newest_code()})
    assert refused.status_code == 422
    assert "Ten requests from this address are not sent yet." in main_of(refused)
    assert walk.client.get(walk.at("sign")).location == walk.at("code")


def test_the_way_back_is_not_mailed_for_an_eleventh_either(walk: Walk) -> None:
    walk.choose("withdraw").answer("withdraw").confirm()
    unsent(walk, limits.UNSENT - 1)
    walk.choose("access")
    walk.client.submit(walk.at("save"), {"email": ADDRESS})
    refused = walk.client.submit(walk.at("save"), {"code": walk.newest_code()})
    assert refused.status_code == 422
    assert "Ten requests from this address" in main_of(refused)


def test_requests_that_were_sent_do_not_count(walk: Walk) -> None:
    walk.choose("withdraw").answer("withdraw").confirm()
    unsent(walk, limits.UNSENT)
    with walk.database.writing() as session:
        session.execute(update(Conversation).where(Conversation.id == f"{0:032x}").values(submitted_at=now()))
        session.execute(update(Conversation).where(Conversation.id == f"{1:032x}").values(submitted_at=now()))
    walk.choose("withdraw").answer("withdraw").confirm()
    assert walk.step == "sign"
