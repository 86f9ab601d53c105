"""From the button in the app to a granted request without a code and without a card, in a real browser, script off."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.demo.medbook import SHOWCASE
from portal.demo.medbook_app import Refused, hand_over
from tests.journeys.stage import Stage, member, text_of
from tests.journeys.walks import DeskWalk, PersonWalk
from tests.support.browser import open_page
from tests.support.portals import HANDOVER_SECRET

ADA = SHOWCASE[0]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Give a way to open pages without script, each in a browser of its own."""
    contexts = []

    def opened() -> Page:
        context, page = open_page(browser, script=False, width=390)
        contexts.append(context)
        return page

    yield opened
    for context in contexts:
        context.close()


def from_the_app(stage: Stage, page: Page, right: str) -> PersonWalk:
    """Give Ada, who pressed the button in the app, then the one of the portal, and chose ``right``."""
    page.goto(stage.live.at("/demo/"))
    page.locator("form[action$='/demo/app/0'] button").click()
    assert "/nl/h/" in page.url
    assert ADA.full_name not in page.locator("body").inner_text()
    page.locator("main form .btn.primary").click()
    assert page.url.removesuffix("#q").endswith("/right"), page.url
    page.check(f"input[value={right}]")
    page.locator("main form .btn.primary").last.click()
    return PersonWalk(stage, page, ADA, "nl")


def test_from_the_apps_button_to_the_download_without_a_code_and_without_a_card(
    stage: Stage, fresh_page: Callable[[], Page], tmp_path: Path
) -> None:
    ada = from_the_app(stage, fresh_page(), "access")
    ada.tick("about", "everything")
    ada.go_on()
    ada.go_on()
    assert ada.page.url.removesuffix("#q").endswith("/sign")
    assert stage.mails(ADA.email) == []
    reference = ada.sign_and_send()
    stage.work()
    els = DeskWalk(stage, fresh_page(), member("els"))
    els.sign_in()
    page = els.open(reference)
    assert "Aangemeld bij Medbook" in page
    assert ADA.email in page
    els.take()
    assert els.page.locator("form[action$='/identity'], form[action$='/card']").count() == 0
    els.decide("grant")
    ada.follow()
    package = ada.download(tmp_path / "package.zip")
    with zipfile.ZipFile(package) as archive:
        (account,) = json.loads(archive.read("data.json"))["collections"]["medbook.accounts"]
    assert account["email"] == ADA.email
    assert stage.breaches() == []


def test_with_another_address_the_card_is_asked_and_a_notice_goes_to_the_account(
    stage: Stage, fresh_page: Callable[[], Page], tmp_path: Path
) -> None:
    mallory = from_the_app(stage, fresh_page(), "access")
    mallory.tick("about", "everything")
    mallory.go_on()
    mallory.go_on()
    mallory.page.goto(mallory.page.url.replace("/sign", "/contact"))
    mallory.fill(contact__email="mallory@example.net", contact__known_email=ADA.email)
    mallory.go_on()
    mallory.fill(code=stage.code("mallory@example.net"))
    mallory.go_on()
    assert mallory.page.url.removesuffix("#q").endswith("/identity")
    mallory.show_card(tmp_path)
    reference = mallory.sign_and_send()
    stage.work()
    assert [mail for mail in stage.mails(ADA.email) if "/stop/" in text_of(mail)]
    els = DeskWalk(stage, fresh_page(), member("els"))
    els.sign_in()
    assert "Aangemeld bij Medbook" not in els.open(reference)
    assert stage.breaches() == []


def test_the_test_client_prints_a_link_that_opens(stage: Stage, fresh_page: Callable[[], Page], tmp_path: Path) -> None:
    secret = tmp_path / "shared"
    secret.write_text(f"{HANDOVER_SECRET}\n", encoding="utf-8")
    who = ["--name", ADA.full_name, "--email", ADA.email, "--account", "1", "--language", "fr"]
    command = [
        sys.executable,
        "-m",
        "portal.demo.medbook_app",
        "--portal",
        stage.live.url,
        "--secret-file",
        str(secret),
        *who,
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    page = fresh_page()
    page.goto(done.stdout.strip())
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.locator("main form button").count() == 1
    secret.write_text("x" * 40, encoding="utf-8")
    failed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert failed.returncode == 1
    assert "401" in failed.stderr
    assert ADA.email not in failed.stderr


def test_the_client_says_what_the_portal_said(stage: Stage) -> None:
    with pytest.raises(Refused, match=r"422 .*language"):
        hand_over(stage.live.url, HANDOVER_SECRET, language="it", name="Ada", email=ADA.email, account="1")
