"""The end of the conversation: check, send once. The signature is ``signatures``, the receipt ``receipt``."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.codes import mailbox_hash
from portal.cases import moves, signing
from portal.cases.models import Conversation
from portal.cases.moves import Filing
from portal.errors import MoveRefused, NotYours
from portal.intake import conversations, pictures, script
from portal.intake.conversations import CONTACT, AlreadySent, Draft
from portal.intake.retelling import Teller, step_url
from portal.intake.room import Elsewhere, blueprint, draft_at, language, register, show
from portal.intake.wishes import HEADINGS, Wish, left, proposals
from portal.ui.choices import Choice

OWN_WORDS = "own_words"


@blueprint.get("/c/<conversation_id>/check")
@gates.conversation
def check(conversation_id: str) -> ResponseReturnValue:
    """Show every answer once more, each with a way to change it, and what could be asked too."""
    return check_page(draft_at(conversation_id, script.CHECK, db.reader()), [])


@blueprint.post("/c/<conversation_id>/check")
@gates.conversation
def send(conversation_id: str) -> ResponseReturnValue:
    """Send everything that is asked, once: a second press shows the same receipt."""
    draft = draft_at(conversation_id, script.CHECK, db.session())
    _file(db.session(), draft)
    db.session().commit()
    return redirect(url_for("intake.received", conversation_id=conversation_id), 303)


def check_page(draft: Draft, errors: list[tuple[str, str]]) -> ResponseReturnValue:
    """Show the page on which everything is checked, with ``errors`` about what was to be added."""
    teller = Teller(draft, register(), language(), pictures.living(db.reader(), draft.id))
    return show(
        draft,
        script.CHECK,
        "check",
        _("Check and send"),
        422 if errors else 200,
        groups=[
            (_(heading), wish.right.slug, teller.rows(number))
            for number, (heading, wish) in enumerate(zip(HEADINGS, draft.wishes, strict=False), 1)
            if wish.right
        ],
        shared=teller.rows(0),
        offers=[(each.offer.right, _(each.offer.sentence)) for each in proposals(draft.wishes)],
        others=[Choice(right.slug, _(right.title), _(right.caption)) for right in left(draft.wishes)],
        wrote=bool(draft.words),
        errors=errors,
        fault=dict(errors).get("right", ""),
    )


def _file(source: Session, draft: Draft) -> None:
    """Turn the conversation into one case for each wish, and empty it."""
    conversation = source.get(Conversation, draft.id)
    if draft.signed_at is None or conversation is None:
        raise NotYours
    if draft.mailbox != mailbox_hash(source, draft.contact["email"]):
        raise Elsewhere(step_url(draft, CONTACT))
    asks_card = draft.asks_card(draft.wishes)
    card = pictures.living(source, draft.id)
    if asks_card and not draft.other_proof and (card is None or not card.masked):
        raise Elsewhere(step_url(draft, script.IDENTITY))
    if not asks_card:
        pictures.throw_away(source, draft.id)
    try:
        moves.submit(source, conversation, [_filing(draft, wish) for wish in draft.wishes])
    except MoveRefused as fault:
        raise AlreadySent from fault
    conversations.forget(source, draft.id)


def _filing(draft: Draft, wish: Wish) -> Filing:
    if wish.right is None or draft.signed_at is None:
        raise NotYours
    contact = {key: value for key, value in draft.contact.items() if value}
    if draft.other_proof and draft.asks_card([wish]):
        contact |= {"other_proof": draft.other_proof}
        contact |= {"other_proof_note": draft.other_proof_note} if draft.other_proof_note else {}
    account = {"account": draft.vouch.account, "handed_over_at": draft.vouch.at.isoformat()} if draft.vouch else {}
    answers = dict(wish.answers)
    if draft.words:
        answers[OWN_WORDS] = draft.words
    policy = register().policy_version
    return Filing(
        right=wish.right.slug,
        language=language(),
        answers=answers,
        contact=contact | (account if draft.is_known else {}),  # what the app said is not what the person signed
        signed=signing.sign(wish.right.slug, answers, contact, draft.undersigned, draft.signed_at, policy),
        policy_version=policy,
        register_version=register().version,
    )
