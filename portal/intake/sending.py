"""The end of the conversation: sign, check, send once. The receipt is ``receipt``."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.codes import mailbox_hash
from portal.cases import moves, signing
from portal.cases.models import Conversation
from portal.cases.moves import Filing
from portal.clock import now, today
from portal.errors import MoveRefused, NotYours
from portal.intake import conversations, pictures, script
from portal.intake.contact import SELF
from portal.intake.conversations import CONTACT, AlreadySent, Draft
from portal.intake.forms import Choice
from portal.intake.retelling import Teller, step_url
from portal.intake.room import Elsewhere, blueprint, draft_at, language, register, save_and_go_on, show
from portal.intake.wishes import HEADINGS, Wish, left, proposals
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
    asks_card = script.asks_card(draft.wishes)
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
    if draft.other_proof and script.asks_card([wish]):
        contact |= {"other_proof": draft.other_proof}
        contact |= {"other_proof_note": draft.other_proof_note} if draft.other_proof_note else {}
    answers = dict(wish.answers)
    if draft.words:
        answers[OWN_WORDS] = draft.words
    policy = register().policy_version
    return Filing(
        right=wish.right.slug,
        language=language(),
        answers=answers,
        contact=contact,
        signed=signing.sign(wish.right.slug, answers, contact, draft.signature, draft.signed_at, policy),
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
