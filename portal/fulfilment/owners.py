"""Several addresses of one person: whose account an address stands on, and under which others their rows are kept.

Two addresses make one person only where the sources say so: the address hangs on exactly one account, and no row under
it bears another name or leads to another account. What is not sure stays apart and is told to the desk.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from portal.clock import now
from portal.errors import SourceDown
from portal.fulfilment.locate import AddressOnFile, Located, Subject, locate
from portal.sources.edges import Edge
from portal.sources.engines import Reader, Sources
from portal.sources.model import Collection, Field, Value
from portal.sources.reading import Selector, rows
from portal.sources.values import DoesNotFit, fitted, folded

EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an address leads to.

    Attributes:
        emails: the addresses whose rows are this person's.
        located: what the sources hold under them.
        apart: addresses of theirs under which something stands that may be somebody else's.
    """

    emails: tuple[str, ...] = field(repr=False)
    located: Located
    apart: tuple[str, ...] = field(repr=False, default=())


def with_others(sources: Sources, subject: Subject, located: Located) -> Person:
    """Return the person found under the address of ``subject``, with the others that they use.

    Args:
        sources: the opened sources.
        subject: who was looked for.
        located: what was found.
    """
    known = {folded(each) for each in subject.emails}
    person = Person(subject.emails, located)
    if len(located.accounts) != 1 or located.failed:
        return person
    for each in located.addresses_on_file:
        if each.counts(now()) and folded(each.address) not in known:
            person = _joined(sources, subject, person, each.address)
    return person


def owner_of(sources: Sources, subject: Subject, own: Located) -> Person | None:
    """Return the person on whose account the one address of ``subject`` is a further one.

    Args:
        sources: the opened sources.
        subject: who was looked for.
        own: what was found under the address itself.

    Returns:
        The person, with what stands under the address where that is surely theirs; None where the address is on no
        account or on several, or belongs to somebody itself.
    """
    (address,) = subject.emails
    if own.accounts or own.failed:
        return None
    owners = _owners(sources, address)
    if len(owners) != 1:
        return None
    first = replace(subject, emails=tuple(owners))
    located = locate(sources, first)
    if located.failed or len(located.accounts) != 1 or on_file(located, address) is None:
        return None
    person = with_others(sources, first, located)
    if folded(address) not in {folded(each) for each in person.emails}:
        person = _joined(sources, first, person, address)
    return person if folded(address) in {folded(each) for each in person.emails} else None


def on_file(located: Located, address: str) -> AddressOnFile | None:
    """Return what the sources tell of ``address``, where it is on file for who was found."""
    return next((each for each in located.addresses_on_file if folded(each.address) == folded(address)), None)


def _joined(sources: Sources, subject: Subject, person: Person, address: str) -> Person:
    """Return ``person`` with the rows under ``address``, or with that address kept apart."""
    emails = (*person.emails, address)
    both = locate(sources, replace(subject, emails=emails))
    alone = len(_owners(sources, address)) == 1
    if alone and not both.failed and both.accounts == person.located.accounts and _same_names(both, person.located):
        return replace(person, emails=emails, located=both)
    return replace(person, apart=(*person.apart, address))


def _same_names(found: Located, known: Located) -> bool:
    return set(_plain(found.names_on_file)) <= set(_plain(known.names_on_file))


def _plain(names: Iterable[str]) -> Iterable[str]:
    return (" ".join(each.casefold().split()) for each in names)


def _owners(sources: Sources, address: str) -> set[str]:
    """Return the addresses that lead to the accounts on which ``address`` stands as a further one."""
    found: set[str] = set()
    try:
        with sources.reading() as reader:
            for collection in sources.data_map.collections.values():
                for each in collection.fields:
                    if each.on_file and each.identity is None:
                        found |= _accounts_above(reader, collection, each, address)
    except SourceDown:
        return set()
    return found


def _accounts_above(reader: Reader, collection: Collection, each: Field, address: str) -> set[str]:
    edges = [edge for edge in reader.sources.data_map.edges if edge.target.collection == collection.key]
    upward = [edge for edge in edges if not edge.mention and not edge.origin.path and not edge.target.path]
    names = [each.name, *(edge.target.field for edge in upward), *([each.on_file_if] if each.on_file_if else [])]
    found: set[str] = set()
    for row in rows(reader, collection, {each.name: _selector(each.name, address, fold=True)}, names):
        if each.on_file_if is None or row[each.on_file_if] is not None:
            for edge in upward:
                found |= _addresses_of(reader, edge, row[edge.target.field])
    return found


def _addresses_of(reader: Reader, edge: Edge, value: Value) -> set[str]:
    """Return the address by which the row that ``edge`` comes from, with ``value``, is found; empty for none."""
    origin = reader.sources.data_map.collections[edge.origin.collection]
    fields = [each for each in origin.fields if each.identity == EMAIL]
    if value is None or not fields or not any(each.is_account for each in origin.fields):
        return set()
    column = reader.table(origin).c[edge.origin.field]
    try:
        key = fitted(value, column.type, reader.sources.of(origin).dialect)
    except DoesNotFit:
        return set()
    names = [each.name for each in fields]
    lines = rows(reader, origin, {edge.origin.field: _selector(edge.origin.field, key)}, names)
    found = [line[name] for line in lines for name in names]
    return {folded(each) for each in found if isinstance(each, str) and each.strip()}


def _selector(name: str, value: Value, *, fold: bool = False) -> Selector:
    selector = Selector(name, fold=fold)
    selector.add(value)
    return selector
