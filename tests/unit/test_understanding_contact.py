"""What only says who writes asks nothing, and is not read as if it did."""

import pytest

from portal.understanding.contact import without_contact
from portal.understanding.reader import Engine


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Wis mijn account. Mijn mail is lies@thuis.example", "Wis mijn account."),
        ("Je veux une copie. Mon adresse est ana@ex.be.", "Je veux une copie."),
        ("Bitte löschen Sie alles.\nMeine E-Mail: x@y.example", "Bitte löschen Sie alles."),
        ("Delete it please. Kind regards, Jan, jan@ex.example, 0470 12 34 56", "Delete it please."),
        ("Mijn mail is lies@thuis.example", "Mijn mail is lies@thuis.example"),
        ("Mijn mail moet lies@nieuw.example worden.", "Mijn mail moet lies@nieuw.example worden."),
        ("Thanks, but correct my name, jan@ex.example", "Thanks, but correct my name, jan@ex.example"),
        ("I want a copy. You can reach me at jan@ex.example", "I want a copy."),
        ("Verwijder alles. U kan mij bereiken op jan@ex.example", "Verwijder alles."),
        ("Supprimez mon compte. Vous pouvez me joindre à ana@ex.example.", "Supprimez mon compte."),
        ("Löschen Sie alles. Schreiben Sie mir an x@y.example", "Löschen Sie alles."),
        ("never delete me on x@y.example", "never delete me on x@y.example"),
        ("", ""),
    ],
)
def test_contact_alone_is_taken_out(text: str, asked: str) -> None:
    assert without_contact(text) == asked


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Wis mijn account. Mijn mail is lies@thuis.example", "erase"),
        ("Je veux une copie de mes données. Mon adresse est ana@ex.be.", "access"),
        ("Bitte löschen Sie mein Konto. Meine E-Mail: x@y.example", "erase"),
        ("Mijn e-mailadres is veranderd, het moet lies@nieuw.example worden.", "rectify"),
    ],
)
def test_an_address_adds_no_right(text: str, right: str) -> None:
    reading = Engine.load().read(text, "")
    assert (reading.ranking[0][0], reading.several) == (right, ())
    assert reading.hints.email != ""
