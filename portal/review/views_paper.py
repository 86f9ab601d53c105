"""The signed request and the letter as PDF, for the desk. A POST, because each download goes on record."""

from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.cases.letter_papers import letter_name, note_letter_fetched, read_letter, the_letter_of
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


@blueprint.post("/cases/<case_id>/letter.pdf")
@gates.staff(*DESK)
def letter_paper(case_id: str) -> ResponseReturnValue:
    """Give the letter of a case, as the person has it, to who may read it."""
    found = load(db.reader(), case_id)
    wanted = the_letter_of(db.reader(), found)
    content = read_letter(db.reader(), wanted)
    note_letter_fetched(db.session(), wanted, gates.staff_actor())
    db.session().commit()
    return as_pdf(content, letter_name(found))
