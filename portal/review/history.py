"""The record of a case in words. Knows every kind of entry that belongs to a case; decides nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from flask_babel import format_decimal, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import delivery_events, desk_events, events, source_events
from portal.audit.record import ActorKind, AuditEntry
from portal.cases.arrivals import CHANNELS, DOCUMENTS
from portal.cases.by_post import Way
from portal.cases.lifecycle import Identity, Move, Outcome
from portal.cases.models import Case, Channel
from portal.review.identity import VERDICTS
from portal.review.move_words import MOVES
from portal.rights import RIGHTS
from portal.ui.filters import datelong, money
from portal.words import N_

_: Callable[..., str] = gettext
Facts: TypeAlias = Mapping[str, str | int | bool]

GONE = {
    "verdict": N_("Picture of the card destroyed, after the check"),
    "replaced": N_("Picture of the card destroyed, replaced by another one"),
    "covered": N_("Picture of the card destroyed, covered in its place"),
    "expired": N_("Picture of the card destroyed, nobody judged it within 14 days"),
    "withdrawn": N_("Picture of the card destroyed, the request was withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record; the words are translated already."""

    at: datetime
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The last identity verdict as the record keeps it: no picture, no number."""

    at: datetime
    by: str
    verdict: Identity
    proof: str
    checks: Mapping[str, str]


def entries_of(session: Session, case: Case) -> list[AuditEntry]:
    """Return the record of ``case``, oldest first."""
    return list(session.scalars(select(AuditEntry).where(AuditEntry.case_id == case.id).order_by(AuditEntry.seq)))


def in_words(entries: list[AuditEntry], names: Mapping[str, str]) -> list[Entry]:
    """Return the record in the reader's language; ``names`` are those of staff by id."""
    return [Entry(entry.at, text, _who(entry, names)) for entry in entries if (text := _text(entry, names))]


def last_verdict(entries: list[AuditEntry], names: Mapping[str, str]) -> Judged | None:
    """Return the last identity verdict, or None."""
    for entry in reversed(entries):
        if entry.kind == events.IdentityJudged.kind:
            checks = dict(part.split("=", 1) for part in str(entry.facts["checks"]).split())
            verdict = Identity(str(entry.facts["verdict"]))
            return Judged(entry.at, names.get(entry.actor_id, ""), verdict, str(entry.facts["proof"]), checks)
    return None


def viewed_by(entries: list[AuditEntry], evidence_id: str, staff_id: str) -> bool:
    """Whether this member of staff looked at this picture."""
    return any(
        entry.kind == events.CardViewed.kind and entry.actor_id == staff_id and entry.facts["evidence"] == evidence_id
        for entry in entries
    )


def _who(entry: AuditEntry, names: Mapping[str, str]) -> str:
    match entry.actor_kind:
        case ActorKind.STAFF:
            return names.get(entry.actor_id, "")
        case ActorKind.PERSON:
            return _("the person")
        case ActorKind.SYSTEM:
            return ""


def _text(entry: AuditEntry, names: Mapping[str, str]) -> str:
    write = WORDS.get(entry.kind)
    return write(entry.facts, names) if write else ""


def _plain(sentence: str) -> Callable[[Facts, Mapping[str, str]], str]:
    return lambda _facts, _names: _(sentence)


def _moved(facts: Facts, _names: Mapping[str, str]) -> str:
    return _(MOVES[Move(str(facts["move"]))])


def _located(facts: Facts, _names: Mapping[str, str]) -> str:
    said = _("Found in %(found)s of %(searched)s collections", found=facts["collections"], searched=facts["searched"])
    silent = _("Sources that did not answer: %(failed)s", failed=facts["failed"])
    return f"{said} · {silent}" if facts["failed"] else said


def _noticed(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Notices on their way to addresses on file: %(count)s", count=facts["addresses"])


def _handed(facts: Facts, names: Mapping[str, str]) -> str:
    return _("Handed over to %(name)s", name=names.get(str(facts["to"]), ""))


def _put_aside(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Put aside until %(day)s", day=datelong(date.fromisoformat(str(facts["until"]))))


def _judged(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Identity: %(verdict)s", verdict=_(VERDICTS[Identity(str(facts["verdict"]))].said))


def _destroyed(facts: Facts, _names: Mapping[str, str]) -> str:
    return _(GONE.get(str(facts["reason"]), GONE["verdict"]))


def _decided(facts: Facts, _names: Mapping[str, str]) -> str:
    outcome = _(Outcome(str(facts["outcome"])).label)
    return _("Decision %(version)s written: %(outcome)s", version=facts["version"], outcome=outcome)


def _changed(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("%(source)s: %(changed)s rows changed, %(kept)s kept", **facts)


def _promised(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("To be deleted later: %(rows)s rows", rows=facts["rows"])


def _promise_kept(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("%(source)s: %(rows)s rows that had to stay are deleted now", **facts)


def _recipients(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Recipients told of the change: %(count)s", count=facts["recipients"])


def _extended(facts: Facts, _names: Mapping[str, str]) -> str:
    days = {name: datelong(date.fromisoformat(str(facts[name]))) for name in ("first", "until")}
    return _("Term extended from %(first)s to %(until)s", **days)


def _disagreed(facts: Facts, _names: Mapping[str, str]) -> str:
    until = datelong(date.fromisoformat(str(facts["until"])))
    return _("Disagrees with decision %(version)s; answer by %(until)s", version=facts["version"], until=until)


def _fee(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Fee announced: %(sum)s", sum=money(int(facts["cents"])))


def _bounced(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("A mail came back, status %(status)s", status=facts["status"])


def _released(facts: Facts, names: Mapping[str, str]) -> str:
    return _("Taken from %(name)s, who works on requests no more", name=names.get(str(facts["staff"]), ""))


def _repeated(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Had the sources searched again") if facts["job"] == "case.locate" else _("Had it carried out again")


def _packed(facts: Facts, _names: Mapping[str, str]) -> str:
    if "milliseconds" not in facts:  # from before it was noted
        return _("Package made")
    took = format_decimal(int(facts["milliseconds"]) / 1000)
    said = _("Searched %(searched)s collections, rows found: %(rows)s, in %(seconds)s seconds", **facts, seconds=took)
    return f"{_('Package made')} · {said}"


def _received(facts: Facts, _names: Mapping[str, str]) -> str:
    if facts["channel"] == Channel.PORTAL.value:
        return _("Received, confirmed by mail")
    return _("Received (%(channel)s), not confirmed", channel=_(CHANNELS[Channel(str(facts["channel"]))]))


def _arrival(facts: Facts, _names: Mapping[str, str]) -> str:
    days = {name: datelong(date.fromisoformat(str(facts[name]))) for name in ("before", "after")}
    return _("Day of arrival changed from %(before)s to %(after)s", **days)


def _asked(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Said what is asked: %(right)s", right=_(RIGHTS[str(facts["right"])].title))


def _hid(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Hidden in the copy: %(count)s", count=facts["count"])


def _seen(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Saw at the counter: %(document)s", document=_(DOCUMENTS[str(facts["document"])]))


def _said(facts: Facts, _names: Mapping[str, str]) -> str:
    return _("Wrote down what the person said (%(channel)s)", channel=_(CHANNELS[Channel(str(facts["how"]))]))


def _left(facts: Facts, _names: Mapping[str, str]) -> str:
    day, way = datelong(date.fromisoformat(str(facts["on"]))), _(Way(str(facts["way"])).label)
    return _("Letter left on %(day)s, %(way)s", day=day, way=way)


WORDS: dict[str, Callable[[Facts, Mapping[str, str]], str]] = {
    events.CaseReceived.kind: _received,
    events.CaseMoved.kind: _moved,
    events.CaseLocated.kind: _located,
    events.NoticeQueued.kind: _noticed,
    events.CaseAmended.kind: _plain(N_("Added something to the request")),
    events.PaperMade.kind: _plain(N_("Signed request written as PDF")),
    events.PaperFetched.kind: _plain(N_("Downloaded the signed request")),
    events.CaseStopped.kind: _plain(N_("Stopped by somebody with an address on file")),
    events.StopLifted.kind: _plain(N_("Stop lifted")),
    events.WorkRepeated.kind: _repeated,
    events.CaseClaimed.kind: _plain(N_("Took the request")),
    events.CaseHandedOver.kind: _handed,
    desk_events.CaseReleased.kind: _released,
    desk_events.MailBounced.kind: _bounced,
    desk_events.PersonDisagreed.kind: _disagreed,
    desk_events.DisagreementEnded.kind: _plain(N_("The disagreement has ended")),
    desk_events.PersonTold.kind: _plain(N_("Sent the person a message")),
    desk_events.AttachmentFetched.kind: _plain(N_("Opened a file of the request")),
    desk_events.DossierMade.kind: _plain(N_("Dossier made for the authority")),
    desk_events.CopyAsked.kind: _plain(N_("Copy asked for, to look through")),
    desk_events.CopyPrepared.kind: _plain(N_("Copy ready to look through")),
    desk_events.CopyHidden.kind: _hid,
    desk_events.CopyShownAgain.kind: _plain(N_("Shown again in the copy")),
    desk_events.CopyCleared.kind: _plain(N_("Copy looked through")),
    desk_events.HoldSet.kind: _plain(N_("Legal hold set")),
    desk_events.HoldLifted.kind: _plain(N_("Legal hold lifted")),
    desk_events.CasePutAside.kind: _put_aside,
    desk_events.ArrivalSet.kind: _arrival,
    desk_events.AskedSet.kind: _asked,
    desk_events.MailSetAside.kind: _plain(N_("Said that the mail asks none of the rights")),
    desk_events.CardNamed.kind: _plain(N_("Said which file of the mail is the copy of the card")),
    desk_events.FileDropped.kind: _plain(N_("Deleted a file of the mail")),
    desk_events.FileKept.kind: _plain(N_("Said of a file of the mail that it is no card")),
    desk_events.MandateSeen.kind: _plain(N_("Looked at what shows that they may act for the person")),
    desk_events.IdentitySeen.kind: _seen,
    desk_events.SaidWrittenDown.kind: _said,
    desk_events.MailAttached.kind: _plain(N_("A mail was added to this request")),
    desk_events.CaseWoken.kind: _plain(N_("Brought back to the queue")),
    events.CardViewed.kind: _plain(N_("Looked at the card")),
    events.CardMasked.kind: _plain(N_("Covered parts of the card")),
    events.IdentityJudged.kind: _judged,
    events.AccountTrusted.kind: _plain(N_("Identity: signed in to the account, and the address belongs to it")),
    events.AccountNotTrusted.kind: _plain(N_("Identity: signed in to an account that this address does not belong to")),
    events.CardDestroyed.kind: _destroyed,
    events.QuestionAsked.kind: _plain(N_("Asked the person something")),
    events.PersonReplied.kind: _plain(N_("The person answered")),
    events.NoteWritten.kind: _plain(N_("Wrote a note")),
    events.TermExtended.kind: _extended,
    events.FeeAnnounced.kind: _fee,
    events.FeeAccepted.kind: _plain(N_("Accepted the fee")),
    events.PassedOn.kind: _plain(N_("Had the other organisation told")),
    events.DecisionWritten.kind: _decided,
    events.DecisionReleased.kind: _plain(N_("Answer released")),
    events.SourceChanged.kind: _changed,
    source_events.MarkingSet.kind: _plain(N_("Noted for the systems that ask")),
    source_events.LiftAnnounced.kind: _plain(N_("Told the person that the pause ends")),
    source_events.MarkingLifted.kind: _plain(N_("The pause has ended")),
    source_events.PromisesMade.kind: _promised,
    source_events.PromiseKept.kind: _promise_kept,
    source_events.RecipientsTold.kind: _recipients,
    source_events.RecipientConfirmed.kind: _plain(N_("A recipient confirmed the change")),
    events.PackageMade.kind: _packed,
    events.PackageOpened.kind: _plain(N_("Package opened for download")),
    events.PackageRenewed.kind: _plain(N_("Package renewed")),
    delivery_events.PackageSentOn.kind: _plain(N_("Sent the file straight to another organisation")),
    delivery_events.PackageTaken.kind: _plain(N_("The other organisation took the file")),
    delivery_events.LetterMade.kind: _plain(N_("Letter written as PDF")),
    delivery_events.LetterFetched.kind: _plain(N_("Downloaded the letter")),
    delivery_events.PostWritten.kind: _plain(N_("Letter for the post written")),
    delivery_events.PostPrinted.kind: _plain(N_("Letter for the post printed")),
    delivery_events.PostLeft.kind: _left,
    delivery_events.PackageCarried.kind: _plain(N_("Took the file along, to hand it over")),
    desk_events.TaskMade.kind: _plain(N_("Asked somebody to look by hand")),
    desk_events.TaskDropped.kind: _plain(N_("Dropped a manual task")),
    desk_events.TaskAnswered.kind: _plain(N_("Answered a manual task")),
    events.PackageForgotten.kind: _plain(N_("Package destroyed")),
    events.CaseForgotten.kind: _plain(N_("Content forgotten")),
}
