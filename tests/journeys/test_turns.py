"""With script a turn is shown in place, at its own address; it is read once, and nothing is lost or doubled."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.demo.medbook import demo_people
from tests.journeys.stage import Stage
from tests.journeys.walks import PersonWalk
from tests.support.browser import open_page, turns_in_place
from tests.support.live import Live, serve
from tests.support.portals import make_settings, portal
from tests.support.postgres import free_port
from tests.support.visitors import visitor
from tests.support.world import another_draft

MARK = "window.untouched = true"
MARKED = "window.untouched === true"
WATCH = """() => {
    window.heard = [];
    const regions = '[aria-live], [role=log], [role=status], [role=alert]';
    const speaks = (region) => region.checkVisibility() && region.textContent.trim() !== "";
    const read = (changes) => changes.forEach((change) => change.addedNodes.forEach((node) => {
        const live = node.parentElement?.closest(regions);
        const inside = [...(node.querySelectorAll?.(regions) ?? [])].some(speaks);
        if (live ? speaks(live) : inside) window.heard.push(node.textContent.trim());
    }));
    new MutationObserver(read).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
"""Collects what a screen reader is told of its own accord: a region that arrives empty, or hidden, says nothing."""
FOCUSED = "document.activeElement.id || document.activeElement.className"


@dataclass(frozen=True, slots=True)
class Talk:
    """A person in a conversation that is finished but not sent, in Dutch, with script."""

    live: Live
    page: Page
    draft: str

    def open(self, step: str) -> None:
        """Load a turn whole, and wait until its script stands ready."""
        self.page.goto(self.live.at(f"/nl/c/{self.draft}/{step}"))
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate(MARK)
        self.page.evaluate(WATCH)

    def go_on(self) -> None:
        """Press the main button."""
        self.page.locator("main form .btn.primary").last.click()

    def arrives(self, step: str) -> None:
        """Fail unless the turn ``step`` is shown, at its address, without a reload."""
        self.page.wait_for_url(f"**/c/{self.draft}/{step}")
        expect(self.page.locator("main .ask, main .stub").first).to_be_visible()
        assert self.page.evaluate(MARKED)

    def place(self) -> str:
        """Return where the person is, in words."""
        found = self.page.title().partition("(")[2].partition(")")[0]
        return f"{found.capitalize()}."

    def heard(self) -> list[str]:
        """Return what a screen reader was told of its own accord."""
        found: list[str] = self.page.evaluate("window.heard")
        return found


@pytest.fixture(scope="module")
def served(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Give the one portal of this module, as people get it: with its content security policy."""
    port = free_port()
    folder = tmp_path_factory.mktemp("turns")
    settings = make_settings(folder, base_url=f"http://127.0.0.1:{port}", demo=True, smtp=None)
    with portal(settings, migrated) as app, serve(app, port) as live:
        yield live


@pytest.fixture
def talk(served: Live, browser: Browser) -> Iterator[Talk]:
    """Give a person before a conversation of their own; nothing on the page may fail unseen."""
    draft, mailbox = another_draft(served.app)
    context, page = open_page(browser, script=True)
    cookie = visitor(served.app, {CONVERSATION: draft, MAILBOX: mailbox}).get_cookie("portal", domain="127.0.0.1")
    assert cookie is not None
    context.add_cookies([{"name": "portal", "value": cookie.value, "url": served.url}])
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(served.at("/nl/"))
    yield Talk(served, page, draft)
    context.close()
    assert faults == []


def test_a_turn_goes_on_in_place_and_has_its_own_address_title_and_languages(talk: Talk) -> None:
    talk.open("about")
    title = talk.page.title()
    talk.go_on()
    talk.arrives("check")
    assert talk.page.title() != title
    assert talk.page.locator(".languages a[lang=fr]").get_attribute("href") == f"/fr/c/{talk.draft}/check"
    talk.page.reload()
    expect(talk.page.locator("#q")).to_have_text("Kijk na en verstuur")


def test_back_and_forward_show_the_turns_again(talk: Talk) -> None:
    talk.open("about")
    question = talk.page.locator("#q").inner_text()
    talk.go_on()
    talk.arrives("check")
    talk.page.go_back()
    talk.arrives("about")
    expect(talk.page.locator("#q")).to_have_text(question)
    talk.page.go_forward()
    talk.arrives("check")
    expect(talk.page.locator("#q")).to_have_text("Kijk na en verstuur")
    assert talk.page.evaluate(FOCUSED) == "q"


def test_the_first_page_leads_into_the_conversation_in_place(talk: Talk) -> None:
    page = talk.page
    page.context.clear_cookies()
    page.reload()
    page.evaluate(MARK)
    page.check("input[value=erase]")
    turns_in_place(page)
    page.evaluate(WATCH)
    page.locator("main form button").last.click()
    page.wait_for_url("**/about")
    expect(page.locator("#q")).to_be_focused()
    assert page.evaluate(MARKED)
    assert talk.heard() == [f"Bewaard: Gegevens laten wissen. {talk.place()}"]
    assert talk.place().startswith("Stap 2 van ")


def test_a_turn_is_announced_once_and_the_question_has_the_focus(talk: Talk) -> None:
    talk.open("about")
    talk.go_on()
    talk.arrives("check")
    expect(talk.page.locator("#q")).to_be_focused()
    assert talk.heard() == [f"Bewaard: Alles wat u over mij hebt. {talk.place()}"]


def test_what_the_portal_has_to_say_is_told_with_the_turn(talk: Talk) -> None:
    talk.open("about")
    talk.page.check("input[value=unsure]")
    talk.go_on()
    talk.arrives("sign")
    assert len(talk.heard()) == 1
    told = " ".join(talk.page.locator("[data-told]").all_inner_texts())
    assert told
    assert told in talk.heard()[0]


def test_a_link_back_tells_only_the_place(talk: Talk) -> None:
    talk.open("sign")
    talk.page.locator(".back a").click()
    talk.arrives("identity")
    assert talk.heard() == [talk.place()]


def test_errors_are_read_by_the_focus_and_not_announced(talk: Talk) -> None:
    talk.open("contact")
    talk.page.fill("[name=contact-name]", "")
    talk.go_on()
    expect(talk.page.locator(".errors")).to_be_focused()
    talk.arrives("contact")
    assert talk.page.title().startswith("Fout:")
    assert talk.heard() == []
    talk.page.fill("[name=contact-name]", "Ada van de Velde")
    talk.go_on()
    talk.arrives("sign")


def test_after_a_change_the_focus_is_on_the_changed_row(talk: Talk) -> None:
    talk.open("check")
    talk.page.locator(".answers [data-step=about] a").click()
    talk.arrives("about")
    talk.go_on()
    talk.arrives("check")
    expect(talk.page.locator(".answers [data-step=about]")).to_be_focused()


def test_an_impatient_finger_sends_once(talk: Talk) -> None:
    talk.open("about")
    sent: list[Request] = []
    talk.page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    talk.page.locator("main form .btn.primary").last.dblclick()
    talk.arrives("check")
    assert len(sent) == 1


def test_a_network_that_fails_keeps_what_was_typed_and_offers_to_try_again(talk: Talk) -> None:
    talk.open("contact")
    talk.page.fill("[name=contact-name]", "Ada van de Velde")
    talk.page.context.set_offline(True)
    talk.go_on()
    expect(talk.page.locator(".errors")).to_be_focused()
    expect(talk.page.locator(".errors")).to_contain_text("niet bereikbaar")
    expect(talk.page.locator("[name=contact-name]")).to_have_value("Ada van de Velde")
    talk.page.context.set_offline(False)
    talk.page.locator(".errors button").click()
    talk.arrives("sign")
    assert len(talk.heard()) == 1


def test_a_slow_answer_says_one_moment_and_then_goes_on(talk: Talk) -> None:
    talk.open("about")
    held: list[Route] = []
    talk.page.route("**/about", lambda route: held.append(route))
    talk.page.clock.install()
    talk.go_on()
    talk.page.clock.run_for(900)
    expect(talk.page.locator(".wait")).to_have_count(0)
    talk.page.clock.run_for(200)
    expect(talk.page.locator(".wait")).to_have_text("Een ogenblik")
    held[0].continue_()
    talk.arrives("check")
    expect(talk.page.locator(".wait")).to_have_count(0)


def test_a_portal_that_never_answers_is_given_up(talk: Talk) -> None:
    talk.open("about")
    talk.page.route("**/about", lambda route: None)
    talk.page.clock.install()
    talk.go_on()
    talk.page.clock.run_for(31_000)
    expect(talk.page.locator(".errors button")).to_be_visible()


def test_a_problem_is_shown_as_its_page(talk: Talk) -> None:
    talk.open("about")
    talk.page.context.clear_cookies()
    talk.go_on()
    expect(talk.page.locator("h1")).to_have_text("Deze pagina stond te lang open")
    expect(talk.page.locator("h1")).to_be_focused()


def test_a_link_out_of_the_conversation_loads_its_page_whole(talk: Talk) -> None:
    talk.open("about")
    talk.page.locator("main a[href='/nl/other-ways']").click()
    talk.page.wait_for_url("**/other-ways")
    assert not talk.page.evaluate(MARKED)
    talk.page.go_back()
    talk.page.wait_for_url("**/about")
    expect(talk.page.locator("#q")).to_be_visible()


def test_an_address_that_leads_out_after_a_turn_is_loaded_whole(talk: Talk) -> None:
    talk.open("about")
    talk.page.route("**/about", lambda route: route.fulfill(status=303, headers={"Location": "/nl/safety"}))
    talk.go_on()
    talk.page.wait_for_url("**/safety")
    assert not talk.page.evaluate(MARKED)


def test_entries_are_added_and_removed_in_place_with_the_focus_on_them(talk: Talk) -> None:
    page = talk.page
    page.context.clear_cookies()
    page.goto(talk.live.at("/nl/?right=rectify"))
    page.locator("main form button").last.click()
    page.locator("button[name=add]").click()
    expect(page.locator("#entry-2")).to_be_focused()
    page.locator("button[name=remove]").last.click()
    expect(page.locator("#entry-1")).to_be_focused()
    expect(page.locator("#entry-2")).to_have_count(0)


def test_the_request_is_sent_in_place_and_back_leads_to_the_receipt(talk: Talk) -> None:
    talk.open("check")
    talk.page.locator(".answers [data-step=identity] a").click()
    talk.arrives("identity")
    talk.page.locator("main a[href$='/other-proof']:visible").click()
    talk.arrives("other-proof")
    talk.page.check("input[value=visit]")
    talk.go_on()
    talk.arrives("sign")
    talk.page.fill("[name=signature]", "Ada Peeters")
    talk.go_on()
    talk.arrives("check")
    talk.go_on()
    talk.arrives("received")
    expect(talk.page.locator("main h1")).to_be_focused()
    talk.page.go_back()
    talk.arrives("received")


def test_a_script_that_does_not_come_leaves_plain_forms(talk: Talk) -> None:
    talk.page.route("**/turns.js", lambda route: route.abort())
    talk.open("about")
    talk.go_on()
    talk.page.wait_for_url("**/check#q")
    assert not talk.page.evaluate(MARKED)
    expect(talk.page.locator("#q")).to_have_text("Kijk na en verstuur")


@pytest.mark.parametrize(("wish", "moves"), [("reduce", 0), ("no-preference", 1)])
def test_a_new_turn_fades_in_only_for_who_wants_motion(talk: Talk, wish: str, moves: int) -> None:
    talk.page.emulate_media(reduced_motion="reduce" if wish == "reduce" else "no-preference")
    talk.open("about")
    talk.page.evaluate("""() => {
        const begin = document.startViewTransition.bind(document);
        window.motions = 0;
        document.startViewTransition = (change) => { window.motions += 1; return begin(change); };
    }""")
    talk.go_on()
    talk.arrives("check")
    assert talk.page.evaluate("window.motions") == moves


def test_a_whole_conversation_is_announced_once_a_turn(stage: Stage, browser: Browser) -> None:
    context, page = open_page(browser, script=True)
    person = demo_people().shown["withdraw"]
    walk = PersonWalk(stage, page, person, "nl")
    page.goto(stage.live.at("/nl/"))
    page.check("input[value=withdraw]")
    turns_in_place(page)
    page.evaluate(MARK)
    page.evaluate(WATCH)
    page.locator("main form button").last.click()
    turns = 1
    while not page.url.endswith("/received"):
        page.wait_for_function("turns => window.heard.length === turns", arg=turns)
        assert page.evaluate(FOCUSED) == "q"
        answer(walk, page.url.rpartition("/")[2])
        walk.go_on()
        turns += 1
    page.wait_for_function("turns => window.heard.length === turns", arg=turns)
    assert page.evaluate(MARKED)
    assert turns >= 6
    assert page.evaluate("window.heard.at(-1)").startswith("Ontvangen: MB-")
    context.close()


def answer(walk: PersonWalk, step: str) -> None:
    """Answer the open question of somebody who takes a permission back."""
    if step == "contact":
        walk.fill(contact__name=walk.person.full_name, contact__email=walk.person.email)
    elif step == "code":
        walk.fill(code=walk.stage.code(walk.person.email))
    elif step == "sign":
        walk.fill(signature=walk.person.full_name)
    elif step != "check" and not walk.page.locator("main .choices input:checked").count():
        walk.page.locator("main .choices input:enabled").first.check()
