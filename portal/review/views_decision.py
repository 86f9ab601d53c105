"""Deciding: the letter is always looked at before it is sent, and what is sent is what was looked at."""

import hmac
from collections.abc import Mapping

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.cases.access import answers_of, right_of
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Case
from portal.cases.redactions import withheld
from portal.errors import MoveRefused
from portal.review import decisions, forms, parts
from portal.review.blocks import blocks_for, put_in
from portal.review.decisions import CHANGED, Content, Draft
from portal.review.desk import DESK, blueprint
from portal.review.findings import load_findings
from portal.review.fresh import fresh
from portal.review.gist import gist_of
from portal.review.handling import must_have
from portal.review.marks import PLACES, read_marks
from portal.review.obstacles import needs_second
from portal.review.paper import letter_html
from portal.review.undoing import offer_undo
from portal.review.views_case import case_page, load, open_case, show_up, surroundings_of
from portal.review.views_onward import address_after

TYPED = ("outcome", "ground", "facts", "version")


@blueprint.post("/cases/<case_id>/letter")
@gates.staff(*DESK)
def preview_letter(case_id: str) -> ResponseReturnValue:
    """Show the letter as the person will read it. Keeps nothing."""
    found = _mine(db.reader(), case_id)
    show_up(found, deciding=True)
    return _letter_page(found, request.form)


@blueprint.post("/cases/<case_id>/letter/edit")
@gates.staff(*DESK)
def edit_letter(case_id: str) -> ResponseReturnValue:
    """Go back to the form with everything still in it. Keeps nothing."""
    return case_page(_mine(db.reader(), case_id))


@blueprint.post("/cases/<case_id>/letter/block")
@gates.staff(*DESK)
def put_block(case_id: str) -> ResponseReturnValue:
    """Put a text block into its place, and show the page it was asked from again. Keeps nothing."""
    found = _mine(db.reader(), case_id)
    offered = blocks_for(db.reader(), found, g.language)
    filled = put_in(request.form, request.form.get("block", ""), offered)
    return _letter_page(found, filled) if "shown" in request.form else case_page(found, typed=filled)


@blueprint.post("/cases/<case_id>/decision")
@gates.staff(*DESK)
@fresh
def send_decision(case_id: str) -> ResponseReturnValue:
    """Send the letter that was shown, or propose it to a second person; another letter is shown first."""
    found, by = _mine(db.session(), case_id), gates.staff_actor()
    draft, content = _draft(db.session(), found, request.form)
    shown = decisions.shown_mark(db.session(), found, draft, content, by)
    if not hmac.compare_digest(shown.encode(), request.form.get("shown", "").encode()):
        return _letter_page(
            found, request.form, _("The letter is not sent: it changed. Look at it again, then send it.")
        )
    decision = decisions.send(db.session(), found, draft, content, by)
    sent = _("Proposed. Somebody else looks at it now.") if decision.needs_second else _("The letter is on its way.")
    if not offer_undo(found):
        flash(sent, "ok")
    onward = address_after(found)
    db.session().commit()
    return redirect(onward, 303)


def _mine(session: Session, case_id: str) -> Case:
    """Return the case that who is signed in has, unchanged since they looked."""
    found = load(session, case_id)
    must_have(session, found, gates.staff_actor())
    if found.status is not Status.DECIDING or found.version != forms.read_version(request.form):
        raise MoveRefused(CHANGED)
    return found


def _draft(session: Session, found: Case, form: Mapping[str, str]) -> tuple[Draft, Content]:
    findings, right, answers = load_findings(session, found), right_of(found), answers_of(session, found)
    items = [item for item in answers.get("items", ()) if isinstance(item, dict)]
    asked = forms.Asked(findings, found.found, parts.offered(session, found, findings), found.language)
    draft = forms.read_draft(form, right, items, asked)
    content = decisions.content_of(found, draft, findings, answers) | read_marks(form)
    left_out = {line.key for line in findings.preview if parts.is_left_out(line, content)}
    if draft.outcome is Outcome.GRANT and (hidden := withheld(session, found, left_out)):
        content["withheld"] = hidden
    return draft, content


def _letter_page(found: Case, form: Mapping[str, str], notice: str = "") -> str:
    session, by = db.reader(), gates.staff_actor()
    draft, content = _draft(session, found, form)
    file, letter = open_case(session, found), decisions.letter_of(session, found, draft, content, by)
    typed = [*TYPED, *(f"{name}-{index}" for index in range(len(file.items)) for name in ("field", "new"))]
    typed += [name for name in form if name in parts.NAMES or name.startswith(parts.PREFIXES)]
    return render_template(
        "review/letter.html",
        file=file,
        draft=draft,
        letter=letter_html(session, found, letter),
        gist=gist_of(letter, file.findings, found.language, g.language),
        second=needs_second(session, found, draft.outcome, partly=draft.partly),
        missing=decisions.obstacles(session, found, draft.outcome, by, partly=draft.partly),
        shown=decisions.shown_mark(session, found, draft, content, by),
        carried={name: form[name] for name in typed if name in form},
        values=form,
        faults={},
        blocks=blocks_for(session, found, g.language, "partly" if draft.partly else draft.outcome.value),
        places=PLACES,
        notice_text=notice,
        **surroundings_of(file),
    )
