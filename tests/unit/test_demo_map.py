"""The data map of the made-up Medbook against the tables it describes, without any database."""

from datetime import date
from pathlib import Path

import pytest

from portal.demo.medbook import schema
from portal.demo.medbook.oracle import OWN
from portal.sources import DataMap, load_data_map

MANIFESTS = Path(__file__).parents[2] / "portal" / "sources" / "manifests"
CATALOGUES = {"medbook": schema.MEDBOOK, "medbook_support": schema.SUPPORT}
PEOPLE_COLUMNS = {"account_id", "about_account_id", "trainee_id", "mentor_id", "subject_id", "author_id"}
PEOPLE_COLUMNS |= {"supervisor_id", "actor_id", "sender_id", "contact_id"}


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return load_data_map(MANIFESTS)


def test_every_table_is_mapped_or_declared_not_personal(data_map: DataMap) -> None:
    for source, catalogue in CATALOGUES.items():
        mapped = {collection.name: collection for collection in data_map.of(source)}
        assert mapped.keys() | data_map.sources[source].not_personal == catalogue.tables.keys()
        for name, collection in mapped.items():
            table = catalogue.tables[name]
            assert [each.name for each in collection.fields] == [column.name for column in table.columns]
            assert set(collection.primary_key) == {column.name for column in table.primary_key}
    assert data_map.collections.keys() == OWN.keys()


def test_every_collection_and_field_has_a_title_in_four_languages(data_map: DataMap) -> None:
    for collection in data_map.collections.values():
        for titles in (collection.title, *(each.title for each in collection.fields)):
            assert all(titles.get(language) for language in ("nl", "fr", "de", "en")), collection.key


def test_every_link_to_an_account_is_an_edge_of_the_data_map(data_map: DataMap) -> None:
    known = {str(edge.target) for edge in data_map.edges}
    known |= {str(edge.origin) for edge in data_map.edges}
    for source, catalogue in CATALOGUES.items():
        for table in catalogue.sorted_tables:
            for column in table.columns:
                if column.name in PEOPLE_COLUMNS:
                    assert f"{source}.{table.name}.{column.name}" in known


def test_invoices_are_held_by_the_vat_code_until_ten_years_after_their_year(data_map: DataMap) -> None:
    held = {collection.name for collection in data_map.collections.values() if collection.hold}
    assert held == {"invoices", "invoice_lines"}
    hold = data_map.collections["medbook.invoices"].hold
    assert hold is not None
    assert hold.article == "art. 60, § 4"
    assert hold.duration.after(date(2020, 12, 31)) == date(2030, 12, 31)
    assert all(hold.law.get(language) for language in ("nl", "fr", "de", "en"))
