"""``flask sources check`` and ``collect`` as functions: every fault told, a package written as a folder."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url

from portal.cli import register_commands
from portal.config import Settings, SourceUrls
from portal.demo.medbook import DemoWorld
from portal.errors import SourceDown
from portal.fulfilment.commands import check_sources, collect_to_folder
from portal.fulfilment.commands import told as sentence
from portal.sources import Sources, draft_manifest
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


def test_sources_check_names_what_the_reading_account_may_not_read(
    settings: Settings, postgres_url: str, tmp_path: Path
) -> None:
    engine, reader = create_engine(postgres_url), f"reader_{secrets.token_hex(4)}"
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE people (id integer PRIMARY KEY, email text)",
            "CREATE TABLE notes (id integer PRIMARY KEY, email text)",
            f"CREATE ROLE {reader} LOGIN",
            f"GRANT SELECT ON people TO {reader}",
        ):
            connection.exec_driver_sql(statement)
    url = str(make_url(postgres_url).set(username=reader))
    (tmp_path / "club.yml").write_text(draft_manifest(url, "club"), encoding="utf-8")
    club = replace(settings, manifests_dir=tmp_path, source_urls={"club": SourceUrls(url, postgres_url)})
    told = check_sources(club)
    with pytest.raises(SourceDown) as failure:
        collect_to_folder(club, email="ada@example.com", right="access", out=tmp_path / "out")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {reader}")
        connection.exec_driver_sql(f"DROP ROLE {reader}")
    engine.dispose()
    assert len(told) == 1
    assert "collections.notes: The reading account may not read this table (InsufficientPrivilege)" in told[0]
    assert "`flask sources check` tells what" in sentence(failure.value)


def test_sources_check_names_a_category_that_is_nobodys_and_a_table_said_to_be_both(
    demo: tuple[Sources, DemoWorld], settings: Settings, tmp_path: Path
) -> None:
    for path in settings.manifests_dir.glob("*.yml"):
        text = path.read_text(encoding="utf-8").replace("- research_exports", "- research_exports\n          - careers")
        (tmp_path / path.name).write_text(text.replace("[user.job_title]", "[usr.job_title]"), encoding="utf-8")
    told = check_sources(replace(settings, manifests_dir=tmp_path))
    assert any("`careers` is a collection as well" in each for each in told)
    assert any("`usr.job_title` begins with neither `user` nor `system`" in each for each in told)


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
        (["sources", "draft", "postgres://u:secret@db/shop"], "Write postgresql+psycopg://"),
        (["sources", "draft", "mysql://u:secret@db/shop"], "The driver MySQLdb is not installed. Write"),
        ([*collect, str(full)], "new or empty"),
        ([*collect, str(fresh)], "The source does not answer (no address is set for it)"),
    ):
        said = runner.invoke(args=arguments)
        assert words in said.output
        assert isinstance(said.exception, SystemExit)
        assert "secret" not in said.output
    assert list(fresh.iterdir()) == []
