"""A request for a copy on the made-up Medbook, with the reviewer who looks the copy through."""

import json
import re
import zipfile
from io import BytesIO

from flask import Flask
from werkzeug.test import TestResponse

from portal.accounts.models import Staff
from portal.cases.access import package_of
from portal.cases.models import Case
from portal.db import Database
from portal.demo.medbook import demo_people
from portal.files.keys import Purpose, data_key
from portal.review.handling import assign
from portal.rights.base import Answers
from tests.support.colleagues import browser_of, member_of
from tests.support.desk import press, press_on
from tests.support.factories import actor_for, confirm_identity, submit_case
from tests.support.portals import work

ADA = demo_people().ada
GROUND = {"ground": "rights-of-others"}


class CopyDesk:
    """Ada's request for a copy, with a reviewer who has it."""

    def __init__(self, app: Flask, right: str = "access", about: str = "") -> None:
        self.app = app
        self.database: Database = app.extensions["portal_db"]
        self.letter = ""
        self.member = member_of(self.database)
        with self.database.writing() as session:
            who = {"name": ADA.full_name, "email": ADA.email, "residence": "be", "acting": "self"}
            answers: Answers | None = {"about": [about], "form": [{"form": "copy"}]} if about else None
            self.case_id = submit_case(session, right, who=who, answers=answers).id
        work(app)
        with self.database.writing() as session:
            case, member = session.get_one(Case, self.case_id), session.get_one(Staff, self.member.id)
            confirm_identity(session, case, member)
            assign(session, case, member.id, case.assigned_to, actor_for(member))
        self.browser = browser_of(app, self.member)

    @property
    def address(self) -> str:
        return f"/desk/cases/{self.case_id}"

    def prepare(self) -> None:
        assert press(self.browser, self.address, "/copy/prepare").status_code == 303
        work(self.app)

    def page(self, title: str, page: int = 0) -> str:
        """Return the address of a page of the part of the copy that is called so."""
        shown = self.browser.get(f"{self.address}/copy").text
        found = re.search(rf'href="([^"]+/copy/\d+)/0">{title}<', shown)
        assert found, title
        return f"{found[1]}/{page}"

    def body_of_the_first(self, page: str) -> str:
        """Return what is ticked to hide the text of the first row of ``page``."""
        found = re.search(r'<dt>Text</dt>.*?value="(value-0-\d+)"', self.browser.get(page).text, re.DOTALL)
        assert found
        return found[1]

    def hide(self, page: str, *picks: str, how: str = "all", **said: str) -> TestResponse:
        return press(self.browser, page, "/hide", {"pick": list(picks), "how": how, **GROUND, **said})

    def release(self) -> TestResponse:
        return press(self.browser, f"{self.address}/copy", "/release")

    def grant(self) -> TestResponse:
        letter = press(self.browser, self.address, "/letter", {"outcome": "grant"})
        self.letter = letter.text
        answer = press_on(self.browser, letter, "/decision")
        work(self.app)
        return answer

    def case(self) -> Case:
        with self.database.reader() as session:
            return session.get_one(Case, self.case_id)

    def package(self) -> zipfile.ZipFile | None:
        with self.database.reader() as session:
            found = package_of(session, session.get_one(Case, self.case_id))
            if found is None:
                return None
            key = data_key(session, found.id, Purpose.PACKAGE)
            return zipfile.ZipFile(BytesIO(b"".join(session.info["vault"].read(found.file, key, found.id))))

    def data(self) -> dict[str, list[dict[str, object]]]:
        package = self.package()
        assert package is not None
        found: dict[str, list[dict[str, object]]] = json.loads(package.read("data.json"))["collections"]
        return found
