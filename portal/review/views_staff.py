"""The administrator's pages: who works here, inviting, roles, disabling, beginning anew. No case, no content."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import activations, gates, members
from portal.accounts.factors import is_locked, passkeys_of
from portal.accounts.members import history_of
from portal.accounts.models import Role, Staff
from portal.accounts.own_sessions import end_sessions, sessions_of
from portal.config import LANGUAGES
from portal.errors import InputRejected, MoveRefused, NotYours
from portal.review import drafts
from portal.review.account_words import in_words
from portal.review.desk import blueprint
from portal.review.fresh import asks, fresh
from portal.review.leaving import release_cases
from portal.ui.forms import is_address, one_line

LONGEST_NAME = 120


@blueprint.get("/staff", endpoint="members")
@gates.staff(Role.ADMIN)
def members_page() -> ResponseReturnValue:
    """Show who works here, and what happened to accounts lately."""
    return _members_page()


@blueprint.post("/staff")
@gates.staff(Role.ADMIN)
@fresh
def invite_member() -> ResponseReturnValue:
    """Add somebody: a link goes to their address, and the next page shows the code to tell them."""
    name, login = one_line(request.form.get("name"))[:LONGEST_NAME], one_line(request.form.get("email"))
    role = next((each for each in Role if each.value == request.form.get("role")), None)
    language = request.form.get("language", "nl")
    faults = [] if name else [("name", _("Write the name."))]
    faults += [] if is_address(login) else [("email", _("Write one whole mail address."))]
    faults += [] if role is not None else [("role", _("Choose a role."))]
    if faults or role is None or language not in LANGUAGES:
        return _members_page(faults), 422
    try:
        member, _activation = activations.invite(db.session(), name, login, role, language, gates.staff_actor())
    except InputRejected as refused:
        db.session().rollback()
        return _members_page([("email", _(refused.sentence))]), 422
    flash(_("Invited. Tell them the code yourself; the link is on its way by mail."), "ok")
    db.session().commit()
    return redirect(url_for("review.member", member_id=member.id), 303)


@blueprint.get("/staff/<member_id>")
@gates.staff(Role.ADMIN)
def member(member_id: str) -> ResponseReturnValue:
    """Show one account: state, factors, sessions, history."""
    return _member_page(member_id)


@blueprint.post("/staff/<member_id>/role")
@gates.staff(Role.ADMIN)
@fresh
def change_role(member_id: str) -> ResponseReturnValue:
    """Give another role; it counts from their next request, and their sessions end."""
    found, by = _load(db.session(), member_id), gates.staff_actor()
    role = next((each for each in Role if each.value == request.form.get("role")), None)
    if role is None:
        return _member_page(member_id, [("role", _("Choose a role."))]), 422
    try:
        members.change_role(db.session(), found.id, role, by)
    except MoveRefused as refused:
        return _refused(member_id, refused)
    release_cases(db.session(), found, by)
    flash(_("The role is changed, and their sessions have ended."), "ok")
    db.session().commit()
    return redirect(url_for("review.member", member_id=member_id), 303)


@blueprint.post("/staff/<member_id>/disable")
@gates.staff(Role.ADMIN)
@fresh
def disable_member(member_id: str) -> ResponseReturnValue:
    """Let somebody in no more; what they had in hand is free again."""
    found, by = _load(db.session(), member_id), gates.staff_actor()
    try:
        members.disable(db.session(), found.id, by)
    except MoveRefused as refused:
        return _refused(member_id, refused)
    release_cases(db.session(), found, by)
    flash(_("Disabled. What they had in hand is free for others."), "ok")
    db.session().commit()
    return redirect(url_for("review.member", member_id=member_id), 303)


@blueprint.post("/staff/<member_id>/enable")
@gates.staff(Role.ADMIN)
@fresh
def enable_member(member_id: str) -> ResponseReturnValue:
    """Let somebody in again."""
    found = _load(db.session(), member_id)
    try:
        members.enable(db.session(), found.id, gates.staff_actor())
    except MoveRefused as refused:
        return _refused(member_id, refused)
    flash(_("Enabled."), "ok")
    db.session().commit()
    return redirect(url_for("review.member", member_id=member_id), 303)


@blueprint.post("/staff/<member_id>/code")
@gates.staff(Role.ADMIN)
@fresh
def invite_again(member_id: str) -> ResponseReturnValue:
    """Send a new link and show a new code; the ones before stop working."""
    found = _load(db.session(), member_id)
    try:
        activations.invite_again(db.session(), found, gates.staff_actor())
    except MoveRefused as refused:
        return _refused(member_id, refused)
    flash(_("A new link is on its way, with a new code."), "ok")
    db.session().commit()
    return redirect(url_for("review.member", member_id=member_id), 303)


@blueprint.post("/staff/<member_id>/reset")
@gates.staff(Role.ADMIN)
@fresh
def ask_reset(member_id: str) -> ResponseReturnValue:
    """Ask that somebody may begin anew; another administrator or the privacy manager confirms it."""
    found = _load(db.session(), member_id)
    try:
        activations.ask_reset(db.session(), found, gates.staff_actor())
    except MoveRefused as refused:
        return _refused(member_id, refused)
    flash(_("Asked. Another administrator or the privacy manager must confirm it."), "ok")
    db.session().commit()
    return redirect(url_for("review.member", member_id=member_id), 303)


@blueprint.post("/staff/<member_id>/sessions")
@gates.staff(Role.ADMIN)
def end_member_sessions(member_id: str) -> ResponseReturnValue:
    """End every session of somebody else, at once (ASVS 7.4.5)."""
    found = _load(db.session(), member_id)
    end_sessions(db.session(), found, gates.staff_actor())
    flash(_("Ended."), "ok")
    db.session().commit()
    return redirect(url_for("review.member", member_id=member_id), 303)


def _load(session: Session, member_id: str) -> Staff:
    found = session.get(Staff, member_id)
    if found is None:
        raise NotYours
    return found


def _refused(member_id: str, refused: MoveRefused) -> ResponseReturnValue:
    db.session().rollback()
    return _member_page(member_id, [("", _(refused.sentence, **refused.values))]), refused.status


def _members_page(errors: list[tuple[str, str]] | None = None) -> str:
    reading = db.reader()
    return render_template(
        "review/members.html",
        accesses=members.access_review(reading),
        history=in_words(reading, history_of(reading)),
        roles=list(Role),
        language_names=LANGUAGES,
        values={**drafts.kept(reading, gates.current_staff()), **request.form},
        errors=errors or [],
        **asks(),
    )


def _member_page(member_id: str, errors: list[tuple[str, str]] | None = None) -> str:
    reading = db.reader()
    found = _load(reading, member_id)
    activation = activations.latest(reading, found)
    return render_template(
        "review/member.html",
        member=found,
        own=found.id == gates.current_staff().id,
        locked=is_locked(found),
        passkeys=passkeys_of(reading, found),
        sessions=sessions_of(reading, found),
        activation=activation,
        code=activations.code_to_hand_over(reading, activation),
        history=in_words(reading, history_of(reading, found)),
        roles=list(Role),
        errors=errors or [],
        **asks(),
    )
