"""The turns between the door and the card: every question of a right, who the person is, and the mailed code."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import codes, gates
from portal.accounts.codes import Verdict
from portal.accounts.models import CodePurpose
from portal.errors import MovedOn, NotYours, TooManyTries
from portal.intake import conversations, forms, guessing, limits, script
from portal.intake.conversations import Draft, Notice
from portal.intake.retelling import CODE_QUESTION, step_url
from portal.intake.room import (
    Elsewhere,
    blueprint,
    draft_at,
    language,
    open_mailbox,
    register,
    save_and_go_on,
    show,
    typed,
)
from portal.rights.base import Question
from portal.ui.problems import typed_texts
from portal.words import N_

CODE_SENT = N_("We sent a new code. It can take a minute to arrive.")
OF = "of"
"""Name of the hidden field that says which right asked a question."""
TYPE_IT = N_("Type the six digits from the mail.")


@blueprint.get("/c/<conversation_id>/<step>")
@gates.conversation
def turn(conversation_id: str, step: str) -> ResponseReturnValue:
    """Ask one question."""
    draft = draft_at(conversation_id, step, db.reader())
    asked = draft.step(step)
    told = _told_before(draft, asked)
    return _question_page(draft, asked, {**_form(draft, asked), **told}, hinted=bool(told))


@blueprint.post("/c/<conversation_id>/<step>")
@gates.conversation
def answer(conversation_id: str, step: str) -> ResponseReturnValue:
    """Take the answer to one question, or add or remove an item of a list."""
    form = typed()
    of = "".join(form.pop(OF, []))
    seen = _draft_asked(conversation_id, step, of, db.reader())
    asked = seen.step(step)
    if "add" in form or "remove" in form:
        return _change_list(conversation_id, step, form)
    try:
        given = script.validate(_question(asked), form, _context(seen, asked))
    except script.AnswerFault as fault:
        return _question_page(seen, asked, form, fault)
    draft = _draft_asked(conversation_id, step, of, db.session())
    conversations.give_answer(draft, asked, given, register())
    if step == conversations.CONTACT:
        _send_code(db.session(), draft, only_if_needed=True)
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


@blueprint.get("/c/<conversation_id>/code")
@gates.conversation
def code(conversation_id: str) -> ResponseReturnValue:
    """Ask for the code that was mailed."""
    return _code_page(draft_at(conversation_id, script.CODE, db.reader()))


@blueprint.post("/c/<conversation_id>/code")
@gates.conversation
def check_code(conversation_id: str) -> ResponseReturnValue:
    """Check the typed code, or send a new one."""
    draft = draft_at(conversation_id, script.CODE, db.session())
    if "again" in request.form:
        _send_code(db.session(), draft, only_if_needed=False)
        onward = save_and_go_on(draft)
        db.session().commit()
        return redirect(onward, 303)
    verdict, left = _check_code(db.session(), draft)
    if verdict is not Verdict.RIGHT:
        db.session().commit()
        return _code_page(draft, wrong_code(verdict, left))
    if refusal := limits.refusal_to_confirm(db.session(), draft):
        db.session().commit()
        return _code_page(draft, refusal)
    draft.done.add(script.CODE)
    draft.mailbox = draft.code_for
    open_mailbox(draft)
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


def _draft_asked(conversation_id: str, key: str, of: str, source: Session) -> Draft:
    """Return the conversation in which the question of the form that was sent is still asked; see ``draft_at``.

    Args:
        conversation_id: which one.
        key: of the turn.
        of: slug of the right whose question it was; two rights ask some under one key.
        source: any session.

    Raises:
        Elsewhere: another tab changed what comes before it.
        MovedOn: the same, and something was written that is nowhere else.
    """
    try:
        draft = draft_at(conversation_id, key, source)
        right = draft.wish_of(draft.step(key)).right
        if of and right and right.slug != of:
            raise Elsewhere(step_url(draft, key))
    except Elsewhere as way:
        if typed_texts():
            raise MovedOn(way.url) from way
        raise
    return draft


def _question(step: script.Step) -> Question:
    if step.question is None:
        raise NotYours
    return step.question


def _context(draft: Draft, step: script.Step) -> script.Context:
    """Return what an answer is judged against. Only a right has questions before the one about the person."""
    wish = draft.wish_of(step)
    if wish.right is None:
        raise NotYours
    return script.Context(wish.right, wish.answers, register())


def _form(draft: Draft, step: script.Step) -> dict[str, list[str]]:
    question, wish, answers = _question(step), draft.wish_of(step), draft.answers_at(step)
    if step.key in draft.unsent:
        return draft.unsent[step.key]
    if step.number and step.name in wish.pending:
        return wish.pending[step.name]
    if step.name in answers:
        return script.as_form(question, answers[step.name])
    kept = {script.input_name(question, "email"): [draft.keep_at]} if not step.number and draft.keep_at else {}
    return forms.presets(question) | kept


def _told_before(draft: Draft, step: script.Step) -> dict[str, list[str]]:
    """Return what the person's own words tell of a turn that nobody answered yet; they confirm it or change it."""
    begun = step.number and step.name in draft.wish_of(step).pending
    if draft.guess is None or begun or step.key in draft.unsent or step.name in draft.answers_at(step):
        return {}
    return guessing.prefilled(_question(step), _context(draft, step), draft.guess)


def _question_page(
    draft: Draft,
    step: script.Step,
    form: dict[str, list[str]],
    fault: script.AnswerFault | None = None,
    *,
    hinted: bool = False,
) -> ResponseReturnValue:
    right = draft.wish_of(step).right
    sheet = forms.sheet(_question(step), form, _context(draft, step), language(), fault.faults if fault else None)
    return show(
        draft,
        step.key,
        "question",
        sheet.title,
        422 if fault else 200,
        sheet=sheet,
        of=right.slug if step.number and right else "",
        hinted=hinted,
        errors=list(sheet.errors),
    )


def _change_list(conversation_id: str, key: str, form: dict[str, list[str]]) -> ResponseReturnValue:
    draft = draft_at(conversation_id, key, db.session())
    step = draft.step(key)
    question, pending = _question(step), draft.wish_of(step).pending
    if "add" in form:
        pending[step.name], place = forms.with_another_item(question, form)
    else:
        removed = form["remove"][0]
        place = int(removed) if removed.isdecimal() and len(removed) < 4 else 0
        pending[step.name] = forms.without_item(question, form, place)
        place = max(place - 1, 0)
    conversations.save(db.session(), draft, language())
    db.session().commit()
    return redirect(f"{step_url(draft, key)}#entry-{place + 1}", 303)


def _send_code(session: Session, draft: Draft, *, only_if_needed: bool) -> None:
    """Mail a code to the address given, unless it is confirmed or, where ``only_if_needed``, has one that still works.

    Too many codes is no fault of this turn: the answer is kept, and the next turn says when to try again.
    """
    address = draft.contact["email"]
    mailbox = codes.mailbox_hash(session, address)
    if draft.mailbox == mailbox:
        draft.done.add(script.CODE)
    waiting = draft.code_for == mailbox and codes.tries_left(session, CodePurpose.CONVERSATION, draft.id) > 0
    if script.CODE in draft.done or (only_if_needed and waiting):
        return
    try:
        codes.ask(session, CodePurpose.CONVERSATION, draft.id, address, language())
    except TooManyTries as fault:
        draft.notices.append(Notice(fault.sentence, "warn"))
        return
    draft.code_for = mailbox
    if not only_if_needed:
        draft.notices.append(Notice(CODE_SENT, "ok"))


def _check_code(session: Session, draft: Draft) -> tuple[Verdict, int]:
    """Return what became of the typed code and how many tries it has left.

    A code that went to another address than the one given now proves nothing about this one.
    """
    if draft.code_for != codes.mailbox_hash(session, draft.contact["email"]):
        return Verdict.EXPIRED, 0
    verdict = codes.check(session, CodePurpose.CONVERSATION, draft.id, request.form.get("code", ""))
    left = 0 if verdict is Verdict.RIGHT else codes.tries_left(session, CodePurpose.CONVERSATION, draft.id)
    return verdict, left


def wrong_code(verdict: Verdict, left: int) -> str:
    """Return what to say to a typed code that was not the right one; ``left`` is how many tries it still has."""
    if verdict is not Verdict.WRONG:
        return str(_(codes.SENTENCES[verdict]))
    if not left:
        return str(_(codes.SENTENCES[Verdict.NO_TRIES_LEFT]))
    tries = ngettext("You have %(num)d try left.", "You have %(num)d tries left.", left)
    return f"{_(codes.SENTENCES[verdict])} {tries}"


def _code_page(draft: Draft, error: str = "") -> ResponseReturnValue:
    return show(
        draft,
        script.CODE,
        "code",
        _(CODE_QUESTION),
        422 if error else 200,
        address=draft.contact["email"],
        change_url=step_url(draft, conversations.CONTACT),
        errors=[("code", error)] if error else [],
        error=error,
        hint=_(TYPE_IT),
    )
