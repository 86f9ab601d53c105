"""What a message already says: which use of data, and an address. A wrong hint is worse than none."""

import pytest

from portal.register import load_register
from portal.understanding.hints import LEXICON, Hints, _read, hints, lexicon


def test_every_activity_with_words_is_in_the_register() -> None:
    assert set(lexicon()) <= {activity.slug for activity in load_register().activities}


def test_every_activity_that_a_person_may_choose_has_words_in_four_languages() -> None:
    alone = {activity.slug for activity in load_register().activities if not activity.consequential} - {
        "contract-company"
    }
    for language in ("nl", "fr", "de", "en"):
        assert set(_read(LEXICON / f"{language}.yml")) == alone, language


@pytest.mark.parametrize(
    ("text", "activity"),
    [
        ("stuur me mijn facturen", "contract"),
        ("Une facture à mon ancien nom", "contract"),
        ("die Rechnungen an meine Praxis", "contract"),
        ("a copy of my invoices", "administration"),
        ("geen nieuwsbrieven meer", "marketing"),
        ("Stop à la publicité", "marketing"),
        ("keine Werbemails", "marketing"),
        ("unsubscribe me from the newsletter", "marketing"),
        ("de erkenningscommissie mag dat niet krijgen", "committee"),
        ("la commission d’agrément", "committee"),
        ("die Anerkennungskommission", "committee"),
        ("the recognition committee", "committee"),
        ("de serverlogs met mijn IP-adres", "logs"),
        ("mon ticket au helpdesk", "helpdesk"),
        ("meine Evaluierung vom März", "account"),
        ("ik stap uit het wetenschappelijk onderzoek", "research"),
        ("vinkje onderzoek mag uit", "research"),
        ("je reprends mon accord pour la recherche", "research"),
        ("untick the research box for me", "research"),
        ("recordings of my calls", "communication"),
        ("hört auf, mein Klickverhalten zu messen", "usage"),
    ],
)
def test_what_a_message_is_about_is_picked_up(text: str, activity: str) -> None:
    assert activity in hints(text).activities


@pytest.mark.parametrize(
    "text",
    ["Ik wil alles zien", "supprimez tout", "Bitte alles löschen", "delete everything", "", "dat is publiek", "🙂"],
)
def test_nothing_is_picked_up_where_nothing_is_said(text: str) -> None:
    assert hints(text).activities == ()


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("mail me op Jan.Peeters+x@sub.example.org.", "Jan.Peeters+x@sub.example.org"),
        ("(jan@example.org)", "jan@example.org"),
        ("jan@example.org of jan@example.org", "jan@example.org"),
        ("from old@example.org to new@example.org", ""),
        ("jan@example", ""),
        ("@example.org", ""),
        ("geen adres", ""),
    ],
)
def test_one_address_is_picked_up_and_two_are_not(text: str, email: str) -> None:
    assert hints(text).email == email


@pytest.mark.parametrize("text", ["a" * 100_000, "a@" * 50_000, "a." * 50_000, "x@" + "a." * 50_000, "-" * 100_000])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert hints(text) == Hints()


@pytest.mark.parametrize(
    "text",
    [
        "stuur mij alle gegevens, ook de facturen",
        "I want a copy of everything, including my portfolio",
        "toutes mes données, et aussi les factures",
        "alle meine Daten, auch die Rechnungen",
        "verwijder al mijn gegevens, ook de facturen",
        "alle persoonsgegevens en facturen",
        "supprimez tout, aussi les factures",
        "tous mes renseignements et les factures",
        "löschen Sie all meine persönlichen Daten und Rechnungen",
        "delete all data and invoices",
    ],
)
def test_who_asks_for_everything_means_no_single_use(text: str) -> None:
    assert hints(text).activities == ()


@pytest.mark.parametrize(
    ("text", "everything"),
    [
        ("geef me een kopie van al mijn gegevens", True),
        ("alles wat u over mij hebt, graag", True),
        ("envoyez-moi une copie de toutes mes données", True),
        ("supprimez tout", True),
        ("Bitte löschen Sie alles.", True),
        ("eine Kopie aller Daten, die Sie über mich haben", True),
        ("a copy of everything you have on me", True),
        ("niet alles, alleen de rest", False),
        ("ne supprimez pas tout", False),
        ("nicht alles", False),
        ("not everything", False),
        ("alle gegevens over mijn examen", False),
        ("toutes les données de mon examen", False),
        ("alle Daten, die meine Prüfung betreffen", False),
        ("everything since last year", False),
        ("everything, including my invoices", False),
    ],
)
def test_everything_counts_where_nothing_denies_or_narrows_it(text: str, everything: bool) -> None:
    assert hints(text).everything == everything


@pytest.mark.parametrize("text", ["delete all my invoices", "alle meine Rechnungen", "tout de suite mes factures"])
def test_all_of_one_use_still_means_that_use(text: str) -> None:
    assert "administration" in hints(text).activities
