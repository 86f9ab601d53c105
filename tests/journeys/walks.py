"""How a person walks through the conversation, and staff through the desk: by the names of inputs, in any language."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from portal.demo.medbook import Person
from portal.demo.specimen import draw_specimen
from portal.demo.staff import DemoSignIn
from tests.journeys.stage import Stage


@dataclass(frozen=True, slots=True)
class PersonWalk:
    """A person with a browser."""

    stage: Stage
    page: Page
    person: Person
    language: str

    def begin(self, right: str) -> None:
        """Open the first page and choose a right by its button."""
        self.page.goto(self.stage.live.at(f"/{self.language}/"))
        assert self.page.locator("html").get_attribute("lang") == self.language
        self.page.check(f"input[value={right}]")
        self.page.locator("button[name=choose], main form button").last.click()

    def tick(self, name: str, *values: str) -> None:
        """Choose options of the open question."""
        for value in values:
            self.page.check(f"input[name='{name}'][value='{value}']")

    def fill(self, **answers: str) -> None:
        """Fill in fields of the open question; ``__`` stands for ``-``."""
        for name, value in answers.items():
            field = self.page.locator(f"[name='{name.replace('__', '-')}']")
            if field.first.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def go_on(self) -> None:
        """Press the main button of the open question."""
        before = self.page.url
        self.page.locator("main form .btn.primary").last.click()
        self.page.wait_for_url(lambda url: url != before)

    def tell_who(self, residence: str = "be", **more: str) -> None:
        """Give name and address, and type the mailed code."""
        self.fill(contact__name=self.person.full_name, contact__email=self.person.email, contact__residence=residence)
        self.fill(**more)
        self.go_on()
        self.fill(code=self.stage.code(self.person.email))
        self.go_on()

    def upload_card(self, folder: Path) -> None:
        """Upload the front of a card."""
        card = folder / "card.jpg"
        card.write_bytes(draw_specimen(self.person.full_name, self.person.language))
        self.page.set_input_files("input[type=file]", card)
        self.go_on()

    def show_card(self, folder: Path) -> None:
        """Upload the front of a card, cover photo and number, use the picture."""
        self.upload_card(folder)
        self.tick("preset", "photo-left", "number-low")
        self.go_on()

    def sign(self) -> None:
        """Sign by name, and look at the check page."""
        self.fill(signature=self.person.full_name)
        self.go_on()
        assert self.person.full_name in self.page.locator("main").inner_text()

    def sign_and_send(self) -> str:
        """Sign, look at the check page, send; return the reference."""
        self.sign()
        self.go_on()
        return self.page.locator("main .ref").inner_text()

    def follow(self, number: int = 1) -> str:
        """Open the page of the request, of several the one at ``number`` from 1, and return what it says."""
        self.stage.work()
        self.page.locator("main a[href*='/s/']").nth(number - 1).click()
        return self.page.locator("main").inner_text()

    def download(self, to: Path) -> Path:
        """From the page of the request: ask a code, type it, download the package."""
        self.page.locator("main a[href$='/download']").first.click()
        self.page.locator("form[action$='/download/code'] button").click()
        self.fill(code=self.stage.code(self.person.email))
        self.page.locator("main form .btn.primary").last.click()
        with self.page.expect_download() as coming:
            self.page.locator("a[href$='.zip']").click()
        coming.value.save_as(to)
        return to


@dataclass(frozen=True, slots=True)
class DeskWalk:
    """A member of staff with a browser."""

    stage: Stage
    page: Page
    member: DemoSignIn

    def sign_in(self) -> None:
        """Sign in with password and app code."""
        self.page.goto(self.stage.live.at("/desk/"))
        self.page.fill("[name=email]", self.member.login)
        self.page.fill("[name=password]", self.member.password)
        self.page.fill("[name=code]", self.stage.app_code(self.member))
        self.page.locator("main form button").last.click()
        assert self.page.locator("table").count() == 1, self.page.locator("main").inner_text()

    def open(self, reference: str) -> str:
        """Open the case from the queue and return what its page says."""
        self.page.goto(self.stage.live.at("/desk/?view=all"))
        self.page.locator("main table a", has_text=reference).click()
        return self.page.locator("main").inner_text()

    def take(self) -> None:
        """Take the case."""
        self.press("take")

    def look_at_card(self) -> bytes:
        """Show the card and return the picture as the desk gets it."""
        with self.page.expect_response(lambda answer: "/card/" in answer.url) as shown:
            self.press("card")
        assert shown.value.status == 200  # each look gives one picture, and the page itself fetched it
        return shown.value.body()

    def confirm_identity(self) -> None:
        """Answer every check with yes and confirm."""
        for name in self.page.locator("input[name^=check-][value=yes]").all():
            name.check()
        self.page.check("input[name=verdict][value=confirmed]")
        self.press("identity")

    def decide(self, outcome: str, **fields: str) -> str:
        """Write a decision, look at the letter, send it or propose it; return the letter."""
        self.page.check(f"input[name=outcome][value={outcome}]")
        for name, value in fields.items():
            field = self.page.locator(f"[name='{name.replace('__', '-')}']")
            if field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        self.press("letter")
        letter = self.page.locator("main").inner_text()
        self.page.locator("form[action$='/decision'] .btn.primary").click()
        return letter

    def confirm_decision(self) -> None:
        """As the second person: open the proposal and confirm it."""
        self.page.locator("a[href$='/second']").click()
        self.page.locator("form[action$='/second/confirm'] button").click()

    def press(self, action: str) -> None:
        """Press the button of the form that posts to ``action``."""
        self.page.locator(f"form[action$='/{action}'] button:not(.quiet)").last.click()
