"""Whether somebody writes about the data of a person who died. Pure; a few words in four languages, no model.

The regulation leaves the dead out (recital 27 GDPR), so none of the rights is theirs. Doctors write of patients who
died, too: the words count only where the writer's own family, friend or colleague stands beside them in one sentence.
"""

import re

_MY = r"(?:mijn|m'n|onze|ons|mon|ma|mes|notre|nos|mein(?:e[mnrs]?)?|unser(?:e[mnrs]?)?|my|our)"
_KIN = "|".join(
    (
        r"(?:groot|schoon|stief)?(?:vader|moeder|ouders?|zoon(?:tje)?|dochter(?:tje)?|broer|zus(?:ter|je)?)|man|vrouw",
        r"echtgeno(?:ot|te)|papa|mama|opa|oma|oom|tante|neef|nicht|kind|vriend(?:in)?|collega|partner(?:in)?",
        r"(?:beau-|belle-|grand-)?(?:p[èe]re|m[èe]re|fr[èe]re|s(?:œ|oe)ur|fils|fille)|mari|femme|[ée]pou(?:x|se)",
        r"compagn(?:on|e)|conjointe?|oncle|cousine?|neveu|ni[èe]ce|enfant|amie?|coll[èe]gue|parents?",
        r"(?:gro(?:ß|ss)|schwieger)?(?:vater|mutter|eltern)|sohn|tochter|ehemann|ehefrau|mann|frau|bruder|schwester",
        r"onkel|freund(?:in)?|kolleg(?:e|in)|lebensgef[äa]hrt(?:e|in)",
        r"(?:grand|step)?(?:father|mother|son|daughter)(?:-in-law)?|dad|mum|mom|husband|wife|spouse|brother|sister",
        r"uncle|aunt|nephew|cousin|child|friend|colleague",
    )
)
_GONE = "|".join(
    (
        r"overleden|gestorven|overleed|stierf|is dood|d[ée]c[ée]d[ée]e?s?|(?:est|sont) mort(?:e|s|es)?|feue?",
        r"gestorben|verstorben(?:e[mnrs]?)?|verstarb(?:en)?|starb(?:en)?|ist tot|died|is dead|deceased|passed away",
        r"d[ée]c[èe]s|dood van|death of|tod mein(?:e[mnrs]?)?|heengegaan",
    )
)
_THING = r"(?:account|profie?l|portfolio|gegevens|data|dossier|compte|donn[ée]es|konto|daten|zugang|profile)"
_THEIR = r"(?:zijn|haar|hun|son|sa|ses|leurs?|sein(?:e[mnrs]?)?|ihr(?:e[mnrs]?)?|his|her|their)"

_SENTENCE = re.compile(r"(?<!\bdr)(?<!\bprof)[.!?;\n]+", re.IGNORECASE)
_NEAR = re.compile(rf"\b{_MY} (?:\w+ )?(?:{_KIN})\b", re.IGNORECASE)
_DEATH = re.compile(rf"\b(?:{_GONE})\b", re.IGNORECASE)
_LEFT_BEHIND = re.compile(
    rf"\b(?:(?:my|our) late (?:{_KIN})\b|widow(?:er)? of|weduwe van|weduwnaar van|nabestaanden?|veuve d|veuf d"
    r"|witwer? von|hinterbliebene[nr]?)",
    re.IGNORECASE,
)
_OWN = re.compile(rf"\b{_MY} (?:eigen |own |propres? |eigene[nrs]? )?{_THING}\b", re.IGNORECASE)
_THEIRS = re.compile(rf"\b{_THEIR} {_THING}\b", re.IGNORECASE)


def is_about_the_dead(words: str) -> bool:
    """Tell whether ``words`` say that somebody near the writer died, and ask nothing of the writer's own data."""
    if _OWN.search(words) and not _THEIRS.search(words):
        return False
    sentences = _SENTENCE.split(words.replace("’", "'"))
    return any(_LEFT_BEHIND.search(each) or (_NEAR.search(each) and _DEATH.search(each)) for each in sentences)
