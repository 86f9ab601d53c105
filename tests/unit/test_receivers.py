"""Which organisations take data straight from the portal: which file is taken, and which is refused with what words."""

from pathlib import Path

import pytest

from portal.config import HERE, SettingsFault
from portal.delivery.receivers import Receiver, load_receivers

ONE = '[[receiver]]\nslug = "one"\nname = "One nv"\naddress = "in@one.example"\nlanguage = "fr"\n'


def read(folder: Path, content: str) -> dict[str, Receiver]:
    path = folder / "receivers.toml"
    path.write_text(content, encoding="utf-8")
    return load_receivers(path)


def test_the_shipped_file_names_none_and_the_demo_names_one() -> None:
    assert load_receivers(HERE / "receivers.toml") == {}
    assert list(load_receivers(HERE / "demo" / "receivers.toml")) == ["voorbeeld-portfolio"]


def test_a_receiver_has_slug_name_address_and_language(tmp_path: Path) -> None:
    assert read(tmp_path, ONE) == {"one": Receiver("one", "One nv", "in@one.example", "fr")}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("[[receiver]", "cannot be used"),
        ("[receiver]\nslug = 'one'", "two brackets"),
        ("[other]\n", "'other' is not known"),
        ('[[receiver]]\nslug = "one"\n', "receiver 1: it has the lines"),
        (ONE + ONE, "receiver 2: its slug"),
        (ONE.replace('"one"', '"One!"'), "receiver 1: its slug"),
        (ONE.replace("in@one.example", "a@b.example, c@d.example"), "no mail address"),
        (ONE.replace('"fr"', '"xx"'), "its language"),
    ],
)
def test_a_faulty_file_is_refused_with_what_to_repair(tmp_path: Path, content: str, word: str) -> None:
    with pytest.raises(SettingsFault, match="PORTAL_RECEIVERS_FILE") as fault:
        read(tmp_path, content)
    assert word in str(fault.value)
