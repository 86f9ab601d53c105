"""The register of processing as the portal reads it: rows, recipients, retention, warnings. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.rights.base import Activity

LANGUAGES = ("nl", "fr", "de", "en")
ROW_TEXTS = ("title", "purpose", "data", "retention", "source", "basis")

Texts = Mapping[str, str]
"""One text by language."""


class RegisterFaulty(ValueError):
    """The register cannot be used.

    Args:
        faults: every fault found, each with its file or row; told all at once, so that one round of repair is enough.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("The register has faults:\n" + "\n".join(f"- {fault}" for fault in faults))


@dataclass(frozen=True, slots=True)
class Party:
    """Someone who can be written to: a named recipient or a joint controller.

    Who ``keeps_copy`` has data that the portal cannot change, and is told of a change (Art. 19).
    """

    name: str
    contact: str
    keeps_copy: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """A category of recipients (4.1), with the recipients this controller can name (C-154/21)."""

    slug: str
    kind: str
    name: Texts
    named: tuple[Party, ...] = ()

    def text(self, language: str) -> str:
        """Return the category and, where known, the names: "Hosting company: Voorbeeld Hosting bv"."""
        names = ", ".join(party.name for party in self.named)
        return f"{self.name[language]}: {names}" if names else self.name[language]


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer outside the European Economic Area and its safeguard (4.2)."""

    slug: str
    texts: Texts = field(repr=False)

    def text(self, language: str) -> str:
        """Return when the transfer happens and what protects the data."""
        return self.texts[language]


@dataclass(frozen=True, slots=True)
class JointController:
    """Someone who decides together with the controller (2.3), with a contact."""

    slug: str
    name: str
    contact: str
    texts: Texts = field(repr=False)

    def text(self, language: str) -> str:
        """Return what this party decides about."""
        return self.texts[language]


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """When data go: ``duration`` (ISO 8601) after ``event``; a ``duration`` of None means no period was promised."""

    event: str
    duration: str | None
    at_least: bool = False  # the policy gives a minimum, not a maximum (5.5)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the operator should know or repair; people never see it."""

    slug: str
    clause: str
    row: str | None
    texts: Texts = field(repr=False)

    def text(self, language: str) -> str:
        """Return the sentence for the operator."""
        return self.texts[language]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of clauses 3 to 5, or the portal's own."""

    activity: Activity
    texts: Mapping[str, Texts] = field(repr=False)
    data_categories: tuple[str, ...]
    retention_clause: str
    retention_rules: tuple[RetentionRule, ...]
    recipients: tuple[Recipient, ...]
    transfers: tuple[Transfer, ...]
    joint_controllers: tuple[JointController, ...]
    warnings: tuple[Caution, ...]

    @property
    def slug(self) -> str:
        """The slug the data map and the cases use."""
        return self.activity.slug

    @property
    def retention_rule(self) -> RetentionRule | None:
        """The first rule, which is the one for the data themselves; None when the policy promises no period."""
        return self.retention_rules[0] if self.retention_rules else None

    def text(self, key: str, language: str) -> str:
        """Return one text of this row.

        Args:
            key: one of ``ROW_TEXTS``.
            language: one of ``LANGUAGES``.

        Raises:
            KeyError: there is no such text or language.
        """
        return self.texts[key][language]


@dataclass(frozen=True, slots=True)
class Register:
    """The register in one version; the version is pinned to each case (clause 8)."""

    version: str
    policy_version: str
    digest: str  # SHA-256 of the files: tells a change that kept the old version
    rows: tuple[Row, ...]
    warnings: tuple[Caution, ...]
    general: Mapping[str, Texts] = field(repr=False)

    @property
    def activities(self) -> tuple[Activity, ...]:
        """The activities in register order."""
        return tuple(row.activity for row in self.rows)

    def row(self, slug: str) -> Row:
        """Return the row of an activity.

        Raises:
            KeyError: the register has no such row.
        """
        for row in self.rows:
            if row.slug == slug:
                return row
        raise KeyError(slug)

    def activity(self, slug: str) -> Activity:
        """Return an activity by its slug.

        Raises:
            KeyError: the register has no such activity.
        """
        return self.row(slug).activity

    def text(self, key: str, language: str) -> str:
        """Return a text about the register as a whole: ``no_transfer``, ``aggregated`` or ``joint``.

        Raises:
            KeyError: there is no such text or language.
        """
        return self.general[key][language]
