"""Every page there is to see, with who sees it and what to press for its errors: the list that ``test_pages`` opens."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.corpus_writers import pdf
from tests.support.papers import forged
from tests.support.photos import Shot, jpeg, photo
from tests.support.readings import TABLE

Press = Callable[[Page], None]
EXCHANGED = forged("MB-AAAA-00", "0" * 64, "{}")


def send(page: Page) -> None:
    """Send the form of the page as it stands."""
    page.locator("main form .btn.primary:visible").last.click()


def send_to(action: str, **fields: str) -> Press:
    """Fill in fields by name and press the last button, no quiet one, of the form that posts to ``action``."""

    def press(page: Page) -> None:
        form = page.locator(f"main form[action$='{action}']")
        form.evaluate("form => form.closest('details')?.setAttribute('open', '')")
        for name, value in fields.items():
            field = form.locator(f"[name='{name}']")
            if field.first.get_attribute("type") in {"radio", "checkbox"}:
                form.locator(f"[name='{name}'][value='{value}']").check()
            else:
                field.fill(value)
        form.locator("button:not(.quiet)").last.click()

    return press


def choose(name: str, value: str) -> Press:
    """Choose something and send the form."""

    def press(page: Page) -> None:
        page.check(f"input[name='{name}'][value='{value}']")
        send(page)

    return press


def fill(**fields: str) -> Press:
    """Fill in fields by name and send the form; ``__`` stands for ``-``."""

    def press(page: Page) -> None:
        for name, value in fields.items():
            page.fill(f"[name='{name.replace('__', '-')}']", value)
        send(page)

    return press


def upload(content: bytes) -> Press:
    """Send a file as a browser without script does."""

    def press(page: Page) -> None:
        page.set_input_files("input[type=file]", {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": content})
        with page.expect_navigation():
            page.locator("main form").evaluate("form => form.submit()")

    return press


def open_card(content: bytes) -> Press:
    """Choose a picture to cover here, try to use it as it is, and place boxes without dragging."""

    def press(page: Page) -> None:
        page.set_input_files("input[type=file]", {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": content})
        page.locator(".mask-editor").wait_for()
        page.locator("[data-part=use]").click()
        page.locator("[data-stencil]").nth(1).click()
        page.locator(".mask-editor summary").click()

    return press


def bring(content: bytes) -> Press:
    """Bring a PDF to be checked."""

    def press(page: Page) -> None:
        page.set_input_files("input[name=paper]", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": content})
        page.locator("main form button").first.click()

    return press


def choose_other_file(page: Page) -> None:
    """Choose a file that no browser opens."""
    page.set_input_files("input[type=file]", {"name": "card.heic", "mimeType": "image/heic", "buffer": b"none"})
    page.locator("[data-part=note]").wait_for()


def ask_hash(reference: str, sha256: str) -> Press:
    """Type a number and a hash to be checked."""

    def press(page: Page) -> None:
        page.fill("[name=reference]", reference)
        page.fill("[name=hash]", sha256)
        page.locator("main form button").last.click()

    return press


def cover_nothing(page: Page) -> None:
    """Open the boxes by numbers, type nonsense into one, and use the picture."""
    for box in page.locator("input[name=preset]:checked, input[name=no-number]:checked").all():
        box.uncheck()
    page.locator("main details summary").last.click()
    page.fill("[name=box-0-left]", "nonsense")
    send(page)


def draw_nothing(page: Page) -> None:
    """Choose to draw, draw nothing, and send the form."""
    page.locator("[data-part=ways]:not([hidden])").wait_for()
    page.check("input[name=kind][value=drawn]")
    send(page)


def add_nothing(page: Page) -> None:
    """Open what else may be asked, and choose nothing."""
    page.locator("main details summary").last.click()
    page.locator("main form[action$='/more'] button").last.click()


def save_nameless(page: Page) -> None:
    """Save a view without a name."""
    page.locator("details.saved summary").click()
    page.locator("form[action$='/views'] button").click()


def open_keys(page: Page) -> None:
    """Open the list of the keys, and what is folded away behind it."""
    page.wait_for_load_state("networkidle")
    page.keyboard.press("?")
    page.locator("dialog.keys").wait_for()


def decide_late(page: Page) -> None:
    """Send a decision for the request as it was before somebody else changed it."""
    page.locator("[name=outcome][value=grant]").check()
    page.evaluate("() => { document.querySelector('form[action$=\"/letter\"] [name=version]').value = '1'; }")
    page.locator("form[action$='/letter'] .btn.primary").click()


def forget(page: Page) -> None:
    """Send a form after the session ended."""
    page.context.clear_cookies()
    page.locator("main form button").last.click()


CARD = jpeg(photo(Shot(blur=6, lost=0.35)))  # poor, so that the sentences about it are seen


@dataclass(frozen=True, slots=True)
class Sight:
    """One page: its address, whose browser shows it, what to press there, and the status it answers with."""

    name: str
    path: str
    who: str = "nobody"
    press: Press | None = None
    status: int = 200
    languages: tuple[str, ...] = ("fr", "de", "en", "nl")
    stays: bool = False  # pressing changes the page, and asks the portal for none


def turn(step: str) -> str:
    """Return the address of a turn of the conversation."""
    return "/{language}/c/{draft}/" + step


def desk(place: str) -> str:
    """Return the address of a case at the desk."""
    return "/desk/cases/{" + place + "}"


FRONT = (
    Sight("landing", "/{language}/"),
    Sight("landing, unfinished", "/{language}/", "draft"),
    Sight("landing, nothing chosen", "/{language}/", press=send, status=422),
    Sight("handed over", "/{language}/h/{handover}"),
    Sight("handed over, over", "/{language}/h/" + "0" * 32, status=410),
    *(Sight(name, "/{language}/" + name) for name in ("safety", "accessibility", "other-ways", "complaint")),
)
TURNS = (
    *(Sight(f"turn {step}", turn(step), "draft") for step in ("right", "about", "form", "contact", "code")),
    *(Sight(f"turn {step}", turn(step), "draft") for step in ("identity", "mask", "other-proof", "sign", "check")),
    Sight("turn about, none of some", turn("about"), "draft", choose("about", "some"), 422),
    Sight("turn contact, faulty", turn("contact"), "draft", fill(contact__name="", contact__email="none"), 422),
    Sight("turn code, wrong", turn("code"), "draft", fill(code="000000"), 422),
    Sight("turn identity, not a picture", turn("identity"), "draft", upload(b"hello"), 422),
    Sight("turn identity, too big", turn("identity"), "draft", upload(b"\xff\xd8\xff" * 3_500_000), 413, ("nl",)),
    Sight("turn identity, covering", turn("identity"), "draft", open_card(CARD), stays=True),
    Sight("turn identity, another kind of file", turn("identity"), "draft", choose_other_file, stays=True),
    Sight("turn mask, nothing covered", turn("mask"), "draft", cover_nothing, 422),
    Sight("turn other proof, nothing chosen", turn("other-proof"), "draft", send, 422),
    Sight("turn sign, empty", turn("sign"), "draft", fill(signature=""), 422),
    Sight("turn sign, drawn", "/{language}/c/{drawn}/sign", "artist"),
    Sight("turn sign, nothing drawn", turn("sign"), "draft", draw_nothing, 422),
    Sight("turn check, drawn", "/{language}/c/{drawn}/check", "artist"),
    Sight("turn sign, another name", turn("sign"), "draft", fill(signature="Somebody Else"), 422),
    *(Sight(f"turn {step}", turn(step), "draft") for step in ("2-right", "2-about")),
    Sight("turn 2-right, asked twice", turn("2-right"), "draft", choose("right", "access"), 422),
    Sight("turn check, nothing chosen to add", turn("check"), "draft", add_nothing, 422),
    *(Sight(f"guess {name}", f"/{{language}}/c/{{guess {name}}}/right", f"guess {name}") for name in TABLE),
    Sight("guess torn, nothing chosen", "/{language}/c/{guess torn}/right", "guess torn", send, 422),
    Sight("save, mailbox known", turn("save"), "draft"),
    Sight("save, no mailbox yet", "/{language}/c/{guess sure}/save", "guess sure"),
    Sight("save, no address", "/{language}/c/{guess sure}/save", "guess sure", send, 422),
    Sight("receipt", "/{language}/c/{sent}/received", "sender"),
    Sight("receipt of several", "/{language}/c/{several}/received", "several"),
)
TRACKING = (
    Sight("find", "/{language}/requests"),
    Sight("find, faulty", "/{language}/requests", press=fill(email="none"), status=422),
    Sight("find code", "/{language}/requests/code", "finder"),
    Sight("find code, wrong", "/{language}/requests/code", "finder", fill(code="000000"), 422),
    Sight("requests", "/{language}/requests/mine", "owner"),
    Sight("requests, none", "/{language}/requests/mine", "stranger"),
    *(
        Sight(f"status {place}", "/{language}/s/{" + place + "}", "owner")
        for place in ("judged", "deciding", "waiting", "erased", "refused", "received", "withdrawn")
    ),
    Sight("status, a copy first", "/{language}/s/{copied}", "person"),
    Sight("status finished", "/{language}/s/{finished}", "person"),
    Sight("status, empty message", "/{language}/s/{waiting}", "owner", send_to("/reply"), 422),
    Sight("new card", "/{language}/s/{doubted}/card", "owner"),
    Sight("new card, covering", "/{language}/s/{doubted}/card", "owner", open_card(CARD), stays=True),
    Sight("new card, none chosen", "/{language}/s/{doubted}/card", "owner", send, 422),
    Sight("new card, to cover", "/{language}/s/{covering}/card/cover", "owner"),
    Sight("withdraw", "/{language}/s/{waiting}/withdraw", "owner"),
    Sight("disagree", "/{language}/s/{erased}/disagree", "owner"),
    Sight("disagree, without a word", "/{language}/s/{erased}/disagree", "owner", send, 422),
    Sight("amend", "/{language}/s/{deciding}/amend", "owner"),
    Sight("amend, empty", "/{language}/s/{deciding}/amend", "owner", send, 422),
    Sight(
        "amend, another name", "/{language}/s/{deciding}/amend", "owner", fill(text="More.", signature="No One"), 422
    ),
    Sight("verify", "/{language}/verify"),
    Sight("verify, no file", "/{language}/verify", press=bring(b""), status=422),
    Sight("verify, not ours", "/{language}/verify", press=bring(pdf())),
    Sight("verify, exchanged text", "/{language}/verify", press=bring(EXCHANGED)),
    Sight("verify, hash unknown", "/{language}/verify", press=ask_hash("MB-AAAA-00", "a" * 64)),
    Sight("verify, hash faulty", "/{language}/verify", press=ask_hash("", "x"), status=422),
    Sight("stop", "/{language}/stop/{stop}"),
    Sight("recipient", "/{language}/told/{told}"),
    Sight("receiver", "/{language}/receive/{receive}"),
    Sight("download", "/{language}/s/{finished}/download", "person"),
    Sight("download, wrong code", "/{language}/s/{finished}/download", "person", fill(code="000000"), 422),
    Sight("download, over", "/{language}/s/{over}/download", "owner"),
    Sight("download, open", "/{language}/s/{finished}/download", "loader"),
)
PROBLEMS = (
    *(Sight(f"problem {status}", f"/stumble/{status}", status=status) for status in (404, 410, 413, 429, 500, 503)),
    Sight("problem, no such case", "/{language}/s/" + "0" * 32, "stranger", status=404),
    Sight("problem, stale form", turn("sign"), "draft", forget, 400),
    Sight("demo", "/demo/"),
)
DESK = (
    Sight("desk sign-in", "/desk/sign-in"),
    Sight("desk sign-in, wrong", "/desk/sign-in", press=send, status=422),
    Sight("desk queue", "/desk/?view=all", "staff"),
    Sight("desk queue, filtered to nothing", "/desk/?view=mine&right=port", "staff"),
    Sight("desk queue, nameless view", "/desk/?view=all", "staff", save_nameless, 422, ("de",)),
    Sight("desk keys", "/desk/?view=all", "staff", open_keys, languages=("de",), stays=True),
    Sight("desk settings", "/desk/settings", "staff", languages=("de",)),
    Sight("desk decision, two versions", desk("deciding"), "staff", decide_late, 409, ("de",)),
    Sight("desk search, found", "/desk/", "staff", send_to("/search", words="ada@example.com")),
    Sight("desk search, nothing found", "/desk/", "staff", send_to("/search", words="nobody@example.com")),
    *(
        Sight(f"desk case {place}", desk(place), "staff")
        for place in ("open", "judged", "deciding", "correcting", "waiting", "asked", "finished", "erased", "refused")
    ),
    *(Sight(f"desk case {place}", desk(place), "staff") for place in ("received", "withdrawn", "known", "parted")),
    Sight("desk case, sent together", desk("copied"), "staff"),
    Sight("desk case of another", desk("deciding"), "second"),
    Sight("desk case, stopped", desk("stopped"), "staff"),
    Sight("desk case, stop to lift", desk("stopped"), "second"),
    Sight("desk card", desk("judged"), "staff", send_to("/card"), languages=("nl",)),
    Sight("desk verdict, empty", desk("judged"), "staff", send_to("/identity"), 422),
    Sight("desk decision, empty", desk("deciding"), "staff", send_to("/letter"), 422),
    Sight("desk grant in part, empty", desk("deciding"), "staff", send_to("/letter", outcome="partly"), 422),
    Sight("desk more time, no reason", desk("deciding"), "staff", send_to("/extend"), 422),
    Sight("desk refusal, bare", desk("deciding"), "staff", send_to("/letter", outcome="refuse"), 422),
    Sight("desk letter", desk("deciding"), "staff", send_to("/letter", outcome="grant")),
    Sight("desk note, empty", desk("deciding"), "staff", send_to("/note"), 422),
    Sight("desk question, empty", desk("deciding"), "staff", send_to("/question"), 422),
    Sight("desk second", desk("asked") + "/second", "second"),
    Sight("desk second, decided oneself", desk("asked") + "/second", "staff"),
    Sight("desk second, no reason", desk("asked") + "/second", "second", send_to("/second/back"), 422),
)
SIGHTS = (*FRONT, *TURNS, *TRACKING, *PROBLEMS, *DESK)
