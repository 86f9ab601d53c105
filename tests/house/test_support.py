"""The tests' own tools do what they say: a tool that never complains would prove nothing."""

import smtplib
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.browser import axe_violations
from tests.support.critic import Critic, page_faults
from tests.support.live import Live, serve
from tests.support.postgres import free_port
from tests.support.smtp import Mode, SmtpServer

GOOD = (
    "<!doctype html><html lang=nl><head><title>Zo</title><link rel=icon href=data:,></head>"
    "<body><main><h1>Zo</h1><p id=said>%s</p></main></body></html>"
)
MESSAGE = "Subject: Hello\r\n\r\nhello"


@pytest.fixture
def tiny() -> Iterator[Live]:
    """Give an app of one page, served; the page is pale, and changes where script runs."""
    app = Flask(__name__)

    @app.get("/")
    def show() -> str:
        pale = "<span style='color:#ddd;background:#fff'>pale</span>"
        return GOOD % pale + "<script>document.getElementById('said').textContent = 'script ran'</script>"

    with serve(app, free_port()) as live:
        yield live


def test_a_postgresql_database_is_new_and_ours(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = "SELECT current_user, count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == ("portal", 0)


@pytest.mark.parametrize(
    ("mode", "fault"),
    [
        (Mode.TEMPORARY, smtplib.SMTPDataError),
        (Mode.REFUSE, smtplib.SMTPDataError),
        (Mode.DROP, smtplib.SMTPServerDisconnected),
    ],
)
def test_the_mail_server_takes_mail_and_refuses_when_told(
    smtp_server: SmtpServer, mode: Mode, fault: type[smtplib.SMTPException]
) -> None:
    with smtplib.SMTP(smtp_server.host, smtp_server.port, timeout=10) as line:
        line.sendmail("portal@medbook.example", ["ada@example.com"], MESSAGE)
    assert [(mail.recipients, mail.text.strip()) for mail in smtp_server.messages] == [(["ada@example.com"], "hello")]
    smtp_server.answer(mode)
    with pytest.raises(fault), smtplib.SMTP(smtp_server.host, smtp_server.port, timeout=10) as line:
        line.sendmail("portal@medbook.example", ["ada@example.com"], MESSAGE)
    assert (len(smtp_server.messages), smtp_server.tries) == (1, 2)


def test_script_is_off_where_it_should_be(tiny: Live, page_noscript: Page) -> None:
    page_noscript.goto(tiny.at("/"))
    assert page_noscript.inner_text("#said") == "pale"


def test_script_runs_where_it_should(tiny: Live, page_script: Page) -> None:
    page_script.goto(tiny.at("/"))
    assert page_script.inner_text("#said") == "script ran"


@pytest.mark.parametrize(("theme", "colours"), [("light", "#ddd, #222"), ("dark", "#222, #ddd")])
def test_axe_sees_a_pale_colour_in_either_theme_and_any_other_fault_once(
    tiny: Live, axe_page: Page, theme: str, colours: str
) -> None:
    style = f"color-scheme: light dark; background: #fff; color: light-dark({colours})"
    body = GOOD % f"<img src='x'><span style='{style}'>pale</span>"
    axe_page.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html"))
    axe_page.goto(tiny.at("/"))
    found = [line.split(":")[0] for line in axe_violations(axe_page)]
    assert sorted(found) == sorted(["light image-alt", f"{theme} color-contrast"])


def test_a_good_page_has_no_faults() -> None:
    assert page_faults(GOOD % "Zo") == []


@pytest.mark.parametrize(
    ("inside", "complaint"),
    [
        ("<b id=said>", "id 'said' stands 2 times"),
        ("<b style='color:red'>x</b>", "b has style="),
        ("<b onclick='x()'>x</b>", "b has onclick="),
        ("<script>x()</script>", "inline script"),
        ("<label for=nobody>x</label>", "for='nobody' points to nothing"),
        ("<img src=x>", "img 'x' without alt"),
        ("<form method=post action=/x></form>", "form '/x' without a token against forged requests"),
        ("<h1>x</h1>", "not exactly one h1"),
        ("<b><p></b>", "line 1: adoption-agency-1.2"),
    ],
)
def test_a_bad_page_has_its_fault_named(inside: str, complaint: str) -> None:
    assert complaint in page_faults(GOOD % inside)


def test_the_critic_rejects_a_page_without_a_policy() -> None:
    app = Flask(__name__)
    app.test_client_class = Critic
    app.add_url_rule("/", view_func=lambda: GOOD % "Zo", endpoint="show")
    with pytest.raises(AssertionError, match="CSP: default-src is None"):
        app.test_client().get("/")
