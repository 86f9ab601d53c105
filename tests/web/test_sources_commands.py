"""``flask sources check`` and ``collect`` as functions: every fault told, a package written as a folder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from portal.cli import register_commands
from portal.config import Settings, SourceUrls
from portal.demo.medbook import DemoWorld
from portal.fulfilment.commands import check_sources, collect_to_folder
from portal.sources import Sources
from tests.support.packing import CONTROLLER, package_app, small_demo


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    with package_app() as made:
        yield made


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sources, DemoWorld]]:
    with small_demo(tmp_path_factory.mktemp("demo")) as built:
        yield built


@pytest.fixture
def settings(demo: tuple[Sources, DemoWorld], tmp_path: Path) -> Settings:
    urls = {key: str(demo[0][key].writer.url) for key in ("medbook", "medbook_support")}
    return Settings(
        secret_key="x" * 32,
        key_file=tmp_path / "keys",
        database_url="sqlite://",
        data_dir=tmp_path,
        base_url="http://127.0.0.1",
        controller=CONTROLLER,
        smtp=None,
        mail_from="privacy@medbook.example",
        source_urls={key: SourceUrls(url, url) for key, url in urls.items()},
    )


def test_sources_check_is_silent_when_all_is_well_and_tells_every_fault(settings: Settings) -> None:
    assert check_sources(settings) == []
    with create_engine(settings.source_urls["medbook"].write).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE secret_notes (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("ALTER TABLE careers ADD COLUMN shoe_size INTEGER")
    alone = replace(settings, source_urls={"medbook": settings.source_urls["medbook"]})
    told = check_sources(alone)
    with create_engine(settings.source_urls["medbook"].write).begin() as connection:
        connection.exec_driver_sql("DROP TABLE secret_notes")
        connection.exec_driver_sql("ALTER TABLE careers DROP COLUMN shoe_size")
    assert len(told) == 3
    assert any("collections.secret_notes: This table is not in the data map." in each for each in told)
    assert any("careers.fields.shoe_size" in each for each in told)
    assert any("medbook_support: The source does not answer" in each for each in told)
    empty = replace(settings, manifests_dir=settings.data_dir)
    assert "There is no manifest here." in check_sources(empty)[0]


def test_sources_collect_writes_the_package_as_a_folder(
    demo: tuple[Sources, DemoWorld], settings: Settings, tmp_path: Path
) -> None:
    packed = collect_to_folder(settings, email=demo[1].ada.email, right="port", language="de", out=tmp_path / "out")
    written = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()
    }
    assert written == {fact.path for fact in packed.files}
    assert "Portfolio" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_the_operator_reads_what_is_wrong_in_one_sentence_and_copies_never_mix(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    register_commands(app)
    nowhere = "postgresql+psycopg://reader:secret@127.0.0.1:1/shop"
    full, fresh = tmp_path / "full", tmp_path / "fresh"
    full.mkdir()
    (full / "data.json").write_text("{}")
    app.extensions["portal_settings"] = replace(settings, source_urls={})
    runner = app.test_cli_runner()
    collect = ["sources", "collect", "--email", "ada@example.com", "--out"]
    for arguments, words in (
        (["sources", "draft", nowhere], "database: The source does not answer (OperationalError)"),
        (["sources", "draft", "shop"], "Could not parse"),
        ([*collect, str(full)], "new or empty"),
        ([*collect, str(fresh)], "The source does not answer (no address is set for it)"),
    ):
        said = runner.invoke(args=arguments)
        assert words in said.output
        assert isinstance(said.exception, SystemExit)
        assert "secret" not in said.output
    assert list(fresh.iterdir()) == []
