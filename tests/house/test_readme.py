"""The README names everything an operator can set or call."""

import ast
import re

import pytest
from flask import Flask

from portal.cli import register_commands
from tests.house.source import PORTAL, ROOT

FLASK_OWN = {"run", "shell", "routes"}


def _settings() -> set[str]:
    tree = ast.parse((PORTAL / "config.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if re.fullmatch(r"PORTAL_[A-Z_]+", text)}


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_setting(readme: str) -> None:
    assert _settings()
    assert {name for name in _settings() if name not in readme} == set()


def test_the_readme_names_every_command(app: Flask, readme: str) -> None:
    register_commands(app)
    names: set[str] = set()
    for name, command in app.cli.commands.items():
        below = getattr(command, "commands", {})
        names |= {f"flask {name} {part}" for part in below} or {f"flask {name}"}
    names -= {f"flask {name}" for name in FLASK_OWN}
    assert {f"flask {name}" for name in ("demo", "worker", "sweep", "verify", "add-staff", "check-upload")} <= names
    assert {"flask sources check", "flask sources collect"} <= names
    assert {name for name in names if name not in readme} == set()


@pytest.mark.parametrize("script", ["bin/setup", "bin/run", "bin/test", "bin/prove"])
def test_the_readme_names_every_script(script: str, readme: str) -> None:
    assert script in readme
