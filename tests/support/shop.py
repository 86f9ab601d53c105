"""A small made-up shop with everything a data map must bear: self-reference, many-to-many, composite key, quoted names.

Ada's decoys: Adam, whose address differs by one letter, and a second Ada Byron. A second database keeps letters by
address only. Nothing of Medbook is in it.
"""

import textwrap
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
)

from portal.config import SourceUrls
from portal.sources import DataMap, Sources, load_data_map
from tests.support.shop_manifests import LETTERS_MAP, SHOP_MAP

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ADA = "ada@example.org"
PHOTO = b"\xff\xd8\xff\xe0 made up by code: ada"

SHOP = MetaData()
LETTERS = MetaData()

customers = Table(
    "customers",
    SHOP,
    Column("id", Integer, primary_key=True),
    Column("email", String(80), nullable=False, unique=True),
    Column("email_changed_at", DateTime),
    Column("name", String(80), nullable=False),
    Column("phone", String(30)),
    Column("born", Date),
    Column("photo", LargeBinary),
    Column("notes", Text),
    Column("preferences", JSON),
    Column("referred_by", ForeignKey("customers.id")),
    Column("password", String(80)),
)
products = Table(
    "products",
    SHOP,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
)
orders = Table(
    "order",
    SHOP,
    Column("id", Integer, primary_key=True),
    Column("customer_id", ForeignKey("customers.id")),
    Column("select", Date, nullable=False),
    Column("total", Numeric(10, 2), nullable=False),
    Column("paid", Boolean, nullable=False),
)
lines = Table(
    "order_lines",
    SHOP,
    Column("order_id", ForeignKey("order.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("product_id", ForeignKey("products.id"), nullable=False),
    Column("gift_note", Text),
)
favourites = Table(
    "favourites",
    SHOP,
    Column("customer_id", ForeignKey("customers.id"), primary_key=True),
    Column("product_id", ForeignKey("products.id"), primary_key=True),
)
comments = Table(
    "comments",
    SHOP,
    Column("id", Integer, primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("parent_id", ForeignKey("comments.id")),
    Column("body", Text, nullable=False),
)
reviews = Table(
    "reviews",
    SHOP,
    Column("id", Integer, primary_key=True),
    Column("about_id", ForeignKey("customers.id")),
    Column("by_id", ForeignKey("customers.id")),
    Column("verdict", Text, nullable=False),
)
statements = Table(
    "statements",
    SHOP,
    Column("id", Integer, primary_key=True),
    Column("review_id", ForeignKey("reviews.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
)
flags = Table(
    "flags",
    SHOP,
    Column("customer_id", Integer, primary_key=True, autoincrement=False),
    Column("activity", String(40), primary_key=True),
    Column("flag", String(20), primary_key=True),
    Column("set_at", DateTime(timezone=True), nullable=False),
)
branches = Table("branches", SHOP, Column("id", Integer, primary_key=True), Column("city", String(40)))
subscribers = Table(
    "subscribers",
    LETTERS,
    Column("address", String(80), primary_key=True),
    Column("customer_number", String(20)),
    Column("active", Boolean, nullable=False),
    Column("stopped_at", DateTime(timezone=True)),
    Column("seen_ip", String(40)),
)
visits = Table(
    "visits",
    LETTERS,
    Column("id", Integer, primary_key=True),
    Column("ip", String(40), nullable=False),
    Column("at", DateTime, nullable=False),
)


def shop_map(folder: Path) -> DataMap:
    """Write the shop's manifests to ``folder`` and return the data map read from them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.yml").write_text(textwrap.dedent(SHOP_MAP), encoding="utf-8")
    (folder / "letters.yml").write_text(textwrap.dedent(LETTERS_MAP), encoding="utf-8")
    return load_data_map(folder)


def open_shop(folder: Path, shop_url: str | None = None) -> Sources:
    """Make and fill both databases (the shop's at ``shop_url``, else on SQLite) and return them opened."""
    data_map = shop_map(folder / "map")
    urls = {"shop": shop_url or f"sqlite:///{folder / 'shop.db'}", "letters": f"sqlite:///{folder / 'letters.db'}"}
    for key, metadata, fill in (("shop", SHOP, _fill_shop), ("letters", LETTERS, _fill_letters)):
        engine = create_engine(urls[key])
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                connection.exec_driver_sql("pragma journal_mode=wal")  # as the demo's: readers never wait for writers
        metadata.create_all(engine)
        fill(engine)
        engine.dispose()
    return Sources(data_map, {key: SourceUrls(url, url) for key, url in urls.items()})


def whole(sources: Sources) -> dict[str, dict[tuple[object, ...], Mapping[str, object]]]:
    """Return every row of every table, by ``source.table`` and primary key."""
    found: dict[str, dict[tuple[object, ...], Mapping[str, object]]] = {}
    for key, metadata in (("shop", SHOP), ("letters", LETTERS)):
        with sources[key].reader.connect() as connection:
            for table in metadata.sorted_tables:
                names = [column.name for column in table.primary_key]
                rows = connection.execute(select(table)).mappings()
                found[f"{key}.{table.name}"] = {tuple(row[name] for name in names): dict(row) for row in rows}
    return found


def _fill_shop(engine: Engine) -> None:
    preferences = {"sign_as": "Ada Byron", "mail": [ADA], "größe": 3}
    with engine.begin() as connection:
        connection.execute(
            insert(customers),
            [
                _customer(1, ADA, "Ada Byron", phone="+32 470 00 00 01", born=date(1990, 12, 10), photo=PHOTO)
                | {"preferences": preferences, "notes": "Asked about Mallory.", "password": "secret"},
                _customer(2, "adam@example.org", "Adam Byron", referred_by=1),
                _customer(3, "ada.b@example.org", "Ada Byron"),
            ],
        )
        connection.execute(insert(products), [{"id": 1, "name": "Pen"}, {"id": 2, "name": "Ink for Ada Byron"}])
        connection.execute(
            insert(orders),
            [
                _order(1, 1, date(2015, 5, 1)),
                _order(2, 1, date(2024, 5, 1)),
                _order(3, 2, date(2025, 5, 1)),
            ],
        )
        connection.execute(
            insert(lines),
            [
                {"order_id": 1, "number": 1, "product_id": 1, "gift_note": "From Byron, Ada to Eve"},
                {"order_id": 1, "number": 2, "product_id": 2, "gift_note": None},
                {"order_id": 2, "number": 1, "product_id": 1, "gift_note": "for ADA  BYRON, not Adanna"},
                {"order_id": 3, "number": 1, "product_id": 1, "gift_note": "for Ada Byron"},
            ],
        )
        connection.execute(
            insert(favourites), [{"customer_id": 1, "product_id": 1}, {"customer_id": 2, "product_id": 1}]
        )
        connection.execute(
            insert(comments),
            [
                {"id": 1, "customer_id": 1, "parent_id": None, "body": "=1+1"},
                {"id": 2, "customer_id": 1, "parent_id": 1, "body": "Second, by me"},
                {"id": 3, "customer_id": 3, "parent_id": None, "body": "Another Ada"},
            ],
        )
        connection.execute(
            insert(reviews),
            [
                {"id": 1, "about_id": 1, "by_id": 2, "verdict": "Ada Byron pays late"},
                {"id": 2, "about_id": 2, "by_id": 1, "verdict": "Adam is kind, says Ada Byron"},
                {"id": 3, "about_id": 3, "by_id": 2, "verdict": "The other Ada Byron"},
            ],
        )
        connection.execute(insert(branches), [{"id": 1, "city": "Leuven"}])


def _fill_letters(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(subscribers),
            [
                {"address": " ADA@Example.org", "customer_number": None, "active": True, "seen_ip": "192.0.2.1"},
                {"address": "home@example.org", "customer_number": "1", "active": False, "seen_ip": None},
                {"address": "adam@example.org", "customer_number": "2", "active": True, "seen_ip": "192.0.2.1"},
            ],
        )
        connection.execute(
            insert(visits),
            [
                {"id": 1, "ip": "192.0.2.1", "at": datetime(2026, 3, 1, 10)},
                {"id": 2, "ip": "192.0.2.1", "at": datetime(2026, 3, 2, 23, 30)},
                {"id": 3, "ip": "192.0.2.9", "at": datetime(2026, 3, 1, 10)},
            ],
        )


def _customer(number: int, email: str, name: str, **more: object) -> dict[str, object]:
    columns = dict.fromkeys(column.name for column in customers.columns)
    return {**columns, "id": number, "email": email, "name": name, **more}


def _order(number: int, customer: int, day: date) -> dict[str, object]:
    return {"id": number, "customer_id": customer, "select": day, "total": Decimal("12.50"), "paid": True}
