"""A draft: what a person said so far, and its shape when it is kept. Loads and saves nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.cases import strokes as drawings
from portal.cases.models import Conversation
from portal.cases.signing import Signature
from portal.errors import NotYours
from portal.files.masks import Mask, pack_mask, unpack_mask
from portal.intake import script
from portal.intake.guessing import Guess, pack_guess, unpack_guess
from portal.intake.vouching import Vouch, pack_vouch, unpack_vouch
from portal.intake.wishes import Wish
from portal.rights import RIGHTS
from portal.rights.base import Answer, fields_of
from portal.rights.ladder import Ladder
from portal.words import N_

UPLOADS_PER_HOUR = 10
CONTACT = script.CONTACT.key
SIGN_AGAIN = N_("You changed something, so sign your request again.")


Form = dict[str, list[str]]
"""Fields as they were typed, by name."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the portal says once at the next turn: an English source string, and labels to put into it."""

    text: str
    tone: str = "info"
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A conversation that was not sent yet."""

    id: str
    wishes: list[Wish] = field(default_factory=lambda: [Wish()])  # one at least
    words: str = ""  # what the person wrote at the door, in their own words
    guess: Guess | None = None  # what these words may mean, to be confirmed
    person: dict[str, Answer] = field(default_factory=dict)  # the answer to the question who they are, by its key
    done: set[str] = field(default_factory=set)  # finished turns that are no question: code, identity, sign
    code_for: str = ""  # hash of the mailbox the last code went to
    mailbox: str = ""  # hash of the mailbox that was confirmed
    keep_at: str = ""  # address given to save the draft, before the turn that asks for it
    links: list[datetime] = field(default_factory=list)  # when the way back was mailed
    signature: str = ""
    strokes: drawings.Strokes | None = None  # where it was drawn
    signed_at: datetime | None = None
    other_proof: str = ""
    other_proof_note: str = ""
    uploads: list[datetime] = field(default_factory=list)
    mask: Mask = field(default_factory=Mask)
    vouch: Vouch | None = None  # what the controller's app said of who this is
    notices: list[Notice] = field(default_factory=list)
    unsent: dict[str, Form] = field(default_factory=dict)  # typed when the session had ended, by page; no answer yet
    ladder: Ladder = script.THE_POLICYS  # what proof the operator wants; not kept with it

    @property
    def contact(self) -> dict[str, str]:
        """What the person said of who they are; empty before that turn."""
        return fields_of(self.person, CONTACT)

    @property
    def undersigned(self) -> Signature:
        """How the person signed; only where ``signed_at`` is known."""
        return Signature(self.signature, self.strokes)

    @property
    def is_known(self) -> bool:
        """Whether the controller's app said who this is, and what the person said since still fits it."""
        return self.vouch is not None and not self.vouch.fault(self.contact)

    def asks_card(self, wishes: Sequence[Wish]) -> bool:
        """Say whether ``wishes``, some or all of this conversation, ask for a card."""
        return script.asks_card(wishes, known=self.is_known, ladder=self.ladder)

    @property
    def steps(self) -> list[script.Step]:
        """Every turn of this conversation as it stands."""
        return script.steps(self.wishes, known=self.is_known, ladder=self.ladder)

    def progress(self, key: str) -> script.Progress:
        """Return where the turn ``key`` stands."""
        given = {CONTACT, script.CODE} if self.is_known and script.CODE in self.done else ()
        return script.progress(self.wishes, key, known=self.is_known, ladder=self.ladder, given=given)

    @property
    def next_key(self) -> str:
        """The first turn that is still open."""
        return script.next_step(self.wishes, self.person, self.done, known=self.is_known, ladder=self.ladder).key

    def may_visit(self, key: str) -> bool:
        """Say whether every turn before ``key`` is finished."""
        return script.may_visit(self.wishes, self.person, self.done, key, known=self.is_known, ladder=self.ladder)

    def step(self, key: str) -> script.Step:
        """Return the turn ``key``.

        Raises:
            NotYours: there is no such turn in this conversation.
        """
        for step in self.steps:
            if step.key == key:
                return step
        raise NotYours

    def wish_of(self, step: script.Step) -> Wish:
        """Return the wish that ``step`` belongs to; the first one where it is for all of them."""
        return self.wishes[max(step.number, 1) - 1]

    def answers_at(self, step: script.Step) -> dict[str, Answer]:
        """Return where the answer to ``step`` stands: with its wish, or with the person."""
        return self.wish_of(step).answers if step.number else self.person

    def uploads_left(self, at: datetime) -> int:
        """Return how many files may still be chosen within the hour before ``at``."""
        return UPLOADS_PER_HOUR - sum(each > at - timedelta(hours=1) for each in self.uploads)

    def count_upload(self, at: datetime) -> None:
        """Note that a file was chosen at ``at``."""
        self.uploads = [*(each for each in self.uploads if each > at - timedelta(hours=1)), at]

    def reopen(self, keys: Collection[str]) -> None:
        """Open finished turns again; say so where the signature was among them."""
        if script.SIGN in keys and script.SIGN in self.done:
            self.notices.append(Notice(SIGN_AGAIN))
        self.done -= set(keys)


def pack(draft: Draft) -> dict[str, object]:
    """Return ``draft`` as it is sealed; rights and mailbox stand in its row as well."""
    return {
        "words": draft.words,
        "guess": pack_guess(draft.guess),
        "wishes": [_pack_wish(wish) for wish in draft.wishes],
        "person": draft.person,
        "done": sorted(draft.done),
        "code_for": draft.code_for,
        "keep_at": draft.keep_at,
        "links": [each.isoformat() for each in draft.links],
        "signature": draft.signature,
        "strokes": drawings.pack(draft.strokes) if draft.strokes else None,
        "signed_at": draft.signed_at.isoformat() if draft.signed_at else None,
        "other_proof": draft.other_proof,
        "other_proof_note": draft.other_proof_note,
        "uploads": [each.isoformat() for each in draft.uploads],
        "mask": pack_mask(draft.mask),
        "vouch": pack_vouch(draft.vouch),
        "unsent": draft.unsent,
        "notices": [[each.text, each.tone, list(each.names)] for each in draft.notices],
    }


def _pack_wish(wish: Wish) -> dict[str, object]:
    slug = wish.right.slug if wish.right else ""
    return {"right": slug, "answers": wish.answers, "pending": wish.pending}


def unpack(row: Conversation, said: dict[str, Any], ladder: Ladder) -> Draft:
    """Return the draft of ``row``, whose opened content is ``said``."""
    said = said if "wishes" in said else _of_one_right(row, said)
    return Draft(
        id=row.id,
        wishes=[Wish(RIGHTS.get(each["right"]), each["answers"], each["pending"]) for each in said["wishes"]],
        words=said["words"],
        guess=unpack_guess(said.get("guess")),
        person=said["person"],
        done=set(said["done"]),
        code_for=said["code_for"],
        keep_at=said.get("keep_at", ""),
        links=[datetime.fromisoformat(each) for each in said.get("links", [])],
        mailbox=row.verified_mailbox or "",
        signature=said["signature"],
        strokes=drawings.unpack(said["strokes"]) if said.get("strokes") else None,
        signed_at=datetime.fromisoformat(said["signed_at"]) if said["signed_at"] else None,
        other_proof=said["other_proof"],
        other_proof_note=said["other_proof_note"],
        uploads=[datetime.fromisoformat(each) for each in said["uploads"]],
        mask=unpack_mask(said["mask"]),
        vouch=unpack_vouch(said.get("vouch")),
        unsent=said.get("unsent", {}),
        notices=[Notice(text, tone, tuple(names)) for text, tone, names in said["notices"]],
        ladder=ladder,
    )


def _of_one_right(row: Conversation, said: dict[str, Any]) -> dict[str, Any]:
    """Return a draft of the time when a conversation was about one right in the shape of today; they live 30 days."""
    answers = dict(said["answers"])
    person = {CONTACT: answers.pop(CONTACT)} if CONTACT in answers else {}
    wish = {"right": next(iter(row.rights), ""), "answers": answers, "pending": said["pending"]}
    return {**said, "wishes": [wish], "person": person}
