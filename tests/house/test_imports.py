"""Who may import whom: the contracts of pyproject.toml, and what a pure module really loads."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = (
    "portal.rights",
    "portal.register",
    "portal.cases.lifecycle",
    "portal.cases.deadlines",
    "portal.cases.grounds",
    "portal.cases.strokes",
    "portal.intake.script",
)


def test_every_import_contract_is_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    asked = subprocess.run([program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stdout + asked.stderr


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_loads_neither_flask_nor_sqlalchemy(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({{'flask', 'sqlalchemy', 'werkzeug'}} & set(sys.modules)))"
    asked = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip() == ""
