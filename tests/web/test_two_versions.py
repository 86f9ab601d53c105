"""Who saves a decision after somebody else sees both, part by part: what is left out, and what is corrected."""

import re

from portal.cases.models import Case
from portal.db import Database
from tests.support.critic import Critic
from tests.support.desk import PREVIEW, press, press_on
from tests.web.test_desk_decision import at, look, ready

KEYS = ("medbook.accounts", "medbook.assessments", "billing.invoices")
FOUND = [
    line | {"key": key, "activity": activity}
    for line, key, activity in zip(PREVIEW, KEYS, ("account", "account", "administration"), strict=True)
]
WORDS = {"ground": "still-needed", "reason": "Dit deel kan niet.", "facts": "Zie het dossier."}


def both(rex: Critic, max_: Critic, case: Case, theirs: dict[str, str], mine: dict[str, str]) -> dict[str, list[str]]:
    """Send ``theirs``, have it sent back, then send ``mine`` from a page that is older; return the rows shown."""
    page = rex.get(at(case))
    assert press_on(rex, look(rex, case, theirs), "/decision").status_code == 303
    assert press(max_, f"{at(case)}/second", "/second/back", {"why": "Look again"}).status_code == 303
    late = press_on(rex, page, "/letter", mine)
    assert late.status_code == 409
    table = late.text[late.text.index("Kept now") :].split("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr>")[1:]]
    return {re.sub(r"<[^>]+>", "", label): [re.sub(r"<[^>]+>", "", each) for each in rest] for label, *rest in cells}


def test_what_a_grant_in_part_leaves_out_is_compared_activity_by_activity(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database, right="erase", findings={"preview": FOUND})
    theirs = {**WORDS, "outcome": "partly", f"without-{KEYS[0]}": "yes", "opening": "Beste"}
    mine = {**WORDS, "outcome": "partly", f"without-{KEYS[1]}": "yes"}
    rows = both(rex, max_, case, theirs, mine)
    assert rows["Decision"] == ["Granted in part", "Granted in part", ""]
    account = next(row for label, row in rows.items() if "account" in label.lower())
    assert account == ["Left out: Account (2 rows)", "Left out: Assessments (46 rows)", "differs"]
    assert rows["Opening"] == ["Beste", "—", "differs"]


def test_what_is_corrected_is_compared_item_by_item(database: Database, rex: Critic, max_: Critic) -> None:
    case = ready(database, right="rectify")
    words = {**WORDS, "ground": "data-correct"}
    theirs = {**words, "outcome": "grant", "field-0": "0", "new-0": "Lies Janssens"}
    rows = both(rex, max_, case, theirs, {**theirs, "new-0": "Lies Jansen", "field-1": "3", "new-1": "Niet akkoord."})
    first, second = (row for label, row in rows.items() if label.startswith("Item "))
    assert first[0].endswith("Lies Jansens → Lies Janssens")
    assert first[1].endswith("Lies Jansens → Lies Jansen")
    assert second[0] == "Not corrected"
    assert second[1].endswith("→ Niet akkoord.")
    assert second[2] == "differs"
