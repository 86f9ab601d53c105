"""Takes what only says who writes out of a message: "my mail is ...", and the greeting at its end. It asks nothing."""

import re

_WORDS = 12
"""A greeting with a name, an address and a number below it has no more."""
_PIECE = re.compile(r"(?<=[.!?;])\s+|\n+")
_ADDRESS = r"\S+@\S+"
_MINE = re.compile(
    r"^(?:(?:mijn|my|mon|ma|meine?|votre|uw)\s+)?(?:e-?mail\w*|mail\w*|adres\w*|address|courriel|adresse\s+e-?mail)"
    rf"\s*(?:adres\w*|address|adresse)?\s*(?:is|est|ist|:|=)?\s*{_ADDRESS}$",
    re.IGNORECASE,
)
_REACH = re.compile(
    r"^(?:please\s+)?(?:(?:you (?:can|may)\s+)?(?:e-?mail|mail|reach|contact|write(?: to)?|answer) me"
    r"|(?:(?:u|je|jullie|ge) (?:kan|kunt|kunnen)\s+)?(?:mail|bereik\w*|contacteer)? ?(?:mij|me)"
    r"(?: (?:best|ook))?(?: (?:mailen|bereiken))?"
    r"|(?:vous pouvez )?(?:m['’]écrire|écrivez-moi|me joindre|me contacter|contactez-moi)"
    r"|(?:sie erreichen mich|ihr erreicht mich|ich bin (?:zu )?erreichbar|(?:bitte )?schreiben sie mir))"
    rf"\s+(?:at|on|via|op|per|à|au|sur|unter|an|by)\s+{_ADDRESS}(?:\s+(?:bereiken|mailen))?$",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\b(?:mvg|m\.v\.g|(?:met )?vriendelijke groet\w*|groet(?:en|jes)?|cordialement|salutations|bien à vous"
    r"|mit freundlichen grüßen|mfg|viele grüße|kind regards|best regards|regards|thanks|merci|danke|bedankt)\b[\s,.!]*",
    re.IGNORECASE,
)


def without_contact(text: str) -> str:
    """Return ``text`` without what only says who writes and how to reach them; all of it where nothing else is left."""
    greeted = [found for found in _GREETING.finditer(text) if len(text[found.end() :].split()) <= _WORDS]
    asked = text[: greeted[0].start()] if greeted and "@" in text[greeted[0].start() :] else text
    kept = [piece for piece in _PIECE.split(asked) if not _says_where(piece.strip().rstrip(".!,; "))]
    left = " ".join(piece for piece in kept if piece.strip())
    return left if len(left.split()) > 1 else text


def _says_where(piece: str) -> bool:
    return bool(_MINE.match(piece) or _REACH.match(piece))
