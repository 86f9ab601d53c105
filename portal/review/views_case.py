"""A case on the desk: its page, taking and handing over, notes, questions; and what comes back when a form cannot be
taken: the page as it stands now, with everything that was typed.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from babel import Locale
from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.cases.access import case_for_staff
from portal.cases.asked_by_hand import may_ask_hand
from portal.cases.deadlines import days_used, extended
from portal.cases.extension import Because
from portal.cases.grounds import BURDEN_OURS, GROUNDS
from portal.cases.lifecycle import OPEN, Move, Status
from portal.cases.mail_files import may_name_card
from portal.cases.models import Case, Channel
from portal.cases.moves import move
from portal.cases.representing import is_for_other
from portal.clock import local, now, today
from portal.errors import MoveRefused
from portal.files.attached import ACCEPT
from portal.review import drafts, forms
from portal.review.asked import came_of, offered, unsorted_of
from portal.review.blocks import blocks_for
from portal.review.casefile import RESIDENCES, CaseFile, open_file
from portal.review.copies import look_of
from portal.review.desk import DESK, blueprint
from portal.review.findings import in_language, why_in_language
from portal.review.forms import Fault, FormFault
from portal.review.fresh import asks
from portal.review.gist import gist_of
from portal.review.handling import assign, must_have, write_note
from portal.review.identity import CHECKS, SAID, VERDICTS, checks_for
from portal.review.kept_form import form_of
from portal.review.marks import PLACES
from portal.review.paper import earlier_letter, letter_html
from portal.review.posting import SAYS, on_paper
from portal.review.presence import be_seen, beside
from portal.review.shown_tasks import ROLES
from portal.review.versions import both_versions
from portal.review.views_identity import picture_url
from portal.review.wording import difference, paragraphs_of
from portal.rights import RIGHTS
from portal.ui.problems import refusal_page
from portal.words import N_

TEXTS = {
    **PLACES,
    "facts": N_("Facts"),
    "task_title": N_("Where to look"),
    "task_words": N_("What to look for, or do"),
    "question": N_("Question to the person"),
    "doubt": N_("Question to the person"),
    "other_proof": N_("Other proof"),
    "note": N_("Note"),
    "why": N_("Why not"),
    "lift": N_("Why is the stop lifted?"),
    "evidence": N_("What we show"),
    "ours": N_("Our compelling grounds"),
    "milder": N_("Why no milder way"),
    "theirs": N_("The situation of the person"),
    "more_time": N_("Why more time is needed"),
    "costs": N_("What the fee is for"),
    "said": N_("What the person says"),
}
SECOND_PAGE = {"review.second", "review.confirm_decision", "review.send_back"}


@blueprint.get("/cases/<case_id>")
@gates.staff(*DESK)
def case(case_id: str) -> ResponseReturnValue:
    """Show a case with all that is known about it."""
    found = load(db.reader(), case_id)
    show_up(found)
    return case_page(found)


@blueprint.post("/cases/<case_id>/take")
@gates.staff(*DESK)
def take_case(case_id: str) -> ResponseReturnValue:
    """Take a case, also from somebody else: the record says so."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    assign(db.session(), found, by.id, request.form.get("owner") or None, by)
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/hand-over")
@gates.staff(*DESK)
def hand_over(case_id: str) -> ResponseReturnValue:
    """Give a case to a colleague."""
    found = load(db.session(), case_id)
    to = forms.read_text(request.form, "colleague", N_("Choose a colleague."))
    assign(db.session(), found, to, request.form.get("owner") or None, gates.staff_actor())
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/note")
@gates.staff(*DESK)
def save_note(case_id: str) -> ResponseReturnValue:
    """Keep a note that only staff see."""
    found = load(db.session(), case_id)
    write_note(db.session(), found, forms.read_text(request.form, "note", N_("Write a note.")), gates.staff_actor())
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="notes"), 303)


@blueprint.post("/cases/<case_id>/go-on")
@gates.staff(*DESK)
def go_on(case_id: str) -> ResponseReturnValue:
    """Stop waiting for the person."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    move(db.session(), found, Move.GO_ON, by)
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.errorhandler(FormFault)
def give_back(fault: FormFault) -> ResponseReturnValue:
    """Show the page again with what was typed and what is missing."""
    return _again(fault.status, fault.faults) if _is_of_a_case() else refusal_page(fault)


@blueprint.errorhandler(MoveRefused)
def tell_refused(refused: MoveRefused) -> ResponseReturnValue:
    """Show the page as it stands now, with the sentence that says why not and with what was typed."""
    if not _is_of_a_case():
        return refusal_page(refused)
    return _again(refused.status, (), _(refused.sentence, **refused.values))


def load(session: Session, case_id: str) -> Case:
    """Return the case; raises NotYours for who may not read it."""
    return case_for_staff(session, case_id, gates.current_staff())


def show_up(found: Case, deciding: bool = False) -> None:
    """Let colleagues see that who is signed in has the case open. Never while this request holds the write lock."""
    be_seen(db.database(), found.id, gates.current_staff().id, deciding, now())


def open_case(session: Session, found: Case) -> CaseFile:
    """Return the file of the case for who is signed in."""
    return open_file(session, found, gates.current_staff(), gates.staff_actor(), g.language)


def case_page(
    found: Case, faults: tuple[Fault, ...] = (), notice: str = "", typed: Mapping[str, str] | None = None
) -> str:
    """Return the page of ``found``; a form that comes back finds its values in the request, or in ``typed``."""
    file = open_case(db.reader(), found)
    template = "case"
    if request.endpoint in SECOND_PAGE and found.status is Status.SECOND:
        template = "second"
    letter = letter_html(db.reader(), found, file.proposal.letter) if file.proposal else None
    earlier = earlier_letter(db.reader(), file) if letter and template == "second" else None
    return render_template(
        f"review/{template}.html",
        file=file,
        letter=letter,
        changed=earlier and difference(paragraphs_of(earlier), paragraphs_of(letter or "")),
        values=_values(file) if typed is None else typed,
        blocks=blocks_for(db.reader(), found, g.language) if found.status is Status.DECIDING else (),
        places=PLACES,
        gist=gist_of(file.proposal.letter, file.findings, found.language, g.language) if file.proposal else None,
        came_back=bool(_kept()),
        errors=list(faults) or [("", notice)] * bool(notice),
        written=_written() if notice else [],
        versions=both_versions(file, request.endpoint, request.form, g.language) if notice else None,
        **surroundings_of(file),
    )


def surroundings_of(file: CaseFile) -> dict[str, Any]:
    """Return the catalogues and moments that the pages of a case need besides its file."""
    said = Counter((each.key, each.value) for each in file.findings.correctable)
    for_other = is_for_other(file.contact)
    return {
        "today": today(),
        "beside": beside(db.reader(), [file.case.id], gates.current_staff(), now()).get(file.case.id, []),
        "now": now(),
        "grounds": [GROUNDS[slug] for slug in file.right.grounds],
        "burden": [GROUNDS[slug] for slug in file.right.grounds if slug in BURDEN_OURS],
        "reasons": list(Because),
        "accept": ACCEPT,
        **_clock(file),
        "later": extended(file.case.due_on),
        "checks": checks_for(file.card, signed=file.case.channel is Channel.PORTAL, for_other=for_other),
        "for_other": for_other,
        "came": came_of(db.reader(), file),
        "post": on_paper(db.reader(), file.case),
        "says": [(what, _(title)) for what, title in SAYS.items()],
        "unsorted": unsorted_of(file),
        "may_ask_hand": file.mine and may_ask_hand(db.reader(), file.case),
        "task_roles": ROLES,
        "may_name_card": may_name_card(db.reader(), file.case),
        **offered(db.reader(), g.language),
        "all_checks": CHECKS,
        "rights": RIGHTS,
        "language_name": Locale(file.case.language).get_language_name(g.language),
        "spoken": lambda text: in_language(text, g.language),
        "why_spoken": lambda text: why_in_language(text, g.language),
        "same_said": lambda each: said[each.key, each.value] > 1,
        "verdicts": VERDICTS,
        "identity_said": SAID,
        "residences": RESIDENCES,
        "picture": picture_url(file.case, file.card) if file.mine and file.card and file.card.masked else None,
        "look": look_of(db.reader(), file.case),
        "manager": gates.current_staff().role is Role.MANAGER,
        **asks(),
        "decider": file.proposal is not None and file.proposal.decision.decided_by == gates.current_staff().id,
    }


def _clock(file: CaseFile) -> dict[str, int]:
    """Return the days used and the days in all, as the person's page counts them."""
    case, again = file.case, file.again
    first = again.made_on if again is not None and again.is_open else case.received_on
    ended = (case.answered_at or case.closed_at) if case.status not in OPEN else None
    last = local(ended).date() if ended else today()
    return {"used": days_used(first, last), "total": (case.due_on - first).days}


def _is_of_a_case() -> bool:
    return "case_id" in (request.view_args or {})


def _again(status: int, faults: tuple[Fault, ...], notice: str = "") -> ResponseReturnValue:
    db.session().rollback()
    db.reader().rollback()  # what the page shows next is what is true now
    return case_page(load(db.reader(), str((request.view_args or {})["case_id"])), faults, notice), status


def _written() -> list[tuple[str, str]]:
    """Return the texts of a form that was refused, so that nothing typed is lost, also where its form is gone."""
    return [(_(label), request.form[name]) for name, label in TEXTS.items() if request.form.get(name)]


def _kept() -> Mapping[str, str]:
    """Return what was typed here when the session ended, on a page that is only looked at."""
    return drafts.kept(db.reader(), gates.current_staff()) if request.method == "GET" else {}


def _values(file: CaseFile) -> Mapping[str, str]:
    """Return what the fields of the page hold: what was just typed, else what the last decision said."""
    if request.method == "POST":
        return request.form
    presets = {f"new-{index}": item.get("should", "") for index, item in enumerate(file.items)}
    if kept := _kept():
        return {**presets, **kept}
    anew = file.again is not None and file.again.is_open
    if (
        file.proposal is None
        or file.case.status is not Status.DECIDING
        or (anew and file.again is not None and file.proposal.decision.version == file.again.version)
    ):
        return presets
    return {**presets, **form_of(file)}
