"""The signed request as PDF: what it says and holds, that every kind of reader can read it, that it loads nothing."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.record import AuditEntry
from portal.cases.models import Case, Paper
from portal.cases.moves import submit
from portal.cases.signing import Signature, sign
from portal.cases.strokes import Strokes
from portal.clock import now
from portal.config import LANGUAGES
from portal.db import Database
from portal.jobs.outbox import Job
from portal.rights import RIGHTS
from portal.ui.pdf import Attached, NothingElse, lacks, render
from tests.support.factories import ADA, BEN, POLICY, begin_draft, filing, submit_case
from tests.support.papers import added_to, canonical_of, make_papers, opened, paper_of, ua_faults

ROOT = Path(__file__).parents[2]
LONG = "This took place on the ward, at night, and I was alone with it. " * 90
NASTY = (
    '</p><img src="file:///etc/hostname"><link rel=attachment href="file:///etc/passwd">'
    '<style>@import "http://127.0.0.1:9/x"; p { background: url(file:///etc/passwd) }</style>'
    "{{ 7 * 7 }} {% raw %} http://127.0.0.1:9/ javascript:alert(1) <script>1</script>"
)


def filed(app: Flask, database: Database, right: str = "access", language: str = "en", **more: object) -> Case:
    with database.writing() as session:
        case = submit_case(session, right, language=language, **more)  # type: ignore[arg-type] # as factories says
    make_papers(app)
    return case


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("right", RIGHTS)
def test_every_right_in_every_language_gives_a_pdf_that_a_screen_reader_can_read(
    app: Flask, database: Database, right: str, language: str
) -> None:
    case = filed(app, database, right, language)
    pdf = paper_of(database, case)
    paper = opened(pdf)
    assert ua_faults(pdf) == []
    assert paper.cells() > 4
    assert paper.loose_cells() == 0
    root = paper.reader.trailer["/Root"]
    assert str(root["/Lang"]) == language
    assert case.reference in str((paper.reader.metadata or {})["/Title"])
    for part in (case.reference, ADA["name"], ADA["email"], "2021-05-14", "Imengine bv"):
        assert part in paper.text
    assert case.signed_hash in paper.text.replace(" ", "")
    assert paper.attached() == canonical_of(database, case)
    assert paper.links() == {f"http://localhost/{language}/verify"}


def test_its_properties_name_request_and_hash(app: Flask, database: Database) -> None:
    case = filed(app, database)
    said = opened(paper_of(database, case)).reader.metadata or {}
    assert (said["/reference"], said["/sha256"]) == (case.reference, case.signed_hash)
    assert case.signed_hash in said["/Keywords"]


def test_it_is_made_once_and_goes_on_record(app: Flask, database: Database) -> None:
    case = filed(app, database)
    with database.writing() as session:
        again = session.scalars(select(Job).where(Job.kind == "case.paper")).one()
        again.done_at = None
    make_papers(app)
    with database.reader() as session:
        row = session.scalars(select(Paper)).one()
        assert (row.number, row.language, row.signed_hash) == (1, "en", case.signed_hash)
        kinds = session.scalars(select(AuditEntry.kind).where(AuditEntry.case_id == case.id)).all()
    assert kinds.count("paper:made") == 1


def test_what_was_added_stands_on_a_sheet_of_its_own_and_inside(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session, "object", language="de", answers={"about": ["usage"], "circumstances": LONG})
        added_to(session, case, LONG)
        added_to(session, case, "Noch etwas.")
    make_papers(app)
    first, pdf = opened(paper_of(database, case)), paper_of(database, case, 3)
    paper = opened(pdf)
    assert ua_faults(pdf) == []
    assert [str(name) for name in first.reader.attachments] == ["canonical.json"]
    assert len(paper.reader.pages) >= len(first.reader.pages) + 2
    assert paper.text.count("alone") == 180
    assert paper.said(1)["amends"] == case.signed_hash
    assert paper.said(2)["text"] == "Noch etwas."
    assert paper.attached() == first.attached()


def test_a_drawn_signature_is_shown_described_and_inside(app: Flask, database: Database) -> None:
    long = Strokes((tuple((x, 40 + 250 * (x // 50 % 2)) for x in range(100, 951, 50)),))  # more ink than chance makes
    short = Strokes((((190, 90), (200, 60), (230, 90)),))
    with database.writing() as session:
        case, other = (drawn_case(session, strokes) for strokes in (long, short))
    make_papers(app)
    pdf = paper_of(database, case)
    assert ua_faults(pdf) == []
    assert opened(pdf).figures() == [f"Signature dessinée de {ADA['name']}"]
    assert opened(pdf).said()["signature"] == Signature(ADA["name"], long).pack()
    assert ink(pdf) > ink(paper_of(database, other)) + 200
    assert opened(paper_of(database, filed(app, database))).figures() == []


def drawn_case(session: Session, strokes: Strokes) -> Case:
    plain = filing(language="fr")
    drawn = sign("access", plain.answers, dict(ADA), Signature(ADA["name"], strokes), now(), POLICY)
    return submit(session, begin_draft(session), [replace(plain, signed=drawn)])[0]


def ink(pdf: bytes) -> int:
    """Return how many dark points the first page has."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        points = sum(page.render(scale=1).to_pil().convert("L").histogram()[:128])
        page.close()
    return int(points)


def test_it_is_in_the_language_of_its_case_and_in_the_words_of_the_person(app: Flask, database: Database) -> None:
    case = filed(app, database, "rectify", "fr", who=BEN)
    text = opened(paper_of(database, case)).text
    for part in ("Ce qui est demandé", "Pays-Bas", "Bruxelles", "Peeters", "Ben Ouali"):
        assert part in text
    for english in ("What is asked", "Answer by", "Signature of", "Brussels"):
        assert english not in text


# -- it loads nothing


def test_what_a_person_wrote_is_text_and_nothing_else(app: Flask, database: Database) -> None:
    answers = {"about": ["usage"], "circumstances": NASTY}
    case = filed(app, database, "object", answers=answers, who=ADA | {"name": f"Ada {NASTY[:60]}"})
    pdf = paper_of(database, case)
    paper = opened(pdf)
    assert "{{ 7 * 7 }}" in paper.text
    assert "<script>1</script>" in paper.text
    assert [str(name) for name in paper.reader.attachments] == ["canonical.json"]
    assert paper.links() == {"http://localhost/en/verify"}
    assert not any(page.images for page in paper.reader.pages)
    assert ua_faults(pdf) == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/x",
        "https://example.com/x",
        "ftp://127.0.0.1/x",
        "data:text/plain,x",
        "paper:../../etc/passwd",
        "paper:other.svg",
        "PAPER:here.svg",
        "relative.svg",
    ],
)
def test_the_renderer_is_given_what_it_was_handed_and_nothing_else(address: str) -> None:
    fetcher = NothingElse({"here.svg": b"<svg/>"})
    assert fetcher.fetch("paper:here.svg").read() == b"<svg/>"
    with pytest.raises(ValueError, match="nothing else"):
        fetcher(address)


def test_a_page_that_asks_for_a_file_gets_none(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>CANARY</text></svg>')
    wanted = f'<img src="{secret.as_uri()}" alt="x"><link rel="attachment" href="{secret.as_uri()}">'
    page = f'<!doctype html><html lang="en"><head><title>x</title>{wanted}</head><body>{wanted}</body></html>'
    found = opened(render(page, {}, [Attached("canonical.json", "{}", "x")]))
    assert [str(name) for name in found.reader.attachments] == ["canonical.json"]
    assert "CANARY" not in found.text


def test_it_shows_its_text_on_a_machine_without_any_font(tmp_path: Path) -> None:
    config, made = tmp_path / "fonts.conf", tmp_path / "made.pdf"
    config.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    script = (
        "import sys; from pathlib import Path; from portal.ui.pdf import render; page = '<!doctype html>"
        '<html lang="fr"><head><title>x</title></head><body><h1>Demande signée</h1>'
        "<p>Żółć, Søren, 7,50 €</p></body></html>'; Path(sys.argv[1]).write_bytes(render(page, {}, []))"
    )
    program = [sys.executable, "-c", script, str(made)]
    environment = {**os.environ, "FONTCONFIG_FILE": str(config), "HOME": str(tmp_path)}
    subprocess.run(program, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert "Demande signée Żółć, Søren, 7,50 €" in opened(made.read_bytes()).text
    assert ink(made.read_bytes()) > 300


def test_letters_that_our_face_lacks_are_admitted(app: Flask, database: Database) -> None:
    assert not lacks("Żółć d’Été – “ça” € ñ ß")
    assert lacks("李")
    case = filed(app, database, who=ADA | {"name": "李 Ελένη"})
    pdf = paper_of(database, case)
    assert ua_faults(pdf) == []
    assert "Some letters may not show" in opened(pdf).text
    assert "李 Ελένη" in opened(pdf).text, "read out even where no face can draw it"
    assert "李 Ελένη" in opened(pdf).attached()
    assert "Some letters" not in opened(paper_of(database, filed(app, database))).text


def test_the_web_process_never_loads_the_renderer(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.support.portals import make_settings, portal\n"
        "with portal(make_settings(Path(sys.argv[1]))) as app:\n"
        "    print('weasyprint' in sys.modules)"
    )
    program = [sys.executable, "-c", script, str(tmp_path)]
    asked = subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True)
    assert asked.stdout.strip() == "False"


def test_it_looks_like_paper(app: Flask, database: Database) -> None:
    """Every page has room at its edges, and says at its foot what it belongs to."""
    with database.writing() as session:
        case = submit_case(session, "object", answers={"about": ["usage"], "circumstances": LONG})
        added_to(session, case, "A" * 400)
    make_papers(app)
    pdf = paper_of(database, case, 2)
    assert all(case.reference in page for page in opened(pdf).pages)
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            picture = page.render(scale=1).to_pil().convert("L").point(lambda ink: 255 if ink < 200 else 0)
            left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
            page.close()
            assert min(left, top, picture.width - right, picture.height - bottom) > 25
