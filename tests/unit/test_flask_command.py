"""The ``flask`` command as an operator first calls it: on the demo while only data is described, else with settings."""

import os
import runpy
from pathlib import Path

import pytest
from click import ClickException

from portal.demo.settings import only_data_is_set

WSGI = Path(__file__).parents[2] / "wsgi.py"


def test_the_demo_stands_in_while_nothing_but_where_data_is_has_been_set() -> None:
    about_data = ["PORTAL_MANIFESTS_DIR", "PORTAL_REGISTER_DIR", "PORTAL_SOURCE_SHOP_READ", "PORTAL_SOURCE_SHOP_WRITE"]
    assert only_data_is_set(["PATH"])
    assert only_data_is_set(["PATH", *about_data])
    for name in ("PORTAL_DATA_DIR", "PORTAL_DATABASE_URL", "PORTAL_KEY_FILE", "PORTAL_SMTP_HOST", "PORTAL_DEMO"):
        assert not only_data_is_set([*about_data, name])


def test_a_missing_setting_is_told_in_one_sentence_and_makes_no_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [each for each in os.environ if each.startswith("PORTAL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    monkeypatch.setenv("PORTAL_SMTP_HOST", "mail.example")
    monkeypatch.setenv("PORTAL_SECRET_KEY", "x" * 32)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClickException, match="PORTAL_KEY_FILE is missing: set it in the environment"):
        runpy.run_path(str(WSGI))
    assert list(tmp_path.iterdir()) == []
