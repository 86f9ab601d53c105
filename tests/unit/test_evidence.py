"""Taking in a picture: the whole corpus, what the child may do, what passes through it, and what does not."""

import io
import json
import os
from functools import cache
from pathlib import Path

import pytest
from flask import Request
from PIL import Image, ImageChops, ImageFilter, ImageStat
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from portal.demo.specimen import draw_specimen
from portal.errors import UploadRejected, UploadTooBig
from portal.files import evidence
from portal.files.evidence import LIMIT, Box, Picture, check_upload, cover, take_in
from portal.files.structure import is_plain_jpeg
from portal.files.uploads import BoundedBuffer, EncryptedUploads
from portal.files.verdicts import REMARKS, SENTENCES, Reason, Remark
from tests.corpus import BODIES, FILES, MARKUP, SECRET
from tests.corpus_writers import CARD, card, saved

ACCEPTED = [name for name, entry in FILES.items() if entry.verdict in {"A", "S"}]
REASONS = {
    "empty.jpg": Reason.EMPTY,
    "size_limit_plus_1.jpg": Reason.TOO_BIG,
    "trunc_half.jpg": Reason.DAMAGED,
    "tiny_1x1": Reason.TOO_SMALL,
    "blank_white.jpg": Reason.BLANK,
    "lying_sof_65500.jpg": Reason.TOO_MANY_PIXELS,
    "bomb_50k.png": Reason.TOO_MANY_PIXELS,
    "scans_3000.jpg": Reason.TOO_HEAVY,
    "anim.webp": Reason.MOVING,
    "anim.png": Reason.MOVING,
    "plugin_bmp.jpg": Reason.OTHER_PICTURE,
    "html.jpg": Reason.DOCUMENT,
    "svg_script.svg": Reason.DOCUMENT,
    "jpeg_zip.jpg": Reason.MIXED,
    "jpeg_html_tail.jpg": Reason.MIXED,
    "docm_as.jpg": Reason.ARCHIVE,
    "pdf_encrypted.pdf": Reason.LOCKED_PDF,
    "pdf_huge_box.pdf": Reason.PDF_SIZE,
    "elf": Reason.NOT_A_PICTURE,
}


@cache
def outcome(name: str) -> Picture | UploadRejected:
    """What the portal says to one file of the corpus; each file is looked at once."""
    try:
        return take_in(io.BytesIO(FILES[name].make()))
    except UploadRejected as refusal:
        return refusal


def picture(name: str) -> Picture:
    found = outcome(name)
    assert isinstance(found, Picture), found
    return found


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


@pytest.mark.parametrize("name", list(FILES))
def test_every_file_of_the_corpus_gets_its_verdict(name: str) -> None:
    found, verdict = outcome(name), FILES[name].verdict
    assert verdict == "E" or isinstance(found, Picture) == (verdict in {"A", "S"})
    if isinstance(found, UploadRejected):
        assert found.sentence in SENTENCES.values()


def test_the_corpus_is_not_thinned_out() -> None:
    assert len(FILES) >= 108
    assert sum(entry.verdict == "R" for entry in FILES.values()) >= 70


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_a_refusal_says_what_is_wrong_with_this_file(name: str, reason: Reason) -> None:
    found = outcome(name)
    assert isinstance(found, UploadRejected)
    assert found.sentence == SENTENCES[reason]
    assert isinstance(found, UploadTooBig) == (reason is Reason.TOO_BIG)


@pytest.mark.parametrize("name", ACCEPTED)
def test_nothing_but_pixels_of_an_accepted_file_is_kept(name: str) -> None:
    found = picture(name)
    assert is_plain_jpeg(found.jpeg)
    for trace in (SECRET, SECRET[:16], MARKUP[:16], b"Exif", b"ICC_PROFILE", b"http://", b"JavaScript"):
        assert trace not in found.jpeg
    kept = opened(found.jpeg)
    assert not kept.getexif()
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert kept.size == (found.width, found.height)
    assert max(kept.size) <= 2400


@pytest.mark.parametrize(
    "name",
    [f"ok_exif_orient{n}.jpg" for n in range(1, 9)]
    + ["ok_16bit.png", "ok_cmyk.jpg", "ok_gray.jpg", "ok_rgba.png", "ok_iphone.heic", "ok_webp.webp", "xmp.png"]
    + ["exif_thumb_differs.jpg", "two_jpegs.jpg", "motion_photo.jpg", "size_limit.jpg", "ok_smallest.jpg"],
)
def test_the_card_stands_upright_and_looks_as_it_did(name: str) -> None:
    found = picture(name)
    assert found.width > found.height
    one, other = opened(found.jpeg).convert("L").resize((64, 40)), opened(CARD).convert("L").resize((64, 40))
    difference = [abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)]
    assert sum(difference) / len(difference) < 12


def test_a_sharp_card_gets_no_remark() -> None:
    for language in ("nl", "de"):
        drawn = draw_specimen("Łucja Żółć-O'Connor", language)
        found = take_in(io.BytesIO(drawn))
        assert (found.width, found.height, found.warnings) == (1600, 1000, ())


@pytest.mark.parametrize(
    ("image", "remark"),
    [
        (card().filter(ImageFilter.GaussianBlur(7)), Remark.BLURRED),
        (card().crop((100, 300, 1500, 640)), Remark.CROPPED),
        (card().point(lambda level: level // 8), Remark.DARK),
    ],
    ids=["blurred", "cropped", "dark"],
)
def test_a_poor_picture_is_taken_with_a_remark(image: Image.Image, remark: Remark) -> None:
    assert REMARKS[remark] in take_in(io.BytesIO(saved(image, "JPEG"))).warnings


def test_no_more_is_read_than_one_byte_past_the_limit() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += min(size, 100_000)
            return bytes(min(size, 100_000))

    stream = Endless()
    with pytest.raises(UploadTooBig):
        take_in(stream)  # type: ignore[arg-type]
    assert stream.given == LIMIT + 1


def test_boxes_are_burned_into_the_pixels_and_nothing_else_is() -> None:
    plain = picture("ok_front.jpg")
    covered = opened(cover(plain.jpeg, [Box(10, 30, 25, 50), Box(90.5, 0, 9.5, 4.25)], "COPY").jpeg)
    assert covered.size == (plain.width, plain.height)
    for place in ((160, 300, 560, 800), (1448, 0, 1600, 42)):
        assert ImageStat.Stat(covered.crop(place).point(lambda level: level > 90 and 255)).mean[1:] == [0, 0]
    before = opened(plain.jpeg)
    changed = ImageChops.difference(covered, before).convert("L").point(lambda level: level > 24 and 255)
    changed.paste(0, (150, 290, 570, 810))
    changed.paste(0, (1440, 0, 1600, 50))
    assert ImageStat.Stat(changed).mean[0] / 255 < 0.15  # the mark


BOXES = [Box(8, 28, 28, 52), Box(36, 66, 40, 14)]


def browser_covered(shift: float = 0) -> bytes:
    """A card as a browser sends it: boxes burned in, ``shift`` percent away from where ``BOXES`` says."""
    drawn = card()
    for each in BOXES:
        left, top = (each.left + shift) * 16, each.top * 10
        drawn.paste("black", (round(left), round(top), round(left + each.width * 16), round(top + each.height * 10)))
    return saved(drawn, "JPEG", quality=85)


def test_a_box_counts_only_where_the_pixels_are_black() -> None:
    assert take_in(io.BytesIO(browser_covered()), None, BOXES).black
    for sent in (saved(card(), "JPEG"), browser_covered(shift=3)):
        assert not take_in(io.BytesIO(sent), None, BOXES).black
    assert not take_in(io.BytesIO(browser_covered())).black
    assert not take_in(io.BytesIO(browser_covered()), None, [*BOXES, Box(60, 5, 0.01, 0.01)]).black


def test_what_is_covered_leaves_no_trace_in_the_fingerprint() -> None:
    plain, other = card(), card()
    other.paste("white", (200, 300, 500, 760))
    prints = [cover(saved(each, "JPEG"), BOXES, "COPY").fingerprint for each in (plain, other)]
    assert prints[0] == prints[1]


@pytest.mark.parametrize("sides", [(-1, 0, 5, 5), (0, 0, 0, 5), (0, 0, 5, 101), (float("nan"), 0, 5, 5)])
def test_a_box_outside_the_picture_is_refused(sides: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="percent"):
        Box(*sides)


def test_a_watermark_covers_the_card_and_hides_nothing() -> None:
    plain = picture("ok_front.jpg")
    marked = opened(evidence.watermark(plain.jpeg, "KOPIE – alleen voor verzoek MB-7K4Q-29,\n22 november 2026"))
    assert marked.size == (plain.width, plain.height)
    before = opened(plain.jpeg)
    for left in range(0, 1600, 400):
        for top in (0, 500):
            tile = (left, top, left + 400, top + 500)
            changed = ImageChops.difference(marked.crop(tile), before.crop(tile)).convert("L").point(lambda v: v > 24)
            assert 0.01 < ImageStat.Stat(changed).mean[0] < 0.4
    with pytest.raises(ValueError, match="words"):
        evidence.watermark(plain.jpeg, " \n\x00")


def test_check_upload_reports_what_the_conversation_would_say(tmp_path: Path) -> None:
    for name in ("ok_front.jpg", "html.jpg", "trunc_half.jpg"):
        (tmp_path / name).write_bytes(FILES[name].make())
    good, bad, cut = (check_upload(tmp_path / name) for name in ("ok_front.jpg", "html.jpg", "trunc_half.jpg"))
    assert list(good) == ["file", "accepted", "media_type", "reason", "seconds"]
    assert (good["accepted"], good["media_type"], good["reason"]) == (True, "image/jpeg", None)
    assert (bad["accepted"], bad["media_type"], bad["reason"]) == (False, "text/html", SENTENCES[Reason.DOCUMENT])
    assert (cut["accepted"], cut["media_type"]) == (False, "image/jpeg")
    missing = check_upload(tmp_path / "absent")
    assert (missing["accepted"], missing["reason"]) == (False, "No such file or directory")
    json.dumps([good, bad, cut, missing])


class PortalRequest(EncryptedUploads, Request):
    """The app's request class."""


def posted(content_type: str, body: bytes) -> PortalRequest:
    builder = EnvironBuilder(method="POST", input_stream=io.BytesIO(body), content_type=content_type)
    builder.content_length = len(body)
    return PortalRequest(builder.get_environ())


def form(card_bytes: bytes, answer: bytes = b"yes") -> tuple[str, bytes]:
    head = b'--b\r\nContent-Disposition: form-data; name="card"; filename="c.jpg"\r\n\r\n'
    field = b'\r\n--b\r\nContent-Disposition: form-data; name="answer"\r\n\r\n'
    return "multipart/form-data; boundary=b", head + card_bytes + field + answer + b"\r\n--b--\r\n"


def test_an_upload_never_touches_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def on_disk() -> set[str]:
        links = [Path(f"/proc/self/fd/{entry}") for entry in os.listdir("/proc/self/fd")]
        return {os.readlink(link) for link in links if link.exists() or link.is_symlink()}

    before = on_disk()
    monkeypatch.setenv("TMPDIR", "/nonexistent")
    request = posted(*form(b"CANARY" * 900_000))
    stream = request.files["card"].stream
    assert isinstance(stream, BoundedBuffer)
    assert on_disk() - before == set()
    assert stream.read() == b"CANARY" * 900_000


def test_a_file_above_the_limit_leaves_the_other_answers_standing() -> None:
    request = posted(*form(bytes(LIMIT + 5_000_000)))
    assert request.form["answer"] == "yes"
    stream = request.files["card"].stream
    assert isinstance(stream, BoundedBuffer)
    assert stream.getbuffer().nbytes == LIMIT + 1
    assert stream.refused == 5_000_000 - 1
    with pytest.raises(UploadTooBig):
        take_in(stream)


def test_a_file_of_exactly_the_limit_is_read_whole() -> None:
    request = posted(*form(bytes(LIMIT)))
    stream = request.files["card"].stream
    assert isinstance(stream, BoundedBuffer)
    assert (stream.getbuffer().nbytes, stream.refused) == (LIMIT, 0)


@pytest.mark.parametrize("name", list(BODIES))
def test_a_hostile_body_is_too_large_or_harmless(name: str) -> None:
    request = posted(*BODIES[name])
    if name in {"body_5000_parts", "body_5mb_field"}:
        with pytest.raises(RequestEntityTooLarge):
            assert request.form
        return
    assert len(request.files.getlist("card")) == (2 if name == "body_dup_file" else 0)
