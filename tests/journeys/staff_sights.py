"""The pages of staff, beside the queue: signing in, the own account, accounts of others, record, holds."""

from playwright.sync_api import Page

from portal.clock import today
from tests.journeys.sights import Press, Sight, desk, fill, send, send_to


def leave_and_send(action: str) -> Press:
    """Write a note and send it after the session ended."""

    def press(page: Page) -> None:
        page.fill("[name=note]", "Half a sentence")
        page.context.clear_cookies()
        page.locator(f"main form[action$='{action}'] button").last.click()

    return press


STAFF = (
    Sight("desk sign-in, locked", "/desk/sign-in?locked=1"),
    Sight("desk sign-in, what was typed is kept", desk("deciding"), "staff", leave_and_send("/note"), 400),
    Sight("desk account", "/desk/account", "staff"),
    Sight("desk account, factor to show", "/desk/account", "stale"),
    Sight("desk account, faulty", "/desk/account", "second", send_to("/password"), 422),
    Sight("desk new app code", "/desk/account/app", "staff"),
    Sight("desk factor asked", "/desk/account", "stale", send_to("/password"), 403),
    Sight("desk factor wrong", "/desk/account", "stale", send_to("/confirm", fresh_code="000000"), 422),
    Sight("desk letter, factor asked", desk("deciding"), "stale", send_to("/letter", outcome="grant")),
    Sight("desk activate", "/desk/activate/{activate}"),
    Sight("desk activate, faulty", "/desk/activate/{activate}", press=send, status=422),
    Sight("desk second factor", "/desk/second-factor", "beginner"),
    Sight("desk second factor, wrong", "/desk/second-factor", "beginner", fill(code="000000"), 422),
    Sight("desk staff", "/desk/staff", "admin"),
    Sight("desk staff, faulty", "/desk/staff", "admin", send_to("/staff"), 422),
    Sight("desk member", "/desk/staff/{colleague}", "admin"),
    Sight("desk member invited", "/desk/staff/{invited}", "admin"),
    Sight("desk tasks", "/desk/tasks", "staff"),
    Sight("desk task, faulty", "/desk/tasks/{task}", "staff", send, 422),
    Sight("desk case, task asked without words", desk("deciding"), "staff", send_to("/tasks"), 422, ("de",)),
    Sight("desk resets", "/desk/resets", "second"),
    Sight("desk figures", "/desk/figures", "auditor"),
    Sight("desk yearly report", f"/desk/figures/report/{today().year}", "second"),
    Sight("desk access review", "/desk/access", "auditor"),
    Sight("desk record", "/desk/record", "auditor"),
    Sight("desk record, filtered to nothing", "/desk/record?group=hold&reference=MB-0000-00", "second"),
    Sight("desk holds", "/desk/holds", "second"),
    Sight("desk new request, faulty", "/desk/new", "staff", send_to("/new"), 422),
    Sight("desk saved mail, faulty", "/desk/mail", "staff", send_to("/mail"), 422),
    Sight("desk holds, faulty", "/desk/holds", "second", send_to("/holds"), 422),
)
