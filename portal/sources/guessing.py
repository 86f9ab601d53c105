"""Guesses what a column holds from its name (Dutch, French, German or English) and its type. Pure.

A guess is where an operator starts, never what decides: each one is to be read by somebody who knows the database.
"""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy.types import ARRAY, JSON, Boolean, Date, Float, Integer, LargeBinary, Numeric, String, TypeEngine, Uuid

WORDS: tuple[tuple[str, str], ...] = (
    ("user.authorization.password", "password passwd pwd wachtwoord passwort kennwort mot_de_passe motdepasse"),
    ("user.authorization.credentials", "token secret api_key salt otp pin_code pincode recovery_code session_key"),
    ("user.contact.email", "email e_mail mail emailadres mailadres mailadresse courriel adresse_mail email_address"),
    (
        "user.contact.phone_number",
        "phone phone_number telephone telefoon telefon tel mobile gsm handy portable fax natel",
    ),
    ("user.device.ip_address", "ip ip_address ipaddress ipv4 ipv6 remote_addr ip_adres adresse_ip client_ip"),
    ("user.device.cookie_id", "cookie cookie_id"),
    ("user.device.device_id", "device_id user_agent useragent device imei advertising_id"),
    (
        "user.government_id.national_identification_number",
        "ssn national_number rijksregisternummer rijksregister bsn nrn",
    ),
    (
        "user.government_id.national_identification_number",
        "insz niss numero_national steuernummer steuer_id registre_national",
    ),
    ("user.government_id.passport_number", "passport passport_number paspoort paspoortnummer passeport reisepass"),
    (
        "user.government_id.drivers_license_number",
        "rijbewijs permis_de_conduire fuhrerschein drivers_license",
    ),
    (
        "user.government_id.vehicle_registration",
        "license_plate nummerplaat kenteken plaque_immatriculation kennzeichen",
    ),
    ("user.financial.bank_account", "iban bic bank_account rekeningnummer bankrekening compte_bancaire kontonummer"),
    ("user.financial.credit_card", "card_number credit_card pan ccn kaartnummer kreditkarte carte_bancaire cvc"),
    (
        "user.financial",
        "salary wage loon salaire gehalt lohn income inkomen revenu einkommen credit balance saldo solde",
    ),
    ("user.payment", "amount bedrag montant betrag total totaal price_paid paid betaald paye bezahlt invoice_number"),
    (
        "user.demographic.date_of_birth",
        "born birth birthday birthdate birth_date date_of_birth dob geboortedatum geboren",
    ),
    ("user.demographic.date_of_birth", "date_de_naissance naissance geburtsdatum geburtstag geboorte"),
    (
        "user.demographic.gender",
        "gender sex geslacht sexe genre geschlecht salutation aanhef aanspreking civilite anrede",
    ),
    ("user.demographic.language", "language lang locale taal langue sprache"),
    ("user.demographic.marital_status", "marital_status burgerlijke_staat etat_civil familienstand"),
    ("user.demographic.race_ethnicity", "ethnicity race nationality nationaliteit nationalite staatsangehorigkeit"),
    ("user.demographic.religious_belief", "religion religie godsdienst konfession"),
    (
        "user.health_and_medical",
        "diagnosis diagnose diagnostic allergy allergies allergie allergieen medication medicatie",
    ),
    (
        "user.health_and_medical",
        "blood_type bloedgroep groupe_sanguin blutgruppe health gezondheid sante gesundheit symptom",
    ),
    ("user.name.first", "first_name firstname given_name voornaam prenom vorname"),
    ("user.name.last", "last_name lastname surname family_name achternaam familienaam nom_de_famille nachname"),
    ("user.name", "full_name fullname display_name naam nom name volledige_naam nom_complet vollstandiger_name author"),
    (
        "user.account.username",
        "username user_name login handle nickname gebruikersnaam identifiant benutzername pseudo",
    ),
    (
        "user.contact.address.street",
        "street address address_line address1 address2 straat adres rue adresse strasse anschrift",
    ),
    ("user.contact.address.street", "house_number huisnummer numero_de_maison hausnummer bus box"),
    ("user.contact.address.city", "city town gemeente stad woonplaats ville commune localite stadt ort plaats"),
    ("user.contact.address.postal_code", "zip zip_code zipcode postcode postal_code code_postal plz postleitzahl"),
    ("user.contact.address.country", "country land pays country_code landcode"),
    ("user.contact.address.state", "state province provincie bundesland canton kanton region"),
    ("user.contact.url", "website homepage url site_web webseite"),
    ("user.contact.organization", "company employer bedrijf werkgever entreprise employeur firma arbeitgeber"),
    ("user.job_title", "job_title function functie fonction beruf beroep profession occupation"),
    ("user.location.precise", "latitude longitude lat lon lng gps coordinates"),
    ("user.content.self_image", "photo avatar picture foto image bild portrait profile_image pasfoto"),
    (
        "user.content.private",
        "message bericht nachricht body comment opmerking commentaire kommentar note notes notitie",
    ),
    (
        "user.content.private",
        "text tekst texte content inhoud contenu inhalt remark bemerkung description omschrijving subject",
    ),
    ("user.content.private", "remarks opmerkingen comments commentaires remarques bemerkungen"),
    ("user.behavior.search_history", "search_term query zoekterm recherche suchbegriff"),
    ("user.behavior.purchase_history", "order_number bestelnummer numero_de_commande bestellnummer"),
    ("user.behavior", "last_login last_seen logged_in_at visited_at clicked_at viewed_at opened_at page referrer"),
    ("user.privacy_preferences", "consent opt_in opt_out newsletter nieuwsbrief toestemming consentement einwilligung"),
)
"""Categories of Fides' taxonomy and the words, small and without accents, that a column's name has for them."""

IDENTITIES = {
    "user.contact.email": "email",
    "user.contact.phone_number": "phone_number",
    "user.device.ip_address": "ip_address",
}

NEVER_IDENTITY = frozenset(
    "template subject body status type hash token verified confirmed sent count server domain host format".split()
)
"""Beside these words an address is not one by which a person is found."""

PERSONS = frozenset(
    "user users customer customers client clients klant klanten kunde kunden patient patients patienten member members "
    "lid leden membre membres mitglied mitglieder person persons people personen persoon personne personnes account "
    "accounts employee employees medewerker medewerkers employe mitarbeiter contact contacts kontakt kontakte student "
    "students subscriber subscribers author authors candidate candidates applicant applicants guest guests".split()
)
"""Words that tables of people go by; only there is a bare `name` taken for a person's."""

MAILS = frozenset({"email", "emails", "mail", "mails"})

_BY_WORDS = [(category, [tuple(each.split("_")) for each in words.split()]) for category, words in WORDS]
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def parts(name: str) -> tuple[str, ...]:
    """Return the words of a name, small and without accents: ``customerEMail_adres`` gives customer, e, mail, adres."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return tuple(each.lower() for each in _PART.findall(plain))


def category(table: str, column: str, kind: TypeEngine[object]) -> str | None:
    """Return the category that ``column`` of ``table`` seems to hold, or nothing."""
    words = parts(column)
    if MAILS & set(parts(table)) and words and words[-1] in {"address", "adres", "adresse"}:
        words = ("email",)
    found = max(
        (
            (len(wanted), place, name)
            for name, all_wanted in _BY_WORDS
            for wanted in all_wanted
            if (place := _ends_at(words, wanted))
        ),
        default=(0, 0, ""),
    )[2]
    if not found or not _fits(found, kind):
        return None
    bare = len(words) == 1 and words[0] in {"name", "naam", "nom"}
    return None if bare and PERSONS.isdisjoint(parts(table)) else found


def refers_to(column: str, tables: Iterable[str]) -> str | None:
    """Return which of ``tables`` a column such as ``customer_id`` seems to refer to by its name, if any."""
    words = parts(column)
    if len(words) < 2 or words[-1] not in {"id", "nr", "no", "number", "nummer", "ref", "key"}:
        return None
    for start in range(len(words) - 1):
        base = "".join(words[start:-1])
        plurals = {base, f"{base}s", f"{base}es", f"{base}en", f"{base}n", f"{base[:-1]}ies"}
        for table in tables:
            if "".join(parts(table)) in plurals:
                return table
    return None


def identity(column: str, found: str | None, kind: TypeEngine[object]) -> str | None:
    """Return the kind of identity by which a person is found in ``column`` of the category ``found``, if it is one."""
    if found not in IDENTITIES or not NEVER_IDENTITY.isdisjoint(parts(column)):
        return None
    return IDENTITIES[found] if _is_text(kind) or isinstance(kind, ARRAY) else None


def data_type(kind: TypeEngine[object]) -> str | None:
    """Return the type as Fides names it; nothing where it has no name for it, such as dates."""
    if isinstance(kind, ARRAY):
        inner = data_type(kind.item_type)
        return f"{inner}[]" if inner else None
    for name, families in _TYPES:
        if isinstance(kind, families):
            return name
    return None


_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("boolean", (Boolean,)),
    ("integer", (Integer,)),
    ("float", (Numeric, Float)),
    ("object", (JSON,)),
    ("string", (String, Uuid)),
)


def _ends_at(words: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    """Return where the last of ``wanted`` stands in ``words``, counted from 1; 0 when they are not there in a row."""
    for end in range(len(words), len(wanted) - 1, -1):
        if words[end - len(wanted) : end] == wanted:
            return end
    return 0


def _is_text(kind: TypeEngine[object]) -> bool:
    return isinstance(kind, String)


def _fits(found: str, kind: TypeEngine[object]) -> bool:
    """Return whether a column of type ``kind`` can hold something of the category ``found``."""
    if found == "user.demographic.date_of_birth":
        return isinstance(kind, Date | String | Integer) or not isinstance(
            kind, Boolean | Numeric | Float | LargeBinary
        )
    if found.startswith(("user.contact", "user.name", "user.account", "user.authorization", "user.demographic")):
        return _is_text(kind) or isinstance(kind, ARRAY | JSON)
    return True
