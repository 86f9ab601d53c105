"""``flask sources draft``: a manifest proposed from a live schema, which a person who knows the database corrects."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.types import ARRAY, JSON, Boolean, Date, DateTime, Integer, String, Text, TypeEngine

from portal.config import SourceUrls
from portal.fulfilment.apply import apply
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import ErasePlan
from portal.sources import DataMapFault, Sources, check, draft_manifest, guessing, load_data_map
from portal.sources.model import DataMap
from tests.support.foreign import FORUM, SHOP
from tests.support.shop import NOW

TABLES = """
CREATE TABLE klanten (klantnr INTEGER PRIMARY KEY, voornaam VARCHAR(40), "E-mailadres" VARCHAR(80), geboortedatum DATE);
CREATE TABLE bestelling (id INTEGER PRIMARY KEY, klanten_id INTEGER, adres_id INTEGER REFERENCES adres(id));
CREATE TABLE adres (id INTEGER PRIMARY KEY, straat TEXT, gemeente TEXT);
CREATE TABLE reactie (id INTEGER PRIMARY KEY, klant INTEGER REFERENCES klanten(klantnr), bericht TEXT,
                      boven INTEGER REFERENCES reactie(id));
CREATE TABLE duim (reactie_id INTEGER REFERENCES reactie(id), klant INTEGER REFERENCES klanten(klantnr),
                   PRIMARY KEY (reactie_id, klant));
CREATE TABLE alembic_version (version_num VARCHAR(32));
CREATE TABLE "no" (id INTEGER PRIMARY KEY, "yes: no" TEXT);
"""


def drafted(folder: Path) -> tuple[str, DataMap, str]:
    url = f"sqlite:///{folder / 'winkel.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    text = draft_manifest(url, "de-winkel")
    (folder / "draft.yml").write_text(text, encoding="utf-8")
    return text, load_data_map(folder), url


def test_a_draft_is_a_manifest_that_fits_its_database(tmp_path: Path) -> None:
    text, data_map, url = drafted(tmp_path)
    sources = Sources(data_map, {"de_winkel": SourceUrls(url, url)})
    told = [str(fault) for fault in check(sources)]
    sources.close()
    assert len(told) == 1
    assert "collections.no: No person is ever found here." in told[0]
    assert "alembic_version" in text
    assert "de_winkel.alembic_version" not in data_map.collections
    customers = data_map.collections["de_winkel.klanten"]
    assert customers.primary_key == ("klantnr",)
    assert customers.field("E-mailadres").identity == "email"
    assert customers.field("voornaam").categories == ("user.name.first",)
    assert customers.field("geboortedatum").categories == ("user.demographic.date_of_birth",)


def test_a_draft_leads_to_a_persons_rows_and_not_through_them_to_others(tmp_path: Path) -> None:
    text, data_map, _ = drafted(tmp_path)
    assert {(str(edge.origin), str(edge.target)) for edge in data_map.edges} == {
        ("de_winkel.klanten.klantnr", "de_winkel.bestelling.klanten_id"),
        ("de_winkel.bestelling.adres_id", "de_winkel.adres.id"),
        ("de_winkel.klanten.klantnr", "de_winkel.reactie.klant"),
        ("de_winkel.klanten.klantnr", "de_winkel.duim.klant"),
    }
    assert text.count("not followed") == 2
    assert "references:  # guessed from the name" in text


LESSONS = """
CREATE TABLE room (id INTEGER PRIMARY KEY, address TEXT);
CREATE TABLE course (id INTEGER PRIMARY KEY, description TEXT);
CREATE TABLE home (id INTEGER PRIMARY KEY, street TEXT);
CREATE TABLE lesson (id INTEGER PRIMARY KEY, room INTEGER REFERENCES room(id), course INTEGER REFERENCES course(id));
CREATE TABLE student (id INTEGER PRIMARY KEY, email TEXT, home INTEGER REFERENCES home(id));
CREATE TABLE attends (student INTEGER REFERENCES student(id), lesson INTEGER REFERENCES lesson(id),
                      PRIMARY KEY (student, lesson));
INSERT INTO room VALUES (1, 'Kouter 4'); INSERT INTO course VALUES (1, 'Basis'); INSERT INTO home VALUES (1, 'Rue 3');
INSERT INTO lesson VALUES (1, 1, 1); INSERT INTO student VALUES (1, 'a@x.example', 1), (2, 'b@x.example', NULL);
INSERT INTO attends VALUES (1, 1), (2, 1);
"""


def test_erasing_by_a_draft_leaves_the_room_that_everybody_comes_to(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'school.db'}"
    with sqlite3.connect(tmp_path / "school.db") as made:
        made.executescript(LESSONS)
    text = draft_manifest(url, "school")
    (tmp_path / "school.yml").write_text(text, encoding="utf-8")
    assert "room: {erase: keep}  # many may share it, by way of lesson" in text
    assert "add it with direction: to, and `course: {erase: keep}` in meta." in text
    assert "home: {erase" not in text
    unsaid = "Many may share its rows, by way of `school.lesson`"
    assert unsaid not in str(load_data_map(tmp_path).remarks)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "school.yml").write_text(text.replace("room: {erase: keep}", "{}"), encoding="utf-8")
    told = [str(each) for each in load_data_map(tmp_path / "other").remarks]
    assert [each for each in told if unsaid in each and "collections.room:" in each]
    sources = Sources(load_data_map(tmp_path), {"school": SourceUrls(url, url)})
    proof = apply(sources, Subject(("a@x.example",)), ErasePlan(), NOW)
    sources.close()
    changed = {each.collection for changes in proof.sources.values() for each in changes if each.rows}
    assert changed == {"school.student", "school.home"}
    with sqlite3.connect(tmp_path / "school.db") as left:
        assert left.execute("SELECT address FROM room").fetchone() == ("Kouter 4",)


def test_a_place_without_tables_gives_no_draft_but_names_the_schemas(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA institute")
    engine.dispose()
    with pytest.raises(DataMapFault, match=r"This account sees no table here\..*--schema: .*institute"):
        draft_manifest(postgres_url, "institute")


def test_a_draft_of_a_foreign_database_loads_on_postgresql_too(tmp_path: Path, postgres_url: str) -> None:
    SHOP.open(tmp_path, postgres_url).close()
    (tmp_path / f"{SHOP.key}.yml").write_text(draft_manifest(postgres_url, "shop", "store"), encoding="utf-8")
    data_map = load_data_map(tmp_path)
    assert data_map.sources["shop"].schema == "store"
    assert data_map.collections["shop.User"].primary_key == ("tenant", "id")
    assert {each.kind for each in data_map.identities} == {"email"}
    sources = Sources(data_map, {"shop": SourceUrls(postgres_url, postgres_url)})
    found = FORUM.collected(sources, "nobody@x.example"), [str(each) for each in check(sources)]
    sources.close()
    assert found[0] == {}
    assert not [each for each in found[1] if "No person is ever found here" not in each]


def test_a_reference_to_another_schema_leads_to_no_table_of_the_same_name_here(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        for statement in (
            "CREATE SCHEMA staff",
            "CREATE SCHEMA sales",
            "CREATE TABLE staff.users (id integer PRIMARY KEY, email text)",
            "CREATE TABLE sales.users (id integer PRIMARY KEY, email text)",
            "CREATE TABLE sales.orders (id integer PRIMARY KEY, user_id integer REFERENCES staff.users(id))",
            "CREATE TABLE sales.notes (id integer PRIMARY KEY, user_id integer REFERENCES sales.users(id))",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    text = draft_manifest(postgres_url, "sales", "sales")
    assert text.count('field: "users.id", direction: from') == 1
    assert "# Refers to staff.users.id, in another schema" in text


@pytest.mark.parametrize(
    ("table", "column", "kind", "expected"),
    [
        ("users", "customerEMail", String(), "user.contact.email"),
        ("users", "email_verified", Boolean(), None),
        ("users", "mail", DateTime(), None),
        ("user_emails", "address", String(), "user.contact.email"),
        ("clients", "prénom", String(), "user.name.first"),
        ("Kunden", "Straße", String(), "user.contact.address.street"),
        ("products", "name", String(), None),
        ("members", "name", String(), "user.name"),
        ("visits", "remote_addr", String(), "user.device.ip_address"),
        ("patients", "rijksregisternummer", String(), "user.government_id.national_identification_number"),
        ("x", "tel_mobile", ARRAY(Text()), "user.contact.phone_number"),
        ("x", "shape", String(), None),
        ("x", "shipping", String(), None),
    ],
)
def test_a_category_is_guessed_from_the_name_in_four_languages_and_the_type(
    table: str, column: str, kind: TypeEngine[object], expected: str | None
) -> None:
    assert guessing.category(table, column, kind) == expected


def test_beside_some_words_an_address_finds_nobody() -> None:
    assert guessing.identity("email", "user.contact.email", Text()) == "email"
    assert guessing.identity("email_template", "user.contact.email", Text()) is None
    assert guessing.identity("email", "user.contact.email", JSON()) is None
    assert guessing.data_type(ARRAY(Integer())) == "integer[]"
    assert guessing.data_type(Date()) is None


def test_a_column_is_taken_for_a_reference_by_its_name() -> None:
    tables = ["customers", "company", "boxes"]
    assert guessing.refers_to("customer_id", tables) == "customers"
    assert guessing.refers_to("billingCustomerId", tables) == "customers"
    assert guessing.refers_to("box_no", tables) == "boxes"
    assert guessing.refers_to("customer", tables) is None
    assert guessing.refers_to("invoice_id", tables) is None
