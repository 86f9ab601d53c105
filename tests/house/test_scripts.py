"""The scripts a newcomer starts: they parse, they run from anywhere, and they say what is missing."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT

SCRIPTS = ("bin/setup", "bin/run", "bin/test", "bin/prove", ".ci/run")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_parses_and_may_be_started(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / script], check=True)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_stops_at_the_first_failure(script: str) -> None:
    assert "set -euo pipefail" in (ROOT / script).read_text(encoding="utf-8")


def test_setup_refuses_what_it_does_not_know() -> None:
    asked = subprocess.run(["bash", ROOT / "bin/setup", "--tset"], capture_output=True, text=True, check=False)
    assert asked.returncode == 2
    assert "usage" in asked.stderr


def test_setup_without_rights_names_the_missing_packages_and_stops(tmp_path: Path) -> None:
    """A machine without a usable Python, where nothing may be installed: only basic tools are on the path."""
    for tool in ("bash", "dirname", "tr", "grep", "cat", "mktemp", "rm"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}" if Path(f"/bin/{tool}").exists() else f"/usr/bin/{tool}")
    script = (ROOT / "bin/setup").read_text(encoding="utf-8").replace("/usr/bin/python3", "/nowhere/python3")
    copy = tmp_path / "tree" / "bin" / "setup"
    copy.parent.mkdir(parents=True)
    copy.write_text(script, encoding="utf-8")
    asked = subprocess.run(["bash", copy], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert asked.returncode == 1
    assert "may not install them here: python3 python3-venv libmagic1" in asked.stderr
    assert not (copy.parents[1] / ".venv").exists()


def _locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9_.-]+)==([^\s;\\]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def test_tests_run_with_the_versions_that_people_run() -> None:
    run, test = _locked("requirements.txt"), _locked("requirements-dev.txt")
    assert run
    assert {name: test.get(name) for name in run} == run


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_a_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9_.-]+(?:\[[a-z,]+\])?==)", text, flags=re.MULTILINE)[1:]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
