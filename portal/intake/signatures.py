"""The turn of the signature: a name, typed or with a drawing over it. The date is the server's, in Brussels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.signing import DRAWN, TYPED, Signature
from portal.cases.strokes import DrawingRefused, Strokes, pack, parse
from portal.clock import now, today
from portal.intake import script
from portal.intake.contact import SELF
from portal.intake.conversations import Draft
from portal.intake.room import blueprint, draft_at, save_and_go_on, show
from portal.ui.forms import one_line
from portal.words import N_

LONGEST_NAME = 200
NO_NAME = N_("Enter your full name.")
LONG_NAME = N_("This name is too long. Use at most 200 characters.")
OTHER_NAME = N_("This is not the name you gave before. Is this you? Then tick the box below, or change the name.")
WAYS = (
    (TYPED, N_("Type my name"), N_("With the keyboard.")),
    (DRAWN, N_("Draw my signature"), N_("With your finger, a pen or the mouse.")),
)
TYPED_FIELD, DRAWN_FIELD = "signature", "drawing"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a person sent as their signature, and what is wrong with it (a source sentence; empty: nothing)."""

    kind: str = TYPED
    name: str = ""
    strokes: Strokes | None = None
    fault: str = ""
    ask_again: bool = False

    @property
    def field(self) -> str:
        """The field its fault belongs to."""
        return DRAWN_FIELD if self.kind == DRAWN else TYPED_FIELD


@blueprint.get("/c/<conversation_id>/sign")
@gates.conversation
def sign(conversation_id: str) -> ResponseReturnValue:
    """Ask for the signature; one that was given before stands there."""
    draft = draft_at(conversation_id, script.SIGN, db.reader())
    if typed := draft.unsent.get(script.SIGN):
        found = read_attempt({name: values[0] for name, values in typed.items()}, draft.contact["name"])
        return _page(draft, replace(found, fault="", ask_again=False))
    if draft.strokes is None:
        return _page(draft, Attempt(name=draft.signature))
    return _page(draft, Attempt(DRAWN, strokes=draft.strokes))


@blueprint.post("/c/<conversation_id>/sign")
@gates.conversation
def put_signature(conversation_id: str) -> ResponseReturnValue:
    """Take the signature; a typed name that differs is asked about once, and then taken."""
    seen = draft_at(conversation_id, script.SIGN, db.reader())
    attempt = read_attempt(request.form, seen.contact["name"])
    if attempt.fault:
        return _page(seen, attempt)
    draft = draft_at(conversation_id, script.SIGN, db.session())
    given = _given(attempt, draft.contact["name"])
    draft.signature, draft.strokes, draft.signed_at = given.name, given.strokes, now()
    draft.done.add(script.SIGN)
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


def read_attempt(form: Mapping[str, str], name: str) -> Attempt:
    """Return what ``form`` says and what is wrong with it; a drawing that can be read comes back in any case.

    Args:
        form: ``kind``, ``signature`` (the typed name), ``strokes`` (JSON) and ``confirmed``. Without script, only the
            name and its confirmation.
        name: the name that the person gave.
    """
    kind = DRAWN if form.get("kind") == DRAWN else TYPED
    typed, drawing_fault, strokes = one_line(form.get("signature")), "", None
    try:
        strokes = parse(form.get("strokes", ""))
    except DrawingRefused as refused:
        drawing_fault = refused.sentence
    if kind == DRAWN:
        return Attempt(kind, typed, strokes, drawing_fault)
    if fault := _fault_of(typed):
        return Attempt(kind, typed, strokes, fault)
    differs = not _same_name(typed, name) and form.get("confirmed") != "yes"
    return Attempt(kind, typed, strokes, OTHER_NAME if differs else "", ask_again=differs)


def _given(attempt: Attempt, name: str) -> Signature:
    """Return the signature: a drawing says whose it is by the name that was given."""
    return Signature(name, attempt.strokes) if attempt.kind == DRAWN else Signature(attempt.name)


def _fault_of(name: str) -> str:
    if not any(letter.isalnum() for letter in name):
        return NO_NAME
    return LONG_NAME if len(name) > LONGEST_NAME else ""


def _same_name(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _page(draft: Draft, attempt: Attempt) -> ResponseReturnValue:
    given = draft.contact["name"]
    for_self = draft.contact.get("acting", SELF) == SELF
    statement = (
        _("I am %(name)s and I ask this about my own data.", name=given)
        if for_self
        else _("I am %(name)s and I ask this for someone else.", name=given)
    )
    error = _(attempt.fault) if attempt.fault else ""
    return show(
        draft,
        script.SIGN,
        "sign",
        _("Sign your request"),
        422 if error else 200,
        statement=statement,
        given=given,
        attempt=attempt,
        ways=[{"value": value, "label": _(label), "hint": _(hint)} for value, label, hint in WAYS],
        strokes=pack(attempt.strokes) if attempt.strokes else [],
        today=today(),
        faults={TYPED_FIELD: "", DRAWN_FIELD: "", attempt.field: error},
        errors=[(attempt.field, error)] if error else [],
    )
