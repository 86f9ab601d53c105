"""The rights by the names that the law gives them: what a lawyer, or a letter copied from an authority, calls them."""

import re

from portal.understanding.text import DENIAL, fold

_ARTICLES = {"7": "withdraw", "15": "access", "16": "rectify", "17": "erase", "18": "restrict"} | {
    "20": "port",
    "21": "object",
}
"""Articles of the GDPR on what a person may ask."""

_LAW = re.compile(r"\b(?:avg|rgpd|ds-?gvo|gdpr|2016/679)\b")
_NUMBERS = re.compile(
    r"\bart(?:ikel[ns]?|icles?)?\b\.?((?:\W|\d|\b(?:lid|al|alinea|abs|absatz|par|paragraph|paragraphe"
    r"|en|et|und|and|of|ou|oder|or|juncto|jo)\b){2,40})"
)
_NAMES = {
    "access": r"recht (?:op|van) inzage|inzagerecht|inzageverzoek|(?:droit|demande) d.acces|recht auf auskunft"
    r"|auskunfts(?:recht|anspruch|ersuchen|begehren)|right (?:of|to) access|(?:subject|data) access request|\bd?sar\b",
    "rectify": r"rectificatie|recht op (?:verbetering|correctie)|rectification|recht auf berichtigung"
    r"|berichtigungs(?:recht|anspruch)",
    "erase": r"gegevenswissing|recht op (?:wissing|verwijdering)|vergetelheid|effacement|droit a l.oubli"
    r"|recht auf (?:loschung|vergessen)|loschungs(?:recht|anspruch)|erasure|right to be forgotten",
    "restrict": r"beperking van (?:de |die |mijn )?verwerking|verwerkingsbeperking|limitation d(?:u|e) traitement"
    r"|einschrankung der (?:daten)?verarbeitung|restriction of (?:the )?processing",
    "object": r"recht van (?:bezwaar|verzet)|bezwaarrecht|droit d.opposition|widerspruch|right to object",
    "port": r"overdraagbaarheid|dataportabiliteit|portabilite|(?:daten)?ubertragbarkeit|portability",
    "withdraw": r"intrekking van (?:de |mijn )?toestemming|toestemming in(?:trekken)?\b"
    r"|retrait d[ue] (?:mon )?consentement|retire[rs]? mon consentement|widerruf (?:der|meiner) einwilligung"
    r"|einwilligung(?:serklarung)? (?:zu )?widerruf|withdraw(?:al of)? (?:my )?consent",
}
_NAME = re.compile("|".join(f"(?P<{right}>{names})" for right, names in _NAMES.items()))
_BEFORE = 60  # characters before a name in which a denial speaks of it


def named(text: str) -> list[str]:
    """Return each right that ``text`` names as the law does, once for each time; ``not-`` stands before a denied one.

    Before a number stands ``maybe-`` where the law itself is not named: a contract has an article 17 of its own.
    """
    plain = fold(text)
    found = [f"{_denied(plain, name.start())}{name.lastgroup}" for name in _NAME.finditer(plain)]
    sure = "" if _LAW.search(plain) else "maybe-"
    for numbers in _NUMBERS.finditer(plain):
        before = sure + _denied(plain, numbers.start())
        found += [before + _ARTICLES[each] for each in re.findall(r"\d+", numbers[1]) if each in _ARTICLES]
    return found


def _denied(text: str, place: int) -> str:
    clause = re.split(r"[,;:!?]|\b(?:maar|mais|aber|sondern|but)\b", text[max(0, place - _BEFORE) : place])[-1]
    return "not-" if DENIAL.search(clause) else ""
