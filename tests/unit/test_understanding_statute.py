"""The names that the law gives to a right are known in four languages, and a denied one is known to be denied."""

import pytest

from portal.understanding.statute import named


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("Ik beroep mij op artikel 17 AVG", ["erase"]),
        ("Verzoek ex art. 18, lid 1, onder b, AVG", ["restrict"]),
        ("art. 7(3) GDPR", ["withdraw"]),
        ("Art. 7 Abs. 3 DSGVO", ["withdraw"]),
        ("Sur la base des articles 15 et 20 du RGPD", ["access", "port"]),
        ("Nach Artikel 21 Abs. 2 DS-GVO", ["object"]),
        ("Article 16 of Regulation (EU) 2016/679", ["rectify"]),
    ],
)
def test_an_article_of_the_law_names_a_right(text: str, rights: list[str]) -> None:
    assert named(text) == rights


@pytest.mark.parametrize("text", ["art. 12 AVG", "kamer 17", "De AVG is van 2018", ""])
def test_another_number_names_none(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("recht van inzage", "access"),
        ("droit d’accès", "access"),
        ("Auskunftsersuchen", "access"),
        ("Recht auf Löschung", "erase"),
        ("droit à l'oubli", "erase"),
        ("Beperking van de verwerking", "restrict"),
        ("Einschränkung der Verarbeitung", "restrict"),
        ("DROIT D'OPPOSITION", "object"),
        ("data portability", "port"),
        ("Widerruf der Einwilligung", "withdraw"),
        ("retrait de mon consentement", "withdraw"),
        ("withdrawal of consent", "withdraw"),
    ],
)
def test_a_right_is_known_by_its_legal_name(text: str, right: str) -> None:
    assert named(text) == [right]


def test_an_article_without_its_law_may_be_of_another() -> None:
    assert named("article 17 of my contract") == ["maybe-erase"]


def test_a_denied_right_is_told_apart_from_the_one_that_is_asked() -> None:
    assert named("Geen recht op wissing, maar beperking van de verwerking") == ["not-erase", "restrict"]
    assert named("Not under article 17 GDPR, but article 18") == ["not-erase", "restrict"]
