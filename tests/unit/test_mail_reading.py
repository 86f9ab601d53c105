"""Reading mails of strangers: whatever they are, they are read as far as they can be, and nothing raises."""

import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from portal.mail.reading import LIMIT, MOST_FILES, Incoming, read_mail
from portal.mail.saying import LONGEST_TEXT
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
    "a base64 word that is none": HEAD.replace(b"Mijn gegevens", b"=?utf-8?b?x?=") + b"\r\nWords.",
    "a charset that is not written so": HEAD.replace(b"Mijn gegevens", "=?utf-§8?b?YQ==?=".encode()) + b"\r\nWords.",
    "half a sign": HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\nWords +2AA-.",
    "a name of half a sign": HEAD + b"Content-Type: image/png; name*=utf-7''%2B2AA-.png\r\n\r\nx",
    "a mark of UTF-8 in front": b"\xef\xbb\xbf" + HEAD + b"\r\nWords.",
    "null bytes in what it answers": HEAD + b"In-Reply-To: <a\x00b@c>\r\n\r\nWords.",
    "a name of a file that is none": HEAD + b"Content-Type: image/png; name*=klingon''%FF\r\n\r\nx",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_as_far_as_it_can_be_and_keeps_its_sender(name: str) -> None:
    found = read(HOSTILE[name])
    assert found.address == "ada@example.com"
    assert found.name.startswith("one@example.com")
    every = [found.text, found.subject, found.sender, *found.answers, *(file.name for file in found.files)]
    assert "\x00" not in "".join(every).encode().decode()
    assert len(found.text) <= LONGEST_TEXT


SLOW = {
    "borders": HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(90)),
    "parameters": HEAD + b"Content-Type: text/plain" + b";a" * 2_000_000 + b"\n\nWords.",
    "comments": HEAD + b"Content-Type: text/html\n\n" + b"<!--" * 90_000,
    "tags": HEAD + b"Content-Type: text/html\n\n" + b"<a x='" * 60_000,
    "scripts": HEAD + b"Content-Type: text/html\n\n" + b"<script>" * 50_000,
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 200_000 + b"-" + b"z9" * 100_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_a_mail_made_to_be_slow_is_read_in_little_work(name: str) -> None:
    """The processor's time, far above what it takes; each of these took minutes, and stopped a whole mailbox."""
    content = SLOW[name] + (b"\n" * 3_000_000 if name == "borders" else b"")
    began = time.process_time()
    assert read(content).address == "ada@example.com"
    assert time.process_time() - began < 20


def test_brackets_within_brackets_are_nobodys_address() -> None:
    assert read(b"From: " + b"(" * 1500 + b"ada@example.com\r\n\r\nWords.").address == ""


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


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><meta charset=utf-8><body><p>Graag een kopie.</p>",
        "<!--[if mso]><xml>x</xml><![endif]--><p>Graag <o:p></o:p>een kopie.",
        "<p>Graag een kopie.<!-- never closed",
        "<title>Mail</title><div>Graag\n een kopie.</div><script>x",
    ],
)
def test_a_page_that_closes_nothing_loses_no_words(page: str) -> None:
    found = read(HEAD + b"Content-Type: text/html\r\n\r\n" + page.encode()).text
    assert found.startswith("Graag een kopie.")
    assert "Mail" not in found


def test_what_stands_after_a_picture_is_read_too() -> None:
    """As Apple's Mail sends it."""
    kinds = (b"text/plain\r\n\r\nDag,", b"image/png; name=a.png\r\n\r\nx", b"text/plain\r\n\r\nwis alles.")
    parts = b"".join(b"--b\r\nContent-Type: " + each + b"\r\n" for each in kinds)
    assert (
        read(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--").text
        == "Dag,\n\nwis alles."
    )


def test_a_mail_within_a_mail_is_read_with_who_wrote_it() -> None:
    whole = mail("Zie de bijlage.", sender="Els <els@medbook.example>")
    whole.add_attachment(mail("Wis al mijn gegevens.", sender="Ada <ada@example.com>"))
    found = read(bytes(whole))
    assert found.address == "els@medbook.example"
    assert "Zie de bijlage." in found.text
    assert "From: Ada <ada@example.com>" in found.text
    assert "Wis al mijn gegevens." in found.text


def test_of_two_forms_of_the_same_words_the_plain_one_is_read_once() -> None:
    both = mail("Graag een kopie.")
    both.add_alternative("<p>Graag <b>een</b> kopie.</p>", subtype="html")
    assert read(bytes(both)).text == "Graag een kopie."


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "cp1252"])
def test_signs_that_declare_no_alphabet_are_read_in_head_and_text(charset: str) -> None:
    head = "From: Renée <ada@example.com>\r\nSubject: Données\r\n"
    for declared in (
        "",
        "Content-Type: text/plain; charset=us-ascii\r\n",
        "Content-Type: text/plain; charset=none\r\n",
    ):
        found = read(f"{head}{declared}\r\nEffacé, voilà.".encode(charset))
        assert (found.sender, found.subject, found.text) == ("Renée", "Données", "Effacé, voilà.")


@pytest.mark.parametrize(
    ("list_id", "automatic"),
    [
        ("<privacy.medbook.example>", False),
        ("Privacy <medbook.example>", False),
        ("<news.notmedbook.example>", True),
        ("<a>", True),
    ],
)
def test_a_list_that_is_our_own_mailbox_is_no_machine(list_id: str, automatic: bool) -> None:
    content = bytes(mail(List_Id=list_id, Precedence="list"))
    assert read_mail(content, {OURS}, AT, {"medbook.example"}).automatic is automatic


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
