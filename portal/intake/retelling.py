"""The conversation told back: the turns so far, the way, and the answers to check. Changes nothing."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.cases.models import Evidence
from portal.clock import local
from portal.intake import script
from portal.intake.conversations import CONTACT, Draft
from portal.intake.forms import say
from portal.intake.guessing import UNSURE
from portal.intake.wishes import HEADINGS
from portal.intake.wording import Words
from portal.register import Register
from portal.ui.filters import asked_and_said, breakable, datelong, datetimelong, lines
from portal.words import N_

OPENING = N_("What would you like to do?")
CODE_QUESTION = N_("Which code did you get by mail?")
KNOWN = N_("You are signed in to your account, so we know who you are. You need no code and no card.")
EMAIL = next(each.label for each in script.CONTACT.fields if each.key == "email")
STATES = {script.Mark.DONE: "done", script.Mark.CURRENT: "now", script.Mark.AHEAD: "todo"}


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells one conversation back in one language."""

    draft: Draft
    register: Register
    language: str
    card: Evidence | None = None

    def turns(self, before: str) -> list[dict[str, str]]:
        """Return what was said and answered before the turn ``before``, for the macro ``turns``."""
        said: list[dict[str, str]] = []
        for step in self.draft.steps:
            if step.key == before:
                break
            said += self._turn(step)
        return said

    def chapters(self, key: str) -> list[tuple[str, str]]:
        """Return the way with the turn ``key`` as the place where the person stands."""
        marks = self.draft.progress(key).chapters
        return [(_(each.title), STATES[each.mark]) for each in marks]

    def rows(self, number: int) -> list[dict[str, str]]:
        """Return every answer of the wish ``number``, each with its link to change it; 0 is what is for all of them."""
        rows = []
        for step in (each for each in self.draft.steps if each.number == number):
            if step.name == script.RIGHT:
                rows += self._opening_rows(step)
            elif step.question:
                rows += self._question_rows(step)
            elif step.key == script.CODE and self.draft.vouch and self.draft.is_known:
                signed_in = _("Signed in to your account, %(moment)s", moment=datetimelong(self.draft.vouch.at))
                rows.append({"label": _("Identity"), "value": signed_in})
            elif step.key == script.IDENTITY:
                rows.append(self._row(_("Identity"), self._identity(), script.IDENTITY))
            elif step.key == script.SIGN:
                drawing = {"drawing": self.draft.undersigned.path, "name": self.draft.signature}
                rows.append(self._row(_("Signed"), self._signature(N_("Drawn, %(day)s")), script.SIGN) | drawing)
        if number == 0 and self.draft.words:
            rows.insert(0, self._row(_("In your own words"), self.draft.words, script.RIGHT))
        return [row | {"change_what": self._which(row["label"], number)} for row in rows]

    def _which(self, label: str, number: int) -> str:
        """Return what a link to change a row changes: several requests may ask the same."""
        right = self.draft.wishes[number - 1].right if number and len(self.draft.wishes) > 1 else None
        return str(_("%(label)s: %(answer)s", label=label, answer=_(right.title))) if right else label

    def _turn(self, step: script.Step) -> list[dict[str, str]]:
        draft, wish = self.draft, self.draft.wish_of(step)
        if step.name == script.RIGHT and wish.right:
            chosen = self._changeable(self._chosen(step), step.key, _("what you want"))
            return [*self._opening(step.number), chosen]
        if step.question and step.name in draft.answers_at(step):
            answer = lines(self._lines(step))
            return [_theirs(_(step.question.title)), self._changeable(answer, step.key, _(step.question.short))]
        if step.key == script.CODE and draft.is_known:
            return [_theirs(_(KNOWN))]
        if step.key == script.CODE and step.key in draft.done:
            return [
                _theirs(_(CODE_QUESTION)),
                _mine(_("The right one: your address is confirmed.")) | {"step": step.key},
            ]
        if step.key == script.IDENTITY and step.key in draft.done:
            return [_theirs(_("Show that it is you")), self._changeable(self._identity(), step.key, _("Identity"))]
        if step.key == script.SIGN and step.key in draft.done:
            return [
                _theirs(_("Sign your request")),
                self._changeable(self._signature(N_("Signed by drawing, %(day)s")), step.key, _("Signed")),
            ]
        return []

    def _chosen(self, step: script.Step) -> str:
        """Return the right that was chosen at ``step``; all of them where several were taken in one go."""
        guess, own = self.draft.guess, self.draft.wish_of(step)
        together = guess.several if guess and step.number == 1 else ()
        wishes = [each for each in self.draft.wishes if each is own or (each.right and each.right.slug in together)]
        return lines(_(each.right.title) for each in wishes if each.right)

    def _opening(self, number: int) -> list[dict[str, str]]:
        if number > 1:
            return [_theirs(_(HEADINGS[number - 1]))]
        if not self.draft.words:
            return [_theirs(_(OPENING))]
        said = self.draft.guess.sentence if self.draft.guess else UNSURE
        return [_theirs(_(OPENING)), _mine(self.draft.words), _theirs(_(said))]

    def _lines(self, step: script.Step) -> list[str]:
        if step.question is None:
            return []
        words = script.readable(step.question, self.draft.answers_at(step)[step.name], self.register, self.language)
        entries = {each.item for each in words}
        several = len(entries) > 1
        told: list[str] = []
        for entry in sorted(entries):
            told += [_("Entry %(number)d", number=entry + 1)] if several else []
            told += [_line(each, alone=len(words) == 1, bare=not step.number) for each in words if each.item == entry]
        return told

    def _opening_rows(self, step: script.Step) -> list[dict[str, str]]:
        right = self.draft.wish_of(step).right
        return [self._row(_("You want"), _(right.title) if right else "", step.key)]

    def _question_rows(self, step: script.Step) -> list[dict[str, str]]:
        question = step.question
        if question is None or step.name not in self.draft.answers_at(step):
            return []
        if not step.number:
            return self._contact_rows(step)
        return [self._row(_(question.short), lines(self._lines(step)), step.key)]

    def _contact_rows(self, step: script.Step) -> list[dict[str, str]]:
        confirmed = script.CODE in self.draft.done
        rows = []
        for each in script.readable(script.CONTACT, self.draft.person[CONTACT], self.register, self.language):
            text = say(each)
            if each.label == EMAIL and confirmed:
                text = _("%(address)s (confirmed)", address=text)
            rows.append(self._row(_(each.label), text, step.key))
        return rows

    def _identity(self) -> str:
        if self.draft.other_proof:
            told = [_(self.draft.other_proof), self.draft.other_proof_note]
            return "\n".join(each for each in told if each)
        if self.card is None:
            return ""
        return str(
            ngettext(
                "Front of the card, %(num)d part covered", "Front of the card, %(num)d parts covered", self.card.boxes
            )
        )

    def _signature(self, drawn: str) -> str:
        if self.draft.signed_at is None:
            return ""
        day = datelong(local(self.draft.signed_at).date())
        if self.draft.strokes is not None:
            return str(_(drawn, day=day))
        return str(_("%(name)s, %(day)s", name=self.draft.signature, day=day))

    def _changeable(self, text: str, key: str, what: str) -> dict[str, str]:
        return _mine(text) | {"step": key, "change_url": step_url(self.draft, key), "change_what": what}

    def _row(self, label: str, value: str, key: str) -> dict[str, str]:
        return {"label": label, "value": value, "step": key, "change_url": step_url(self.draft, key)}


def step_url(draft: Draft, key: str) -> str:
    """Return the address of the turn ``key``."""
    return url_for("intake.turn", conversation_id=draft.id, step=key)


def _line(words: Words, *, alone: bool, bare: bool) -> str:
    """Return one answer with its label, set apart. A label that is a sentence was ticked; one that asks has no colon.

    An answer that stands ``alone`` below its question needs no label that asks the same again; a ``bare`` one speaks
    for itself, such as a name.
    """
    label, answer = _(words.label) if words.label else "", say(words)
    if label.endswith("."):
        return str(label)
    if not label or bare or (alone and label.endswith("?")):
        return breakable(answer)
    asked = label if label.endswith("?") else str(_("%(label)s: %(answer)s", label=label, answer="")).rstrip()
    return asked_and_said(asked, answer)


def _theirs(text: str) -> dict[str, str]:
    return {"side": "them", "text": text}


def _mine(text: str) -> dict[str, str]:
    return {"side": "me", "text": text}
