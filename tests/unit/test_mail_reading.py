"""Reading mails of strangers: whatever they are, they are read as far as they can be, and nothing raises."""

import tracemalloc
from datetime import UTC, datetime

import pytest

from portal.mail.reading import LIMIT, LONGEST_TEXT, MOST_FILES, Incoming, read_mail
from portal.understanding.language import language_of
from tests.support.mails import LATER, NOON, OURS, RECEIVED, mail

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HEAD = b"From: Ada <ada@example.com>\r\nSubject: Mijn gegevens\r\nMessage-ID: <one@example.com>\r\n"


def read(content: bytes) -> Incoming:
    return read_mail(content, {OURS}, AT)


def nested(depth: int) -> bytes:
    """Return a mail in which each part holds the next one."""
    parts = [HEAD]
    for number in range(depth):
        parts.append(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number))
    return b"".join([*parts, b"Content-Type: text/plain\r\n\r\nWords.\r\n"])


HOSTILE = {
    "nested too deep": nested(3000),
    "a charset that does not exist": HEAD + b"Content-Type: text/plain; charset=klingon\r\n\r\nWords \xff\xfe.",
    "bytes that are no text": HEAD + b"\r\n" + bytes(range(256)) * 40,
    "null bytes": HEAD + b"\r\nWords\x00 and\x00 more.",
    "null bytes in the head": HEAD + b"X-Thing: a\x00b\r\n\r\nWords.",
    "base64 that is none": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n====!!!!",
    "encoding that does not exist": HEAD + b"Content-Transfer-Encoding: rot13\r\n\r\nWords.",
    "a boundary that never ends": HEAD + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nWords.',
    "no boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\nWords.",
    "an encrypted mail": HEAD + b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIAGCSqG",
    "winmail.dat": HEAD + b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx\x9f>\x22",
    "10,000 recipients": HEAD + b"To: " + b", ".join(b"p%d@example.com" % n for n in range(10_000)) + b"\r\n\r\nWords.",
    "10,000 headers": HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\nWords.",
    "a head without an end": HEAD + b"X-Long: " + b"y" * 3_000_000,
    "a day that does not exist": HEAD + b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nWords.",
    "an encoded word that is none": HEAD.replace(b"Mijn gegevens", b"=?klingon?B?####?=") + b"\r\nWords.",
    "a name of a file that is none": HEAD + b"Content-Type: image/png; name*=klingon''%FF\r\n\r\nx",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_as_far_as_it_can_be_and_keeps_its_sender(name: str) -> None:
    found = read(HOSTILE[name])
    assert found.address == "ada@example.com"
    assert found.name.startswith("one@example.com")
    assert "\x00" not in found.text + found.subject
    assert len(found.text) <= LONGEST_TEXT


@pytest.mark.parametrize("content", [b"", b"\x00" * 1000, b"\xff" * 1000, b"\r\n\r\n", b":" * 5000])
def test_what_is_no_mail_has_no_sender_and_a_name_of_its_own(content: bytes) -> None:
    found = read(content)
    assert (found.address, len(found.name)) == ("", 64)


def test_a_huge_mail_is_cut_and_its_words_are_kept_in_bounded_memory() -> None:
    content = HEAD + b"\r\nWords first. " + b"x" * (LIMIT * 2)
    tracemalloc.start()
    found = read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.cut
    assert found.text.startswith("Words first.")
    assert peak < LIMIT * 13


def test_only_so_many_attachments_are_looked_at() -> None:
    whole = mail()
    for number in range(MOST_FILES + 5):
        whole.add_attachment(b"x", maintype="application", subtype="zip", filename=f"{number}.zip")
    assert len(read(bytes(whole)).files) == MOST_FILES


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\\\evil.exe", "a\r\nBcc: x@example.com", "x" * 5000])
def test_the_name_of_a_file_is_one_short_line_without_a_folder(name: str) -> None:
    raw = HEAD + b'Content-Type: image/png; name="%s"\r\n\r\nx' % name.replace("\r\n", "\r\n ").encode()
    (file,) = read(raw).files
    assert not set("/\\\r\n") & set(file.name)
    assert len(file.name) <= 100


@pytest.mark.parametrize("header", [b"Subject", b"From"])
def test_nothing_in_a_header_begins_another_one(header: bytes) -> None:
    evil = b"=?utf-8?Q?Hello=0D=0ABcc:=20eve@example.org?= <ada@example.com>"
    found = read(header + b": " + evil + b"\r\n\r\nWords.")
    assert not set("\r\n") & set(found.subject + found.sender + found.address)


@pytest.mark.parametrize("sender", ["", "nobody", "a@b@c", "<>", "ada@example.com\x00.evil", "x" * 300 + "@a.example"])
def test_an_address_that_we_cannot_write_to_is_none(sender: str) -> None:
    assert read(b"From: " + sender.encode() + b"\r\n\r\nWords.").address == ""


def test_a_page_is_read_without_its_scripts_and_styles() -> None:
    page = mail()
    page.set_content("<style>p{}</style><script>alert(1)</script><p>Graag&nbsp;een <b>kopie</b>.</p>", subtype="html")
    assert read(bytes(page)).text == "Graag een kopie."


def test_the_topmost_line_of_our_own_server_counts_and_what_stands_below_is_not_believed() -> None:
    forged = f"Received: {RECEIVED % 'Sun, 01 Nov 2026 12:00:00 +0100'}\r\n".encode()
    top = f"Received: {RECEIVED % LATER}\r\n".encode()
    assert read(top + forged + HEAD + b"\r\nWords.").server_at == datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        f"from {OURS} by mx.evil.example; {NOON}",
        f"from x by {OURS}.evil.example; {NOON}",
        f"from x by not-{OURS}; {NOON}",
        f"from x by {OURS}; Fri, 20 Nov 2037 12:00:00 +0100",
        f"from x by {OURS}; Fri, 20 Nov 1998 12:00:00 +0100",
        f"from x by {OURS}; yesterday",
        f"from x by {OURS}",
    ],
)
def test_a_line_that_is_not_ours_or_cannot_be_true_says_no_day(line: str) -> None:
    assert read(f"Received: {line}\r\n".encode() + HEAD + b"\r\nWords.").server_at is None


def test_the_earliest_day_that_can_be_true_is_the_safe_one() -> None:
    found = read(bytes(mail(received=None)))
    assert (found.server_at, found.earliest_at) == (None, datetime(2026, 11, 19, 8, 0, tzinfo=UTC))
    assert read(HEAD + b"Date: Thu, 19 Nov 1998 09:00:00 +0100\r\n\r\nWords.").earliest_at is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ik wil graag weten welke gegevens u van mij heeft.", "nl"),
        ("Je voudrais une copie de toutes mes données, merci de votre aide.", "fr"),
        ("Ich möchte, dass Sie meine Daten löschen, bitte.", "de"),
        ("Please delete all the data that you have on me.", "en"),
        ("12345", "nl"),
    ],
)
def test_the_language_of_a_mail_is_known_by_its_small_words(text: str, language: str) -> None:
    assert language_of(text, "nl") == language
