"""The right to rectification: art. 16 GDPR, clause 7.3. Each item says what it says and what it should say."""

from collections.abc import Sequence

from portal.rights.base import (
    ABOUT,
    Activity,
    Answers,
    Chapter,
    Effect,
    Field,
    Input,
    Kind,
    Offer,
    Option,
    Question,
    Right,
)
from portal.rights.restrict import meanwhile
from portal.rights.shared import COMMON_CHECKS, COMMON_GROUNDS, any_activity
from portal.words import N_

WRONG = "wrong"
INCOMPLETE = "incomplete"
OUTDATED = "outdated"


def items(answers: Answers) -> list[dict[str, str]]:
    """Return the items to correct: ``what, why, says, should, where, proof``, in the order the person gave them."""
    return [dict(item) for item in answers.get("items", ()) if isinstance(item, dict)]


def paused(answers: Answers, _register: Sequence[Activity]) -> Answers:
    """Return the request to pause the uses of what is to be corrected (18(1)(a)); asked on where one is not named."""
    uses = list(dict.fromkeys(item.get("where", "") for item in items(answers)))
    return {**({ABOUT: uses} if all(uses) else {}), **meanwhile("accuracy")}


RIGHT = Right(
    slug="rectify",
    order=20,
    article="16",
    clause="7.3",
    title=N_("Correct something"),
    caption=N_("Right to rectification, art. 16"),
    wish=N_("%(name)s wants data corrected"),
    effect=Effect.RECTIFY,
    allowed=any_activity,
    grounds=(*COMMON_GROUNDS, "not-identifiable", "data-correct", "opinion"),
    checks=(
        *COMMON_CHECKS,
        N_("The person made the mistake plausible. Proof may help, but it is never a condition (7.3)."),
        N_("An opinion or an assessment by someone else stays; the person's statement is added to it."),
        N_("Everyone who received the old data is told, unless that is impossible (art. 19)."),
    ),
    done=N_("We corrected the data. The answer shows what it said before and what it says now."),
    offers=(Offer("restrict", N_("Do you want us to pause the use of these data until we have decided?"), paused),),
    questions=(
        Question(
            key="items",
            title=N_("What should we correct?"),
            why=N_("One entry for each mistake. You need not prove it to ask; proof only makes it quicker."),
            kind=Kind.ITEMS,
            chapter=Chapter.SITUATION,
            short=N_("Correct"),
            missing=N_("Describe at least one thing to correct."),
            fields=(
                Field(
                    "what",
                    N_("What is it about?"),
                    N_("For example: my surname, the dates of a training placement."),
                    max_length=200,
                    missing=N_("Write what it is about."),
                ),
                Field(
                    "why",
                    N_("What is wrong with it?"),
                    input=Input.CHOICE,
                    options=(
                        Option(WRONG, N_("It is wrong")),
                        Option(INCOMPLETE, N_("Something is missing")),
                        Option(OUTDATED, N_("It is out of date")),
                    ),
                    preset=WRONG,
                    missing=N_("Choose what is wrong with it."),
                ),
                Field(
                    "says",
                    N_("What does it say now?"),
                    N_("You may leave this empty when something is missing."),
                    input=Input.TEXT,
                    unless=("why", INCOMPLETE),
                    missing=N_("Write what it says now, or choose “Something is missing”."),
                ),
                Field(
                    "should",
                    N_("What should it say?"),
                    input=Input.TEXT,
                    missing=N_("Write what it should say."),
                ),
                Field(
                    "where",
                    N_("Where do we use it?"),
                    N_("Leave this open when you do not know."),
                    required=False,
                    input=Input.ACTIVITY,
                ),
                Field(
                    "proof",
                    N_("How can we check it?"),
                    N_("If you like. You can tell more later, on the page of your request."),
                    required=False,
                    input=Input.TEXT,
                ),
            ),
        ),
    ),
)
