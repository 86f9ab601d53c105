"""The person's own pages: every request made from a mailbox, those not sent yet, and how to go on with one."""

from tests.support.visitors import with_mailbox
from tests.support.walks import CANARY, Walk, main_of, token_of


def mailbox_of(walk: Walk) -> str:
    with walk.client.session_transaction(base_url="http://localhost") as held:
        return str(held["mailbox"])


def test_a_request_that_was_not_sent_is_listed_and_opened_again_in_another_browser(at_identity: Walk) -> None:
    elsewhere = with_mailbox(at_identity.app, mailbox_of(at_identity))
    assert elsewhere.get(at_identity.at("identity")).status_code == 404
    page = main_of(elsewhere.get("/en/requests/mine"))
    assert "Not sent yet" in page
    assert "We have no requests" not in page
    before = elsewhere.get_cookie("portal")
    opened = elsewhere.submit("/en/requests/mine", {})
    assert opened.location == at_identity.at("check")
    after = elsewhere.get_cookie("portal")
    assert before
    assert after
    assert before.value != after.value, "the session may do more now, so it has another id"
    assert elsewhere.get(at_identity.at("check")).location == at_identity.at("identity"), "the turn that is open"
    assert CANARY in elsewhere.get(at_identity.at("pause_why")).get_data(as_text=True)


def test_a_request_that_was_not_confirmed_or_was_sent_is_not_listed_to_go_on_with(at_check: Walk) -> None:
    mailbox = mailbox_of(at_check)
    at_check.fill({})
    Walk(at_check.app).choose("withdraw").answer("withdraw")
    page = main_of(with_mailbox(at_check.app, mailbox).get("/en/requests/mine"))
    assert at_check.case().reference in page
    assert "Not sent yet" not in page


def test_nobody_opens_the_conversation_of_another_mailbox(at_identity: Walk) -> None:
    stranger = with_mailbox(at_identity.app, "0" * 64)
    page = stranger.get("/en/requests/mine")
    assert "Not sent yet" not in main_of(page)
    address = f"/en/requests/mine/{at_identity.conversation}"
    assert stranger.post(address, data={"csrf_token": token_of(page)}).status_code == 404
    assert stranger.get(at_identity.at("identity")).status_code == 404
