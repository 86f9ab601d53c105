"""Legal holds: the privacy manager sets, reads and lifts them. What they do stands in ``cases.holds``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.cases.holds import LegalHold, Order, holds, lift_hold, set_hold, terms_of
from portal.cases.models import Case
from portal.clock import now, today
from portal.errors import MoveRefused, NotYours
from portal.review import drafts
from portal.review.desk import blueprint
from portal.review.findings import in_language
from portal.review.forms import LONGEST, Fault
from portal.review.fresh import asks, fresh
from portal.review.queue import names_of_staff
from portal.ui.forms import clean, is_address, one_line

CASE, PERSON, EVERYBODY = "case", "person", "everybody"


@dataclass(frozen=True, slots=True)
class Shown:
    """One hold, opened for the page."""

    hold: LegalHold
    stands: bool
    about: str = field(repr=False)
    order: str = field(repr=False)
    why: str = field(repr=False)
    collections: tuple[str, ...]
    set_by: str
    lifted_by: str


@blueprint.get("/holds")
@gates.staff(Role.MANAGER)
def legal_holds() -> ResponseReturnValue:
    """Show every hold, and the form of a new one."""
    return _page()


@blueprint.post("/holds")
@gates.staff(Role.MANAGER)
@fresh
def set_legal_hold() -> ResponseReturnValue:
    """Set a hold: from now on the sweep and every erasure leave alone what it covers."""
    faults: list[Fault] = []
    order = _read(db.session(), faults)
    if order is None or faults:
        db.session().rollback()
        return _page(faults), 422
    set_hold(db.session(), order, gates.staff_actor())
    flash(_("The hold is in force from now on. Open deletions are searched again."), "ok")
    db.session().commit()
    return redirect(url_for("review.legal_holds"), 303)


@blueprint.post("/holds/<hold_id>/lift")
@gates.staff(Role.MANAGER)
@fresh
def lift_legal_hold(hold_id: str) -> ResponseReturnValue:
    """Lift a hold before its last day, with a reason."""
    hold = db.session().get(LegalHold, hold_id)
    if hold is None:
        raise NotYours
    why = clean(request.form.get("why"))[:LONGEST]
    if not why:
        db.session().rollback()
        return _page([(f"why-{hold_id}", _("Write why the hold is lifted."))]), 422
    try:
        lift_hold(db.session(), hold, why, gates.staff_actor())
    except MoveRefused as refused:
        db.session().rollback()
        return _page([("", _(refused.sentence))]), refused.status
    flash(_("The hold is lifted."), "ok")
    db.session().commit()
    return redirect(url_for("review.legal_holds"), 303)


def _read(session: Session, faults: list[Fault]) -> Order | None:
    """Return what the form asks, with a fault for each field that cannot be taken."""
    form = request.form
    words = clean(form.get("order"))[:LONGEST]
    if not words:
        faults.append(("order", _("Write who ordered it, and under which number.")))
    ordered_on, ends_on = _day("ordered_on", faults), _day("ends_on", faults)
    if ordered_on is not None and ordered_on > today():
        faults.append(("ordered_on", _("The order cannot be of a later day.")))
    if ends_on is not None and ends_on < today():
        faults.append(("ends_on", _("Choose a day that is still to come.")))
    collections = tuple(key for key in form.getlist("collection") if key in _titles(session))
    case, address = _whom(session, faults)
    if form.get("about") == EVERYBODY and not collections:
        faults.append(("collection", _("For everybody, choose the collections that must stay.")))
    if faults or ordered_on is None or ends_on is None:
        return None
    return Order(words, ordered_on, ends_on, collections, case, address)


def _whom(session: Session, faults: list[Fault]) -> tuple[Case | None, str]:
    subject = one_line(request.form.get("subject"))
    match request.form.get("about"):
        case "case":
            found = session.scalars(select(Case).where(Case.reference == subject.upper())).one_or_none()
            if found is None:
                faults.append(("subject", _("There is no request with this number.")))
            return found, ""
        case "person":
            if not is_address(subject):
                faults.append(("subject", _("Write one whole mail address.")))
            return None, subject
        case "everybody":
            return None, ""
        case _:
            faults.append(("about", _("Choose what the order is about.")))
            return None, ""


def _day(name: str, faults: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        faults.append((name, _("Choose a day.")))
        return None


def _titles(session: Session) -> Mapping[str, str]:
    titles = {key: in_language(title, g.language) for key, title in session.info["collection_titles"]().items()}
    return dict(sorted(titles.items(), key=lambda each: each[1].casefold()))


def _page(errors: list[Fault] | None = None) -> str:
    reading, me = db.reader(), gates.current_staff()
    shown = _shown(reading)
    asked = {"subject": request.args.get("reference", ""), "about": CASE} if request.args.get("reference") else {}
    return render_template(
        "review/holds.html",
        standing=[each for each in shown if each.stands],
        over=[each for each in shown if not each.stands],
        titles=_titles(reading),
        chosen=request.form.getlist("collection"),
        values={**asked, **drafts.kept(reading, me), **request.form},
        today=today(),
        errors=errors or [],
        **asks(),
    )


def _shown(session: Session) -> list[Shown]:
    names, titles, moment = names_of_staff(session), _titles(session), now()
    found = holds(session)
    about = {hold.case_id for hold in found if hold.case_id}
    numbered = session.execute(select(Case.id, Case.reference).where(Case.id.in_(about)))
    references = {case_id: reference for case_id, reference in numbered}
    return [_open(session, hold, names, titles, references, hold.stands(moment)) for hold in found]


def _open(
    session: Session,
    hold: LegalHold,
    names: Mapping[str, str],
    titles: Mapping[str, str],
    references: Mapping[str, str],
    stands: bool,
) -> Shown:
    terms = terms_of(session, hold)
    return Shown(
        hold=hold,
        stands=stands,
        about=references.get(hold.case_id or "") or terms.get("address") or _("everybody"),
        order=terms.get("order", ""),
        why=terms.get("lifted", ""),
        collections=tuple(titles.get(key, key) for key in hold.collections),
        set_by=names.get(hold.set_by, ""),
        lifted_by=names.get(hold.lifted_by or "", ""),
    )
