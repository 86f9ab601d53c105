"""The receipt: one page for everything that was sent together, and what may be asked after it."""

from functools import partial
from typing import cast

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.sessions import PortalSession
from portal.cases.access import answers_of, case_of_person, contact_of, right_of
from portal.cases.models import Case
from portal.cases.papers import papers_of
from portal.cases.siblings import sent_together
from portal.errors import NotYours
from portal.intake import conversations
from portal.intake.retelling import step_url
from portal.intake.room import Elsewhere, blueprint, language, onward_url, register
from portal.intake.vouching import vouch_of
from portal.intake.wishes import Wish, offered, proposals


@blueprint.get("/c/<conversation_id>/received")
@gates.conversation
def received(conversation_id: str) -> ResponseReturnValue:
    """Show the receipt, as long as the session lasts."""
    cases = _sent(conversation_id)
    if not cases:
        draft = conversations.load(db.reader(), conversation_id)
        raise Elsewhere(step_url(draft, draft.next_key))
    rights = {case.right_slug for case in cases}
    contact = next((each for each in map(partial(contact_of, db.reader()), cases) if each.get("other_proof")), None)
    contact = contact or contact_of(db.reader(), cases[0])
    return render_template(
        "intake/received.html",
        cases=[(case, _(right_of(case).title)) for case in cases],
        made={case.id for case in cases if papers_of(db.reader(), case)},
        address=contact["email"],
        other_proof=bool(contact.get("other_proof")),
        copy_first="erase" in rights and rights & {"access", "port"},
        offers=[(each.offer.right, _(each.offer.sentence)) for each in proposals(_wishes(cases))],
        conversation_id=conversation_id,
    )


@blueprint.post("/c/<conversation_id>/received")
@gates.conversation
def take_up(conversation_id: str) -> ResponseReturnValue:
    """Begin a request that goes with one that was sent: filled in from it, for the same confirmed person."""
    cases, wanted = _sent(conversation_id), request.form.get("offer", "")
    found = [each for each in proposals(_wishes(cases)) if each.offer.right == wanted]
    if not found:
        raise NotYours
    case = cases[found[0].number - 1]
    source = db.session()
    wish = offered(found[0].offer, answers_of(source, case), register())
    holder, contact = cast("PortalSession", session), contact_of(source, case)
    vouch = vouch_of(contact) if holder.get(gates.VOUCHED) == conversation_id else None
    draft = conversations.follow_up(source, language(), wish, contact, case.mailbox, vouch)
    gates.hold(draft.id, case.mailbox)
    if vouch:
        holder[gates.VOUCHED] = draft.id
    holder.renew()
    source.commit()
    return redirect(onward_url(draft), 303)


def _sent(conversation_id: str) -> list[Case]:
    """Return what was sent in this conversation, for who confirmed the mailbox it was sent from; else nothing.

    Raises:
        NotYours: it was sent from a mailbox that this browser did not confirm.
    """
    cases = sent_together(db.reader(), conversation_id)
    mailbox = gates.mailbox_in(conversation_id) or str(session.get(gates.MAILBOX, ""))
    return [case_of_person(db.reader(), case.id, mailbox) for case in cases]


def _wishes(cases: list[Case]) -> list[Wish]:
    return [Wish(right_of(case), dict(answers_of(db.session(), case))) for case in cases]
