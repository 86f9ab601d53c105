"""What was typed into a turn whose session had ended: it travels along in the page that asks for the code.

Nothing is kept of it before the code was right, and it never stands in an address. Then it is back in its turn, for
the person to look at and send: it is no answer by itself. Files do not travel.
"""

from dataclasses import dataclass

from flask import request, url_for

from portal.intake import script
from portal.intake.card import OTHER_PROOF
from portal.intake.conversations import Draft, Notice
from portal.intake.retelling import step_url
from portal.words import N_

PREFIX, PAGE, FILE = "kept-", "kept_page", "kept_file"
LONGEST = 60_000  # characters of all fields together
NEVER = frozenset({"csrf_token", "code", "again", "another", "add", "remove"})
AGAIN = "again"
"""Name in the address of the page on which a person changes the words that were guessed at."""
BACK = N_("What you had typed is back in its place. Look at it, and go on.")
NO_FILE = N_("The file that you chose was not kept. Choose it again.")


@dataclass(frozen=True, slots=True)
class Luggage:
    """What travels along.

    Args:
        page: last part of the address it was sent to; empty where nothing travels.
        fields: what was typed there, by name.
        file: whether a file was sent, which cannot travel.
    """

    page: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    file: bool = False

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The hidden fields of the page that asks for the code."""
        fields = [(PREFIX + name, value) for name, value in self.fields]
        return [*fields, (PAGE, self.page), *([(FILE, "1")] if self.file else [])] if self.page else []


def packed() -> Luggage | None:
    """Return what the form of a turn, sent now, takes along; None where that is too much to travel."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER and value.strip()]
    if sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return None
    return Luggage(
        request.path.rpartition("/")[2], tuple(fields), any(each.filename for each in request.files.values())
    )


def travelling() -> Luggage:
    """Return what travels along already, with the form that asks for the code."""
    said = request.form.items(multi=True)
    fields = tuple((name.removeprefix(PREFIX), value) for name, value in said if name.startswith(PREFIX))
    if sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return Luggage()
    return Luggage(request.form.get(PAGE, ""), fields, FILE in request.form)


def unpacked(draft: Draft, luggage: Luggage) -> str:
    """Put what travelled into ``draft`` and return the address of its page; empty where it has no place any more.

    The person has shown by a code that the draft is theirs; the caller saves it.
    """
    key = script.IDENTITY if luggage.page == OTHER_PROOF else luggage.page
    if key == script.CODE or key not in {step.key for step in draft.steps} or not draft.may_visit(key):
        return ""
    if luggage.file:
        draft.notices.append(Notice(NO_FILE, "warn"))
    elif luggage.fields:
        form: dict[str, list[str]] = {}
        for name, value in luggage.fields:
            form.setdefault(name, []).append(value)
        draft.unsent = {luggage.page: form}
        draft.notices.append(Notice(BACK, "ok"))
    if luggage.page == OTHER_PROOF:
        return url_for("intake.other_proof", conversation_id=draft.id)
    return step_url(draft, key) + (
        f"?{AGAIN}=1" if key == script.RIGHT and "words" in draft.unsent.get(key, {}) else ""
    )
