"""Looking a copy through: its pages, hiding and undoing, and saying that it may go out."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.models import Case
from portal.cases.redactions import hidden_of, hide, show_again
from portal.cases.trial import ask_trial, clear, unclear
from portal.clock import today
from portal.review import copies, copy_pages
from portal.review.copy_pages import Place
from portal.review.desk import DESK, blueprint
from portal.review.forms import LONGEST, Fault
from portal.review.fresh import asks, fresh
from portal.review.views_case import load
from portal.ui.forms import clean


@blueprint.get("/cases/<case_id>/copy")
@gates.staff(*DESK)
def copy_overview(case_id: str) -> ResponseReturnValue:
    """Show what a copy holds by count, what is hidden in it, and whether it may go out."""
    return _overview(load(db.reader(), case_id))


@blueprint.post("/cases/<case_id>/copy/prepare")
@gates.staff(*DESK)
def prepare_copy(case_id: str) -> ResponseReturnValue:
    """Have the copy read from the sources, to be looked through."""
    found = load(db.session(), case_id)
    copies.must_be_open(db.session(), found, gates.staff_actor())
    ask_trial(db.session(), found, gates.staff_actor())
    db.session().commit()
    return redirect(url_for("review.copy_overview", case_id=case_id), 303)


@blueprint.get("/cases/<case_id>/copy/<int:part>/<int:page>")
@gates.staff(*DESK)
def copy_page(case_id: str, part: int, page: int) -> ResponseReturnValue:
    """Show one page of the copy to who has the request, and to who looks at its proposal as the second person."""
    return _page(load(db.reader(), case_id), (part, page))


@blueprint.post("/cases/<case_id>/copy/<int:part>/<int:page>/hide")
@gates.staff(*DESK)
def hide_in_copy(case_id: str, part: int, page: int) -> ResponseReturnValue:
    """Hide what is ticked on a page: values, the names in them, rows or columns."""
    session, by = db.session(), gates.staff_actor()
    found = load(session, case_id)
    copies.must_be_open(session, found, by)
    copy = copies.ready_copy(session, found, request.form.get("copy", ""))
    only_names = request.form.get("how") == "names"
    picks = request.form.getlist("pick")
    targets = copy_pages.targets_of(session, found, copy, (part, page), picks, only_names=only_names)
    ground, faults = request.form.get("ground", ""), []
    if not targets:
        faults.append(("pick", _("Tick what you hide.")))
    if ground not in {each.slug for each in copies.grounds_for(found)}:
        faults.append(("ground", _("Choose why.")))
    if faults:
        session.rollback()
        return _page(load(db.reader(), case_id), (part, page), faults), 422
    hide(session, found, targets, ground, clean(request.form.get("note"))[:LONGEST], by)
    unclear(session, found)
    session.commit()
    return redirect(url_for("review.copy_page", case_id=case_id, part=part, page=page), 303)


@blueprint.post("/cases/<case_id>/copy/show")
@gates.staff(*DESK)
def show_in_copy(case_id: str) -> ResponseReturnValue:
    """Undo one hiding."""
    session, by = db.session(), gates.staff_actor()
    found = load(session, case_id)
    copies.must_be_open(session, found, by)
    show_again(session, found, request.form.get("hidden", ""), by)
    unclear(session, found)
    place = _place(request.form.get("place", ""))
    session.commit()
    back = url_for("review.copy_overview", case_id=case_id)
    if place:
        back = url_for("review.copy_page", case_id=case_id, part=place[0], page=place[1])
    return redirect(back, 303)


@blueprint.post("/cases/<case_id>/copy/release")
@gates.staff(*DESK)
@fresh
def release_copy(case_id: str) -> ResponseReturnValue:
    """Say that the copy was looked through; it goes out as soon as it is granted."""
    session, by = db.session(), gates.staff_actor()
    found = load(session, case_id)
    copies.must_be_open(session, found, by)
    copy = copies.ready_copy(session, found, request.form.get("copy", ""))
    clear(session, found, copy, frozenset(each.id for each in hidden_of(session, found)), by)
    flash(_("Looked through. The copy goes out as it is now, once it is granted."), "ok")
    session.commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


def _place(said: str) -> Place | None:
    part, _dash, page = said.partition("-")
    whole = part.isdecimal() and page.isdecimal() and len(said) < 12 and said.isascii()
    return (int(part), int(page)) if whole else None


def _overview(found: Case) -> str:
    session, look = db.reader(), copies.look_of(db.reader(), found)
    ready = look.copy if look and look.copy and look.copy.is_ready else None
    return render_template(
        "review/copy.html",
        case=found,
        look=look,
        ready=ready,
        mine=found.assigned_to == gates.current_staff().id,
        sees=copies.may_see(session, found, gates.staff_actor()),
        parts=copy_pages.parts_of_copy(session, found, ready, g.language) if ready else [],
        stale=copy_pages.stale_of(session, found, ready, g.language) if ready else [],
        by_hand=copies.by_hand_of(session, found, gates.current_staff(), g.language),
        today=today(),
        **asks(),
    )


def _page(found: Case, place: Place, errors: list[Fault] | None = None) -> str:
    session = db.reader()
    copies.must_see(session, found, gates.staff_actor())
    copy = copies.ready_copy(session, found)
    return render_template(
        "review/copy_page.html",
        case=found,
        copy=copy,
        look=copies.look_of(session, found),
        page=copy_pages.page_of_copy(session, found, copy, place, g.language),
        grounds=copies.grounds_for(found),
        picked=request.form.getlist("pick"),
        values=request.form,
        errors=errors or [],
    )
