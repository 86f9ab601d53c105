"""On paper a page holds what matters: no controls, links written out, reference and date at the foot of every sheet."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from portal.cases.models import Case
from tests.journeys.gallery import Gallery, database_of
from tests.journeys.sights import SIGHTS
from tests.journeys.test_pages import show

A4 = (595, 842)  # points
PRINTED = {sight.name: sight for sight in SIGHTS if sight.name in {"turn check", "receipt", "status erased"}}
CONTROLS = ("Wijzig", "Verstuur mijn", "Volg mijn aanvraag", "Verlaat deze pagina", "Terug", "Een aanvraag volgen")


@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_page_has_its_foot_on_every_sheet_and_no_controls(gallery: Gallery, name: str) -> None:
    show(gallery, PRINTED[name], "nl", 1280)
    sheets = PdfReader(BytesIO(gallery.page.pdf(prefer_css_page_size=True))).pages
    texts = [" ".join(sheet.extract_text().split()) for sheet in sheets]
    assert all((round(sheet.mediabox.width), round(sheet.mediabox.height)) == A4 for sheet in sheets)
    foot = "Nog niet verstuurd" if name == "turn check" else reference(gallery, name)
    assert [place for place, text in enumerate(texts) if f"Medbook · {foot}" not in text] == []
    assert [word for word in CONTROLS if word in " ".join(texts)] == []
    assert "(https://www.gegevensbeschermingsautoriteit.be)" in " ".join(texts) or name != "status erased"


def reference(gallery: Gallery, name: str) -> str:
    """Return the reference of the case that the page is about."""
    with database_of(gallery.live.app).reader() as session:
        place = gallery.world.finished_case if name == "receipt" else gallery.places["erased"]
        return session.get_one(Case, place).reference
