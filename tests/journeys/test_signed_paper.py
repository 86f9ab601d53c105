"""From the signature to the PDF in one's own hands, what is added to it, and the public check of both, in a browser."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.demo.medbook import demo_people
from tests.journeys.stage import Stage
from tests.journeys.walks import PersonWalk
from tests.support.browser import open_page
from tests.support.papers import opened, ua_faults

ADDED = "Ich meine auch die Umfrage vom Mai."


@pytest.mark.parametrize("script", [False, True])
def test_a_person_takes_the_signed_request_along_adds_to_it_and_anybody_checks_it(
    stage: Stage, browser: Browser, tmp_path: Path, script: bool
) -> None:
    context, page = open_page(browser, script=script, language="de", width=390)
    stranger = replace(demo_people().shown["withdraw"], email="somebody.else@example.org")  # so it waits for the desk
    walk = PersonWalk(stage, page, stranger, "de")
    reference = sign(walk)
    assert "Wir erstellen ein PDF" in page.locator("main").inner_text()
    stage.work()
    page.reload()
    first = download(page, tmp_path / "first.pdf")
    assert reference in opened(first).text

    walk.follow()
    page.locator("main a[href$='/amend']").click()
    walk.fill(text=ADDED, signature=walk.person.full_name)
    walk.go_on()
    assert ADDED in page.locator("main").inner_text()
    stage.work()
    page.reload()
    second = download(page, tmp_path / "second.pdf")
    assert ADDED in opened(second).text
    assert ua_faults(second) == []
    assert stage.breaches() == []
    context.close()

    context, page = open_page(browser, script=script, language="de", width=390)
    for copy in (first, second):
        assert check(stage, page, copy) == 2, page.locator("main").inner_text()
    assert check(stage, page, first + b"\n") == 1
    context.close()


def sign(walk: PersonWalk) -> str:
    """Take back a permission, which asks for no card; return the reference."""
    walk.begin("withdraw")
    walk.tick("about", "everything")
    walk.go_on()
    walk.tell_who("be")
    return walk.sign_and_send()


def download(page: Page, to: Path) -> bytes:
    """Press the first button that gives a PDF."""
    with page.expect_download() as coming:
        page.locator("form[action*='/request/'] button").first.click()
    coming.value.save_as(to)
    return to.read_bytes()


def check(stage: Stage, page: Page, copy: bytes) -> int:
    """Bring ``copy`` to the public page, as somebody who is not signed in; return how many of two things are well."""
    page.goto(stage.live.at("/de/verify"))
    page.set_input_files("[name=paper]", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": copy})
    page.locator("main form button").first.click()
    page.locator("#found").wait_for()
    return page.locator("main .notice.ok").count()
