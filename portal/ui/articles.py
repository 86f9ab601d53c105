"""How an article is cited in each language: 12(5)(b) is "12 Abs. 5 Buchst. b" to a German reader. Pure."""

import re
from dataclasses import dataclass

CITED = re.compile(r"(\d+)(?:\((\d+)\))?(?:\(([a-z])\))?")
DEFINITIONS = "4"  # this article has numbered points where the others have paragraphs


@dataclass(frozen=True, slots=True)
class Style:
    """How one language writes a paragraph, a letter and a numbered point after the number of the article."""

    paragraph: str
    letter: str
    point: str


STYLES = {
    "nl": Style(", lid {}", ", punt {}", ", punt {}"),
    "fr": Style(", paragraphe {}", ", point {}", ", point {}"),
    "de": Style(" Abs. {}", " Buchst. {}", " Nr. {}"),
    "en": Style("({})", "({})", "({})"),
}


def cite(article: str, language: str) -> str:
    """Return ``article``, written as the law writes it in English, as ``language`` does; without "art.".

    Args:
        article: one or several of the GDPR, as in ``12(5)(b)`` or ``12(2), 12(6)``.
        language: ``nl``, ``fr``, ``de`` or ``en``.
    """
    style = STYLES[language]
    return CITED.sub(lambda found: _one(*found.groups(), style=style), article)


def _one(number: str, paragraph: str | None, letter: str | None, *, style: Style) -> str:
    written = style.point if number == DEFINITIONS else style.paragraph
    parts = [written.format(paragraph)] if paragraph else []
    parts += [style.letter.format(letter)] if letter else []
    return number + "".join(parts)
