"""What a request by mail, telephone or at the counter asks: presumed by the portal, said by who reads or hears it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.cases.access import UNSETTLED, answers_of, contact_of, evidence_of, right_of
from portal.cases.arrivals import CHANNELS, DOCUMENTS, Arrival, Asked, Basis, arrival_of, told_of
from portal.cases.attachments import Sent
from portal.cases.by_post import is_by_post
from portal.cases.lifecycle import UNDECIDED
from portal.cases.models import Case
from portal.cases.representing import OTHER, SELF, Whose, is_for_other, whose_of
from portal.config import LANGUAGES
from portal.register import Register
from portal.review.casefile import CaseFile
from portal.review.forms import LONGEST, Fault
from portal.review.no_request import About
from portal.review.queue import names_of_staff
from portal.rights import RIGHTS
from portal.rights.base import ABOUT, EVERYTHING, UNSURE, Answer, Effect, Right, slugs_of
from portal.rights.scope import eligible_activities
from portal.ui.forms import clean, is_address, one_line
from portal.understanding import Understanding
from portal.understanding.language import language_of
from portal.words import N_

OWN_WORDS = "own_words"
ASK = N_("To answer you well, we would like to know:")
NO_NEED = N_("Do you not know it? Tell us so. We work on, and the last day for our answer stays the same.")
ALL = N_("Everything")
CARD = N_("Who are you? On your page you can send a photo of your card. Another proof is fine too.")
KNOWN = N_("Did Medbook know an e-mail address of you? Without it we may not find your data.")
CARD_ON_PAPER = N_("Who are you? Show your card at our counter, or call us. Another proof is fine too.")
MANDATE = N_("How may you act for this person? Please send a mandate, or proof that you are parent or guardian.")
MILDEST = "access"
"""What a mail is filed as that nobody understands: it changes nothing at a source."""


def presumed(understanding: Understanding, said: str, words: str, otherwise: str) -> Asked:
    """Return what a mail may ask; who reads it says whether that is so.

    Args:
        understanding: of the portal; may be absent.
        said: subject and text of the mail, in the sender's own words alone.
        words: what is kept of it.
        otherwise: the language where the words do not tell.
    """
    language = language_of(said, otherwise)
    reading = understanding.read(said, language)
    best = reading.ranking[0][0] if reading and not reading.route else MILDEST
    right = RIGHTS.get(best, RIGHTS[MILDEST])
    return Asked(right.slug, language, answers_to(right, (), words))


def answers_to(
    right: Right, about: Sequence[str], words: str, item: Mapping[str, str] | None = None
) -> dict[str, Answer]:
    """Return the answers that are kept.

    Nobody who wants to see data names uses: they mean all. Nothing is changed that was not named.

    Args:
        right: what is asked.
        about: ``everything`` or activities; empty where nobody said.
        words: of the person, or what was heard.
        item: what is wrong and what it should say, to correct data.
    """
    said: dict[str, Answer] = {OWN_WORDS: words} if words else {}
    if right.effect is Effect.RECTIFY:
        return {**said, "items": [dict(item)] if item else []}
    chosen = [EVERYTHING] if EVERYTHING in about else list(about)
    return {**said, ABOUT: chosen or [EVERYTHING if right.effect is Effect.COLLECT else UNSURE]}


def read_asked(form: MultiDict[str, str], register: Register, words: str, faults: list[Fault]) -> Asked | None:
    """Return what the form says is asked, with a fault for each field that cannot be taken."""
    right, language = RIGHTS.get(form.get("right", "")), form.get("language", "")
    if right is None:
        faults.append(("right", _("Choose what is asked.")))
    if language not in LANGUAGES:
        faults.append(("language", _("Choose the language of the person.")))
    if right is None or language not in LANGUAGES:
        return None
    allowed = {each.slug for each, may in eligible_activities(right, {}, register.activities) if may.yes}
    about = [each for each in form.getlist("about") if each == EVERYTHING or each in allowed]
    return Asked(right.slug, language, answers_to(right, about, words, _item(form, right)))


def read_whose(form: Mapping[str, str], faults: list[Fault]) -> Whose:
    """Return whose data is asked for, with a fault where the address that should be known is none."""
    whose = Whose(OTHER if form.get("acting") == OTHER else SELF, one_line(form.get("known_email"))[:254])
    if (whose.known_email or whose.acting == OTHER) and not is_address(whose.known_email):
        faults.append(("known_email", _("Write the address that Medbook knows of the person you ask for.")))
    return whose


def missing_questions(right: Right, answers: Mapping[str, Answer]) -> list[str]:
    """Return the questions that the portal would have asked and that nobody answered yet: source strings."""
    open_ones = [each for each in right.questions if each.required and each.when(answers)]
    unsure = answers.get(ABOUT) == [UNSURE]
    return [each.title for each in open_ones if not answers.get(each.key) or (each.key == ABOUT and unsure)]


def _item(form: Mapping[str, str], right: Right) -> dict[str, str] | None:
    if right.effect is not Effect.RECTIFY:
        return None
    said = {key: clean(form.get(key))[:LONGEST] for key in ("what", "says", "should")}
    return {**said, "why": "wrong", "where": ""} if any(said.values()) else None


def offered(session: Session, language: str) -> dict[str, list[tuple[str, str]]]:
    """Return what the form offers: rights, languages and uses of data, each with the words of the reader."""
    register: Register = session.info["register"]
    uses = [each.slug for each in register.activities if not each.consequential]
    return {
        "rights_offered": [(right.slug, _(right.title)) for right in RIGHTS.values()],
        "languages_offered": list(LANGUAGES.items()),
        "uses_offered": [(EVERYTHING, _(ALL)), *((slug, register.row(slug).text("title", language)) for slug in uses)],
    }


@dataclass(frozen=True, slots=True)
class Came:
    """How a case came in that was not filed on the portal, as the desk reads it."""

    channel: str
    basis: str
    why: str
    subject: str
    left_out: tuple[str, ...]
    unread: bool
    day_open: bool
    still_open: bool
    about: tuple[str, ...]
    seen: str
    whose: Whose
    whose_open: bool
    missing: tuple[str, ...]
    abouts: list[tuple[str, str]]


def came_of(session: Session, file: CaseFile) -> Came | None:
    """Return how the case of ``file`` came in; None where it was filed on the portal, or is forgotten."""
    case = file.case
    arrival = arrival_of(session, case)
    if arrival is None or case.forgotten_at is not None:
        return None
    told, still_open = told_of(session, arrival), case.status in UNDECIDED
    return Came(
        channel=_(CHANNELS[case.channel]),
        basis=_(arrival.basis.sentence),
        why=str(told.get("why", "")),
        subject=str(told.get("subject", "")),
        left_out=tuple(told.get("left_out", ())),
        unread=arrival.unread,
        day_open=still_open and arrival.basis is not Basis.SERVER and case.first_due_on is None,
        still_open=still_open,
        about=slugs_of(answers_of(session, case), ABOUT),
        seen=_seen(session, arrival, told),
        whose=whose_of(contact_of(session, case)),
        whose_open=case.identity in UNSETTLED,
        missing=tuple(missing_of(session, case)),
        abouts=[(each.value, _(each.label)) for each in About],
    )


def _seen(session: Session, arrival: Arrival, told: Mapping[str, str]) -> str:
    """Return who saw which document at the counter, in words; empty where nobody did."""
    title = DOCUMENTS.get(told.get("seen", ""))
    if title is None:
        return ""
    name = names_of_staff(session).get(arrival.taken_by or "", "")
    return str(_("Shown at the counter to %(name)s: %(document)s. No copy was kept.", name=name, document=_(title)))


def unsorted_of(file: CaseFile) -> tuple[Sent, ...]:
    """Return the files of mails of which nobody said yet whether they are the card."""
    return tuple(sent for each in file.messages for sent in each.files if sent.by_mail)


def missing_of(session: Session, case: Case) -> list[str]:
    """Return what is not known yet of what ``case`` asks, and of who asks it: source strings."""
    missing = missing_questions(right_of(case), answers_of(session, case))
    contact = contact_of(session, case)
    if is_by_post(contact) and "known_email" not in contact and not case.found:
        missing.append(KNOWN)
    if is_for_other(contact) and case.identity in UNSETTLED:
        missing.append(MANDATE)
    proven = not case.needs_card or case.identity not in UNSETTLED or evidence_of(session, case) is not None
    return missing if proven else [*missing, CARD_ON_PAPER if is_by_post(contact) else CARD]


def question_in(language: str, missing: Sequence[str]) -> str:
    """Return one question to the person for everything in ``missing``, in their language. It asks, and demands nothing.

    The clock runs on meanwhile, and the letter says so.
    """
    with force_locale(language):
        lines = [_(ASK), *(f"- {_(each)}" for each in missing), _(NO_NEED)]
    return "\n".join(lines)
