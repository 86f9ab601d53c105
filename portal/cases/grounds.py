"""The coded grounds a refusal, in full or in part, may rest on: article, clause and words. Pure.

Which right may use which ground stands with the right.
"""

from dataclasses import dataclass

from portal.words import N_

REPEATED = "repeated"
WEIGHED = "compelling-interest"
"""Only where the controller's grounds weigh more than the situation of the person (21(1))."""
ELSEWHERE = "not-controller"
"""Another controller decides (clause 2.3); the letter names it."""
BURDEN_OURS = frozenset({"unfounded", REPEATED, "excessive"})
"""The grounds whose burden of proof Art. 12(5) puts on the controller; a fee rests on the same."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground for saying no.

    Attributes:
        article: of the GDPR, without "art.".
        clause: of the policy; empty when the law alone carries the ground.
        title: for the reviewer, with what must be shown.
        letter: for the person; the reviewer adds the facts.
    """

    slug: str
    article: str
    clause: str
    title: str
    letter: str


_ALL = (
    # any right
    Ground(
        "unfounded",
        "12(5)(b)",
        "7.9",
        N_("Clearly unfounded: we must show why"),
        N_("The law lets us refuse a request that clearly has no basis. We have to show that, and we do so here."),
    ),
    Ground(
        "repeated",
        "12(5)(b)",
        "7.10",
        N_("The same request again and again: name the earlier ones"),
        N_("You made the same request before, and nothing has changed since. The law lets us refuse it then."),
    ),
    Ground(
        "excessive",
        "12(5)(b)",
        "7.10",
        N_("Excessive, meant to burden us: show it; a large request alone is not"),
        N_("The law lets us refuse a request that clearly goes too far. We have to show that, and we do so here."),
    ),
    Ground(
        "not-identified",
        "12(2), 12(6)",
        "7.1",
        N_("Reasonable doubt about who asks, also after our question"),
        N_("We could not make sure that the request comes from you. So we may not act on it. You can ask again."),
    ),
    Ground(
        "no-mandate",
        "12(6)",
        "7.1",
        N_("Asked for someone else, without proof of a mandate"),
        N_("You asked this for someone else. We received no proof that you may act for this person."),
    ),
    Ground(
        "not-controller",
        "4(7)",
        "2.3",
        N_("Another controller decides: name it and offer to forward"),
        N_("We do not decide about these data. The organisation named below does, and you can ask it there."),
    ),
    Ground(
        "not-personal",
        "4(1)",
        "7.9",
        N_("What is asked for is not about a person: say what it is"),
        N_("What you ask about does not say anything about a person. So this right does not cover it."),
    ),
    Ground(
        "no-data",
        "12(4)",
        "7.9",
        N_("We searched and hold no data of this person: list where"),
        N_("We searched our systems and found no data about you. Below we say where we looked."),
    ),
    Ground(
        "not-identifiable",
        "11(2)",
        "3.1.1",
        N_("The data cannot be linked to this person, also with what the person gave"),
        N_("We cannot tell which of these data are yours. With more details from you, we look again."),
    ),
    # access
    Ground(
        "rights-of-others",
        "15(4)",
        "7.10",
        N_("A copy of this part would harm others: say whom in general terms"),
        N_("A copy of this part would harm the rights of other people. We left out that part only."),
    ),
    Ground(
        "trade-secret",
        "15(4)",
        "7.10",
        N_("A copy of this part would give away a trade secret: say whose in general terms"),
        N_("A copy of this part would give away a trade secret. We left out that part only."),
    ),
    Ground(
        "secrecy",
        "23(1)",
        "7.9",
        N_("A law forbids us to tell: name the law and its article"),
        N_("A law forbids us to give this information. We name that law below, as far as we may."),
    ),
    # rectification
    Ground(
        "data-correct",
        "16",
        "7.3",
        N_("We checked, and the data are right and complete: say how"),
        N_("We checked these data, and they are right and complete. Below we say how we checked."),
    ),
    Ground(
        "opinion",
        "16",
        "7.3",
        N_("An opinion or assessment by someone else: the statement is added"),
        N_("This is the opinion of someone else, and it stays. We added your statement to it."),
    ),
    # erasure
    Ground(
        "still-needed",
        "17(1)",
        "7.5",
        N_("No case of 17(1) holds: the data are still needed, and the use is lawful"),
        N_("We still need these data for their purpose, and we may use them. So they need not go."),
    ),
    Ground(
        "duty-to-keep",
        "17(3)(b)",
        "5.2",
        N_("A law obliges us to keep it: name law, article and end date"),
        N_("A law obliges us to keep these data. Below we name the law and the date on which they go."),
    ),
    Ground(
        "order-to-keep",
        "17(3)(b)",
        "5.2",
        N_("A court or an authority ordered us to keep it: name the order"),
        N_("A court or an authority ordered us to keep these data. Below we say until when."),
    ),
    Ground(
        "legal-claims",
        "17(3)(e)",
        "7.5",
        N_("Needed for a legal claim: give the facts"),
        N_("We need these data for a legal claim. Below we give the facts."),
    ),
    Ground(
        "research-harmed",
        "17(3)(d)",
        "7.5",
        N_("Deleting would make research impossible or seriously harm it: say how"),
        N_("Deleting these data would make the research impossible or harm it seriously. Below we say how."),
    ),
    Ground(
        "public-health",
        "17(3)(c)",
        "7.5",
        N_("Needed for public health: name the law and the task"),
        N_("These data are needed for public health. Below we name the law and the task."),
    ),
    Ground(
        "free-expression",
        "17(3)(a)",
        "7.9",
        N_("Needed for freedom of expression and information: show the balance"),
        N_("These data are needed for the freedom of expression and information. Below we say why."),
    ),
    # restriction
    Ground(
        "no-case-for-pause",
        "18(1)",
        "7.6",
        N_("None of the four cases of 18(1) holds"),
        N_("The law allows a pause in four cases. None of them holds here; below we say why."),
    ),
    Ground(
        "use-still-allowed",
        "18(2)",
        "7.6",
        N_("This use may go on during a pause: a legal claim, or the rights of somebody else"),
        N_("Some uses may go on during a pause, such as for a legal claim. This is one; below we say which."),
    ),
    # objection
    Ground(
        "compelling-interest",
        "21(1)",
        "7.7",
        N_("Compelling grounds of ours weigh more: show the balance; an even one grants"),
        N_("We weighed your situation against our grounds. Ours weigh more here; below we show how."),
    ),
    Ground(
        "legal-claims-objection",
        "21(1)",
        "7.7",
        N_("The use is needed for a legal claim: give the facts"),
        N_("We need to use these data for a legal claim. Below we give the facts."),
    ),
    Ground(
        "research-needed",
        "21(6)",
        "7.7",
        N_("Research or statistics needed for a task in the public interest: name the task"),
        N_("This research is needed for a task in the public interest. Below we name that task."),
    ),
    Ground(
        "other-basis",
        "21(1)",
        "7.7",
        N_("The use does not rest on our interest: name its basis"),
        N_("This use does not rest on our own interest, so this right does not apply. Below we name its basis."),
    ),
    # portability
    Ground(
        "not-portable",
        "20(1)(a)",
        "7.8",
        N_("The use rests neither on consent nor on a contract with this person"),
        N_("You can take along data that rest on your permission or a contract with you. These do not."),
    ),
    Ground(
        "not-provided",
        "20(1)",
        "7.8",
        N_("Not provided by this person: written by others or derived by us"),
        N_("You can take along what you gave us, use included. Others wrote these data, or we derived them."),
    ),
    Ground(
        "not-automated",
        "20(1)(b)",
        "7.8",
        N_("Kept on paper, not processed by computer"),
        N_("You can take along data that we process by computer. We keep these on paper only."),
    ),
    Ground(
        "not-feasible",
        "20(2)",
        "7.8",
        N_("Sending it to the other organisation is not feasible: say why; the person still gets the file"),
        N_("We cannot send the file straight to the other organisation. You get it yourself and can pass it on."),
    ),
    Ground(
        "rights-of-others-port",
        "20(4)",
        "7.10",
        N_("Taking this part along would harm others"),
        N_("Taking this part along would harm the rights of other people. We left out that part only."),
    ),
    # withdrawal
    Ground(
        "no-consent",
        "7(3)",
        "7.4",
        N_("There is no consent of this person, or it was withdrawn before"),
        N_("We found no permission from you that still counts. So there is nothing to take back."),
    ),
)

GROUNDS: dict[str, Ground] = {ground.slug: ground for ground in _ALL}
