"""The demo's own page: the mails that would have gone out, the staff's app codes, a SPECIMEN card. Only in the demo."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.accounts.staff import current_code, find
from portal.config import settings_of
from portal.demo.medbook import SHOWCASE
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
    return render_template("demo/show.html", mails=mails, staff=staff, people=SHOWCASE)


@blueprint.get("/specimen/<int:number>.jpg")
@gates.public
def specimen(number: int) -> ResponseReturnValue:
    """Return a drawn card, marked SPECIMEN, for one of the made-up people."""
    if not 0 <= number < len(SHOWCASE):
        abort(404)
    person = SHOWCASE[number]
    name = f"specimen-{number}.jpg"
    return Response(
        draw_specimen(person.full_name, person.language),
        mimetype="image/jpeg",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


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
