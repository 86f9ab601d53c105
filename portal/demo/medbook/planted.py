"""What was planted about a made-up person, so that a scan can prove what is there, and what is gone."""

from portal.demo.medbook.people import Person
from portal.demo.medbook.pictures import photo_of


def planted_values(person: Person) -> list[str | bytes]:
    """Return the person's name, addresses, phone, licence number and photo, as far as they have them.

    All of them also stand inside free text and JSON. People who share a name share that value.
    """
    words = (person.full_name, person.email, person.former_email, person.phone, person.licence_number)
    found: list[str | bytes] = [word for word in words if word]
    if person.wealth > 1 and person.account_id:
        found.append(photo_of(person))
    return found
