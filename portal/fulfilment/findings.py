"""What is found on a person before anybody decides: counts, names and addresses on file, and what granting would do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal.clock import now
from portal.config import LANGUAGES
from portal.fulfilment.apply import preview, rectifiable
from portal.fulfilment.brief import Brief
from portal.fulfilment.locate import Located, SearchState, Subject, locate
from portal.fulfilment.owners import Person, owner_of, with_others
from portal.fulfilment.plans import Line
from portal.fulfilment.trials import holding_others
from portal.rights.base import Effect
from portal.sources.engines import Sources
from portal.sources.model import DataMap, Texts
from portal.sources.values import folded


@dataclass(frozen=True, slots=True)
class Finding:
    """What locating tells the case."""

    found: bool
    on_file: bool
    failed: tuple[str, ...]
    addresses: list[str]
    same_account: bool  # the mailbox belongs to exactly the account that was handed over
    counts: dict[str, int]  # searched, collections with rows, rows: for the record
    content: dict[str, Any]  # what the desk reads, sealed


def find(sources: Sources, brief: Brief) -> Finding:
    """Look for the person of ``brief`` and return what was found; a source that is down is told, not raised.

    Nobody is looked for under two addresses because somebody says that both are theirs: two could lead to two people.
    The confirmed mailbox comes first, with the account on which it stands as a further address. A claimed address is
    looked for instead where the mailbox leads to nobody, or where somebody asks for somebody else; what it leads to may
    be another person's, so such a case is held and notices go out. A claimed address that does not hang on the person
    the mailbox leads to is only told to the desk. Who has no mailbox is looked for by the claimed address alone. Which
    other addresses are this person's the sources say (``owners``).
    """
    person, on_file = _one_person(sources, brief)
    located, subject = person.located, brief.subject(person.emails)
    known = {folded(each.address) for each in located.addresses_on_file}
    by_mailbox = brief.mailbox in person.emails
    return Finding(
        found=located.found,
        on_file=on_file,
        failed=located.failed,
        addresses=[each.address for each in located.addresses_on_file if folded(each.address) != folded(brief.mailbox)],
        same_account=person.emails[:1] == (brief.mailbox,)
        and folded(brief.mailbox) in known
        and located.accounts == {brief.account},
        counts={
            "searched": len(located.searched),
            "collections": len(located.counts),
            "rows": sum(located.counts.values()),
        },
        content=_content(sources, brief, subject, located, on_file)
        | {
            "claimed_elsewhere": bool(brief.claimed) and by_mailbox and folded(brief.claimed) not in known,
            "apart": list(person.apart),
        },
    )


def _one_person(sources: Sources, brief: Brief) -> tuple[Person, bool]:
    """Return whom the case is about, and whether the confirmed mailbox is on file for them."""
    if brief.for_self and brief.mailbox:
        mailbox = brief.subject((brief.mailbox,))
        own = locate(sources, mailbox)
        if (owner := owner_of(sources, mailbox, own)) is not None:
            return owner, owner.located.address_is_on_file(brief.mailbox, now())
        if own.found or not brief.claimed:
            return with_others(sources, mailbox, own), _is_on_file(sources, brief, own)
    claimed = brief.subject((brief.claimed,) if brief.claimed else ())
    return with_others(sources, claimed, locate(sources, claimed)), False


def _is_on_file(sources: Sources, brief: Brief, own: Located) -> bool:
    """Whether the confirmed mailbox is how the controller knows this person.

    Somebody without an account is known by the very address under which the rows were found: a newsletter, a question
    to the helpdesk. What only an IP address led to is nobody's address.
    """
    if own.addresses_on_file or not own.found:
        return own.address_is_on_file(brief.mailbox, now())
    return not brief.ips or locate(sources, Subject(emails=(brief.mailbox,))).found


def lines_by_source(data_map: DataMap, lines: Iterable[Line]) -> dict[str, list[dict[str, Any]]]:
    """Return ``lines`` as the case keeps them, for each source of ``data_map``."""
    told: dict[str, list[dict[str, Any]]] = {source: [] for source in data_map.sources}
    for line in lines:
        told[line.key.split(".")[0]].append(told_line(line))
    return told


def told_line(line: Line) -> dict[str, Any]:
    """Return ``line`` as the case keeps it: texts by language, dates as ISO text."""
    return {
        "key": line.key,
        "title": dict(line.title),
        "rows": line.rows,
        "effect": line.effect.value,
        "why": _in_all_languages(line.why),
        "until": line.until.isoformat() if line.until else None,
    }


def _content(sources: Sources, brief: Brief, subject: Subject, located: Located, on_file: bool) -> dict[str, Any]:
    data_map = sources.data_map
    healthy = located.found and not located.failed
    return {
        "emails": list(subject.emails),
        "searched": len(located.searched),
        "rows": sum(located.counts.values()),
        "failed": list(located.failed),
        "counts": [
            {"key": each.collection, "title": dict(_title(data_map, each.collection)), "rows": each.rows}
            | {"state": each.state.value}
            for each in located.searched
            if each.state is not SearchState.EMPTY
        ],
        "names": list(located.names_on_file),
        "addresses": [
            {"address": each.address, "changed_at": each.changed_at.isoformat() if each.changed_at else None}
            | {"counts": each.counts(now()), "in_use": each.in_use}
            for each in located.addresses_on_file
        ],
        "mailbox_on_file": on_file,
        "accounts": sorted(located.accounts),
        "preview": _preview(sources, brief, subject, located) if healthy else [],
        "rectifiable": _rectifiable(sources, subject) if healthy and brief.right.effect is Effect.RECTIFY else [],
        "about_others": _about_others(sources, brief, subject) if healthy else [],
        "previewed_at": now().isoformat(),
    }


def _about_others(sources: Sources, brief: Brief, subject: Subject) -> list[str]:
    if brief.right.effect is not Effect.COLLECT or not brief.wants_copy:
        return []
    return holding_others(sources, subject, brief.scope)


def _preview(sources: Sources, brief: Brief, subject: Subject, located: Located) -> list[dict[str, Any]]:
    if brief.right.effect is Effect.RECTIFY:
        return []
    activity = {key: each.activity for key, each in sources.data_map.collections.items()}
    if brief.right.effect is not Effect.COLLECT:
        lines = preview(sources, subject, brief.plan({}), now()).lines
        return [told_line(line) | {"activity": activity[line.key]} for line in lines]
    wanted = brief.activities
    return [
        {
            "key": key,
            "activity": activity[key],
            "title": dict(_title(sources.data_map, key)),
            "rows": rows,
            "effect": "copy" if wanted is None or activity[key] in wanted else "left_out",
            "why": {},
            "until": None,
        }
        for key, rows in located.counts.items()
    ]


def _rectifiable(sources: Sources, subject: Subject) -> list[dict[str, Any]]:
    return [
        {
            "key": each.key,
            "title": dict(each.title),
            "values": [{"value": stated.value, "row": list(stated.row)} for stated in each.stated],
            "type": each.kind,
            "length": each.length,
        }
        for each in rectifiable(sources, subject)
    ]


def _title(data_map: DataMap, key: str) -> Texts:
    return data_map.collections[key].title


def _in_all_languages(why: Texts | str) -> dict[str, str]:
    if isinstance(why, str):
        return dict.fromkeys(LANGUAGES, why) if why else {}
    return dict(why)
