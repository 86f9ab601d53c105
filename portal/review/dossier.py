"""Everything on record of one request as one ZIP, for the authority that asks (Art. 31, 58(1)(e)).

The same case gives the same bytes. What was forgotten is not in it; the record, the hashes and the dates are. The
record stands there with everything its hashes cover, and ``chain.json`` says whether they held under the portal's key.
Letters are composed again from the decision of their version.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import CaseMoved, DecisionReleased
from portal.audit.record import AuditEntry, faults_of_case
from portal.cases.access import answers_of, contact_of, decision_content, open_json, text_of
from portal.cases.attachments import read_attachment, rows_of
from portal.cases.by_post import PostLetter, post_of, read_post
from portal.cases.disagreements import Disagreement, disagreements_of
from portal.cases.extension import extension_of
from portal.cases.fees import fee_of
from portal.cases.letter_papers import letters_of, read_letter
from portal.cases.letters import compose, mails_of
from portal.cases.lifecycle import Move
from portal.cases.models import Case, Decision, Message, Package
from portal.cases.papers import file_name, papers_of, read_paper
from portal.cases.tasks import Task, found_of, tasks_of, words_of
from portal.clock import local
from portal.files.keys import Purpose
from portal.review.deeds import deeds
from portal.review.history import entries_of
from portal.review.paper import letter_html
from portal.review.queue import names_of_staff

STAMP = (1980, 1, 1, 0, 0, 0)
"""The moment on every file inside: the bytes must not depend on when it is made."""
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>
"""


def dossier(session: Session, case: Case) -> bytes:
    """Return the ZIP of ``case``; ``contents.json`` in it names every file with its SHA-256."""
    files = dict(_files(session, case))
    listed = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    files["contents.json"] = _json({"reference": case.reference, "sha256": listed})
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, STAMP), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _files(session: Session, case: Case) -> Iterator[tuple[str, bytes]]:
    names = names_of_staff(session)
    yield "request.json", _json(_request(session, case))
    yield "clock.json", _json(_clock(session, case))
    yield "record.json", _json([_entry(each, names) for each in entries_of(session, case)])
    yield "chain.json", _json({"faults": faults_of_case(session, case.id)})
    yield "mails.json", _json([_mail(each) for each in mails_of(session, case)])
    yield "post.json", _json([_posted(each, names) for each in post_of(session, case)])
    yield "packages.json", _json([_package(each) for each in _packages(session, case)])
    if case.forgotten_at is None:
        paths: dict[str, list[str]] = {}
        for row in rows_of(session, case):
            name, content = read_attachment(session, row)
            path = f"{'messages' if row.message_id else 'tasks'}/{row.id}-{name}"
            paths.setdefault(row.message_id or row.task_id or "", []).append(path)
            yield path, content
        yield "messages.json", _json([_message(session, each, names, paths) for each in case.messages])
        yield "tasks.json", _json([_task(session, each, names, paths) for each in tasks_of(session, case)])
        yield "disagreements.json", _json([_disagreement(session, each) for each in disagreements_of(session, case)])
        for paper in papers_of(session, case):
            if paper.file is not None:
                yield f"signed/{file_name(case, paper)}", read_paper(session, paper)
        for number, letter in enumerate(letters_of(session, case), start=1):
            yield f"letters/{number}.pdf", read_letter(session, letter)
        for number, posted in enumerate(post_of(session, case), start=1):
            if posted.file is not None:
                yield f"post/{number}-{posted.letter}.pdf", read_post(session, posted)
    for path, deed in deeds(session, case, names):
        yield path, _json(deed)
    sent = _sent(entries_of(session, case))
    for decision in case.decisions:
        yield from _decision(session, case, decision, names, sent.get(decision.version))


def _sent(entries: Iterable[AuditEntry]) -> dict[int, datetime]:
    """Return the versions of the decision that were sent, with the moment; not what was taken back in time."""
    sent: dict[int, datetime] = {}
    for entry in entries:
        if entry.kind == DecisionReleased.kind:
            sent[int(entry.facts["version"])] = entry.at
        elif entry.kind == CaseMoved.kind and entry.facts["move"] == Move.TAKE_BACK and sent:
            sent.popitem()
    return sent


def _request(session: Session, case: Case) -> Mapping[str, Any]:
    about: dict[str, Any] = {
        "reference": case.reference,
        "right": case.right_slug,
        "language": case.language,
        "residence": case.residence,
        "channel": case.channel.value,
        "status": case.status.value,
        "identity": case.identity.value,
        "received_at": case.received_at,
        "policy_version": case.policy_version,
        "register_version": case.register_version,
        "signed_hash": case.signed_hash,
        "forgotten_at": case.forgotten_at,
    }
    if case.forgotten_at is None:
        signed = open_json(session, case.id, Purpose.ANSWERS, case.signed_text)
        about |= {"contact": contact_of(session, case), "answers": answers_of(session, case), "signed": signed}
    return about


def _clock(session: Session, case: Case) -> Mapping[str, Any]:
    extension, fee = extension_of(session, case), fee_of(session, case)
    return {
        "received_on": case.received_on,
        "first_due_on": case.first_due_on,
        "due_on": case.due_on,
        "answered_at": case.answered_at,
        "carried_out_at": case.carried_out_at,
        "closed_at": case.closed_at,
        "extension": {"because": extension.because.value, "reason": extension.reason} if extension else None,
        "fee": {"cents": fee.cents, "costs": fee.costs, "accepted_at": fee.accepted_at} if fee else None,
    }


def _entry(entry: AuditEntry, names: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "case_id": entry.case_id,
        "by": {
            "kind": entry.actor_kind.value,
            "id": entry.actor_id,
            "role": entry.actor_role,
            "name": names.get(entry.actor_id, ""),
        },
        "facts": entry.facts,
        "previous": entry.previous,
        "previous_of_case": entry.previous_of_case,
        "hash": entry.hash,
    }


def _mail(mail: Any) -> Mapping[str, Any]:
    moments = {"queued_at": mail.queued_at, "sent_at": mail.sent_at, "bounced_at": mail.bounced_at}
    return {"letter": mail.letter, "language": mail.language, "state": mail.state.value, **moments}


def _posted(row: PostLetter, names: Mapping[str, str]) -> Mapping[str, Any]:
    about = {"letter": row.letter, "language": row.language, "queued_at": row.queued_at, "sha256": row.sha256}
    left = {"left_on": row.left_on, "way": row.way.value if row.way else None, "noted_at": row.noted_at}
    return {**about, **left, "by": names.get(row.noted_by or "", "")}


def _packages(session: Session, case: Case) -> list[Package]:
    found = select(Package).where(Package.case_id == case.id).order_by(Package.created_at, Package.id)
    return list(session.scalars(found))


def _package(package: Package) -> Mapping[str, Any]:
    names = ("size", "sha256", "rows", "downloads", "created_at", "expires_at", "destroyed_at")
    return {name: getattr(package, name) for name in names}


def _message(
    session: Session, message: Message, names: Mapping[str, str], paths: Mapping[str, list[str]]
) -> Mapping[str, Any]:
    return {
        "at": message.created_at,
        "author": message.author.value,
        "by": names.get(message.staff_id or "", ""),
        "text": text_of(session, message),
        "files": paths.get(message.id, []),
    }


def _task(session: Session, task: Task, names: Mapping[str, str], paths: Mapping[str, list[str]]) -> Mapping[str, Any]:
    title, look_for = words_of(session, task)
    found = found_of(session, task) if task.answer is not None else None
    return {
        "source": task.source,
        "title": title,
        "look_for": look_for,
        "due_on": task.due_on,
        "answered_at": task.answered_at,
        "by": names.get(task.answered_by or "", ""),
        "text": found.text if found else None,
        "dropped": found.dropped or None if found else None,
        "files": paths.get(task.id, []),
    }


def _disagreement(session: Session, row: Disagreement) -> Mapping[str, Any]:
    return {
        "version": session.get_one(Decision, row.decision_id).version,
        "made_at": row.made_at,
        "due_on": row.due_on,
        "ending": row.ending.value if row.ending else None,
        "ended_at": row.ended_at,
        "answer": open_json(session, row.case_id, Purpose.DECISION, row.answer) if row.answer else None,
    }


def _decision(
    session: Session, case: Case, decision: Decision, names: Mapping[str, str], sent_at: datetime | None
) -> Iterator[tuple[str, bytes]]:
    about: dict[str, Any] = {
        "version": decision.version,
        "outcome": decision.outcome.value,
        "ground": decision.ground,
        "needs_second": decision.needs_second,
        "decided_by": names.get(decision.decided_by, ""),
        "decided_at": decision.decided_at,
        "confirmed_by": names.get(decision.confirmed_by or "", ""),
        "confirmed_at": decision.confirmed_at,
        "sent": sent_at is not None,
        "sent_at": sent_at,
    }
    path = f"decisions/version-{decision.version}"
    if case.forgotten_at is None:
        content = decision_content(session, decision)
        about["content"] = content
        day = local(sent_at or decision.decided_at).date()
        body = letter_html(session, case, compose(case, decision, content, day))
        title = f"{case.reference}, {decision.version}"
        yield f"{path}.html", PAGE.format(language=case.language, title=title, body=body).encode()
    yield f"{path}.json", _json(about)


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
    return f"{text}\n".encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
