"""The decision that stands there, as the fields of its form hold it: to be written again, or compared with another."""

from portal.cases.grounds import ELSEWHERE
from portal.cases.lifecycle import Outcome
from portal.review.casefile import CaseFile, Proposal
from portal.review.marks import PLACES
from portal.review.parts import NOT_US, PARTLY, presets_of


def form_of(file: CaseFile) -> dict[str, str]:
    """Return the fields of the decision of ``file`` by name; none where nothing was decided."""
    if file.proposal is None:
        return {}
    content = file.proposal.content
    held = {"outcome": _outcome(file.proposal), "ground": file.proposal.decision.ground or "", **presets_of(content)}
    held |= {key: str(content.get(key, "")) for key in ("facts", *PLACES)}
    corrections = content.get("corrections", [])
    for each in corrections if isinstance(corrections, list) else []:
        places = [
            str(place)
            for place, field in enumerate(file.findings.correctable)
            if (field.key, field.value, list(field.row)) == (each["field"], each["old"], each["key"])
        ]
        held |= {f"new-{each['item']}": str(each["new"]), f"field-{each['item']}": next(iter(places), "")}
    return held


def _outcome(proposal: Proposal) -> str:
    """Return the outcome as the form names it."""
    if proposal.decision.ground == ELSEWHERE and proposal.decision.outcome is Outcome.REFUSE:
        return NOT_US
    return PARTLY if proposal.content.get("partly") else proposal.decision.outcome.value
