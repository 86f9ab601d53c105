"""What the desk's forms send, read and checked. A form takes the fields it names and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flask_babel import gettext as _

from portal.cases.grounds import ELSEWHERE
from portal.cases.lifecycle import Identity, Outcome
from portal.cases.models import Evidence
from portal.errors import InputRejected
from portal.review import parts
from portal.review.corrections import Correction, chosen, misfit
from portal.review.decisions import Draft
from portal.review.findings import Findings
from portal.review.identity import NO, VERDICTS, YES, Judgement, checks_for
from portal.rights.base import Right
from portal.ui.forms import clean
from portal.words import N_

Form: TypeAlias = Mapping[str, str]
Fault: TypeAlias = tuple[str, str]
"""Id of a field, and a sentence in the reader's language."""

LONGEST = 5000
ANSWER_THIS = N_("Answer this question.")


OUTCOMES = {
    **{each.value: each for each in Outcome},
    parts.PARTLY: Outcome.GRANT,
    parts.NOT_US: Outcome.REFUSE,
}
"""What the form offers: a grant in part is a grant, "not us" a refusal that names who decides."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision is read against.

    Attributes:
        findings: what the sources hold.
        found: whether they hold anything of this person.
        offer: what the form offered.
        language: of the letter.
    """

    findings: Findings
    found: bool
    offer: parts.Offered
    language: str


class FormFault(InputRejected):
    """A form that cannot be taken; ``faults`` says where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


def read_text(form: Form, name: str, missing: str) -> str:
    """Return the text in ``name``.

    Raises:
        FormFault: it is empty (``missing``, a source string, says what to write) or too long.
    """
    faults: list[Fault] = []
    text = _text(form, name, faults)
    if not text:
        faults.append((name, _(missing)))
    _refuse(faults)
    return text


def read_version(form: Form) -> int:
    """Return the version of the case that the page showed; 0, which no case has, where it says none."""
    said = form.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def read_judgement(
    form: Form, card: Evidence | None, viewed: bool, *, signed: bool = True, for_other: bool = False
) -> Judgement:
    """Return the identity verdict.

    Args:
        form: what was sent.
        card: the picture, if there is one.
        viewed: whether this reviewer looked at it.
        signed: whether there is a signature to compare.
        for_other: whether who asks does so for somebody else.

    Raises:
        FormFault: no verdict; a doubt without a question and without a no; or a confirmation without every yes and
            a proof, or for somebody else without words on the mandate.
    """
    faults: list[Fault] = []
    verdict = next((each for each in VERDICTS if each.value == form.get("verdict")), None)
    keys = [check.key for check in checks_for(card, signed=signed, for_other=for_other)]
    answers = {key: form[f"check-{key}"] for key in keys if form.get(f"check-{key}") in {YES, NO}}
    other_proof, question = _text(form, "other_proof", faults), _text(form, "doubt", faults)
    if verdict is None:
        faults.append(("verdict", _("Choose what you found.")))
    if verdict is Identity.CONFIRMED:
        faults += [(f"check-{key}", _(ANSWER_THIS)) for key in keys if key not in answers]
        only_yes = _("You can confirm only when every answer is yes.")
        faults += [(f"check-{key}", only_yes) for key, answer in answers.items() if answer == NO]
        if for_other and not other_proof:
            faults.append(("other_proof", _("Write what shows that they may act, and where it is kept.")))
        elif not viewed and not other_proof:
            faults.append(("other_proof", _("Look at the card first, or write which other proof you have.")))
    if verdict is Identity.DOUBT and not question and NO not in answers.values():
        faults.append(("doubt", _("Write what the person should send or explain.")))
    _refuse(faults)
    return Judgement(verdict or Identity.OPEN, answers, other_proof, question, read_version(form))


def read_draft(form: Form, right: Right, items: Sequence[Mapping[str, str]], asked: Asked) -> Draft:
    """Return the decision as it was written.

    Args:
        form: what was sent.
        right: the right the case is about.
        items: what the person wants corrected, for rectification.
        asked: what the sources hold, what the form offered, and in which language the letter is written.

    Raises:
        FormFault: a refusal, in full or in part, without ground, facts and reason; a correction without a new value
            that fits; no outcome; or what ``review.parts`` misses.
    """
    faults: list[Fault] = []
    said = form.get("outcome", "")
    outcome = OUTCOMES.get(said)
    reason, facts = _text(form, "reason", faults), _text(form, "facts", faults)
    ground = form.get("ground", "") if form.get("ground") in right.grounds else None
    ground = ELSEWHERE if said == parts.NOT_US else ground
    corrections: tuple[Correction, ...] = ()
    partly = said == parts.PARTLY
    match outcome:
        case None:
            faults.append(("outcome", _("Choose what you decide.")))
        case Outcome.REFUSE:
            faults += _refusal_faults(ground, facts, reason)
        case Outcome.NO_DATA if asked.found:
            faults.append(("outcome", _("The sources hold data of this person: grant or refuse.")))
        case Outcome.GRANT:
            corrections = _corrections(form, items, asked.findings, faults)
            partly = partly if not items else len(corrections) < len(items)
            faults += _refusal_faults(ground, facts, reason) if partly else []
        case _:
            pass
    kept = ground if partly or outcome is Outcome.REFUSE else None
    more = parts.read_more(form, asked.offer, said, kept, asked.language, faults) if outcome else {}
    _refuse(faults)
    return Draft(outcome or Outcome.NO_DATA, kept, reason, facts, corrections, read_version(form), partly, more)


def _refusal_faults(ground: str | None, facts: str, reason: str) -> list[Fault]:
    faults: list[Fault] = []
    if ground is None:
        faults.append(("ground", _("Choose the ground of the refusal.")))
    if not reason:
        faults.append(("reason", _("Write the reason for the person.")))
    if not facts:
        faults.append(("facts", _("Write the facts the ground rests on.")))
    return faults


def _corrections(
    form: Form, items: Sequence[Mapping[str, str]], findings: Findings, faults: list[Fault]
) -> tuple[Correction, ...]:
    taken = []
    for index in range(len(items)):
        what = chosen(form.get(f"field-{index}", ""), findings.correctable)
        if what is None:
            continue
        new = _text(form, f"new-{index}", faults)
        if not new:
            faults.append((f"new-{index}", _("Write what it should say.")))
        elif wrong := misfit(what, new):
            faults.append((f"new-{index}", _(wrong[0], **wrong[1])))
        taken.append(Correction(index, what, new))
    if items and not taken:
        faults.append(("field-0", _("Choose the field for at least one item.")))
    return tuple(taken)


def _text(form: Form, name: str, faults: list[Fault]) -> str:
    text = clean(form.get(name))
    if len(text) > LONGEST:
        faults.append((name, _("Use at most %(count)d characters.", count=LONGEST)))
    return text


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise FormFault(faults)
