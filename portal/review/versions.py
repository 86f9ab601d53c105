"""Two versions of the same form: what stands there now, and what was typed meanwhile, side by side to pick from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.cases.grounds import GROUNDS
from portal.cases.lifecycle import Identity, Outcome, Status
from portal.review.casefile import PARTLY as IN_PART
from portal.review.casefile import CaseFile
from portal.review.identity import CHECKS, NO, VERDICTS, YES
from portal.review.kept_form import form_of
from portal.review.part_words import parts_in_words
from portal.review.parts import NOT_US, PARTLY
from portal.words import N_

DECISION = {
    "outcome": N_("Decision"),
    "ground": N_("Ground"),
    "reason": N_("Reason"),
    "facts": N_("Facts"),
}
ANSWERED = {f"check-{check.key}": check.title for check in CHECKS if not check.by_search}
VERDICT = {"verdict": N_("Your verdict"), **ANSWERED}
OF_ENDPOINT = {
    "review.preview_letter": DECISION,
    "review.edit_letter": DECISION,
    "review.send_decision": DECISION,
    "review.judge_identity": VERDICT,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One field in both versions, in words."""

    label: str
    theirs: str
    mine: str

    @property
    def differs(self) -> bool:
        """Whether the two say something else."""
        return self.theirs != self.mine


@dataclass(frozen=True, slots=True)
class Versions:
    """Both versions. ``by`` and ``at`` say whose the kept one is; ``still_open`` whether the typed one can go on."""

    pairs: tuple[Pair, ...]
    by: str
    at: datetime | None
    place: str
    still_open: bool


def both_versions(file: CaseFile, endpoint: str | None, typed: Mapping[str, str], language: str) -> Versions | None:
    """Return what is kept beside what was typed; None for forms that only add.

    Args:
        file: the case as it stands now.
        endpoint: where the form was sent.
        typed: what it said.
        language: of the reader.
    """
    fields = OF_ENDPOINT.get(endpoint or "")
    if fields is None:
        return None
    deciding = fields is DECISION
    kept, by, at = _decided(file) if deciding else _judged(file)
    known = [
        Pair(_(label), _said(name, kept.get(name, "")), _said(name, typed.get(name, "")))
        for name, label in fields.items()
    ]
    still_open = file.mine and (file.case.status is Status.DECIDING if deciding else file.judging)
    known += _parts(file, kept, typed, language) if deciding else []
    pairs = tuple(pair for pair in known if pair.theirs or pair.mine)
    return Versions(pairs, by, at, "decision" if deciding else "identity", still_open)


def _decided(file: CaseFile) -> tuple[Mapping[str, str], str, datetime | None]:
    if file.proposal is None:
        return {}, "", None
    return form_of(file), file.proposal.decided_by, file.proposal.decision.decided_at


def _parts(file: CaseFile, kept: Mapping[str, str], typed: Mapping[str, str], language: str) -> list[Pair]:
    """Return the parts of the decision in both versions; those that both grant whole say nothing."""
    theirs, mine = parts_in_words(file, kept, language), parts_in_words(file, typed, language)
    pairs = [Pair(label, words, mine[name][1]) for name, (label, words) in theirs.items()]
    whole = _("Granted")
    return [pair for pair in pairs if pair.differs or pair.theirs != whole]


def _judged(file: CaseFile) -> tuple[Mapping[str, str], str, datetime | None]:
    if file.judged is None:
        return {}, "", None
    said = {f"check-{key}": answer for key, answer in file.judged.checks.items()}
    return {**said, "verdict": file.judged.verdict.value}, file.judged.by, file.judged.at


def _said(name: str, value: str) -> str:
    """Return a value in words; what no choice has is shown as it was typed."""
    words = {
        "outcome": {each.value: each.label for each in Outcome} | {PARTLY: IN_PART, NOT_US: N_("Not us")},
        "ground": {slug: ground.title for slug, ground in GROUNDS.items()},
        "verdict": {each.value: VERDICTS[each].title for each in Identity if each in VERDICTS},
    }.get(name, {YES: N_("yes"), NO: N_("no")} if name.startswith("check-") else {})
    return str(_(words[value])) if value in words else value
