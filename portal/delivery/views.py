"""The download page: a fresh mailed code, then a window in which this browser may fetch the file, whole or in parts."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from flask import Blueprint, Response, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import ContentRange

from portal import db
from portal.accounts import codes, gates
from portal.accounts.codes import Verdict
from portal.accounts.models import CodePurpose
from portal.cases.access import case_of_person, contact_of, may_release, package_of
from portal.cases.models import Case, Package
from portal.cases.package_parts import PackagePart, part_of, parts_of
from portal.clock import local, now
from portal.delivery.packages import downloads_left, is_there, open_window, renew
from portal.delivery.transmission import PORT, sent_on
from portal.errors import LinkExpired, NotYours
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault

blueprint = Blueprint("delivery", __name__)
WINDOWS = gates.WINDOWS
FILE_NAME = "medbook-export.zip"
NOTHING = (0, 0)  # a range beyond the end of the file


@blueprint.get("/s/<case_id>/download")
@gates.person
def download(case_id: str) -> ResponseReturnValue:
    """Show what can be downloaded, until when and how often."""
    case, package = load(case_id)
    return page_of(case, package)


@blueprint.post("/s/<case_id>/download/code")
@gates.person
def send_code(case_id: str) -> ResponseReturnValue:
    """Mail a fresh code to the address of the request."""
    case, package = load(case_id)
    if not _can_download(package):
        return redirect(url_for("delivery.download", case_id=case_id), 303)
    address = contact_of(db.session(), case)["email"]
    codes.ask(db.session(), CodePurpose.DOWNLOAD, package.id, address, g.language, case.id)
    flash(_("We sent a code to your address."), "ok")
    db.session().commit()
    return redirect(url_for("delivery.download", case_id=case_id), 303)


@blueprint.post("/s/<case_id>/download")
@gates.person
def check_code(case_id: str) -> ResponseReturnValue:
    """Take the code, count one download and open the window for this browser."""
    case, package = load(case_id)
    verdict = codes.check(db.session(), CodePurpose.DOWNLOAD, package.id, request.form.get("code", ""))
    if verdict is not Verdict.RIGHT:
        db.session().commit()
        return page_of(case, package, "code", _(codes.SENTENCES[verdict])), 422
    until = open_window(db.session(), case, package)
    session[WINDOWS] = {**session.get(WINDOWS, {}), package.id: until.isoformat()}
    session.renew()  # type: ignore[attr-defined]
    db.session().commit()
    return redirect(url_for("delivery.download", case_id=case_id), 303)


@blueprint.post("/s/<case_id>/download/renew")
@gates.person
def renew_package(case_id: str) -> ResponseReturnValue:
    """Have the file made again."""
    case, package = load(case_id)
    renew(db.session(), case, package)
    flash(_("We make your file again. You get a mail when it is ready."), "ok")
    db.session().commit()
    return redirect(url_for("delivery.download", case_id=case_id), 303)


@blueprint.get("/s/<case_id>/download/medbook-export.zip")
@gates.person
def fetch(case_id: str) -> ResponseReturnValue:
    """Stream a part of the package, or a range of it, to a browser with an open window. Writes nothing."""
    case, package = load(case_id)
    part = part_of(package, request.args.get("part", "1"))
    if not is_there(package, now()):
        return page_of(case, package), LinkExpired.status
    if window_of(package) is None:
        return redirect(url_for("delivery.download", case_id=case_id), 303)
    wanted = _wanted_range(part)
    if wanted == NOTHING:
        beyond = {"Content-Range": f"bytes */{part.size}"}
        return Response(status=416, mimetype="text/plain", headers=beyond)
    start, stop = wanted or (0, part.size)
    response = as_file(package, part, start, stop)
    response.headers["Accept-Ranges"] = "bytes"
    response.set_etag(part.sha256)
    if wanted:
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, stop, part.size)
    return response


def as_file(package: Package, part: PackagePart, start: int, stop: int) -> Response:
    """Return the bytes of ``part`` from ``start`` up to ``stop`` as a file to save."""
    response = Response(pieces(package, part, start, stop), mimetype="application/zip")
    response.content_length = stop - start
    name = FILE_NAME if part.of == 1 else f"{FILE_NAME.removesuffix('.zip')}-{part.number}-of-{part.of}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _wanted_range(part: PackagePart) -> tuple[int, int] | None:
    """Return first byte and end of the one range that is asked for; None for the whole part (RFC 9110, section 14).

    Several ranges at once, another unit, or a range of a file that was made again since (If-Range): the whole part.
    """
    ranges = request.range
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return None
    if request.if_range.date is not None or request.if_range.etag not in {None, part.sha256}:
        return None
    return ranges.range_for_length(part.size) or NOTHING


def load(case_id: str) -> tuple[Case, Package]:
    """Return the person's case and its package; the release guard is looked at again, every time."""
    case = case_of_person(db.session(), case_id, gates.mailbox())
    package = package_of(db.session(), case)
    if package is None or may_release(db.session(), case, now()):
        raise NotYours
    return case, package


def _can_download(package: Package) -> bool:
    return is_there(package, now()) and downloads_left(package) > 0


def pieces(package: Package, part: PackagePart, start: int, stop: int) -> Iterator[bytes]:
    """Return the bytes of ``part`` from ``start`` up to ``stop``, as they are read and opened."""
    reader = db.reader()
    vault: Vault = reader.info["vault"]
    name, key = package.file or "", data_key(reader, package.id, Purpose.PACKAGE)
    found = [vault.read(name, key, package.id, one, two) for one, two in part.stored(start, stop)]
    return chain.from_iterable(found)


def window_of(package: Package) -> datetime | None:
    """Return until when this browser may fetch ``package``; None where it may not."""
    until = session.get(WINDOWS, {}).get(package.id)
    moment = datetime.fromisoformat(until) if until else None
    return moment if moment and moment > now() else None


def page_of(case: Case, package: Package, wrong: str = "", sentence: str = "") -> str:
    """Return the download page; ``wrong`` names the field that ``sentence`` is about."""
    return render_template(
        "delivery/download.html",
        case=case,
        package=package,
        parts=parts_of(package),
        there=is_there(package, now()),
        left=downloads_left(package),
        until=local(package.expires_at).date(),
        window=window_of(package),
        receivers=[{"value": each.slug, "label": each.name} for each in db.session().info["receivers"].values()],
        sent_on=sent_on(db.session(), case, package),
        may_send=case.right_slug == PORT,
        errors=[(wrong, sentence)] if sentence else [],
    )
