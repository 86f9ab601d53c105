"""The question who the person is and how to reach them. The same for every right; pure."""

from portal.rights.base import Chapter, Field, Input, Kind, Option, Question
from portal.words import N_

SELF = "self"
OTHER = "other"

CONTACT = Question(
    key="contact",
    title=N_("Who are you, and how do we reach you?"),
    why=N_("We use this for your request only. Our answer goes to this address."),
    kind=Kind.FIELDS,
    chapter=Chapter.WHO,
    short=N_("Who you are"),
    fields=(
        Field(
            "name",
            N_("Full name"),
            N_("As it stands on your identity card."),
            max_length=200,
            missing=N_("Enter your full name."),
            autocomplete="name",
        ),
        Field(
            "email",
            N_("E-mail address"),
            N_("We send a code to this address. No e-mail? Choose “Talk to someone” below."),
            max_length=254,
            input=Input.EMAIL,
            missing=N_("Enter your e-mail address."),
            autocomplete="email",
        ),
        Field(
            "known_email",
            N_("Address that Medbook knows, if it is another one"),
            N_("For someone else: the address that Medbook knows of that person."),
            max_length=254,
            input=Input.EMAIL,
            unless=("acting", SELF),
            missing=N_("Write the address that Medbook knows of the person you ask for."),
        ),
        Field(
            "residence",
            N_("Where do you live?"),
            N_("If you like. It tells us which authority and court to name in our answer."),
            required=False,
            input=Input.CHOICE,
            options=(
                Option("be", N_("Belgium")),
                Option("nl", N_("The Netherlands")),
                Option("other", N_("Another country")),
            ),
        ),
        Field(
            "acting",
            N_("Who is this request for?"),
            input=Input.CHOICE,
            preset=SELF,
            options=(
                Option(SELF, N_("For myself")),
                Option(OTHER, N_("For someone else"), N_("We then ask how you may act for this person.")),
            ),
            missing=N_("Choose who this request is for."),
        ),
    ),
)
