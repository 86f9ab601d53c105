"""Settings, read once from the environment and checked. The portal refuses to start without its secrets."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

HERE = Path(__file__).parent
SECRET_LENGTH = 32
HANDOVER_SECRETS = ("PORTAL_HANDOVER_SECRET", "PORTAL_HANDOVER_SECRET_OLD")
LANGUAGES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}


class SettingsFault(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Controller:
    """The controller's block shown on every page, mail, letter and export (clause 2)."""

    name: str
    product: str
    address: str
    number: str
    email: str
    phone: str
    helpdesk_email: str
    country: str
    policy_url: str


@dataclass(frozen=True, slots=True)
class SourceUrls:
    """The two accounts of one source: ``read`` may only select, ``write`` may change."""

    read: str
    write: str


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where mail goes; ``security`` is ``tls``, ``starttls`` or ``none`` (loopback only)."""

    host: str
    port: int
    user: str
    password: str
    security: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator decides. See the README for each name."""

    secret_key: str
    key_file: Path
    database_url: str
    data_dir: Path
    base_url: str
    controller: Controller
    smtp: Smtp | None
    mail_from: str
    demo: bool = False
    manifests_dir: Path = HERE / "sources" / "manifests"
    register_dir: Path | None = None
    ladder_file: Path = HERE / "identity.toml"
    blocks_dir: Path = HERE / "review" / "text_blocks"
    receivers_file: Path = HERE / "receivers.toml"
    source_urls: Mapping[str, SourceUrls] = field(default_factory=dict)
    handover_secrets: tuple[str, ...] = field(default=(), repr=False)
    backup_days: int = 35
    part_bytes: int = 1 << 30
    source_seconds: int = 600
    flags_tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxies: int = 0
    undo_seconds: int = 30
    understanding: bool = True
    mail_hosts: frozenset[str] = frozenset()
    look_through: bool = True
    testing: bool = False

    @property
    def secure(self) -> bool:
        """Whether people reach the portal over https."""
        return self.base_url.startswith("https://")

    @property
    def files_dir(self) -> Path:
        """Folder of the encrypted files."""
        return self.data_dir / "files"

    @property
    def mail_dir(self) -> Path:
        """Folder where the demo keeps the mails it would have sent."""
        return self.data_dir / "mail"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings found in ``environ``.

        Raises:
            SettingsFault: names the setting that is missing or wrong.
        """
        demo = environ.get("PORTAL_DEMO", "0") == "1"
        data_dir = Path(environ.get("PORTAL_DATA_DIR", "var")).absolute()
        smtp = _smtp(environ)
        if smtp is None and not demo:
            raise SettingsFault("PORTAL_SMTP_HOST is missing: set the mail server's name.")
        return cls(
            secret_key=_secret(environ),
            key_file=Path(_needed(environ, "PORTAL_KEY_FILE")),
            database_url=environ.get("PORTAL_DATABASE_URL", f"sqlite:///{data_dir / 'portal.db'}"),
            data_dir=data_dir,
            base_url=_needed(environ, "PORTAL_BASE_URL").rstrip("/"),
            controller=load_controller(Path(environ.get("PORTAL_CONTROLLER_FILE", HERE / "controller.toml"))),
            smtp=smtp,
            mail_from=environ.get("PORTAL_MAIL_FROM", "privacy@medbook.example"),
            demo=demo,
            manifests_dir=Path(environ.get("PORTAL_MANIFESTS_DIR", HERE / "sources" / "manifests")),
            register_dir=Path(environ["PORTAL_REGISTER_DIR"]) if "PORTAL_REGISTER_DIR" in environ else None,
            ladder_file=Path(environ.get("PORTAL_LADDER_FILE", HERE / "identity.toml")),
            blocks_dir=Path(environ.get("PORTAL_BLOCKS_DIR", HERE / "review" / "text_blocks")),
            receivers_file=Path(environ.get("PORTAL_RECEIVERS_FILE", HERE / "receivers.toml")),
            source_urls=_source_urls(environ),
            handover_secrets=_handover_secrets(environ),
            backup_days=_whole(environ, "PORTAL_BACKUP_DAYS", 35),
            source_seconds=_at_least(environ, "PORTAL_SOURCE_SECONDS", 600, 1),
            part_bytes=_at_least(environ, "PORTAL_PART_MB", 1024, 1) << 20,
            flags_tokens=_flags_tokens(environ),
            proxies=_whole(environ, "PORTAL_PROXIES", 0),
            undo_seconds=_whole(environ, "PORTAL_UNDO_SECONDS", 30),
            understanding=environ.get("PORTAL_UNDERSTANDING", "1") != "0",
            mail_hosts=frozenset(environ.get("PORTAL_MAIL_HOSTS", "").lower().replace(",", " ").split()),
            look_through=environ.get("PORTAL_LOOK_THROUGH", "1") != "0",
        )


def load_controller(path: Path) -> Controller:
    """Return the controller described in the TOML file at ``path``.

    Raises:
        SettingsFault: the file is missing, or a line is missing or unknown.
    """
    try:
        return Controller(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, TypeError) as fault:
        raise SettingsFault(f"PORTAL_CONTROLLER_FILE ({path}) cannot be used: {fault}") from fault


def settings_of(session: Session) -> Settings:
    """Return the settings that travel with ``session``."""
    found: Settings = session.info["settings"]
    return found


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsFault(f"{name} is missing: set it in the environment (see the README).")
    return value


def _secret(environ: Mapping[str, str]) -> str:
    return _long_enough("PORTAL_SECRET_KEY", _needed(environ, "PORTAL_SECRET_KEY"))


def _long_enough(name: str, secret: str) -> str:
    if len(secret) < SECRET_LENGTH:
        raise SettingsFault(f"{name} is too short: use at least {SECRET_LENGTH} characters.")
    return secret


def _handover_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secrets shared with the app: the present one, then the one it replaces; none closes the door."""
    given = {name: environ.get(name, "").strip() for name in HANDOVER_SECRETS}
    found = tuple(_long_enough(name, secret) for name, secret in given.items() if secret)
    if found and not given[HANDOVER_SECRETS[0]]:
        raise SettingsFault("PORTAL_HANDOVER_SECRET is missing beside PORTAL_HANDOVER_SECRET_OLD.")
    if environ.get("PORTAL_SECRET_KEY", "").strip() in found:
        raise SettingsFault("PORTAL_HANDOVER_SECRET must not be PORTAL_SECRET_KEY: the app must not sign our cookies.")
    return found


def _flags_tokens(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the token of each system that may read the flags, by its name; no token closes the feed."""
    prefix = "PORTAL_FLAGS_TOKEN_"
    given = {name: value.strip() for name, value in environ.items() if name.startswith(prefix) and value.strip()}
    found = {name.removeprefix(prefix).lower(): _long_enough(name, token) for name, token in given.items()}
    if len(set(found.values())) < len(found):
        raise SettingsFault(f"{prefix}...: two systems have the same token. Give each its own.")
    return found


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(environ.get(name, default))
    except ValueError as fault:
        raise SettingsFault(f"{name} must be a whole number.") from fault


def _at_least(environ: Mapping[str, str], name: str, default: int, least: int) -> int:
    found = _whole(environ, name, default)
    if found < least:
        raise SettingsFault(f"{name} must be at least {least}.")
    return found


def _smtp(environ: Mapping[str, str]) -> Smtp | None:
    host = environ.get("PORTAL_SMTP_HOST", "").strip()
    if not host:
        return None
    security = environ.get("PORTAL_SMTP_SECURITY", "starttls")
    if security not in {"tls", "starttls", "none"}:
        raise SettingsFault("PORTAL_SMTP_SECURITY must be tls, starttls or none.")
    return Smtp(
        host=host,
        port=_whole(environ, "PORTAL_SMTP_PORT", 587),
        user=environ.get("PORTAL_SMTP_USER", ""),
        password=environ.get("PORTAL_SMTP_PASSWORD", ""),
        security=security,
    )


def _source_urls(environ: Mapping[str, str]) -> dict[str, SourceUrls]:
    found: dict[str, SourceUrls] = {}
    for name, read in environ.items():
        if name.startswith("PORTAL_SOURCE_") and name.endswith("_READ"):
            write = environ.get(name.removesuffix("_READ") + "_WRITE")
            if not write:
                raise SettingsFault(f"{name.removesuffix('_READ')}_WRITE is missing beside {name}.")
            found[name.removeprefix("PORTAL_SOURCE_").removesuffix("_READ").lower()] = SourceUrls(read, write)
    return found
