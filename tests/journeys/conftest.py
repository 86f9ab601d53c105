"""The made-up Medbook is built once for a worker; every journey walks over a copy of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.clock import now
from portal.demo.medbook import build
from tests.journeys.gallery import Gallery, open_gallery
from tests.journeys.parties import Walkers
from tests.journeys.stage import SOURCES, Stage, set_stage


@pytest.fixture(scope="session")
def medbook_files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Give the files of both made-up databases; copy them, do not write to them."""
    folder = tmp_path_factory.mktemp("medbook")
    files = {key: folder / f"{key}.db" for key in SOURCES}
    build(*(f"sqlite:///{path}" for path in files.values()), now())
    return files


@pytest.fixture(scope="session")
def gallery(browser: Browser, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """Give the one portal with something on every page, and one page of a browser; change no case."""
    with open_gallery(tmp_path_factory.mktemp("gallery"), migrated, browser) as opened:
        yield opened


@pytest.fixture
def stage(tmp_path: Path, migrated: Path, medbook_files: Mapping[str, Path]) -> Iterator[Stage]:
    """Give a whole portal with its sources, served over HTTP."""
    with set_stage(tmp_path, migrated, medbook_files) as opened:
        yield opened


@pytest.fixture
def walkers(stage: Stage, browser: Browser) -> Iterator[Walkers]:
    """Give the people of a journey, each with a browser of their own."""
    opened = Walkers(stage, browser)
    yield opened
    opened.close()
