"""The ways in that confirm no mailbox: a mail or a letter that anybody could write, and the counter."""

from io import BytesIO
from typing import TYPE_CHECKING

from portal.cases.models import Case
from portal.rights.base import Answers
from tests.stories.cast import PICTURES, Wish
from tests.support.colleagues import MORNING
from tests.support.factories import ANSWERS, MARKETING, show_card
from tests.support.mails import mail

if TYPE_CHECKING:
    from tests.stories.plot import Attempt

ALL_YES = {f"check-{key}": "yes" for key in ("name", "valid", "front", "signature")}


def said(wish: Wish) -> Answers:
    """Return what is answered by who wants ``wish``."""
    return MARKETING if wish is Wish.MARKETING else ANSWERS[wish.right]


def by_mail(attempt: "Attempt") -> None:
    """Write a mail in the victim's name; the desk says what it asks."""
    stage, wish = attempt.stage, attempt.story.wish
    letter = mail("Ik wil dat u dit doet.", sender=f"{attempt.victim['name']} <{attempt.mailbox}>")
    sent = {"mail": (BytesIO(letter.as_bytes()), "saved.eml")}
    answer = stage.desk.post("/desk/mail", data=sent, content_type="multipart/form-data")
    case_id = str(answer.location).rpartition("/")[2]
    attempt.cases.append(case_id)
    assert stage.post(case_id, "take").status_code == 303
    assert stage.post(case_id, "asked", _asked(wish)).status_code == 303
    _show_up(attempt, case_id)
    _hand_on(attempt, case_id)
    attempt.pretend(case_id)


def at_the_counter(attempt: "Attempt") -> None:
    """Come to the counter."""
    _write_down(attempt, "counter")


def by_letter(attempt: "Attempt") -> None:
    """Write a letter in the victim's name."""
    _write_down(attempt, "post")


def _write_down(attempt: "Attempt", channel: str) -> None:
    """Have it written down; whoever does that is not who judges."""
    stage, wish = attempt.stage, attempt.story.wish
    heard = {"channel": channel, "arrived_on": MORNING.date().isoformat(), "words": "Ik wil dat u dit doet."}
    answer = stage.desk.post("/desk/new", data={**heard, **_asked(wish), **attempt.contact()})
    case_id = str(answer.location).rpartition("/")[2]
    attempt.cases.append(case_id)
    _show_up(attempt, case_id)
    assert stage.post(case_id, "take").status_code == 303
    _hand_on(attempt, case_id)
    attempt.pretend(case_id)


def _hand_on(attempt: "Attempt", case_id: str) -> None:
    """Hand the request to a colleague: who took it in cannot judge."""
    stage = attempt.stage
    judged = stage.post(case_id, "identity", {**ALL_YES, "verdict": "confirmed", "other_proof": "I saw the card."})
    assert judged.status_code == 409, "nobody settles who asked what they took in themselves"
    assert stage.post(case_id, "hand-over", {"colleague": stage.max.id, "owner": stage.rex.id}).status_code == 303
    stage.turn_to(stage.max)


def _show_up(attempt: "Attempt", case_id: str) -> None:
    """Let the worker search, with a picture on the case where there is one to show."""
    if attempt.story.proof in PICTURES:
        with attempt.stage.database.writing() as session:
            show_card(session, case=session.get_one(Case, case_id))
    attempt.stage.work()


def _asked(wish: Wish) -> dict[str, str]:
    answers = said(wish)
    about = answers.get("about") or ["everything"]
    item = {"what": "e-mail", "says": "", "should": "Iemand Anders"} if wish is Wish.RECTIFY else {}
    return {"right": wish.right, "language": "nl", "about": str(about[0]), **item}
