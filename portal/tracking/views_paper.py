"""The person's signed request: downloading its PDF, and adding to it. A download is a POST, because it is recorded."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.audit.record import PERSON
from portal.cases.access import case_of_person, contact_of, right_of
from portal.cases.letter_papers import letter_name, note_letter_fetched, read_letter, the_letter_of
from portal.cases.lifecycle import OPEN
from portal.cases.models import Case
from portal.cases.papers import file_name, note_fetched, paper_at, read_paper
from portal.clock import today
from portal.errors import MoveRefused, NotYours
from portal.tracking.actions import add_to
from portal.tracking.views import blueprint
from portal.ui.forms import clean, one_line
from portal.ui.headers import as_pdf
from portal.words import N_

LONGEST_TEXT = 5000
LONGEST_NAME = 200
NO_TEXT = N_("Write what you want to add or correct.")
LONG_TEXT = N_("Use at most %(limit)s characters.")
NO_NAME = N_("Enter your full name.")
LONG_NAME = N_("This name is too long. Use at most 200 characters.")
OTHER_NAME = N_("This is not the name you gave before. Is this you? Then tick the box below, or change the name.")


@blueprint.post("/s/<case_id>/request/<int:number>")
@gates.person
def paper(case_id: str, number: int) -> ResponseReturnValue:
    """Give the person one PDF of their signed request."""
    case = case_of_person(db.reader(), case_id, gates.mailbox())
    wanted = paper_at(db.reader(), case, number)
    content = read_paper(db.reader(), wanted)
    note_fetched(db.session(), wanted, PERSON)
    db.session().commit()
    return as_pdf(content, file_name(case, wanted))


@blueprint.post("/s/<case_id>/letter")
@gates.person
def letter(case_id: str) -> ResponseReturnValue:
    """Give the person our answer as PDF."""
    case = case_of_person(db.reader(), case_id, gates.mailbox())
    wanted = the_letter_of(db.reader(), case)
    content = read_letter(db.reader(), wanted)
    note_letter_fetched(db.session(), wanted, PERSON)
    db.session().commit()
    return as_pdf(content, letter_name(case))


@blueprint.get("/s/<case_id>/amend")
@gates.person
def ask_amend(case_id: str) -> ResponseReturnValue:
    """Ask what is to be added, and for a name under it."""
    return _page(_open_case(case_id), "", "", [])


@blueprint.post("/s/<case_id>/amend")
@gates.person
def amend_case(case_id: str) -> ResponseReturnValue:
    """Append what was written; nothing that was signed before changes."""
    case = _open_case(case_id)
    text, name = clean(request.form.get("text")), one_line(request.form.get("signature"))
    errors = _text_faults(text) + _name_faults(case, name)
    if errors:
        return _page(case, text, name, errors), 422
    try:
        add_to(db.session(), case, text, name)
    except MoveRefused as refused:
        db.session().rollback()
        return _page(case, text, name, [("text", _(refused.sentence))]), refused.status
    flash(_("This is added to your request. We read it with the rest."), "ok")
    db.session().commit()
    return redirect(url_for("tracking.status", case_id=case_id), 303)


def _open_case(case_id: str) -> Case:
    case = case_of_person(db.session(), case_id, gates.mailbox())
    if case.status not in OPEN:
        raise NotYours
    return case


def _text_faults(text: str) -> list[tuple[str, str]]:
    if not text:
        return [("text", _(NO_TEXT))]
    return [("text", _(LONG_TEXT, limit=LONGEST_TEXT))] if len(text) > LONGEST_TEXT else []


def _name_faults(case: Case, name: str) -> list[tuple[str, str]]:
    """Return what is wrong with the name; one that differs from the request's is asked about, and then taken."""
    if not name or len(name) > LONGEST_NAME:
        return [("signature", _(LONG_NAME if name else NO_NAME))]
    given = contact_of(db.session(), case)["name"]
    same = " ".join(name.casefold().split()) == " ".join(given.casefold().split())
    return [] if same or request.form.get("confirmed") == "yes" else [("signature", _(OTHER_NAME))]


def _page(case: Case, text: str, name: str, errors: list[tuple[str, str]]) -> str:
    faults = dict(errors)
    return render_template(
        "tracking/amend.html",
        case=case,
        right=right_of(case),
        text=text,
        name=name,
        ask_again=faults.get("signature") == _(OTHER_NAME) or request.form.get("confirmed") == "yes",
        today=today(),
        faults=faults,
        errors=errors,
    )
