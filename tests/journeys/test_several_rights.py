"""Several rights in one go, in a real browser with script off: a copy, and only then everything deleted."""

import zipfile
from pathlib import Path

from portal.demo.medbook import planted_values
from tests.journeys.parties import SHOWN, TOM, Walkers, settle_identity
from tests.journeys.scan import changed_strangers, holding, owned_by
from tests.journeys.stage import Stage, text_of


def test_deleting_everything_with_a_copy_first_goes_from_one_signature_to_both_ends(
    stage: Stage, walkers: Walkers, tmp_path: Path
) -> None:
    sanne = walkers.person("erase", "nl")
    before, owned = stage.rows(), owned_by(stage, SHOWN["erase"])
    sanne.tick("about", "everything")
    sanne.go_on()
    sanne.page.locator("main form input[type=checkbox]").first.check()
    sanne.go_on()
    sanne.tell_who("nl")
    sanne.show_card(tmp_path)
    sanne.sign()
    sanne.page.locator("button[name=offer][value=access]").click()
    sanne.sign()
    sanne.go_on()
    copy, erasure = sanne.page.locator("main .ref").all_inner_texts()
    receipt = text_of(stage.mails(sanne.person.email)[-1])
    assert copy in receipt
    assert erasure in receipt

    desk = settle_identity(walkers, erasure)
    desk.decide("grant")
    tom = walkers.desk(TOM)
    tom.open(erasure)
    tom.confirm_decision()
    page = sanne.follow(2)
    assert copy in page
    assert stage.rows() == before, "nothing is deleted before the copy is there"

    desk.open(copy)
    desk.take()
    desk.decide("grant")
    stage.work()
    sanne.page.locator("section[aria-labelledby=together] a").click()
    package = sanne.download(tmp_path / "package.zip")
    with zipfile.ZipFile(package) as archive:
        assert sanne.person.email in archive.read("data.json").decode()
    after = stage.rows()
    assert holding(after, planted_values(sanne.person)) <= {"medbook.invoices", "medbook.invoice_lines"}
    assert changed_strangers(before, after, owned) == {}
    assert stage.breaches() == []


def test_a_permission_taken_back_with_a_pause_is_carried_out_before_anybody_looks(
    stage: Stage, walkers: Walkers, tmp_path: Path
) -> None:
    jonas = walkers.person("withdraw", "de")
    jonas.tick("about", "everything")
    jonas.go_on()
    jonas.tell_who("other")
    jonas.sign()
    jonas.page.locator("main details summary").last.click()
    jonas.tick("right", "restrict")
    jonas.page.locator("form[action$='/more'] button").last.click()
    jonas.tick("about", "everything")
    jonas.go_on()
    jonas.tick("pause_why-case", "accuracy")
    jonas.go_on()
    jonas.show_card(tmp_path)
    jonas.sign()
    jonas.go_on()
    pause, permission = jonas.page.locator("main .ref").all_inner_texts()
    assert "Ausgeführt" in jonas.follow(2)
    assert pause != permission
    settle_identity(walkers, pause).decide("grant")
    stage.work()
    assert stage.breaches() == []
