"""Two versions of the same form: what stands there now, and what was typed meanwhile, side by side to pick from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.cases.grounds import GROUNDS
from portal.cases.lifecycle import Identity, Outcome, Status
from portal.review.casefile import CaseFile
from portal.review.identity import CHECKS, NO, VERDICTS, YES
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


def both_versions(file: CaseFile, endpoint: str | None, typed: Mapping[str, str]) -> Versions | None:
    """Return what is kept beside what was ``typed`` into the form of ``endpoint``; None for forms that only add."""
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
    pairs = tuple(pair for pair in known if pair.theirs or pair.mine)
    return Versions(pairs, by, at, "decision" if deciding else "identity", still_open)


def _decided(file: CaseFile) -> tuple[Mapping[str, str], str, datetime | None]:
    if file.proposal is None:
        return {}, "", None
    content, decision = file.proposal.content, file.proposal.decision
    said = {name: str(content.get(name, "")) for name in ("reason", "facts")}
    said |= {"outcome": decision.outcome.value, "ground": decision.ground or ""}
    return said, file.proposal.decided_by, decision.decided_at


def _judged(file: CaseFile) -> tuple[Mapping[str, str], str, datetime | None]:
    if file.judged is None:
        return {}, "", None
    said = {f"check-{key}": answer for key, answer in file.judged.checks.items()}
    return {**said, "verdict": file.judged.verdict.value}, file.judged.by, file.judged.at


def _said(name: str, value: str) -> str:
    """Return a value in words; what no choice has is shown as it was typed."""
    words = {
        "outcome": {each.value: each.label for each in Outcome},
        "ground": {slug: ground.title for slug, ground in GROUNDS.items()},
        "verdict": {each.value: VERDICTS[each].title for each in Identity if each in VERDICTS},
    }.get(name, {YES: N_("yes"), NO: N_("no")} if name.startswith("check-") else {})
    return str(_(words[value])) if value in words else value
