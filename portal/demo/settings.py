"""The demo's own settings and secrets, made on first use and kept in its folder. For the demo only."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from portal.config import HERE
from portal.files.ring import KeyRing

FOLDER = Path("var") / "demo"
PORT = 8000
ABOUT_DATA = ("PORTAL_SOURCE_", "PORTAL_MANIFESTS_DIR", "PORTAL_REGISTER_DIR")
"""What says where data is: an operator tries a data map of their own before the portal has any other setting."""


def only_data_is_set(names: Iterable[str]) -> bool:
    """Return whether the settings among ``names`` say nothing of the portal itself, so that the demo may stand in."""
    return all(name.startswith(ABOUT_DATA) for name in names if name.startswith("PORTAL_"))


def demo_environment(folder: Path = FOLDER, port: int = PORT) -> dict[str, str]:
    """Return the environment of the demo that lives in ``folder``; its secrets are made if there are none."""
    folder = folder.absolute()
    os.umask(0o077)
    (folder / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
    key_file, secret_file = folder / "secrets" / "keys", folder / "secrets" / "secret"
    if not key_file.exists():
        KeyRing.create(key_file)
    shared = folder / "secrets" / "handover"
    for each in (secret_file, shared):
        if not each.exists():
            each.write_text(secrets.token_urlsafe(48), encoding="ascii")
    medbook, support = f"sqlite:///{folder / 'medbook.db'}", f"sqlite:///{folder / 'medbook_support.db'}"
    return {
        "PORTAL_DEMO": "1",
        "PORTAL_DATA_DIR": str(folder / "data"),
        "PORTAL_KEY_FILE": str(key_file),
        "PORTAL_SECRET_KEY": secret_file.read_text(encoding="ascii"),
        "PORTAL_HANDOVER_SECRET": shared.read_text(encoding="ascii"),
        "PORTAL_RECEIVERS_FILE": str(HERE / "demo" / "receivers.toml"),
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_SOURCE_MEDBOOK_READ": medbook,
        "PORTAL_SOURCE_MEDBOOK_WRITE": medbook,
        "PORTAL_SOURCE_MEDBOOK_SUPPORT_READ": support,
        "PORTAL_SOURCE_MEDBOOK_SUPPORT_WRITE": support,
    }
