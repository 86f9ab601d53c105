"""The signed request as PDF, for the desk. A POST, because each download goes on record."""

from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.cases.papers import file_name, note_fetched, paper_at, read_paper
from portal.review.desk import DESK, blueprint
from portal.review.views_case import load
from portal.ui.headers import as_pdf


@blueprint.post("/cases/<case_id>/request/<int:number>")
@gates.staff(*DESK)
def paper(case_id: str, number: int) -> ResponseReturnValue:
    """Give one PDF of a case to who may read it."""
    found = load(db.reader(), case_id)
    wanted = paper_at(db.reader(), found, number)
    content = read_paper(db.reader(), wanted)
    note_fetched(db.session(), wanted, gates.staff_actor())
    db.session().commit()
    return as_pdf(content, file_name(found, wanted))
