"""What a form of a decision says part by part, in the reader's words: left out, corrected, weighed, shown, named."""

from collections.abc import Callable, Iterator, Mapping

from flask_babel import gettext, ngettext

from portal.review.casefile import CaseFile
from portal.review.corrections import chosen
from portal.review.findings import in_language
from portal.review.parts import EVIDENCE, PARTLY, YES, Choice
from portal.words import N_

_: Callable[..., str] = gettext
Form = Mapping[str, str]

OPEN = frozenset({"grant", PARTLY})
"""Outcomes that give something, so that its parts say what."""
WEIGHTS = {"1": N_("light"), "2": N_("medium"), "3": N_("heavy")}
TEXTS = {
    "opening": N_("Opening"),
    "closing": N_("Closing"),
    EVIDENCE: N_("What we show"),
    "theirs": N_("The situation of the person"),
    "weigh-their": N_("It weighs"),
    "ours": N_("Our compelling grounds"),
    "milder": N_("Why no milder way"),
    "weigh-our": N_("They weigh"),
}


def parts_in_words(file: CaseFile, form: Form, language: str) -> dict[str, tuple[str, str]]:
    """Return what ``form`` says of each part: label and words by the name of its field.

    Args:
        file: the case, with what its form offers.
        form: fields by name, as kept or as typed.
        language: of the reader.
    """
    return {name: (label, words) for name, label, words in _parts(file, form, language)}


def _parts(file: CaseFile, form: Form, language: str) -> Iterator[tuple[str, str, str]]:
    grants = form.get("outcome") in OPEN
    for each in file.offer.choices:
        yield each.name, in_language(each.title, language), _left_out(each, form, language) if grants else ""
    for index, item in enumerate(file.items):
        label = _("Item %(num)d: %(what)s", num=index + 1, what=item.get("what", ""))
        yield f"field-{index}", label, _corrected(file, form, index, language) if grants else ""
    named = [each.name for each in file.offer.others if form.get(f"other-{each.slug}") == YES]
    yield "other", _("Who else decides"), ", ".join(named)
    repeated = (each.case.reference for each in file.offer.earlier)
    named = [each for each in repeated if form.get(f"earlier-{each}") == YES]
    yield "earlier", _("Earlier requests it repeats"), ", ".join(named)
    for name, title in TEXTS.items():
        said = form.get(name, "")
        yield name, _(title), _(WEIGHTS[said]) if name.startswith("weigh-") and said in WEIGHTS else said


def _left_out(activity: Choice, form: Form, language: str) -> str:
    """Return whether ``activity`` is granted; where single collections of it are not, which and how many rows."""
    if form.get("outcome") != PARTLY:
        return _("Granted")
    if form.get(activity.name) == YES:
        return _("Left out")
    single = [each for each in activity.collections if form.get(each.name) == YES]
    titles = (f"{in_language(each.title, language)} ({_rows(each.rows or 0)})" for each in single)
    return _("Left out: %(parts)s", parts=", ".join(titles)) if single else _("Granted")


def _corrected(file: CaseFile, form: Form, index: int, language: str) -> str:
    what = chosen(form.get(f"field-{index}", ""), file.findings.correctable)
    if what is None:
        return _("Not corrected")
    row = f" {_('(row %(key)s)', key=' / '.join(str(each) for each in what.row))}" if what.row else ""
    return f"{in_language(what.title, language)}{row}: {what.value} → {form.get(f'new-{index}', '')}"


def _rows(number: int) -> str:
    return str(ngettext("%(num)d row", "%(num)d rows", number))
