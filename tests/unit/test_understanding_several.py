"""Rights listed by their bare names: seen as several wishes where they are asked, and never where only spoken of."""

import pytest

from portal.understanding.labels import RIGHTS
from portal.understanding.pairs import listed, unspoken
from portal.understanding.reader import Engine


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("inzage en wissing", "access erase"),
        ("Correctie, beperking en bezwaar", "rectify restrict object"),
        ("inzage in mijn gegevens en daarna wissing", "access erase"),
        ("Recht op inzage en wissing", "access erase"),
        ("accès et effacement de mes données", "access erase"),
        ("rectification et limitation", "rectify restrict"),
        ("J’exerce mon droit d’accès et d’effacement", "access erase"),
        ("copie & suppression de mon compte", "access erase"),
        ("Auskunft und Löschung (nach DSGVO)", "access erase"),
        ("Kopie und Löschung", "access erase"),
        ("Löschung sowie Auskunft", "erase access"),
        ("Ich mache von meinem Recht auf Auskunft und Löschung Gebrauch", "access erase"),
        ("access and erasure please", "access erase"),
        ("data portability + erasure", "port erase"),
        ("a copy of my data as well as deletion", "access erase"),
        ("Could you give me access and erasure?", "access erase"),
    ],
)
def test_names_of_rights_joined_are_several_in_their_order(text: str, rights: str) -> None:
    assert listed(text) == tuple(rights.split())


@pytest.mark.parametrize(
    "text",
    [
        "geen inzage en wissing",
        "Pas d'accès ni d'effacement",
        "Ich will Auskunft und Löschung nicht",
        "Auskunft, keine Löschung",
        "no access and erasure, thanks",
        "Wat is het verschil tussen beperking en bezwaar?",
        "Quelle est la différence entre accès et portabilité ?",
        "Gilt Auskunft und Löschung auch für Vereine?",
        "When do access and erasure apply?",
        "Ik heb recht op inzage, verbetering en wissing. Stuur mij dus mijn gegevens.",
        "J'ai le droit d'accès, de rectification et d'effacement : donnez-moi mes données",
        "Ich habe das Recht auf Auskunft, Berichtigung und Löschung. Schicken Sie mir meine Daten.",
        "I have the right to access, rectification and erasure, now: give me my data",
        "On m'a parlé d'oubli, de portabilité, que sais-je encore. Je désire simplement lire ma fiche.",
        'Your page says "access and erasure". I only want to read my file.',
    ],
)
def test_names_denied_asked_about_or_quoted_are_no_wishes(engine: Engine, text: str) -> None:
    assert listed(text) == ()
    assert engine.read(text, "").several == ()


@pytest.mark.parametrize(
    "text",
    [
        "kopie en afschrift",
        "Auskunft und Einsicht",
        "copie et rapport",
        "copyright and erasure",
        "wissing",
        "",
        ",,, &",
    ],
)
def test_one_right_alone_is_not_several(text: str) -> None:
    assert listed(text) == ()


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("inzage en wissing", "access erase"),
        ("rectification et limitation", "rectify restrict"),
        ("Auskunft und Löschung (nach DSGVO)", "access erase"),
        ("access and erasure please", "access erase"),
    ],
)
def test_a_bare_pair_is_read_as_several(engine: Engine, text: str, rights: str) -> None:
    assert engine.read(text, "").several == tuple(rights.split())


def test_what_follows_a_bare_pair_is_said_of_both(engine: Engine) -> None:
    sides = dict(engine.read("Inzage en wissing van mijn stageverslagen", "").sides)
    assert {right: hints.activities for right, hints in sides.items()} == {
        "access": ("account",),
        "erase": ("account",),
    }


def test_a_list_of_more_rights_than_the_page_asks_at_once_is_left_to_the_person(engine: Engine) -> None:
    text = "access, rectification, erasure, restriction and portability"
    assert len(listed(text)) > 3
    assert engine.read(text, "").several == ()


@pytest.mark.parametrize(
    "text",
    [
        "Stuur me een kopie maar verwijder niets",
        "Envoyez une copie mais n'effacez rien",
        "Schicken Sie mir eine Kopie, aber löschen Sie nichts",
        "Send me a copy but do not delete anything",
    ],
)
def test_who_wants_nothing_deleted_is_not_offered_a_freeze(engine: Engine, text: str) -> None:
    assert engine.read(text, "").several == ()
    assert engine.read(text, "").ranking[0][0] == "access"


def test_who_wants_data_frozen_and_not_deleted_is_still_offered_it(engine: Engine) -> None:
    asked = engine.read("Send me a copy and do not delete my file but freeze it", "").several
    assert asked == ("access", "restrict")


def test_only_lists_that_are_spoken_of_leave_the_text() -> None:
    wish = "Graag inzage en wissing. Dank u."
    assert unspoken(wish) == wish
    assert unspoken("Ik heb recht op inzage en wissing. Graag een Kopie.") == "ik heb recht op . Graag een Kopie."


def test_every_right_has_names() -> None:
    pairs = {
        right: listed(f"{name} + {other}")
        for right, name, other in (
            ("access", "inzage", "wissing"),
            ("rectify", "correction", "erasure"),
            ("erase", "Löschung", "Auskunft"),
            ("restrict", "limitation", "copie"),
            ("object", "bezwaar", "inzage"),
            ("port", "portability", "erasure"),
            ("withdraw", "Widerruf", "Löschung"),
        )
    }
    assert set(pairs) == set(RIGHTS)
    assert all(found[0] == right for right, found in pairs.items())
