"""Three more databases that were not made for the portal: a library, a CRM and a rota, annotated for Fides."""

from dataclasses import replace
from pathlib import Path

import pytest

from portal.fulfilment.apply import apply
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import ErasePlan
from portal.sources.model import Erase
from tests.support.foreign import CRM, LENDING, ROTA
from tests.web.test_foreign_schemas import NOW, compare

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type")
"""SQLAlchemy says so of an address or a point; such a value is read as the database writes it."""


def test_a_rota_on_sqlite_gives_everybody_what_sql_finds(tmp_path: Path) -> None:
    compare(ROTA, tmp_path, f"sqlite:///{tmp_path / 'rota.db'}")


def test_a_crm_on_postgresql_gives_everybody_what_sql_finds(tmp_path: Path, postgres_url: str) -> None:
    compare(CRM, tmp_path, postgres_url)


def test_a_partition_is_no_table_that_stays_where_its_table_is_emptied(tmp_path: Path, postgres_url: str) -> None:
    sources = CRM.open(tmp_path, postgres_url)
    gone = {"crm.contact", "crm.activity"}
    collections = {
        key: replace(each, erase=Erase.DELETE) if key in gone else each
        for key, each in sources.data_map.collections.items()
    }
    sources.data_map = replace(sources.data_map, collections=collections)
    apply(sources, Subject(("moe@crm.example",)), ErasePlan(), NOW)
    apply(sources, Subject(("kim@crm.example",)), ErasePlan(), NOW)
    left = CRM.everything(sources)
    sources.close()
    assert sum(left["activity"].values()) == 1
    assert sum(left["contact"].values()) == 2


def test_a_library_on_mariadb_gives_everybody_what_sql_finds(tmp_path: Path, mariadb_url: str) -> None:
    compare(LENDING, tmp_path, mariadb_url)
