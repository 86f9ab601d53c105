"""Which way a reference without a direction is followed: outwards from where the person is found, never back."""

from pathlib import Path

from portal.sources import DataMap, load_data_map
from portal.sources.direction import flowing

Told = dict[str, list[str]]


def manifest(folder: Path, tables: Told, extra: str = "") -> DataMap:
    """Read a data map of ``tables``: each field is ``name``, ``name!`` for a key, ``name@`` for an address,
    ``name>table.field`` for a reference and ``name*`` for something personal."""
    lines = ["dataset:", "  - fides_key: db", "    collections:"]
    for table, fields in tables.items():
        lines += [f"      - name: {table}", *([f"        {extra}"] if table == "late" else []), "        fields:"]
        for written in fields:
            name, _, target = written.partition(">")
            about = ["primary_key: true"] if name.endswith("!") else []
            about += ["identity: email"] if name.endswith("@") else []
            about += [f"references: [{{dataset: db, field: {target}}}]"] if target else []
            lines.append(f"          - name: {name.rstrip('!@*')}")
            lines += ["            data_categories: [user]"] if name.endswith("*") else []
            lines += [f"            fides_meta: {{{', '.join(about)}}}"] if about else []
    (folder / "db.yml").write_text("\n".join(lines), encoding="utf-8")
    return load_data_map(folder)


def followed(folder: Path, tables: Told, extra: str = "") -> set[str]:
    edges = flowing(manifest(folder, tables, extra), {"email"})
    return {f"{edge.origin} -> {edge.target}".replace("db.", "") for edge in edges}


def test_it_leads_from_the_person_outwards_and_never_back(tmp_path: Path) -> None:
    tables = {
        "customer": ["id!", "mail@"],
        "purchase": ["id!", "customer_id>customer.id", "ship_to>address.id"],
        "address": ["id!", "street*"],
    }
    assert followed(tmp_path, tables) == {
        "customer.id -> purchase.customer_id",
        "purchase.ship_to -> address.id",
    }


def test_it_leads_up_from_a_table_of_addresses_to_its_owner_and_down_again(tmp_path: Path) -> None:
    tables = {"mails": ["mail@", "user_id>users.id"], "users": ["id!"], "posts": ["id!", "user_id>users.id"]}
    assert followed(tmp_path, tables) == {"mails.user_id -> users.id", "users.id -> posts.user_id"}


def test_between_two_tables_where_the_person_is_found_it_leads_to_the_children(tmp_path: Path) -> None:
    tables = {"users": ["id!", "mail@"], "purchase": ["id!", "guest@", "user_id>users.id"]}
    assert followed(tmp_path, tables) == {"users.id -> purchase.user_id"}


def test_between_two_tables_reached_at_once_it_leads_only_to_what_is_not_personal(tmp_path: Path) -> None:
    tables = {
        "users": ["id!", "mail@"],
        "topics": ["id!", "user_id>users.id", "title*"],
        "posts": ["id!", "user_id>users.id", "topic_id>topics.id", "about>things.id"],
        "things": ["id!", "owner>users.id", "label"],
    }
    assert followed(tmp_path, tables) - {f"users.id -> {name}.user_id" for name in ("topics", "posts")} == {
        "users.id -> things.owner",
        "posts.about -> things.id",
    }


def test_a_collection_that_comes_after_another_is_led_to_by_it(tmp_path: Path) -> None:
    tables = {
        "users": ["id!", "mail@"],
        "first": ["id!", "user_id>users.id"],
        "late": ["id!", "user_id>users.id", "first_id>first.id"],
    }
    assert "first.id -> late.first_id" not in followed(tmp_path, tables)
    assert "first.id -> late.first_id" in followed(tmp_path, tables, "fides_meta: {after: [db.first]}")


def test_a_table_is_not_led_to_by_itself(tmp_path: Path) -> None:
    assert followed(tmp_path, {"users": ["id!", "mail@", "invited_by>users.id"]}) == set()
