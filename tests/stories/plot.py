"""How each story goes: what the impostor does, what the desk is made to believe, and every way to a release tried."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from portal.cases.access import findings_of
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Case
from portal.cases.moves import submit
from portal.jobs import outbox as jobs
from tests.stories.cast import ELSEWHERE, PICTURES, Mailbox, Path, Proof, Story, Wish
from tests.stories.elsewhere import ALL_YES, at_the_counter, by_letter, by_mail, said
from tests.stories.stage import Stage
from tests.support.critic import Critic
from tests.support.factories import begin_draft, filing, show_card
from tests.support.visitors import with_mailbox

OWN = "impostor@example.net"
HOLD = timedelta(hours=73)
LOOKS, DEEDS = ("", "/medbook-export.zip"), ("", "/code", "/send", "/renew")
"""What there is to a download: pages, and what is pressed there."""
REFUSAL = {"outcome": "refuse", "ground": "not-identified", "reason": "Dat weten wij niet.", "facts": "Niets getoond."}


@dataclass
class Attempt:
    """One story as it is played: who is who, and the requests that the impostor made."""

    stage: Stage
    story: Story
    mailbox: str
    victim: Mapping[str, str]  # name and address of the victim, and the number of their account
    told: str  # where the victim is told of it
    cases: list[str] = field(default_factory=list)
    earlier: frozenset[str] = frozenset()  # the ways to stop the victim's own request, which was told too
    before: str = ""  # the sources, before the impostor asked anything
    answers: list[int] = field(default_factory=list)  # what the desk got that tried to grant it

    def ask(self, *wishes: Wish) -> list[str]:
        """File requests, sent together, and let the worker search; return their ids."""
        found = file(self.stage, self.contact(), wishes, card=self.story.proof in PICTURES)
        self.cases += found
        return found

    def contact(self) -> dict[str, str]:
        """Return what the impostor says of who they are."""
        who = {"name": self.victim["name"], "email": self.mailbox, "residence": "be", "acting": "self"}
        if self.story.mailbox in {Mailbox.OTHER, Mailbox.NONE}:
            who["known_email"] = self.victim["email"]
        if self.story.mailbox is Mailbox.NONE:
            who |= {"reach": "post", "email": "", "address": "Elders 1\n9000 Gent"}
        if self.story.proof is Proof.ACCOUNT:
            own = self.victim["account"] if self.story.mailbox is Mailbox.CHANGED else "9"
            who |= {"account": own, "handed_over_at": "2026-11-23T08:59:00+00:00"}
        return who

    @property
    def browser(self) -> Critic:
        """The browser of the impostor, who confirmed the mailbox."""
        return with_mailbox(self.stage.app, self.stage.case(self.cases[0]).mailbox)

    # -- what the desk is made to believe

    def pretend(self, case_id: str) -> None:
        """Show what there is to show, and have the desk take it for what it looks like."""
        case = self.stage.case(case_id)
        if case.status is not Status.IDENTITY:
            assert case.identity in {Identity.ACCOUNT, Identity.CONFIRMED, Identity.IMPOSTOR, Identity.UNPROVEN}
            return
        if case.assigned_to is None:
            assert self.stage.post(case_id, "take").status_code == 303
        pictured = self.story.proof in PICTURES and case.needs_card
        if self.story.proof is Proof.REPLACED and pictured:
            self._replace(case_id)
        if pictured:
            assert self._judge(case_id, "confirmed") == 422, "nobody confirms a picture that they did not look at"
            assert self.stage.post(case_id, "card").status_code == 303
        if self.story.proof is Proof.NONE:
            assert self._judge(case_id, "confirmed") == 422, "nobody is confirmed who shows nothing"
        if self.story.fooled:
            verdict, proof = "confirmed", "" if pictured else "It sounded right."
        else:
            verdict, proof = "impostor" if pictured else "unproven", ""
        assert self._judge(case_id, verdict, proof) == 303

    def _judge(self, case_id: str, verdict: str, proof: str = "", doubt: str = "") -> int:
        said = {**ALL_YES, "verdict": verdict, "other_proof": proof, "doubt": doubt}
        return self.stage.post(case_id, "identity", said).status_code

    def _replace(self, case_id: str) -> None:
        """Have the first picture doubted, and send another one for all that was sent together."""
        assert self.stage.post(case_id, "card").status_code == 303
        assert self._judge(case_id, "doubt", doubt="Is dit uw kaart?") == 303
        case = self.stage.case(case_id)
        with self.stage.database.writing() as session:
            show_card(session, case=case)
        answered = self.browser.post(f"/en/s/{case_id}/reply", data={"message": "Here is another picture."})
        assert answered.status_code == 303

    # -- every way to a release

    def try_all(self, *, by_desk: bool = True) -> None:
        """Try to have each request granted (unless ``by_desk`` is False), carried out and handed over."""
        if by_desk:
            self.answers += [grant(self.stage, case_id) for case_id in self.cases]
        with self.stage.database.writing() as session:
            for case_id in self.cases:
                jobs.queue(session, "case.fulfil", {"case": case_id}, case_id=case_id)
        self.stage.work()
        if self.story.mailbox is Mailbox.NONE:
            taken = [self.stage.post(case_id, "file/1").status_code for case_id in self.cases]
            assert taken == [409] * len(self.cases), "no file is taken along for them either"
        browser = self.browser
        for home in (f"/en/s/{case_id}/download" for case_id in self.cases):
            assert [browser.get(f"{home}{end}").status_code for end in LOOKS] == [404] * len(LOOKS)
            assert [browser.post(f"{home}{end}").status_code for end in DEEDS] == [404] * len(DEEDS)


def grant(stage: Stage, case_id: str) -> int:
    """Look at the letter that grants the request, and send it; return what the desk answered."""
    return decide(stage, case_id, {"outcome": "grant", "field-0": "0", "new-0": "Iemand Anders"})


def decide(stage: Stage, case_id: str, wanted: Mapping[str, str]) -> int:
    """Look at the letter and send it; have a colleague confirm it where that is needed."""
    shown = stage.post(case_id, "letter", wanted)
    mark = re.search(r'name="shown" value="([^"]+)"', shown.text)
    if shown.status_code != 200 or mark is None:
        return shown.status_code
    sent = stage.post(case_id, "decision", {**wanted, "shown": mark[1]}).status_code
    if (case := stage.case(case_id)).status is Status.SECOND:
        stage.turn_to(stage.max)
        sent = stage.post(case_id, "second/confirm", {"decision": str(case.decision_id)}).status_code
        stage.turn_to(stage.rex)
    return sent


def file(stage: Stage, who: Mapping[str, str], wishes: tuple[Wish, ...], *, card: bool) -> list[str]:
    """File ``wishes`` of ``who`` as one conversation does, and let the worker search; return the ids of the cases."""
    with stage.database.writing() as session:
        draft = begin_draft(session, wishes[0].right)
        if card:
            show_card(session, draft=draft)
        cases = submit(session, draft, [filing(each.right, who=who, answers=said(each)) for each in wishes])
    stage.work()
    return [case.id for case in cases]


def play(stage: Stage, story: Story) -> Attempt:
    """Play ``story`` from the first request to the last attempt, four days later; return how it went."""
    attempt = PREPARED.get((story.mailbox, story.path), _cast)(stage, story)
    attempt.before = stage.fingerprint()
    WAYS[story.path](attempt)
    attempt.try_all()
    stage.stop(attempt.told)
    stage.later(HOLD)
    attempt.try_all(by_desk=story.held)
    return attempt


def _cast(stage: Stage, story: Story) -> Attempt:
    """Return who is who: a victim with exactly one other address on file than the impostor's."""
    world = stage.world
    if story.mailbox is Mailbox.CHANGED:
        victim = [each for each in world.people if each.moved][-1]
        told = str(victim.former_email)
    else:
        poor = (each for each in world.people if each.wealth == 1 and each.former_email is None)
        one = story.mailbox is Mailbox.OTHER or story.path in ELSEWHERE
        victim = next(poor) if one else world.shown["access"]
        told = victim.email
    known = {"name": victim.full_name, "email": victim.email, "account": str(victim.account_id)}
    mailbox = OWN if story.mailbox is Mailbox.OTHER else victim.email
    return Attempt(stage, story, mailbox, known, told)


def _corrected_before(stage: Stage, story: Story) -> Attempt:
    """Have the portal itself put the impostor's address on file, by a request that everybody took for good."""
    victim = stage.world.shown["rectify"]
    who = {"name": victim.full_name, "email": victim.email, "residence": "be", "acting": "self"}
    (case_id,) = file(stage, who, (Wish.RECTIFY,), card=True)
    confirm(stage, case_id)
    with stage.database.reader() as session:
        offered = findings_of(session, session.get_one(Case, case_id))["rectifiable"]
    keys = [each["key"] for each in offered for _ in each["values"]]
    wanted = {"outcome": "grant", "field-0": str(keys.index("medbook.accounts.email")), "new-0": OWN}
    assert decide(stage, case_id, wanted) == 303
    stage.work()
    assert stage.case(case_id).status is Status.CARRIED_OUT
    known = {"name": victim.full_name, "email": OWN, "account": str(victim.account_id)}
    return Attempt(stage, story, OWN, known, str(victim.former_email))


def confirm(stage: Stage, case_id: str) -> None:
    """Have the desk look at the card and find that it is this person."""
    for action, values in (("take", {}), ("card", {}), ("identity", {**ALL_YES, "verdict": "confirmed"})):
        assert stage.post(case_id, action, values).status_code == 303


# -- the ways in


def _plainly(attempt: Attempt) -> None:
    (case_id,) = attempt.ask(attempt.story.wish)
    attempt.pretend(case_id)


def _twice(attempt: Attempt) -> None:
    """Get an answer, and have it opened again: a grant that was stopped before it was carried out, or a refusal."""
    (case_id,) = attempt.ask(attempt.story.wish)
    attempt.pretend(case_id)
    stage = attempt.stage
    if stage.case(case_id).assigned_to is None:
        assert stage.post(case_id, "take").status_code == 303
    if not attempt.story.fooled:
        assert decide(stage, case_id, REFUSAL) == 303
        assert stage.case(case_id).status is Status.ANSWERED
        assert stage.post(case_id, "reopen").status_code == 409, "a refusal is not opened again"
        return
    stage.later(HOLD)
    assert grant(stage, case_id) == 303
    stage.stop(attempt.told)
    stage.work()
    assert stage.post(case_id, "reopen").status_code == 303
    assert stage.case(case_id).status is Status.DECIDING


def _beside(attempt: Attempt) -> None:
    """Ask beside a request of the victim that the desk confirmed."""
    stage, story = attempt.stage, attempt.story
    who = {"name": attempt.victim["name"], "email": attempt.told, "residence": "be", "acting": "self"}
    (own,) = file(stage, who, (Wish.ACCESS,), card=True)
    attempt.earlier = frozenset(way for _, way in stage.notices())
    confirm(stage, own)
    (case_id,) = attempt.ask(story.wish)
    assert stage.case(case_id).identity in {Identity.OPEN, Identity.ACCOUNT}, "what settled the other settles nothing"
    if story.held:
        assert attempt.browser.get(f"/en/s/{own}").status_code == 404
    attempt.pretend(case_id)


def _from_hand_to_hand(attempt: Attempt) -> None:
    """Have one reviewer look, and another one judge."""
    (case_id,) = attempt.ask(attempt.story.wish)
    stage = attempt.stage
    if stage.case(case_id).status is Status.IDENTITY:
        assert stage.post(case_id, "take").status_code == 303
        if attempt.story.proof in PICTURES and stage.case(case_id).needs_card:
            assert stage.post(case_id, "card").status_code == 303
        given = {"colleague": stage.max.id, "owner": stage.rex.id}
        assert stage.post(case_id, "hand-over", given).status_code == 303
        stage.turn_to(stage.max)
    attempt.pretend(case_id)


def _after_another(attempt: Attempt) -> None:
    """Ask for another address on file first; where it is on file already, that was last week's work."""
    if attempt.story.mailbox is not Mailbox.CHANGED:
        (first,) = attempt.ask(Wish.RECTIFY)
        attempt.pretend(first)
        attempt.try_all()
    (case_id,) = attempt.ask(attempt.story.wish)
    attempt.pretend(case_id)


def _together(attempt: Attempt) -> None:
    """Send two requests at once: one card, one verdict, one stop."""
    with_it = Wish.ERASE if attempt.story.wish is Wish.ACCESS else Wish.ACCESS
    for case_id in attempt.ask(attempt.story.wish, with_it):
        attempt.pretend(case_id)


WAYS: Mapping[Path, Callable[[Attempt], None]] = {
    Path.PORTAL: _plainly,
    Path.DECIDED_TWICE: _twice,
    Path.DUPLICATE: _beside,
    Path.HANDED_ON: _from_hand_to_hand,
    Path.RECTIFIED: _after_another,
    Path.LINKED: _together,
    Path.MAIL: by_mail,
    Path.COUNTER: at_the_counter,
    Path.LETTER: by_letter,
}
PREPARED: Mapping[tuple[Mailbox, Path], Callable[[Stage, Story], Attempt]] = {
    (Mailbox.CHANGED, Path.RECTIFIED): _corrected_before
}
