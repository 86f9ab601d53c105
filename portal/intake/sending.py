"""The end of the conversation: check, send once, receipt."""

from flask import redirect, render_template, session, url_for
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
from portal.errors import MoveRefused, NotYours
from portal.intake import conversations, pictures, script
from portal.intake.conversations import CONTACT, AlreadySent, Draft
from portal.intake.retelling import Teller, step_url
from portal.intake.room import Elsewhere, blueprint, draft_at, language, register, show
from portal.rights import RIGHTS

OWN_WORDS = "own_words"


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
        signed=signing.sign(draft.right.slug, answers, contact, draft.undersigned, draft.signed_at, policy),
        policy_version=policy,
        register_version=register().version,
    )
