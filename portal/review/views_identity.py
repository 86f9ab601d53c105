"""Looking at the card and judging it. Asking to see it is a POST, because it is logged; each look gives one picture."""

import secrets
from datetime import datetime, timedelta

from flask import Response, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.models import Staff
from portal.accounts.sessions import spend
from portal.audit.record import Actor
from portal.cases.access import case_for_staff, contact_of, evidence_of
from portal.cases.covers import must_be_covered
from portal.cases.mail_files import SORT_FIRST, is_unsorted
from portal.cases.models import Case, Channel, Evidence
from portal.cases.representing import is_for_other
from portal.clock import now, today
from portal.config import settings_of
from portal.errors import MoveRefused, NotYours
from portal.files.evidence import watermark
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault
from portal.review import forms
from portal.review.desk import DESK, blueprint
from portal.review.handling import must_have, must_not_have_taken_in
from portal.review.history import entries_of, viewed_by
from portal.review.identity import judge, show_card
from portal.ui.filters import datetimelong
from portal.ui.headers import PICTURE_POLICY

CARD_VIEW = "card_view"
VIEW_LIVES = timedelta(minutes=5)


@blueprint.post("/cases/<case_id>/card")
@gates.staff(*DESK)
def show_picture(case_id: str) -> ResponseReturnValue:
    """Log that the reviewer on the case looks at the card, and let this session fetch it once within five minutes.

    One on which something is still open is only shown to be covered.
    """
    found, by = case_for_staff(db.session(), case_id, gates.current_staff()), gates.staff_actor()
    must_have(db.session(), found, by)
    card = open_look(db.session(), found, by)
    onward = url_for("review.case", case_id=case_id, _anchor="identity")
    if not card.masked:
        onward = url_for("review.cover_card", case_id=case_id)
    db.session().commit()
    return redirect(onward, 303)


@blueprint.get("/cases/<case_id>/card/<view>")
@gates.staff(*DESK)
def picture(case_id: str, view: str) -> ResponseReturnValue:
    """Give the picture of one logged look, once, with the reviewer and the moment burned in."""
    member = gates.current_staff()
    found = case_for_staff(db.reader(), case_id, member)
    card = evidence_of(db.reader(), found)
    if card is None or card.file is None or found.assigned_to != member.id or _living_view(found, card) != view:
        raise NotYours
    if not spend(db.database(), session, CARD_VIEW):  # type: ignore[arg-type] # flask's proxy of our own session
        raise NotYours
    vault: Vault = db.reader().info["vault"]
    key = data_key(db.reader(), card.id, Purpose.IDENTITY)
    jpeg = b"".join(vault.read(card.file, key, card.id))
    slots = settings_of(db.reader()).data_dir / "slots"
    marked = watermark(jpeg, _mark(found, member), slots)
    return Response(marked, content_type="image/jpeg", headers=PICTURE_POLICY)


@blueprint.post("/cases/<case_id>/identity")
@gates.staff(*DESK)
def judge_identity(case_id: str) -> ResponseReturnValue:
    """Take the verdict; whatever it is, the picture is gone with the commit, and its file right after."""
    writing, by = db.session(), gates.staff_actor()
    found = case_for_staff(writing, case_id, gates.current_staff())
    must_have(writing, found, by)
    must_not_have_taken_in(writing, found, by)
    card = evidence_of(writing, found)
    if is_unsorted(writing, found):
        raise MoveRefused(SORT_FIRST)
    must_be_covered(card)
    viewed = card is not None and viewed_by(entries_of(writing, found), card.id, by.id)
    signed = found.channel is Channel.PORTAL
    for_other = is_for_other(contact_of(writing, found))
    said = forms.read_judgement(request.form, card, viewed, signed=signed, for_other=for_other)
    files = judge(writing, found, said, by)
    session.pop(CARD_VIEW, None)
    flash(_("Your verdict is kept. The picture is deleted.") if files else _("Your verdict is kept."), "ok")
    writing.commit()
    for name in files:
        writing.info["vault"].delete(name)
    return redirect(url_for("review.case", case_id=case_id), 303)


def open_look(writing: Session, found: Case, by: Actor) -> Evidence:
    """Put a look at the card of ``found`` on record, and let this session fetch the picture once; return the card.

    Raises:
        MoveRefused: there is no picture any more.
    """
    card = show_card(writing, found, by)
    until = (now() + VIEW_LIVES).isoformat()
    session[CARD_VIEW] = {"case": found.id, "card": card.id, "view": secrets.token_hex(16), "until": until}
    return card


def copy_mark() -> str:
    """Return the words across a copy for good: what it is for, and when it was made."""
    product = settings_of(db.reader()).controller.product
    return str(_("COPY only for a privacy request to %(product)s, %(day)s", product=product, day=f"{today():%d-%m-%Y}"))


def picture_url(found: Case, card: Evidence | None) -> str | None:
    """Return where the picture of a look that was just logged is fetched; None where there is none."""
    view = _living_view(found, card) if card is not None else None
    return url_for("review.picture", case_id=found.id, view=view) if view else None


def _living_view(found: Case, card: Evidence) -> str | None:
    look: dict[str, str] = session.get(CARD_VIEW) or {}
    if look.get("case") != found.id or look.get("card") != card.id:
        return None
    return look["view"] if datetime.fromisoformat(look["until"]) > now() else None


def _mark(found: Case, member: Staff) -> str:
    text: str = _(
        "COPY, only for %(reference)s. %(name)s, %(moment)s",
        reference=found.reference,
        name=member.name,
        moment=datetimelong(now()),
    )
    return text
