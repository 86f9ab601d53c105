"""What a mail says, as plain text: whatever alphabet it declares, wherever in the mail it stands, page or plain.

Everything here takes time in proportion to what is read: the parsers of the standard library do not, for a page or a
header that was made to be slow.
"""

import codecs
import re
from collections.abc import Collection, Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import Compat32
from html import unescape

from portal.ui.forms import clean, one_line

LONGEST_TEXT = 20_000
LONGEST_HEADER = 4096
"""Signs of a header that are read; the library splits one in time that grows with its square."""
LONGEST_LINE = 200
MOST_WORK = 20_000_000
"""Lines times borders of a mail that is taken apart: each line is compared with every border that is open."""
BORDER = re.compile(rb"boundary", re.IGNORECASE)
SLOW = {"punycode", "idna"}
ENDS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre", "table"})
SILENT = frozenset({"script", "style", "title"})
TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<[!?/][^<>]*>")
SHOWN_OF_NESTED = ("From", "Date", "Subject")


class ShortHeaders(Compat32):
    """Parses as ever, but keeps only the beginning of a header."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value of a header, cut."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


def is_tangled(data: bytes) -> bool:
    """Whether taking ``data`` apart would take very long: a mail that somebody sends has a handful of borders."""
    return len(BORDER.findall(data)) * data.count(b"\n") > MOST_WORK


def raw(mail: Message, name: str) -> str:
    """Return a header as it stands; bytes that no header may hold are read as the text they are."""
    found = next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    return _as_sent(found)


def line(raw_text: str) -> str:
    """Return a header on one line: no sign of it can begin another one."""
    try:
        said = str(make_header(decode_header(raw_text)))
    except (MessageError, ValueError, LookupError, TypeError, AssertionError):
        said = raw_text
    return one_line(said.encode("utf-8", "replace").decode())[:LONGEST_LINE]


def file_name(part: Message) -> str:
    """Return the name of a file, without folders; empty where it has none."""
    try:
        said = part.get_filename("") or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        said = ""
    return line(_as_sent(said)).rpartition("/")[2].rpartition("\\")[2][:100]


def content_of(part: Message) -> bytes:
    """Return what ``part`` holds; nothing where it cannot be decoded."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return content if isinstance(content, bytes) else b""


def is_words(part: Message) -> bool:
    """Whether ``part`` is to be read, and no file: also where it has a name but stands in the mail."""
    if part.is_multipart() or part.get_content_maintype() != "text":
        return False
    return part.get_content_disposition() == "inline" or (
        part.get_content_disposition() != "attachment" and not file_name(part)
    )


def words(mail: Message, parts: Collection[Message]) -> str:
    """Return what ``mail`` says in all of ``parts``: what stands after a picture too, and in a mail that is in it."""
    looked_at = {id(part) for part in parts}
    said: list[str] = []
    for piece in _pieces(mail, looked_at):
        if piece and piece not in said:
            said.append(piece)
    return "\n\n".join(said)[:LONGEST_TEXT]


def decoded(content: bytes, charset: str | None) -> str:
    """Return the text in ``content``; one that declares nothing, or nothing that exists, is UTF-8 or else Western."""
    try:
        name = codecs.lookup(charset or "ascii").name
        if name not in {"ascii", *SLOW}:
            return content.decode(name, "replace")
    except (ValueError, LookupError, TypeError):
        pass
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)  # the last sign may be cut
    except ValueError:
        return content.decode("cp1252", "replace")


def without_tags(page: str) -> str:
    """Return the words of a page: no script, no style, a new line where a block ends."""
    lines = [" ".join(each.split()) for each in clean("".join(_texts(page))).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT]


def _as_sent(text: str) -> str:
    try:
        return decoded(text.encode("utf-8", "surrogateescape"), None)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()


def _pieces(part: Message, looked_at: Collection[int]) -> Iterator[str]:
    if id(part) not in looked_at:
        return
    kind, payload = part.get_content_type(), part.get_payload()
    if not isinstance(payload, list):
        if is_words(part):
            yield _text(part)
    elif kind == "multipart/alternative":
        yield _best([each for each in payload if isinstance(each, Message)], looked_at)
    else:
        for each in payload:
            if isinstance(each, Message):
                if part.get_content_maintype() == "message":
                    yield _head(each)
                yield from _pieces(each, looked_at)


def _best(choices: list[Message], looked_at: Collection[int]) -> str:
    """Return one of several forms of the same words: plain text where there is some."""
    by_choice = ("\n\n".join(piece for piece in _pieces(each, looked_at) if piece) for each in choices)
    found = [(each.get_content_type() != "text/plain", said) for each, said in zip(choices, by_choice, strict=True)]
    return next((said for _other, said in sorted(found, key=lambda each: each[0]) if said), "")


def _head(mail: Message) -> str:
    said = ((name, line(raw(mail, name))) for name in SHOWN_OF_NESTED)
    return "\n".join(f"{name}: {value}" for name, value in said if value)


def _text(part: Message) -> str:
    content = content_of(part)[: LONGEST_TEXT * 20]
    try:
        charset = part.get_content_charset()
    except (ValueError, LookupError, TypeError, AttributeError):
        charset = None
    said = decoded(content, charset)
    return without_tags(said) if part.get_content_subtype() == "html" else clean(said)[:LONGEST_TEXT]


def _texts(page: str) -> Iterator[str]:
    """Yield the words between the tags of ``page``, looking at each sign of it a fixed number of times."""
    lower, at = page.lower(), 0
    hopeless: set[str] = set()
    while at < len(page):
        begins = page.find("<", at)
        if begins < 0:
            begins = len(page)
        yield re.sub(r"\s+", " ", unescape(page[at:begins]))
        tag = TAG.match(page, begins)
        name = tag.group(1).lower() if tag and tag.group(1) else ""
        close = "-->" if page.startswith("<!--", begins) else f"</{name}" if name in SILENT else ""
        ends = lower.find(close, begins + 1) if close and close not in hopeless else -1
        if ends >= 0 and not page.startswith("</", begins):
            at = ends + (len(close) if close == "-->" else 0)
            continue
        hopeless |= {close} if ends < 0 else set()
        yield "\n" if name in ENDS else "" if tag else page[begins : begins + 1]
        at = tag.end() if tag else begins + 1
