"""Lists of reference of the made-up Medbook: specialties, hospitals, schools, tags, competencies. No personal data."""

from portal.demo.medbook.ledger import Ledger
from portal.demo.medbook.schema_business import companies, research_exports
from portal.demo.medbook.schema_people import hospitals, institutions, specialties
from portal.demo.medbook.schema_portfolio import competencies, tags
from portal.demo.medbook.schema_support import help_articles

SPECIALTIES = (
    ("Inwendige geneeskunde", None),
    ("Heelkunde", None),
    ("Huisartsgeneeskunde", None),
    ("Cardiologie", 1),
    ("Gastro-enterologie", 1),
    ("Orthopedie", 2),
    ("Interventiecardiologie", 4),
)
HOSPITALS = (
    ("AZ Sint-Voorbeeld", "Leuven", "BE"),
    ("Clinique de l’Exemple", "Namur", "BE"),
    ("Ziekenhuis De Proefdijk", "Utrecht", "NL"),
    ("Musterklinikum", "Aachen", "DE"),
    ("Sample Memorial Hospital", "Dublin", "IE"),
)
INSTITUTIONS = (("Voorbeelduniversiteit", "BE"), ("Université de l’Exemple", "BE"), ("Musteruniversität", "DE"))
TAGS = ("nachtdienst", "communicatie", "ethiek", "procédure", "Notfall", "teaching", "onderzoek", "complicatie")
COMPETENCIES = (
    ("MED", "Medisch handelen"),
    ("COM", "Communicatie"),
    ("SAM", "Samenwerking"),
    ("ORG", "Organisatie"),
    ("WET", "Kennis en wetenschap"),
    ("PRO", "Professionaliteit"),
)
COMPANIES = (("Voorbeeld Hosting nv", "0123.456.749", "BE"), ("Muster Druck GmbH", None, "DE"))
PARTNERS = ("Voorbeelduniversiteit, dienst medisch onderwijs", "Institut de l’Exemple")
COMMITTEES = ("Erkenningscommissie artsen-specialisten", "Commission d’agrément des médecins généralistes")


def tell_reference(ledger: Ledger) -> None:
    """Note the lists of reference."""
    for name, parent in SPECIALTIES:
        ledger.add(specialties, name=name, parent_id=parent)
    for name, city, country in HOSPITALS:
        ledger.add(hospitals, name=name, city=city, country=country)
    for name, country in INSTITUTIONS:
        ledger.add(institutions, name=name, country=country)
    for name in TAGS:
        ledger.add(tags, name=name)
    for code, name in COMPETENCIES:
        ledger.add(competencies, code=code, name=name)
    for name, registered, country in COMPANIES:
        ledger.add(companies, name=name, number=registered, country=country)
    ledger.add(research_exports, project="night-shifts", made_at=ledger.now, people_counted=112)
    ledger.add(help_articles, title="Wachtwoord vergeten", body="Klik op ‘Wachtwoord vergeten’ op de aanmeldpagina.")
