"""The right to withdraw consent: art. 7(3) GDPR, clause 7.4. Carried out at once, never decided, no identity card."""

from collections.abc import Sequence

from portal.rights.base import (
    ABOUT,
    EVERYTHING,
    YES,
    Activity,
    Allowed,
    Answers,
    Basis,
    Chapter,
    Effect,
    Kind,
    Offer,
    Proof,
    Question,
    Right,
    slugs_of,
)
from portal.rights.erase import because
from portal.rights.shared import SOME_OPTION, everything
from portal.words import N_

WHY_NOT = {
    Basis.CONTRACT: N_("This rests on our contract, not on a permission. So there is no permission to take back."),
    Basis.LEGAL_OBLIGATION: N_("The law obliges us to do this. So there is no permission to take back."),
    Basis.LEGITIMATE_INTEREST: N_(
        "This rests on our own interest, not on a permission. You can refuse it: choose “Stop a certain use”."
    ),
}


def allowed(activity: Activity) -> Allowed:
    """Allow what rests on consent; say for every other basis why there is nothing to withdraw."""
    return YES if activity.basis is Basis.CONSENT else Allowed(False, WHY_NOT[activity.basis])


def what_it_is_for(answers: Answers, register: Sequence[Activity]) -> Answers:
    """Return the request to delete what a permission was given for; all of them are not the whole account."""
    chosen, open_to_choice = set(slugs_of(answers, ABOUT)), [each for each in register if not each.consequential]
    uses = [each.slug for each in open_to_choice if allowed(each).yes and chosen & {each.slug, EVERYTHING}]
    return {ABOUT: uses, **because("withdrawn")}


RIGHT = Right(
    slug="withdraw",
    order=70,
    article="7(3)",
    clause="7.4",
    title=N_("Take back a permission"),
    caption=N_("Withdrawal of consent, art. 7(3)"),
    wish=N_("%(name)s takes back a permission"),
    effect=Effect.WITHDRAW,
    allowed=allowed,
    proof=lambda _answers: Proof.EMAIL,
    decided=lambda _answers: False,
    grounds=("not-identified", "no-mandate", "not-controller", "no-consent"),
    checks=(
        N_("The address is on file, or the person is known in another way. Look today."),
        N_("The partners who received the data are told."),
    ),
    done=N_("We stopped. What happened before you took the permission back stays lawful."),
    offers=(
        Offer("erase", N_("Do you also want us to delete the data you gave this permission for?"), what_it_is_for),
    ),
    questions=(
        Question(
            key=ABOUT,
            title=N_("Which permission do you take back?"),
            why=N_("We stop at once. This needs no reason and no identity card."),
            kind=Kind.ACTIVITIES,
            chapter=Chapter.ABOUT,
            short=N_("Permission"),
            options=(everything(N_("Every permission I gave")), SOME_OPTION),
            missing=N_("Choose the permission you take back."),
        ),
    ),
)
