"""Free text for the made-up history, in four languages: short notes, long reflections, names of third persons."""

from random import Random

from portal.demo.medbook.names import THIRD_PERSONS

SENTENCES: dict[str, tuple[str, ...]] = {
    "nl": (
        "Tijdens de nachtdienst zag ik samen met {third} een patiënt met pijn op de borst.",
        "We overlegden met cardiologie en kozen voor een afwachtend beleid.",
        "Achteraf vroeg {third} waarom de familie zo laat was ingelicht; daar had ik eerder aan moeten denken.",
        "Ik leerde dat een rustig gesprek meer oplevert dan een tweede onderzoek. 🙂",
        "De tweede ingreep verliep vlot, de controle na zes weken was gunstig.",
        "Volgende keer bespreek ik de medicatie (5 mg, niet 10 mg) vooraf met de apotheker.",
    ),
    "fr": (
        "Pendant la garde, j’ai vu avec {third} un patient qui souffrait d’une douleur thoracique.",
        "Nous avons demandé l’avis du cardiologue et choisi d’attendre.",
        "Ensuite, {third} a demandé pourquoi la famille avait été prévenue si tard.",
        "J’ai appris qu’un entretien calme vaut mieux qu’un deuxième examen. 🙂",
        "L’opération s’est bien passée ; le contrôle après six semaines était favorable.",
    ),
    "de": (
        "Im Nachtdienst sah ich mit {third} einen Patienten mit Brustschmerzen.",
        "Wir fragten die Kardiologie und warteten zunächst ab.",
        "Danach wollte {third} wissen, weshalb die Familie so spät unterrichtet wurde.",
        "Ich habe gelernt, dass ein ruhiges Gespräch größeren Wert hat als eine zweite Untersuchung. 🙂",
        "Der Eingriff verlief gut, die Kontrolle nach sechs Wochen war günstig.",
    ),
    "en": (
        "During the night shift {third} and I saw a patient with chest pain.",
        "We asked cardiology for advice and decided to wait.",
        "Afterwards {third} asked why the family had been told so late.",
        "I learned that a calm talk is worth more than a second scan. 🙂",
        "The operation went well; the check after six weeks was good.",
    ),
}

SIGNED: dict[str, str] = {
    "nl": "Opgesteld door {name} ({email}, tel. {phone}, nr. {licence}).",
    "fr": "Rédigé par {name} ({email}, tél. {phone}, n° {licence}).",
    "de": "Verfasst von {name} ({email}, Tel. {phone}, Nr. {licence}).",
    "en": "Written by {name} ({email}, phone {phone}, no. {licence}).",
}

JUDGEMENT: dict[str, str] = {
    "nl": "{name} werkt zelfstandig en communiceert helder. Samen met {third} leidde {name} het teamoverleg.",
    "fr": "{name} travaille de façon autonome et communique clairement. {name} a mené la réunion avec {third}.",
    "de": "{name} arbeitet selbstständig und verständigt sich klar. {name} leitete mit {third} die Besprechung.",
    "en": "{name} works independently and communicates clearly. {name} led the meeting together with {third}.",
}

ADVICE: dict[str, str] = {
    "nl": "Let op de verslaggeving. Vragen kan {name} stellen aan {author}.",
    "fr": "Attention aux rapports. {name} peut poser ses questions à {author}.",
    "de": "Bitte auf die Dokumentation achten. Fragen kann {name} an {author} richten.",
    "en": "Mind the reports. {name} can put questions to {author}.",
}

GREETING: dict[str, str] = {
    "nl": "Beste {to},\n\n{text}\n\nGroeten, {sender}",
    "fr": "Bonjour {to},\n\n{text}\n\nBien à vous, {sender}",
    "de": "Guten Tag {to},\n\n{text}\n\nMit freundlichen Grüßen, {sender}",
    "en": "Dear {to},\n\n{text}\n\nBest wishes, {sender}",
}

QUESTION: dict[str, tuple[str, str]] = {
    "nl": (
        "Ik kan niet aanmelden",
        "Ik kan niet meer aanmelden met {email}. Bel mij op {phone} a.u.b. Groeten, {name}",
    ),
    "fr": ("Je ne peux plus me connecter", "Je ne peux plus me connecter avec {email}. Appelez-moi au {phone}. {name}"),
    "de": ("Ich kann mich nicht anmelden", "Mit {email} kann ich mich nicht anmelden. Rufen Sie {phone} an. {name}"),
    "en": ("I cannot sign in", "I can no longer sign in with {email}. Please call me on {phone}. Thanks, {name}"),
}

REPLY: dict[str, str] = {
    "nl": "Beste {name}, we hebben je wachtwoord opnieuw ingesteld. {staff}",
    "fr": "Bonjour {name}, nous avons réinitialisé votre mot de passe. {staff}",
    "de": "Guten Tag {name}, wir haben Ihr Passwort zurückgesetzt. {staff}",
    "en": "Dear {name}, we have reset your password. {staff}",
}

ABOUT_A_COLLEAGUE: dict[str, tuple[str, str]] = {
    "nl": (
        "Beoordeling van {about} niet zichtbaar",
        "De beoordeling die ik voor {about} schreef, is verdwenen. {name}",
    ),
    "fr": ("Évaluation de {about} invisible", "L’évaluation que j’ai écrite pour {about} a disparu. {name}"),
    "de": ("Beurteilung für {about} fehlt", "Die Beurteilung, die ich für {about} schrieb, ist verschwunden. {name}"),
    "en": ("Assessment of {about} is gone", "The assessment that I wrote for {about} has disappeared. {name}"),
}

STATEMENT: dict[str, str] = {
    "nl": "Ik zie dit anders dan {author}: ik was die week met verlof.",
    "fr": "Je vois cela autrement que {author} : j’étais en congé cette semaine-là.",
    "de": "Ich sehe das anders als {author}: Ich war in jener Woche im Urlaub.",
    "en": "I see this differently from {author}: I was on leave that week.",
}


def third(chance: Random, language: str) -> str:
    """Return a patient or colleague without an account."""
    return chance.choice(THIRD_PERSONS[language])


def prose(chance: Random, language: str, sentences: int) -> str:
    """Return ``sentences`` sentences about work, with third persons in them."""
    pool = SENTENCES[language]
    return " ".join(pool[chance.randrange(len(pool))].format(third=third(chance, language)) for _ in range(sentences))
