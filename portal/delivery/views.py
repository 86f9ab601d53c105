"""The download page: a fresh mailed code, then a window in which this browser may fetch the file, whole or in parts."""

from collections.abc import Iterator
from datetime import datetime

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
from portal.clock import local, now
from portal.delivery.packages import downloads_left, is_there, open_window, renew
from portal.delivery.transmission import PORT, sent_on
from portal.errors import LinkExpired, NotYours
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault

blueprint = Blueprint("delivery", __name__)
WINDOWS = gates.WINDOWS
FILE_NAME = "medbook-export.zip"
NOTHING = (0, 0)  # a part beyond the end of the file


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
    """Stream the file, or the part of it that is asked for, to a browser with an open window. Writes nothing."""
    case, package = load(case_id)
    if not is_there(package, now()):
        return page_of(case, package), LinkExpired.status
    if window_of(package) is None:
        return redirect(url_for("delivery.download", case_id=case_id), 303)
    wanted = _wanted_part(package)
    if wanted == NOTHING:
        beyond = {"Content-Range": f"bytes */{package.size}"}
        return Response(status=416, mimetype="text/plain", headers=beyond)
    start, stop = wanted or (0, package.size)
    response = Response(pieces(package, start, stop), status=206 if wanted else 200, mimetype="application/zip")
    response.content_length = stop - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    response.set_etag(package.sha256)
    if wanted:
        response.content_range = ContentRange("bytes", start, stop, package.size)
    return response


def _wanted_part(package: Package) -> tuple[int, int] | None:
    """Return first byte and end of the one part that is asked for; None for the whole file (RFC 9110, section 14).

    Several parts at once, another unit, or a part of a file that was made again since (If-Range): the whole file.
    """
    ranges = request.range
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return None
    if request.if_range.date is not None or request.if_range.etag not in {None, package.sha256}:
        return None
    return ranges.range_for_length(package.size) or NOTHING


def load(case_id: str) -> tuple[Case, Package]:
    """Return the person's case and its package; the release guard is looked at again, every time."""
    case = case_of_person(db.session(), case_id, gates.mailbox())
    package = package_of(db.session(), case)
    if package is None or may_release(db.session(), case, now()):
        raise NotYours
    return case, package


def _can_download(package: Package) -> bool:
    return is_there(package, now()) and downloads_left(package) > 0


def pieces(package: Package, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes of ``package`` from ``start`` to ``stop``, as they are read and opened."""
    reader = db.reader()
    vault: Vault = reader.info["vault"]
    return vault.read(package.file or "", data_key(reader, package.id, Purpose.PACKAGE), package.id, start, stop)


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
        there=is_there(package, now()),
        left=downloads_left(package),
        until=local(package.expires_at).date(),
        window=window_of(package),
        receivers=[{"value": each.slug, "label": each.name} for each in db.session().info["receivers"].values()],
        sent_on=sent_on(db.session(), case, package),
        may_send=case.right_slug == PORT,
        errors=[(wrong, sentence)] if sentence else [],
    )
