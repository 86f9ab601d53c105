"""Tables of staff, their factors and invitations, sessions, codes and hand-overs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime, enum_column, new_id
from portal.words import N_


class Role(StrEnum):
    """What a member of staff may do; each has a word people read."""

    REVIEWER = "reviewer"
    MANAGER = "privacy_manager"
    AUDITOR = "auditor"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """The role's name, an English source string."""
        return ROLE_TITLES[self]


ROLE_TITLES = {
    Role.REVIEWER: N_("reviewer"),
    Role.MANAGER: N_("privacy manager"),
    Role.AUDITOR: N_("auditor"),
    Role.ADMIN: N_("administrator"),
}


class Staff(Base):
    """A member of staff. The app's secret is sealed under this row's own key.

    ``invited_at`` is set until the account is activated with the code an administrator hands over; ``has_app`` is False
    for who signs in with a passkey only; ``totp_next`` is a new secret that its first code did not confirm yet.
    """

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    login: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[bytes]
    totp_step: Mapped[int] = mapped_column(default=0)
    totp_next: Mapped[bytes | None] = mapped_column(LargeBinary)
    has_app: Mapped[bool] = mapped_column(default=True)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    language: Mapped[str] = mapped_column(String(2), default="nl")
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    keys: Mapped[bool] = mapped_column(default=True)  # single keys do something on the desk (WCAG 2.1.4)
    next_due: Mapped[bool] = mapped_column(default=True)  # after an answer the next request opens, not the queue

    # What flask-login asks of a user.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Whether this person may sign in: activated, and not disabled."""
        return self.disabled_at is None and self.invited_at is None

    def get_id(self) -> str:
        """Return the id flask-login keeps in the session."""
        return self.id


class Passkey(Base):
    """A passkey of a member of staff: the public half, and how often it was used (WebAuthn Level 3)."""

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    handle: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the credential's id, hexadecimal
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ActivationKind(StrEnum):
    """Why an account is to be activated."""

    INVITE = "invite"
    RESET = "reset"


class Activation(Base):
    """Leave to choose a password and a second factor, once, with a code. A reset counts once somebody confirmed it."""

    __tablename__ = "activations"
    __table_args__ = (Index("ix_activations_staff", "staff_id", "asked_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[ActivationKind] = mapped_column(enum_column(ActivationKind))
    asked_by: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(32))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: waits to be confirmed
    tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # used, refused, or followed by a newer one


class DeskDraft(Base):
    """What a member of staff had typed into a page when their session ended; sealed, gone within a day."""

    __tablename__ = "desk_drafts"
    __table_args__ = (Index("ix_desk_drafts_owner", "staff_id", "path", unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    path: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)  # fields by name: JSON, purpose staff
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ServerSession(Base):
    """One browser's session. The browser holds a random id; we keep its hash and no personal data."""

    __tablename__ = "server_sessions"
    __table_args__ = (Index("ix_server_sessions_expires", "expires_at"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(String(32), index=True)
    device: Mapped[str | None] = mapped_column(String(40))  # of staff: browser and system, in two words
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WayBack(Base):
    """That one browser may ask for the code that opens a request which was not sent. Of its word only the hash is kept.

    Gone with the conversation; it counts for ``ways_back.LIFE``.
    """

    __tablename__ = "ways_back"
    __table_args__ = (Index("ix_ways_back_conversation", "conversation_id"),)

    word_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CodePurpose(StrEnum):
    """What a mailed code opens. A code for one purpose opens nothing else."""

    CONVERSATION = "conversation"
    CASES = "cases"
    DOWNLOAD = "download"


class OneTimeCode(Base):
    """A six-digit code: only its hash is kept, minted when its mail leaves."""

    __tablename__ = "one_time_codes"
    __table_args__ = (
        Index("ix_one_time_codes_owner", "purpose", "owner"),
        Index("ix_one_time_codes_mailbox", "mailbox"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    purpose: Mapped[CodePurpose] = mapped_column(enum_column(CodePurpose))
    owner: Mapped[str] = mapped_column(String(64))
    mailbox: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Handover(Base):
    """A person whom the controller's app handed over: one link, ten minutes, once.

    Of token and nonce only hashes are kept; what the app said is sealed under this row's own key until it is used.
    """

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_created", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    nonce_hash: Mapped[str] = mapped_column(String(64), unique=True)
    said: Mapped[bytes | None]  # language, name, address, account: JSON, purpose contact
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tries(Base):
    """How often somebody tried something within a span of time. Who is a keyed hash; the row goes with the span."""

    __tablename__ = "tries"
    __table_args__ = (Index("ix_tries_ends", "ends_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
