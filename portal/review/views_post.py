"""Letters to post and files to hand over, for who has no mailbox; and what the person says, written down for them."""

from datetime import date
from itertools import chain

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.attachments import FULL, MOST_FILES, MOST_OF_CASE, TOO_MANY, Sealed, count_of
from portal.cases.by_post import READY, PostLetter, Way, note_printed, post_at, read_post, waiting_posts
from portal.cases.mail_files import keep_files
from portal.cases.models import Channel
from portal.clock import today
from portal.config import settings_of
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault
from portal.review.desk import DESK, blueprint
from portal.review.forms import LONGEST, Fault, FormFault
from portal.review.fresh import fresh
from portal.review.handling import must_be_anothers, must_have
from portal.review.posting import HEARD, SAYS, TITLES, keep_said, make_again, send_off, take_along
from portal.review.views_case import load
from portal.ui.chosen import uploads
from portal.ui.forms import clean
from portal.ui.headers import PICTURE_POLICY, as_pdf
from portal.words import N_

NOT_TAKEN = N_("Nothing was kept. These files cannot be taken: %(names)s. Choose your files again.")


@blueprint.get("/post")
@gates.staff(*DESK)
def to_post() -> ResponseReturnValue:
    """Show every letter that waits for the post, the oldest first."""
    return render_template("review/to_post.html", waiting=waiting_posts(db.reader()), titles=TITLES, today=today())


@blueprint.post("/cases/<case_id>/post/<post_id>/letter.pdf")
@gates.staff(*DESK)
def print_post(case_id: str, post_id: str) -> ResponseReturnValue:
    """Give a letter to be printed."""
    found = load(db.reader(), case_id)
    row = post_at(db.reader(), found, post_id)
    content, name = read_post(db.reader(), row), f"{found.reference}-{row.letter}.pdf"
    note_printed(db.session(), row, gates.staff_actor())
    db.session().commit()
    return as_pdf(content, name)


@blueprint.post("/cases/<case_id>/post/<post_id>/left")
@gates.staff(*DESK)
def note_post(case_id: str, post_id: str) -> ResponseReturnValue:
    """Note when a letter left, and how."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    row = post_at(db.session(), found, post_id)
    must_be_anothers(db.session(), found, by)
    way, on = _left(row)
    send_off(db.session(), found, row, way, on, by)
    flash(_("It is noted that the letter left."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="post"), 303)


@blueprint.post("/cases/<case_id>/file/<int:part>")
@gates.staff(*DESK)
@fresh
def carry_file(case_id: str, part: int) -> ResponseReturnValue:
    """Give a part of the file to who hands it over."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    package, wanted = take_along(db.session(), found, part, by)
    vault: Vault = db.reader().info["vault"]
    name, key = package.file or "", data_key(db.reader(), package.id, Purpose.PACKAGE)
    pieces = [vault.read(name, key, package.id, one, two) for one, two in wanted.stored(0, wanted.size)]
    called = f"{found.reference}-{wanted.number}-of-{wanted.of}.zip" if wanted.of > 1 else f"{found.reference}.zip"
    headers = {**PICTURE_POLICY, "Content-Disposition": f'attachment; filename="{called}"'}
    db.session().commit()
    return Response(chain.from_iterable(pieces), mimetype="application/zip", headers=headers)


@blueprint.post("/cases/<case_id>/file-again")
@gates.staff(*DESK)
def make_file_again(case_id: str) -> ResponseReturnValue:
    """Have the file made again."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    make_again(db.session(), found, by)
    flash(_("The file is being made again. A letter that goes with it comes here."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="post"), 303)


@blueprint.post("/cases/<case_id>/heard")
@gates.staff(*DESK)
def write_down_said(case_id: str) -> ResponseReturnValue:
    """Keep what a person without a mailbox says by telephone, by letter or at the counter."""
    found, by = load(db.reader(), case_id), gates.staff_actor()
    must_be_anothers(db.reader(), found, by)
    how, what, text = _heard()
    files = _taken(case_id)
    found = load(db.session(), case_id)
    must_be_anothers(db.session(), found, by)
    gone = keep_said(db.session(), found, what, text, how, files, by)
    flash(_("It is kept as what the person said."), "ok")
    db.session().commit()
    for name in gone:
        db.database().info["vault"].delete(name)
    return redirect(url_for("review.case", case_id=case_id, _anchor="post"), 303)


def _left(row: PostLetter) -> tuple[Way, date]:
    """Return how and when a letter left; the card of who fetches data at the counter is looked at again."""
    faults: list[Fault] = []
    way = next((each for each in Way if each.value == request.form.get("way")), None)
    if way is None:
        faults.append((f"way-{row.id}", _("Choose how it left.")))
    try:
        on = date.fromisoformat(request.form.get("left_on", ""))
    except ValueError:
        on = today()
        faults.append((f"left-{row.id}", _("Choose a day.")))
    if row.letter == READY and way is Way.COUNTER and "card_seen" not in request.form:
        faults.append((f"card-{row.id}", _("Look at the card again before you hand data over.")))
    if faults or way is None:
        raise FormFault(faults)
    return way, on


def _heard() -> tuple[Channel, str, str]:
    faults: list[Fault] = []
    how = next((each for each in HEARD if each.value == request.form.get("how")), None)
    what, text = request.form.get("meant", ""), clean(request.form.get("said"))
    if how is None:
        faults.append(("how", _("Choose how it came in.")))
    if what not in SAYS:
        faults.append(("meant", _("Choose what the person says.")))
    if not text:
        faults.append(("said", _("Write what the person says, in their words.")))
    if len(text) > LONGEST:
        faults.append(("said", _("Use at most %(count)d characters.", count=LONGEST)))
    if faults or how is None:
        raise FormFault(faults)
    return how, what, text


def _taken(case_id: str) -> list[Sealed]:
    """Return the files, in the vault already and each with a key of its own: one may be the copy of a card."""
    sent = uploads("papers")
    if not sent:
        return []
    if len(sent) > MOST_FILES:
        raise FormFault([("papers", _(TOO_MANY))])
    if count_of(db.reader(), case_id) + len(sent) > MOST_OF_CASE:
        raise FormFault([("papers", _(FULL))])
    slots = settings_of(db.reader()).data_dir / "slots"
    db.session().commit()  # what was kept at a sign-out is dropped on the way here: no lock may outlive that
    db.reader().rollback()
    files, left_out = keep_files(db.database(), [(name, stream.read()) for name, stream in sent], slots)
    if left_out:
        raise FormFault([("papers", _(NOT_TAKEN, names=", ".join(left_out)))])
    return files
