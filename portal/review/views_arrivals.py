"""Requests that nobody filed on the portal: written down by telephone or at the counter, or read from a saved mail."""

from datetime import date, datetime, time

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.audit.desk_events import IdentitySeen
from portal.audit.record import record
from portal.cases.access import answers_of
from portal.cases.arrivals import CHANNELS, DOCUMENTS, Basis, note_arrival, set_arrival, set_asked
from portal.cases.incoming import Fate, fate_of, file_mail, read, take, words_of, written
from portal.cases.models import Case, Channel
from portal.cases.moves import file_for
from portal.clock import BRUSSELS, now, today
from portal.config import settings_of
from portal.errors import MoveRefused
from portal.register import Register
from portal.review import drafts
from portal.review.asked import OWN_WORDS, missing_of, offered, presumed, question_in, read_asked, read_whose
from portal.review.casefile import RESIDENCES
from portal.review.desk import DESK, blueprint
from portal.review.forms import LONGEST, Fault, FormFault
from portal.review.handling import ask_person, must_have
from portal.review.mailbox import HOME
from portal.review.reaching import BY_POST, read_reach, read_seen
from portal.review.views_case import load
from portal.ui.forms import clean
from portal.words import N_

BY_HAND = (Channel.PHONE, Channel.COUNTER, Channel.POST, Channel.MAIL)
NOT_FILED = {
    Fate.KNOWN: N_("This mail was read before: nothing was filed anew. Search for its sender."),
    Fate.AUTOMATIC: N_("A machine or this portal wrote this mail: nothing was filed. Is it a request? Write it down."),
    Fate.NO_SENDER: N_("This mail names no address that we can write to, so nothing was filed. Write it down."),
}
NOTHING = N_("Choose the saved mail.")
OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how a file of Outlook, .msg, begins
OF_OUTLOOK = N_("This is a file of Outlook (.msg). Save the mail as a file that ends in .eml.")


@blueprint.get("/new")
@gates.staff(*DESK)
def new_request() -> ResponseReturnValue:
    """Show the form for a request by telephone, at the counter or on paper."""
    return _page()


@blueprint.post("/new")
@gates.staff(*DESK)
def write_down() -> ResponseReturnValue:
    """File a request that was written down; its receipt goes out at once."""
    writing, faults = db.session(), list[Fault]()
    case = _written_down(writing, faults)
    if case is None or faults:
        writing.rollback()
        return _page(faults), 422
    flash(_said(Fate.FILED, case, on_paper=request.form.get("reach") == BY_POST), "ok")
    writing.commit()
    return redirect(url_for("review.case", case_id=case.id), 303)


@blueprint.get("/mail")
@gates.staff(*DESK)
def saved_mail() -> ResponseReturnValue:
    """Show the form for a saved mail."""
    return _mail_page()


@blueprint.post("/mail")
@gates.staff(*DESK)
def read_saved_mail() -> ResponseReturnValue:
    """File a saved mail, or add it to the request that it answers."""
    upload, reading = request.files.get("mail"), db.reader()
    data = upload.stream.read() if upload else b""
    if not data.strip():
        return _mail_page([("mail", _(NOTHING))]), 422
    if data.startswith(OUTLOOK):
        return _mail_page([("mail", _(OF_OUTLOOK))]), 422
    mail = read(data, reading)
    settled = fate_of(reading, mail)
    if settled is not None:
        return _mail_page([("mail", _(NOT_FILED[settled]))]), 422
    slots = settings_of(reading).data_dir / "slots"
    reading.rollback()
    taken = take(db.database(), mail, slots)
    said = f"{mail.subject}\n{mail.text}"
    guess = presumed(current_app.extensions["portal_understanding"], said, words_of(mail), HOME)
    case, fate = file_mail(db.session(), taken, guess, gates.staff_actor())
    flash(_said(fate, case), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case.id), 303)


@blueprint.post("/cases/<case_id>/arrival")
@gates.staff(*DESK)
def change_arrival(case_id: str) -> ResponseReturnValue:
    """Set the day on which a request came in, with a reason."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    faults: list[Fault] = []
    day, why = _day("arrived_on", faults), clean(request.form.get("arrival_why"))[:LONGEST]
    if not why:
        faults.append(("arrival_why", _("Write what shows that it came in on this day.")))
    if faults or day is None:
        raise FormFault(faults)
    set_arrival(db.session(), found, day, why, by)
    flash(_("The day is set. The person gets a receipt with the new dates."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/asked")
@gates.staff(*DESK)
def say_asked(case_id: str) -> ResponseReturnValue:
    """Say what a request asks; the sources are searched again for it."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    faults: list[Fault] = []
    words = str(answers_of(db.session(), found).get(OWN_WORDS, ""))
    asked = read_asked(request.form, _register(db.session()), words, faults)
    whose = read_whose(request.form, faults)
    if asked is None or faults:
        raise FormFault(faults)
    set_asked(db.session(), found, asked, whose, by)
    flash(_("It is kept what is asked. The sources are searched for it."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/missing")
@gates.staff(*DESK)
def ask_missing(case_id: str) -> ResponseReturnValue:
    """Ask the person for everything that is missing, as questions; the clock runs on."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    missing = missing_of(db.session(), found)
    if not missing:
        raise MoveRefused(N_("Nothing is missing."))
    ask_person(db.session(), found, question_in(found.language, missing), by)
    flash(_("Your question is on its way. The clock runs on."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


def _said(fate: Fate, case: Case, *, on_paper: bool = False) -> str:
    if on_paper:
        printed = N_("Request %(reference)s is filed. Print its receipt, and hand it over or post it.")
        return str(_(printed, reference=case.reference))
    if fate is Fate.FILED:
        return str(_("Request %(reference)s is filed, and its receipt is on its way.", reference=case.reference))
    return str(_("This mail belongs to request %(reference)s: it is among its messages.", reference=case.reference))


def _written_down(session: Session, faults: list[Fault]) -> Case | None:
    form, by = request.form, gates.staff_actor()
    channel = next((each for each in BY_HAND if each.value == form.get("channel")), None)
    if channel is None:
        faults.append(("channel", _("Choose how it came in.")))
    contact, seen = _contact(faults), read_seen(form, channel, faults)
    words = clean(form.get("words"))[:LONGEST]
    if not words:
        faults.append(("words", _("Write what the person asks, in their words.")))
    day = _day("arrived_on", faults)
    asked = read_asked(form, _register(session), words, faults)
    if faults or channel is None or asked is None or day is None:
        return None
    at = now() if day == today() else datetime.combine(day, time(12), BRUSSELS)
    case = file_for(session, written(session, channel, asked, contact, at), by, {})
    note_arrival(session, case, Basis.SAID, by, {"seen": seen} if seen else {})
    if seen:
        record(session, IdentitySeen(document=seen), by, case.id)
    return case


def _contact(faults: list[Fault]) -> dict[str, str]:
    form = request.form
    contact = read_reach(form, faults)
    contact["residence"] = form.get("residence", "") if form.get("residence") in RESIDENCES else ""
    return read_whose(form, faults).within(contact)


def _day(name: str, faults: list[Fault]) -> date | None:
    try:
        day = date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        faults.append((name, _("Choose a day.")))
        return None
    if day > today():
        faults.append((name, _("This day is still to come.")))
    return day


def _register(session: Session) -> Register:
    found: Register = session.info["register"]
    return found


def _page(errors: list[Fault] | None = None) -> str:
    return render_template(
        "review/new_request.html",
        values={"arrived_on": today().isoformat(), **drafts.kept(db.reader(), gates.current_staff()), **request.form},
        chosen=request.form.getlist("about"),
        channels=[(each.value, _(CHANNELS[each])) for each in BY_HAND],
        documents=[(kind, _(title)) for kind, title in DOCUMENTS.items()],
        residences=[(value, _(title)) for value, title in RESIDENCES.items()],
        today=today(),
        errors=errors or [],
        **offered(db.reader(), g.language),
    )


def _mail_page(errors: list[Fault] | None = None) -> str:
    return render_template("review/saved_mail.html", errors=errors or [])
