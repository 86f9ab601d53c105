"""Whoever takes part in a journey: people and staff, each with a browser of their own."""

from playwright.sync_api import Browser

from portal.demo.medbook import demo_people
from portal.demo.staff import STAFF
from tests.journeys.stage import Stage, member
from tests.journeys.walks import DeskWalk, PersonWalk
from tests.support.browser import open_page

SHOWN = demo_people().shown
ELS, TOM = member("els"), member("tom")


class Walkers:
    """Opens a browser for whoever takes part in a journey."""

    def __init__(self, stage: Stage, browser: Browser) -> None:
        self.stage, self.browser = stage, browser
        self.contexts: list[object] = []

    def person(self, right: str, language: str) -> PersonWalk:
        """Give the shown person of ``right`` at the first page in ``language``."""
        context, page = open_page(self.browser, script=False, language=language, width=390)
        self.contexts.append(context)
        walk = PersonWalk(self.stage, page, SHOWN[right], language)
        walk.begin(right)
        return walk

    def desk(self, who: object = ELS) -> DeskWalk:
        """Give a member of staff who has signed in."""
        context, page = open_page(self.browser, script=False)
        self.contexts.append(context)
        walk = DeskWalk(self.stage, page, next(each for each in STAFF if each == who))
        walk.sign_in()
        return walk

    def close(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()  # type: ignore[attr-defined] # playwright's BrowserContext


def settle_identity(walkers: Walkers, reference: str) -> DeskWalk:
    """Take the case, look at the card and confirm it."""
    walkers.stage.work()
    desk = walkers.desk()
    desk.open(reference)
    desk.take()
    assert desk.look_at_card().startswith(b"\xff\xd8")
    desk.confirm_identity()
    return desk
