"""Finds the programs that tests start. Standard library only: bin/setup asks it before anything is installed.

python tests/support/programs.py postgres    prints the folder with PostgreSQL's programs, or exits with 1
python tests/support/programs.py mariadbd    prints MariaDB's server, or exits with 1
python tests/support/programs.py chromium    prints a Chromium that starts, or exits with 1
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUMS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
"""Names a Chromium goes by; Ubuntu's are scripts that ask for a snap, and do not start."""


def find_postgres() -> Path | None:
    """Return the folder that holds ``initdb`` and ``postgres``: the newest version installed, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def find_mariadb() -> Path | None:
    """Return MariaDB's server where ``mariadb-install-db`` is there too, or None."""
    server = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(server) if server and shutil.which("mariadb-install-db") else None


def find_chromium() -> Path | None:
    """Return a Chromium that starts: one of this machine's, or the one Playwright fetched; None without either."""
    found = (Path(path) for name in CHROMIUMS if (path := shutil.which(name)))
    return next((path for path in (*found, *_fetched_by_playwright()) if _starts(path)), None)


def _fetched_by_playwright() -> list[Path]:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return sorted(home.glob("chromium-*/chrome-linux*/chrome"), reverse=True)


def _starts(program: Path) -> bool:
    if "snap" in program.resolve().parts or program.resolve().name == "snap":
        return False  # a snap sees neither our temporary folders nor Playwright's pipe
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and b"snap" not in asked.stdout


if __name__ == "__main__":
    place = {"postgres": find_postgres, "mariadbd": find_mariadb, "chromium": find_chromium}[sys.argv[1]]()
    if place is None:
        sys.exit(1)
    print(place)
