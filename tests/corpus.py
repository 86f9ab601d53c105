"""The corpus of honest and hostile files, made here in code: nothing is downloaded, nothing in it is live malware.

``FILES`` maps a name to its verdict and its bytes. Verdicts: A accept, S accept (only re-made from pixels), R refuse,
E either, as long as nothing crashes. ``BODIES`` are request bodies for the form parser.
"""

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import pillow_heif
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter

from tests.corpus_writers import (
    CARD,
    card,
    chunk,
    last_scan_repeated,
    lying_size,
    padded,
    pdf,
    png,
    saved,
    stream,
    with_chunks,
    with_segment,
    zipped,
)

pillow_heif.register_heif_opener()
LIMIT = 10_485_760
MARKUP = b"<html><script>alert('corpus')</script></html>"
SECRET = b"CORPUS-METADATA-CANARY-0123456789"
_noise = random.Random(2021)


@dataclass(frozen=True)
class Entry:
    """One file: what must be said of it, and how to make it."""

    name: str
    verdict: str
    make: Callable[[], bytes]


FILES: dict[str, Entry] = {}


def add(verdict: str, name: str, make: Callable[[], bytes]) -> None:
    """Put one file into the corpus; it is made when first asked for."""
    assert name not in FILES
    FILES[name] = Entry(name, verdict, cache(make))


def _exif(orientation: int) -> bytes:
    turn = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    steps = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }  # fmt: skip
    image = card() if turn == 1 else card().transpose(steps[turn])
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, "JPEG", exif=exif)


def _gps() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = f"<script>{SECRET.decode()}</script>"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 3.0, 13.5), 3: "E", 4: (3.0, 43.0, 1.5), 29: SECRET.decode()})
    return saved(card(), "JPEG", exif=exif, comment=SECRET)


def _xmp() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET.decode()}</x:xmpmeta>")
    return saved(card(), "PNG", pnginfo=text)


def _thumbnail() -> bytes:
    red = saved(Image.new("RGB", (160, 100), "red"), "JPEG")
    ifd = struct.pack("<HHHII", 0, 2, 0x0201, 0, 0)
    return with_segment(CARD, 0xE1, b"Exif\0\0II*\0\x08\0\0\0" + ifd + red + SECRET)


def _moving(form: str, frames: int, size: tuple[int, int] = (640, 400)) -> bytes:
    still = card(size, "RGB" if form == "WEBP" else "L")
    first, *others = [still.rotate(n % 7) for n in range(frames)]
    return saved(first, form, save_all=True, append_images=others, duration=40)


def _encrypted() -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf()))), io.BytesIO()
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def _link() -> bytes:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    return zipped([(info, b"/etc/passwd")])


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


@cache
def _heic() -> bytes:
    return saved(card(), "HEIF")


def _part(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def _prev_loop() -> bytes:
    data = pdf()
    start = data.split(b"startxref\n")[1].split()[0]
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev " + start)


def _tiff_cycle() -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 256, 3, 1, 640, 8)


# Honest: must work
for _name in ("ok_front.jpg", "ok_front.JPG", "ok_no_ending"):
    add("A", _name, lambda: CARD)
add("A", "ok_front.png", lambda: saved(card(), "PNG"))
add("A", "ok_progressive.jpg", lambda: saved(card(), "JPEG", progressive=True))
add("A", "ok_cmyk.jpg", lambda: saved(card(mode="CMYK"), "JPEG"))
add("A", "ok_gray.jpg", lambda: saved(card(mode="L"), "JPEG"))
add("A", "ok_palette_alpha.png", lambda: saved(card(mode="P"), "PNG", transparency=0))
add("A", "ok_rgba.png", lambda: saved(card(mode="RGBA"), "PNG"))
add("A", "ok_16bit.png", lambda: saved(card(mode="I").point(lambda v: v * 257).convert("I;16"), "PNG"))
add("A", "ok_12mp_phone.jpg", lambda: saved(card((4032, 3024)), "JPEG"))
add("A", "ok_smallest.jpg", lambda: saved(card((480, 300)), "JPEG", quality=90))
for _n in range(1, 9):
    add("A", f"ok_exif_orient{_n}.jpg", partial(_exif, _n))
add("A", "ok_webp.webp", lambda: saved(card(), "WEBP"))
add("A", "ok_iphone.heic", _heic)
# Broken or lying
add("R", "empty.jpg", lambda: b"")
add("R", "one_byte", lambda: b"\xff")
add("R", "magic_only", lambda: bytes.fromhex("ffd8ffe000104a46494600") + bytes(200))
add("R", "trunc_half.jpg", lambda: CARD[: len(CARD) // 2])
add("R", "trunc_noiend.png", lambda: saved(card(), "PNG")[:-12])
add("R", "bad_crc.png", lambda: _flip(saved(card(), "PNG"), 5000))
add("R", "random.jpg", lambda: _noise.randbytes(50_000))
add("S", "png_named_jpg.jpg", lambda: saved(card(), "PNG"))
add("R", "tiny_1x1", lambda: png(1, 1, [b"\0\0"]))
add("R", "thin_1x20000", lambda: png(1, 20_000, [b"\0\0" * 20_000]))
add("R", "blank_white.jpg", lambda: saved(Image.new("RGB", (1600, 1000), "white"), "JPEG"))
add("R", "blank_black.png", lambda: saved(Image.new("L", (1600, 1000), 0), "PNG"))
add("R", "blank_shaded.jpg", lambda: saved(Image.linear_gradient("L").resize((1600, 1000)), "JPEG"))
add("R", "zero_dim.png", lambda: png(0, 0, [b""]))
add("S", "two_jpegs.jpg", lambda: CARD + CARD)
add("R", "heic_truncated", lambda: _part(_heic(), 0.6))
add("R", "heic_garbage", lambda: _heic()[:40] + _noise.randbytes(4000))
# Bombs
add("R", "lying_sof_65500.jpg", lambda: lying_size(CARD, 65_500))
add("R", "bomb_50k.png", lambda: png(50_000, 50_000, (bytes(6251 * 500) for _ in range(100)), depth=1))
add("R", "bomb_warnband.png", lambda: png(13_000, 10_000, (bytes(13_001 * 100) for _ in range(100))))
add("R", "bomb_short_rows.png", lambda: png(9000, 9000, [bytes(36_001)], colour=6))
add("R", "bomb_few_rows.png", lambda: png(6000, 6000, [bytes(24_001)], colour=6))
add("R", "bomb_ztxt.png", lambda: with_chunks(
    saved(card(), "PNG"), chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(64 << 20)))))  # fmt: skip
add("R", "bomb_iccp.png", lambda: with_chunks(
    saved(card(), "PNG"), chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(64 << 20)))))  # fmt: skip
add("R", "many_text_chunks.png", lambda: with_chunks(saved(card(), "PNG"), chunk(b"tEXt", b"k\0v") * 20_000))
add("R", "anim_600.gif", lambda: _moving("GIF", 600, (96, 60)))
add("R", "anim.webp", lambda: _moving("WEBP", 5))
add("R", "anim.png", lambda: _moving("PNG", 5))
add(
    "R",
    "scans_3000.jpg",
    lambda: last_scan_repeated(saved(card((480, 300)), "JPEG", progressive=True, quality=5), 3000),
)
add("R", "gzip_bomb.jpg", lambda: gzip.compress(bytes(200 << 20), 1))
add("R", "zip_bomb.zip", lambda: zipped((f"{n}.txt", bytes(10 << 20)) for n in range(20)))
add("R", "tiff_cyclic.tif", _tiff_cycle)
# Wrong type, polyglot, active
add("R", "html.jpg", lambda: MARKUP)
add("R", "gif_js.gif", lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)")
add("R", "jpeg_html_tail.jpg", lambda: CARD + MARKUP)
add("R", "jpeg_text_tail.jpg", lambda: CARD + b"\n$(touch x); echo nothing here\n")
add("S", "jpeg_com_html.jpg", lambda: with_segment(CARD, 0xFE, MARKUP + SECRET))
add("R", "jpeg_zip.jpg", lambda: CARD + zipped([("x.js", b"alert(1)")]))
add("R", "png_zip.png", lambda: saved(card(), "PNG") + zipped([("x.js", b"alert(1)")]))
add("S", "motion_photo.jpg", lambda: CARD + b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 90 + SECRET)
add(
    "S",
    "maker_trailer.jpg",
    lambda: CARD + b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1600000000000SEFHk\0\0\0SEFT" + SECRET,
)
add("R", "jpeg_pdf.pdf", lambda: with_segment(CARD, 0xFE, b"%PDF-1.7\n1 0 obj"))
add("R", "pdf_zip.pdf", lambda: pdf() + zipped([("x.js", b"alert(1)")]))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">%s</svg>'
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(10))
add("R", "svg_script.svg", lambda: SVG % b"<script>alert(1)</script>")
add("R", "svg_as.png", lambda: SVG % b'<image xlink:href="http://127.0.0.1:9/x"/>')
add(
    "R",
    "svg_laughs.svg",
    lambda: b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY l0 "ha">' + LAUGHS + b"]>" + SVG % b"&l10;",
)
add(
    "R",
    "svg_xxe.svg",
    lambda: b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG % b"&x;",
)
add("R", "eps_as.jpg", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n")
add("R", "mvg_as.png", lambda: b"push graphic-context\nfill 'url(https://127.0.0.1/x\"|ls\")'\n")
add("R", "mz.exe", lambda: b"MZ" + bytes(300))
add("R", "elf", lambda: b"\x7fELF\x02\x01\x01" + bytes(300))
add("R", "script.jpg", lambda: b"#!/bin/sh\necho nothing\n")
add("R", "eicar.jpg", lambda: b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS" + b"-TEST-FILE!$H+H*")
add("R", "docm_as.jpg", lambda: zipped([("[Content_Types].xml", b"<Types/>"), ("word/vbaProject.bin", b"x")]))
for _form, _end in {"TIFF": "tif", "BMP": "bmp", "ICO": "ico", "PPM": "ppm", "TGA": "tga", "DDS": "dds", "PCX": "pcx",
                    "JPEG2000": "jp2"}.items():  # fmt: skip
    add("R", f"plugin_{_end}.jpg", partial(saved, card((640, 400)), _form))
add("R", "avif.heic", lambda: saved(card((640, 400)), "AVIF"))
# Metadata
add("S", "exif_gps_xss.jpg", _gps)
add("S", "xmp.png", _xmp)
add("S", "exif_thumb_differs.jpg", _thumbnail)
add("S", "exif_nonsense.jpg", lambda: with_segment(CARD, 0xE1, b"Exif\0\0" + _noise.randbytes(400)))
# PDF
JS = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
add("S", "pdf_plain.pdf", pdf)
add("S", "pdf_js.pdf", lambda: pdf(catalog=JS))
add("S", "pdf_js_hex.pdf", lambda: pdf(catalog=JS.replace(b"/JavaScript", b"/J#61vaScript")))
add("S", "pdf_launch.pdf", lambda: pdf(catalog=b"/OpenAction << /S /Launch /F (/bin/true) >>"))
add("S", "pdf_uri.pdf", lambda: pdf(catalog=b"/OpenAction << /S /URI /URI (http://127.0.0.1:9/x) >>"))
add("S", "pdf_embed.pdf", lambda: pdf({6: stream(SECRET, b"/Type /EmbeddedFile")}, catalog=b"/Names << /E 6 0 R >>"))
add("E", "pdf_xfa.pdf", lambda: pdf({6: stream(b"<xdp/>")}, catalog=b"/AcroForm << /XFA 6 0 R /Fields [] >>"))
add("S", "pdf_prev_loop.pdf", _prev_loop)
add("E", "pdf_trunc.pdf", lambda: pdf()[:-400])
add("R", "pdf_flate_bomb.pdf", lambda: pdf({4: stream(zlib.compress(b" " * (64 << 20), 9), b"/Filter /FlateDecode")}))
add("S", "pdf_20k_pages.pdf", lambda: pdf({2: b"<< /Type /Pages /Kids [%s] /Count 20000 >>" % (b"3 0 R " * 20_000)}))
add("R", "pdf_huge_box.pdf", lambda: pdf(box="1000000 1000000"))
add("R", "pdf_encrypted.pdf", _encrypted)
add("R", "pdf_no_page.pdf", lambda: pdf({2: b"<< /Type /Pages /Kids [] /Count 0 >>"}))
add("R", "pdf_blank.pdf", lambda: pdf({4: stream(b"q Q")}))
add("R", "pdf_header_only.pdf", lambda: b"%PDF-1.7\n")
# Archives
add("R", "slip_dotdot.zip", lambda: zipped([("../../evil", b"x")]))
add("R", "slip_abs.zip", lambda: zipped([("/etc/evil", b"x")]))
add("R", "slip_backslash.zip", lambda: zipped([("..\\..\\evil", b"x")]))
add("R", "symlink.zip", _link)
add("R", "dup_names.zip", lambda: zipped([(zipfile.ZipInfo("a"), b"1")]) + zipped([(zipfile.ZipInfo("a"), b"2")]))
add("R", "case_clash.zip", lambda: zipped([("a.txt", b"1"), ("A.TXT", b"2")]))
add("R", "prefix.zip", lambda: b"anything before it\n" + zipped([("a", b"1")]))
# Size
add("A", "size_limit_minus_1.jpg", lambda: padded(LIMIT - 1))
add("A", "size_limit.jpg", lambda: padded(LIMIT))
add("R", "size_limit_plus_1.jpg", lambda: padded(LIMIT + 1))

_PART = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
_FILE = b'; filename="card.jpg"\r\nContent-Type: image/jpeg'
BODIES: dict[str, tuple[str, bytes]] = {
    "body_5000_parts": ("multipart/form-data; boundary=b", _PART % (b"a", b"", b"1") * 5000 + b"--b--\r\n"),
    "body_5mb_field": ("multipart/form-data; boundary=b", _PART % (b"a", b"", b"x" * 5_000_000) + b"--b--\r\n"),
    "body_no_end": ("multipart/form-data; boundary=b", _PART % (b"card", _FILE, CARD)),
    "body_bad_utf8_name": ("multipart/form-data; boundary=b", _PART % (b"\xff\xfe", _FILE, CARD) + b"--b--\r\n"),
    "body_cr_boundary": ("multipart/form-data; boundary=b", b"--b\rContent-Disposition: form-data\r\r1\r--b--\r"),
    "body_dup_file": ("multipart/form-data; boundary=b", _PART % (b"card", _FILE, CARD) * 2 + b"--b--\r\n"),
}
