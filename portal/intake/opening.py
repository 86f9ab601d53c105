"""The door: the landing page, and the turn that asks which right."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.access import ladder_of
from portal.errors import PortalError, TooManyTries
from portal.intake import conversations, limits, script
from portal.intake.bereaved import is_about_the_dead
from portal.intake.carrying import AGAIN
from portal.intake.coming_back import begun_here
from portal.intake.guessing import Guess, guess_of, of_the_dead
from portal.intake.replies import TOO_LONG
from portal.intake.retelling import OPENING, step_url
from portal.intake.room import (
    QUESTION,
    blueprint,
    draft_at,
    language,
    onward_url,
    open_room,
    register,
    save_and_go_on,
    show,
)
from portal.intake.wishes import taken
from portal.rights import RIGHTS
from portal.ui.choices import Choice
from portal.ui.forms import clean
from portal.understanding import Understanding
from portal.words import N_

LONGEST_WORDS = 5000
CHOOSE = N_("Choose what you want to do, or write it in your own words.")
CHOOSE_ONE = N_("Choose what you want to do.")


@blueprint.get("/")
@gates.public
def start() -> ResponseReturnValue:
    """Show the landing page; ``?right=`` chooses one of the seven beforehand."""
    return _landing(request.args.get("right", ""), "", [])


@blueprint.post("/")
@gates.public
def begin() -> ResponseReturnValue:
    """Start a conversation with the right that was chosen, or with what was written."""
    words, chosen = _words(), request.form.get("right", "")
    if faults := _faults(words, chosen, enough=bool(words), begins=True):
        return _landing(chosen, words, faults)
    if refusal := limits.refusal_to_begin():
        return _landing(chosen, words, [("", refusal)], TooManyTries.status)
    guess = None if chosen else read_words(words)
    draft = conversations.begin(db.session(), language(), [RIGHTS[chosen]] if chosen else [], words, guess)
    open_room(draft)
    db.session().commit()
    return redirect(onward_url(draft), 303)


@blueprint.get("/c/<conversation_id>/right", defaults={"number": 1})
@blueprint.get("/c/<conversation_id>/<int(min=2):number>-right")
@gates.conversation
def right(conversation_id: str, number: int) -> ResponseReturnValue:
    """Ask which right, for the first request of this conversation or another one."""
    key = script.right_key(number)
    draft = draft_at(conversation_id, key, db.reader())
    wish = draft.wish_of(draft.step(key))
    typed = {name: values[0] for name, values in draft.unsent.get(key, {}).items()}
    chosen = typed.get("right", wish.right.slug if wish.right else "")
    return _right_page(draft, key, chosen, typed.get("words", draft.words), [])


@blueprint.post("/c/<conversation_id>/right", defaults={"number": 1})
@blueprint.post("/c/<conversation_id>/<int(min=2):number>-right")
@gates.conversation
def choose_right(conversation_id: str, number: int) -> ResponseReturnValue:
    """Take the right, or several at once; keep the answers that still apply. Other words are read again."""
    words, chosen, key = _words(), _chosen(), script.right_key(number)
    seen = draft_at(conversation_id, key, db.reader())
    if not chosen and AGAIN in request.args and words and words == seen.words:
        return redirect(onward_url(seen), 303)  # nothing changed: back to what they were understood as
    if not chosen and number == 1 and words and words != seen.words and len(words) <= LONGEST_WORDS:
        return _take_other_words(conversation_id, words, read_words(words, seen.guess))
    if faults := _faults(words, chosen[0] if chosen else "", enough=False, begins=_begins(seen, key)):
        return _right_page(seen, key, chosen[0] if chosen else "", words, faults)
    draft = draft_at(conversation_id, key, db.session())
    if words != draft.words:
        draft.reopen({script.SIGN})
    draft.words = words
    try:
        conversations.choose_right(draft, number, RIGHTS[chosen[0]], register())
        for slug in chosen[1:]:
            conversations.add_wish(draft, RIGHTS[slug])
    except conversations.AskedTwice as fault:
        db.session().rollback()
        return _right_page(draft, key, chosen[0], words, [("right", _(fault.sentence))])
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


def read_words(words: str, before: Guess | None = None) -> Guess:
    """Return what ``words`` may mean; they go nowhere, and nothing is learnt from them (7.9)."""
    understanding: Understanding = current_app.extensions["portal_understanding"]
    guess = guess_of(understanding.read(words, language()), before)
    return of_the_dead(guess) if is_about_the_dead(words) else guess


def _take_other_words(conversation_id: str, words: str, guess: Guess) -> ResponseReturnValue:
    draft = draft_at(conversation_id, script.RIGHT, db.session())
    draft.words, draft.guess = words, guess
    draft.reopen({script.SIGN})
    conversations.save(db.session(), draft, language())
    db.session().commit()
    return redirect(f"{step_url(draft, script.RIGHT)}#{QUESTION}", 303)


def _chosen() -> list[str]:
    """Return the rights that were chosen: the one from the list, several in one go, or the one that was confirmed.

    The list counts first: who chose there and pressed Enter sent the first button of the page along.
    """
    several = request.form.getlist("rights") if "together" in request.form else []
    listed = request.form.get("right", "")
    given = [listed] if listed else several or [request.form.get("yes", "")]
    return [slug for slug in dict.fromkeys(given) if slug in RIGHTS]


def _landing(chosen: str, words: str, errors: list[tuple[str, str]], status: int = 422) -> ResponseReturnValue:
    page = render_template(
        "intake/start.html",
        rights=_rights(),
        chosen=chosen,
        words=words,
        longest=LONGEST_WORDS,
        errors=errors,
        unfinished_url=_unfinished(),
        begun=begun_here(),
        open_here=bool(gates.open_here()),
        asks_card=ladder_of(db.reader()).ever_asks_card(RIGHTS.values()),
    )
    return page, status if errors else 200


def _right_page(
    draft: conversations.Draft, key: str, chosen: str, words: str, errors: list[tuple[str, str]]
) -> ResponseReturnValue:
    undecided = bool(draft.words) and not taken(draft.wishes)
    guess = (draft.guess or Guess()) if undecided else Guess()
    again = AGAIN in request.args
    guessed = bool(guess.suggestions or guess.several or guess.route) and not again
    shown = (*guess.suggestions, *guess.several, *([guess.beside] if guess.beside else []))
    return show(
        draft,
        key,
        "guess" if guessed else "right",
        _(guess.sentence) if undecided and not again else _(OPENING),
        422 if errors else 200,
        back_url=url_for("intake.right", conversation_id=draft.id, again=1) if guessed else "",
        rights=[each for each in _rights() if not guessed or each.value not in guess.suggestions],
        suggested=[each for slug in shown for each in _rights() if each.value == slug],
        guess=guess,
        chosen=chosen,
        words=words,
        longest=LONGEST_WORDS,
        unsure=undecided and not again,
        begins=_begins(draft, key),
        errors=errors,
    )


def _begins(draft: conversations.Draft, key: str) -> bool:
    """Tell whether nothing is known yet of what the person wants, or their words are to change: words come first."""
    return key == script.RIGHT and not taken(draft.wishes) and (not draft.words or AGAIN in request.args)


def _rights() -> list[Choice]:
    return [Choice(each.slug, _(each.title), _(each.caption)) for each in RIGHTS.values()]


def _words() -> str:
    return clean(request.form.get("words"))


def _faults(words: str, chosen: str, *, enough: bool, begins: bool) -> list[tuple[str, str]]:
    """Return what is wrong; ``enough``: words will do without a right; ``begins``: they are asked for first."""
    if len(words) > LONGEST_WORDS:
        return [("words", _(TOO_LONG, limit=LONGEST_WORDS))]
    if chosen in RIGHTS or (enough and not chosen):
        return []
    return [("right", _(CHOOSE) if begins else _(CHOOSE_ONE))]


def _unfinished() -> str | None:
    """Return the way back into the conversation that was used last here, if it can be opened and was not sent.

    Never into one behind it: that may be another person's, on a shared computer.
    """
    held = gates.open_here()
    if not held:
        return None
    try:
        draft = conversations.load(db.reader(), held[0])
    except (PortalError, conversations.AlreadySent):
        return None
    return url_for("intake.turn", conversation_id=draft.id, step=draft.next_key)
