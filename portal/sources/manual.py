"""A source without a database: somebody looks there by hand, and writes down what they found or did."""

from portal.sources.hands import Manual
from portal.sources.notes import Node, Notes

MANUAL = "manual"
ROLES = ("privacy_manager", "reviewer")
MOST_DAYS = 25
"""A task that is due on the day the request comes in helps nobody: the term has 30 days, and finding takes some."""
KEYS = frozenset({"title", "type", "role", "colleague", "look_for", "days_before", "activities"})


def is_manual(node: Node) -> bool:
    """Whether ``meta._source`` says that there is no database."""
    return node.get("type") == MANUAL


def read_manual(notes: Notes, key: str, title: str, node: Node) -> Manual:
    """Return the source described by ``meta._source`` with ``type: manual``."""
    path = "meta._source"
    notes.only(node, KEYS, path)
    role = notes.text(node, "role", path, "reviewer")
    if role not in ROLES:
        notes.fault(f"{path}.role", "This role works on no requests.", f"Use one of: {', '.join(ROLES)}.")
    days = node.get("days_before", 7)
    if not isinstance(days, int) or not 0 <= days <= MOST_DAYS:
        notes.fault(f"{path}.days_before", "A number of days is expected.", f"Write one from 0 to {MOST_DAYS}.")
        days = 7
    slugs = node.get("activities")
    if not isinstance(slugs, list) or not slugs:
        notes.fault(f"{path}.activities", "Nobody knows when to look here.", "Name activities, one `- slug` line each.")
        slugs = []
    look_for = notes.texts(node, "look_for", path)
    if not look_for:
        notes.fault(f"{path}.look_for", "Nobody knows what to look for.", "Write it, by language.")
    return Manual(
        key=key,
        title=notes.texts(node, "title", path) or {"en": title},
        file=notes.file,
        role=role,
        colleague=notes.text(node, "colleague", path),
        look_for=look_for,
        days_before=days,
        activities=tuple(str(slug) for slug in slugs),
    )
