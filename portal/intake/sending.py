"""The end of the conversation: sign, check, send once, receipt."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.codes import mailbox_hash
from portal.cases import moves, signing
from portal.cases.access import case_of_person, contact_of, right_of
from portal.cases.models import Case, Conversation
from portal.cases.moves import Filing
from portal.cases.papers import papers_of
from portal.clock import now, today
from portal.errors import MoveRefused, NotYours
from portal.intake import conversations, pictures, script
from portal.intake.contact import SELF
from portal.intake.conversations import CONTACT, AlreadySent, Draft
from portal.intake.retelling import Teller, step_url
from portal.intake.room import Elsewhere, blueprint, draft_at, language, register, save_and_go_on, show
from portal.rights import RIGHTS
from portal.ui.forms import one_line
from portal.words import N_

OWN_WORDS = "own_words"
LONGEST_NAME = 200
NO_NAME = N_("Enter your full name.")
LONG_NAME = N_("This name is too long. Use at most 200 characters.")
OTHER_NAME = N_("This is not the name you gave before. Is this you? Then tick the box below, or change the name.")


@blueprint.get("/c/<conversation_id>/sign")
@gates.conversation
def sign(conversation_id: str) -> ResponseReturnValue:
    """Ask for the signature."""
    draft = draft_at(conversation_id, script.SIGN, db.reader())
    return _sign_page(draft, draft.signature)


@blueprint.post("/c/<conversation_id>/sign")
@gates.conversation
def put_signature(conversation_id: str) -> ResponseReturnValue:
    """Take the typed name; a name that differs is asked about once, and then taken."""
    name = one_line(request.form.get("signature"))
    seen = draft_at(conversation_id, script.SIGN, db.reader())
    if not name or len(name) > LONGEST_NAME:
        return _sign_page(seen, name, _(LONG_NAME if name else NO_NAME))
    if not _same_name(name, seen.contact["name"]) and request.form.get("confirmed") != "yes":
        return _sign_page(seen, name, _(OTHER_NAME), ask_again=True)
    draft = draft_at(conversation_id, script.SIGN, db.session())
    draft.signature, draft.signed_at = name, now()
    draft.done.add(script.SIGN)
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


@blueprint.get("/c/<conversation_id>/check")
@gates.conversation
def check(conversation_id: str) -> ResponseReturnValue:
    """Show every answer once more, each with a way to change it."""
    draft = draft_at(conversation_id, script.CHECK, db.reader())
    teller = Teller(draft, register(), language(), pictures.living(db.reader(), draft.id))
    offers = draft.right.offers if draft.right else ()
    return show(
        draft,
        script.CHECK,
        "check",
        _("Check and send"),
        rows=teller.rows(),
        offers=[_(offer.sentence) for offer in offers],
    )


@blueprint.post("/c/<conversation_id>/check")
@gates.conversation
def send(conversation_id: str) -> ResponseReturnValue:
    """Send the request, once: a second press shows the same receipt."""
    draft = draft_at(conversation_id, script.CHECK, db.session())
    _file(db.session(), draft)
    db.session().commit()
    return redirect(url_for("intake.received", conversation_id=conversation_id), 303)


@blueprint.get("/c/<conversation_id>/received")
@gates.conversation
def received(conversation_id: str) -> ResponseReturnValue:
    """Show the receipt, as long as the session lasts."""
    source = db.reader()
    case_id = source.scalar(select(Case.id).where(Case.conversation_id == conversation_id))
    if case_id is None:
        draft = conversations.load(source, conversation_id)
        raise Elsewhere(step_url(draft, draft.next_key))
    case = case_of_person(source, case_id, str(session.get(gates.MAILBOX, "")))
    filed = right_of(case)
    return render_template(
        "intake/received.html",
        case=case,
        title=_(filed.title),
        address=contact_of(source, case)["email"],
        papers=papers_of(source, case),
        offers=[
            (_(each.sentence), _(RIGHTS[each.right].title), url_for("intake.start", right=each.right))
            for each in filed.offers
        ],
    )


def _file(source: Session, draft: Draft) -> Case:
    """Turn the conversation into a case, and empty it."""
    conversation = source.get(Conversation, draft.id)
    if draft.right is None or draft.signed_at is None or conversation is None:
        raise NotYours
    if draft.mailbox != mailbox_hash(source, draft.contact["email"]):
        raise Elsewhere(step_url(draft, CONTACT))
    asks_card = script.IDENTITY in {step.key for step in draft.steps}
    card = pictures.living(source, draft.id)
    if asks_card and not draft.other_proof and (card is None or not card.masked):
        raise Elsewhere(step_url(draft, script.IDENTITY))
    if not asks_card:
        pictures.throw_away(source, draft.id)
    try:
        case = moves.submit(source, conversation, _filing(draft))
    except MoveRefused as fault:
        raise AlreadySent from fault
    conversations.forget(source, draft.id)
    return case


def _filing(draft: Draft) -> Filing:
    if draft.right is None or draft.signed_at is None:
        raise NotYours
    asks_card = script.IDENTITY in {step.key for step in draft.steps}
    contact = {key: value for key, value in draft.contact.items() if value}
    if draft.other_proof and asks_card:
        contact |= {"other_proof": draft.other_proof}
        contact |= {"other_proof_note": draft.other_proof_note} if draft.other_proof_note else {}
    answers = {key: value for key, value in draft.answers.items() if key != CONTACT}
    if draft.words:
        answers[OWN_WORDS] = draft.words
    policy = register().policy_version
    return Filing(
        right=draft.right.slug,
        language=language(),
        answers=answers,
        contact=contact,
        signed=signing.sign(draft.right.slug, answers, contact, draft.signature, draft.signed_at, policy),
        policy_version=policy,
        register_version=register().version,
    )


def _same_name(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _sign_page(draft: Draft, name: str, error: str = "", *, ask_again: bool = False) -> ResponseReturnValue:
    given = draft.contact["name"]
    for_self = draft.contact.get("acting", SELF) == SELF
    statement = (
        _("I am %(name)s and I ask this about my own data.", name=given)
        if for_self
        else _("I am %(name)s and I ask this for someone else.", name=given)
    )
    return show(
        draft,
        script.SIGN,
        "sign",
        _("Sign your request"),
        422 if error else 200,
        statement=statement,
        signature=name,
        ask_again=ask_again,
        today=today(),
        error=error,
        errors=[("signature", error)] if error else [],
    )
