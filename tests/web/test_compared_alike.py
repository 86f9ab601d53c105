"""Values meet as the databases themselves let them meet: in any case, filled up with blanks, as text or as bytes."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine

from portal.fulfilment.apply import apply
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import ErasePlan
from tests.support.small_sources import EMAIL, KEY, column, found, opened, reference, table

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ADA, BEN = "aaaaaaaa-1111-4aaa-8aaa-aaaaaaaaaaaa", "bbbbbbbb-1111-4bbb-8bbb-bbbbbbbbbbbb"
UUIDS = {"ada": ADA, "ADA": ADA.upper(), "ada_hex": ADA.replace("-", ""), "ben": BEN, "ben_hex": BEN.replace("-", "")}


def test_keys_that_sqlite_compares_in_any_case_meet_in_any_case(tmp_path: Path) -> None:
    schema = """
CREATE TABLE guest (nick TEXT COLLATE NOCASE PRIMARY KEY, mail TEXT);
CREATE TABLE stay (id INTEGER PRIMARY KEY, nick TEXT COLLATE NOCASE REFERENCES guest);
CREATE TABLE note (id INTEGER PRIMARY KEY, nick TEXT);
INSERT INTO guest VALUES ('Ada', 'ada@x.org'), ('Ben', 'ben@x.org');
INSERT INTO stay VALUES (1, 'ADA'), (2, 'ada'), (3, 'ben');
INSERT INTO note VALUES (1, 'Ada'), (2, 'ADA')"""
    manifest = (
        table("guest", column("nick", KEY), column("mail", EMAIL))
        + table("stay", column("id", KEY), column("nick", reference("inn.guest.nick")))
        + table("note", column("id", KEY), column("nick", reference("inn.guest.nick")))
    )
    sources = opened(tmp_path, {"inn": f"sqlite:///{tmp_path / 'inn.db'}"}, inn=(schema, manifest))
    assert found(sources, "ada@x.org") == {"guest": ["Ada"], "stay": [1, 2], "note": [1]}
    sources.close()


def test_numbers_meet_texts_in_a_column_of_sqlite_without_type_and_huge_ones_do_no_harm(tmp_path: Path) -> None:
    schema = """
CREATE TABLE owner (id, mail TEXT);
CREATE TABLE pet (name TEXT PRIMARY KEY, owner);
INSERT INTO owner VALUES (7, 'ada@x.org'), ('8', 'ben@x.org'), (18446744073709551615, 'cy@x.org');
INSERT INTO pet VALUES ('ant', 7), ('bee', '7'), ('cat', 8), ('dog', '18446744073709551615'), ('eel', 77)"""
    manifest = table("owner", column("id", KEY), column("mail", EMAIL)) + table(
        "pet", column("name", KEY), column("owner", reference("zoo.owner.id"))
    )
    sources = opened(tmp_path, {"zoo": f"sqlite:///{tmp_path / 'zoo.db'}"}, zoo=(schema, manifest))
    assert found(sources, "ada@x.org")["pet"] == ["ant", "bee"]
    assert found(sources, "ben@x.org")["pet"] == ["cat"]
    sources.close()


def test_keys_of_postgresql_meet_without_the_blanks_that_fill_them_up(tmp_path: Path, postgres_url: str) -> None:
    schema = """
CREATE EXTENSION citext;
CREATE TABLE customer (code char(5) PRIMARY KEY, mail citext UNIQUE, nick text);
CREATE TABLE orders (id int PRIMARY KEY, code varchar(10), mail citext REFERENCES customer (mail), nick text);
CREATE TABLE coupon (id int PRIMARY KEY, code text REFERENCES customer (code));
INSERT INTO customer VALUES ('AD', 'Ada@X.org', 'Ada'), ('BENNY', 'ben@x.org', 'ada');
INSERT INTO orders VALUES (1, 'AD', NULL, NULL), (2, NULL, 'ADA@x.org', NULL), (3, 'BENNY', NULL, NULL),
  (4, NULL, NULL, 'Ada'), (5, NULL, NULL, 'ada');
INSERT INTO coupon VALUES (1, 'AD'), (2, 'BENNY')"""
    nick, code, mail = reference("shop.customer.nick"), reference("shop.customer.code"), reference("shop.customer.mail")
    manifest = (
        table("customer", column("code", KEY), column("mail", EMAIL), column("nick"))
        + table("orders", column("id", KEY), column("code", code), column("mail", mail), column("nick", nick))
        + table("coupon", column("id", KEY), column("code", code))
    )
    sources = opened(tmp_path, {"shop": postgres_url}, shop=(schema, manifest))
    assert found(sources, "ada@x.org") == {"customer": ["AD   "], "orders": [1, 2, 4], "coupon": [1]}
    assert found(sources, "ben@x.org") == {"customer": ["BENNY"], "orders": [3, 5], "coupon": [2]}
    sources.close()


def test_uuids_meet_as_text_and_as_bytes_across_databases(tmp_path: Path, postgres_url: str, mariadb_url: str) -> None:
    account = """
CREATE TABLE account (id uuid PRIMARY KEY, mail text);
INSERT INTO account VALUES ('{ada}', 'ada@x.org'), ('{ben}', 'ben@x.org')"""
    files = """
CREATE TABLE profile (id int PRIMARY KEY, account char(36));
CREATE TABLE picture (id int PRIMARY KEY, account binary(16));
INSERT INTO profile VALUES (1, '{ADA}'), (2, '{ben}');
INSERT INTO picture VALUES (1, UNHEX('{ada_hex}')), (2, UNHEX('{ben_hex}'))"""
    known = table("account", column("id", KEY), column("mail", EMAIL))
    kept = "".join(
        table(name, column("id", KEY), column("account", reference("main.account.id")))
        for name in ("profile", "picture")
    )
    sources = opened(
        tmp_path,
        {"main": postgres_url, "files": mariadb_url},
        main=(account.format(**UUIDS), known),
        files=(files.format(**UUIDS), kept),
    )
    assert {name: rows for name, rows in found(sources, "ada@x.org").items() if name != "account"} == {
        "profile": [1],
        "picture": [1],
    }
    sources.close()


def test_keys_that_mariadb_compares_in_any_case_are_found_and_erased(tmp_path: Path, mariadb_url: str) -> None:
    schema = """
CREATE TABLE user (login varchar(20) PRIMARY KEY, mail varchar(50), bin binary(16) NOT NULL UNIQUE);
CREATE TABLE orders (id int PRIMARY KEY, login varchar(20), what varchar(20),
  FOREIGN KEY (login) REFERENCES user (login));
INSERT INTO user VALUES ('Zoé', 'zoe@x.org', UNHEX('{ada_hex}')), ('ben', 'ben@x.org', UNHEX('{ben_hex}'));
INSERT INTO orders VALUES (1, 'ZOE ', 'tea'), (2, 'zoé', 'milk'), (3, 'BEN', 'pie')"""
    manifest = table("user", column("login", KEY), column("mail", EMAIL), column("bin")) + table(
        "orders", column("id", KEY), column("login", reference("blog.user.login")), column("what")
    )
    manifest += "  meta:\n    user: {erase: delete}\n    orders: {erase: delete}\n"
    sources = opened(tmp_path, {"blog": mariadb_url}, blog=(schema.format(**UUIDS), manifest))
    assert found(sources, "zoe@x.org") == {"user": ["Zoé"], "orders": [1, 2]}
    apply(sources, Subject(("zoe@x.org",)), ErasePlan(), NOW)
    assert found(sources, "zoe@x.org") == {}
    assert found(sources, "ben@x.org") == {"user": ["ben"], "orders": [3]}
    sources.close()


def test_an_address_that_only_the_manifest_refers_by_is_erased_like_any_other(tmp_path: Path) -> None:
    schema = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, mail TEXT, nick TEXT UNIQUE);
CREATE TABLE letter (id INTEGER PRIMARY KEY, sent_to TEXT NOT NULL, number INT, nick TEXT REFERENCES customer (nick));
INSERT INTO customer VALUES (1, 'ada@x.org', 'Ada'), (2, 'ben@x.org', 'Ben');
INSERT INTO letter VALUES (1, ' ADA@x.org', 1, 'Ada'), (2, 'ben@x.org', 2, 'Ben')"""
    address, name, number = "user.contact.email", "user.name", "user.unique_id"
    manifest = table(
        "customer", column("id", KEY, category=number), column("mail", EMAIL), column("nick", category=name)
    ) + table(
        "letter",
        column("id", KEY),
        column("sent_to", reference("post.customer.mail"), category=address),
        column("number", reference("post.customer.id"), category=number),
        column("nick", reference("post.customer.nick"), category=name),
    )
    url = f"sqlite:///{tmp_path / 'post.db'}"
    sources = opened(tmp_path, {"post": url}, post=(schema, manifest))
    assert found(sources, "ada@x.org")["letter"] == [1]
    apply(sources, Subject(("ada@x.org",)), ErasePlan(), NOW)
    with create_engine(url).connect() as connection:
        customers = connection.exec_driver_sql("SELECT * FROM customer ORDER BY id").all()
        letters = connection.exec_driver_sql("SELECT * FROM letter ORDER BY id").all()
    sources.close()
    assert customers == [(1, None, "Ada"), (2, "ben@x.org", "Ben")]
    assert letters == [(1, "erased-1", 1, "Ada"), (2, "ben@x.org", 2, "Ben")]
