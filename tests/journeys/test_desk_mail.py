"""By keyboard alone: a saved mail is taken in, receipted, read, asked about, settled by somebody else, and answered."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from portal.accounts.models import Role
from portal.app import make_worker
from portal.cases.arrivals import Arrival, Basis
from portal.cases.deadlines import deadline
from portal.cases.lifecycle import Identity, Outcome, Status
from portal.cases.models import Case, Channel, Decision
from portal.clock import local, now
from portal.config import Smtp, SourceUrls
from portal.demo.medbook import build
from tests.journeys.keyboards import Keyboard, database_of, desk_served, seated
from tests.journeys.stage import SOURCES
from tests.support.live import Live
from tests.support.mails import OURS, mail
from tests.support.smtp import Received, SmtpServer
from tests.support.visitors import signed_in

ADA = "ada@example.com"
FOLDED = "details:has(form[action$='/{}']) > summary"
BUTTON = "form[action$='/{}'] .btn"


@pytest.fixture
def live(tmp_path: Path, migrated: Path, smtp_server: SmtpServer) -> Iterator[Live]:
    """Give an empty portal beside a small Medbook, that knows its own mail server and mails by a real one."""
    urls = {key: f"sqlite:///{tmp_path / key}.db" for key in SOURCES}
    build(*urls.values(), now(), people=40)
    with desk_served(
        tmp_path / "portal",
        migrated,
        smtp=Smtp(smtp_server.host, smtp_server.port, "", "", "none"),
        mail_hosts=frozenset({OURS}),
        source_urls={key: SourceUrls(url, url) for key, url in urls.items()},
    ) as opened:
        for role in (Role.REVIEWER, Role.MANAGER):
            signed_in(opened.app, role)
        yield opened


def work(live: Live) -> None:
    """Run every job that is due: searches, and mails that leave."""
    with live.app.app_context():
        make_worker(live.app).run_until_idle()


def the_case(live: Live) -> Case:
    with database_of(live).reader() as session:
        return session.scalars(select(Case)).one()


def letters(server: SmtpServer) -> list[Received]:
    """Return what the mail server took for Ada, oldest first."""
    return [each for each in server.messages if ADA in each.recipients]


def hand_in(keyboard: Keyboard, name: str, content: bytes) -> None:
    """Go from the queue to the form for a saved mail, and send the file; the window that picks it is the system's."""
    keyboard.tab_to("a[href$='/desk/mail']")
    keyboard.press_on("Enter")
    keyboard.tab_to("#mail")
    file = {"name": name, "mimeType": "message/rfc822", "buffer": content}
    keyboard.page.set_input_files("#mail:focus", file)  # type: ignore[arg-type] # a payload of playwright
    keyboard.tab_to("form[action$='/desk/mail'] .btn.primary")
    keyboard.press_on("Enter")


def test_a_saved_mail_becomes_an_answered_request(live: Live, browser: Browser, smtp_server: SmtpServer) -> None:
    came = now() - timedelta(days=3)
    letter = bytes(mail(received=format_datetime(came), Date=format_datetime(came - timedelta(days=1))))
    with seated(live, browser, Role.REVIEWER) as rex:
        hand_in(rex, "mijn-gegevens.eml", letter)
        work(live)
        case = the_case(live)
        assert (case.channel, case.received_on) == (Channel.MAIL, local(came).date())
        assert case.due_on == deadline(local(came).date())
        with database_of(live).reader() as session:
            assert session.get_one(Arrival, case.id).basis is Basis.SERVER
        (receipt,) = letters(smtp_server)
        assert case.reference in receipt.text

        rex.page.reload()
        rex.ready()
        rex.press_on("a")
        guessed = "[...document.querySelectorAll('#came #right, #came #language')].map((each) => each.value)"
        assert rex.page.evaluate(guessed) == ["access", "nl"]
        rex.tab_to(BUTTON.format("asked"))
        rex.press_on("Enter")
        work(live)

        rex.page.reload()
        rex.ready()
        rex.tab_to(FOLDED.format("missing"))
        rex.press("Enter")
        rex.tab_to(BUTTON.format("missing"))
        rex.press_on("Enter")
        assert the_case(live).status is Status.WAITING
        work(live)
        told = letters(smtp_server)
        assert len(told) == 3, "a receipt, one that says what is asked, and a question"
        assert "kaart" not in told[-1].text, "what is asked stands on the person's page alone"

        rex.page.goto(live.at("/desk/"))
        rex.ready()
        reply = mail(
            "Ik toon mijn kaart aan uw balie.", subject=f"Re: {case.reference}", Message_ID="<two@example.com>"
        )
        hand_in(rex, "antwoord.eml", bytes(reply))
        assert "balie" in rex.page.locator(".turns").inner_text()
    with seated(live, browser, Role.MANAGER, f"/desk/cases/{case.id}") as max_:
        max_.press_on("a")
        max_.press("i", "y")
        max_.write("#other_proof", "Card seen at the counter.")
        max_.tab_to("form[action$='/identity'] .btn.primary")
        max_.press_on("Enter")
        assert the_case(live).identity is Identity.CONFIRMED
        max_.press("4")
        max_.press_on("p")
        max_.press_on("Control+Enter")
    after = the_case(live)
    with database_of(live).reader() as session:
        decided = session.scalars(select(Decision).where(Decision.case_id == case.id)).one()
    assert (after.status, decided.outcome) == (Status.ANSWERED, Outcome.NO_DATA)
    work(live)
    assert len(letters(smtp_server)) == 4
