"""The demo's own page: the mails that would have gone out, the staff's app codes, a SPECIMEN card. Only in the demo."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.accounts.staff import current_code, find
from portal.config import settings_of
from portal.demo.medbook import SHOWCASE, Person
from portal.demo.medbook_app import hand_over
from portal.demo.specimen import draw_specimen
from portal.demo.staff import STAFF

blueprint = Blueprint("demo", __name__)
NEWEST = 40


@dataclass(frozen=True, slots=True)
class ShownMail:
    """One mail as the page shows it."""

    to: str
    subject: str
    at: datetime
    text: str
    language: str


@blueprint.get("/")
@gates.public
def show() -> ResponseReturnValue:
    """Show the newest mails, the staff's present app codes and the made-up people."""
    session = db.reader()
    staff = [(each, current_code(session, found)) for each in STAFF if (found := find(session, each.login))]
    mails = read_mails(settings_of(session).mail_dir)
    return render_template(
        "demo/show.html",
        mails=mails,
        staff=staff,
        people=SHOWCASE,
        handing_over=bool(settings_of(session).handover_secrets),
    )


@blueprint.post("/app/<int:number>")
@gates.public
def open_from_app(number: int) -> ResponseReturnValue:
    """Do what Medbook's app does for who is signed in there: call the portal over HTTP, and go to the link it gives."""
    person, settings = _shown_person(number), settings_of(db.reader())
    if not settings.handover_secrets or not person.account_id:
        abort(404)
    link = hand_over(
        settings.base_url,
        settings.handover_secrets[0],
        language=person.language,
        name=person.full_name,
        email=person.email,
        account=str(person.account_id),
    )
    return redirect(link, 303)


@blueprint.get("/specimen/<int:number>.jpg")
@gates.public
def specimen(number: int) -> ResponseReturnValue:
    """Return a drawn card, marked SPECIMEN, for one of the made-up people."""
    person = _shown_person(number)
    name = f"specimen-{number}.jpg"
    return Response(
        draw_specimen(person.full_name, person.language),
        mimetype="image/jpeg",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _shown_person(number: int) -> Person:
    if not 0 <= number < len(SHOWCASE):
        abort(404)
    return SHOWCASE[number]


def read_mails(folder: Path) -> list[ShownMail]:
    """Return the newest mails of the demo's post box, newest first."""
    paths = sorted(folder.glob("2*.eml"), reverse=True)[:NEWEST] if folder.exists() else []
    return [_shown(path) for path in paths]


def _shown(path: Path) -> ShownMail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("not a message")
    body = message.get_body(("plain",))
    return ShownMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        at=message["Date"].datetime,
        text=str(body.get_content()) if body else "",
        language=str(message["Content-Language"]),
    )
