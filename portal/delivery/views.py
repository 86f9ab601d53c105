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
from portal.errors import LinkExpired, NotYours
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault

blueprint = Blueprint("delivery", __name__)
WINDOWS = "windows"
FILE_NAME = "medbook-export.zip"


@blueprint.get("/s/<case_id>/download")
@gates.person
def download(case_id: str) -> ResponseReturnValue:
    """Show what can be downloaded, until when and how often."""
    case, package = _load(case_id)
    return _page(case, package)


@blueprint.post("/s/<case_id>/download/code")
@gates.person
def send_code(case_id: str) -> ResponseReturnValue:
    """Mail a fresh code to the address of the request."""
    case, package = _load(case_id)
    address = contact_of(db.session(), case)["email"]
    codes.ask(db.session(), CodePurpose.DOWNLOAD, package.id, address, g.language, case.id)
    flash(_("We sent a code to your address."), "ok")
    db.session().commit()
    return redirect(url_for("delivery.download", case_id=case_id), 303)


@blueprint.post("/s/<case_id>/download")
@gates.person
def check_code(case_id: str) -> ResponseReturnValue:
    """Take the code, count one download and open the window for this browser."""
    case, package = _load(case_id)
    verdict = codes.check(db.session(), CodePurpose.DOWNLOAD, package.id, request.form.get("code", ""))
    if verdict is not Verdict.RIGHT:
        page = _page(case, package, _(codes.SENTENCES[verdict]))
        db.session().commit()
        return page, 422
    until = open_window(db.session(), case, package)
    session[WINDOWS] = {**session.get(WINDOWS, {}), package.id: until.isoformat()}
    db.session().commit()
    return redirect(url_for("delivery.download", case_id=case_id), 303)


@blueprint.post("/s/<case_id>/download/renew")
@gates.person
def renew_package(case_id: str) -> ResponseReturnValue:
    """Have the file made again."""
    case, package = _load(case_id)
    renew(db.session(), case, package)
    flash(_("We make your file again. You get a mail when it is ready."), "ok")
    db.session().commit()
    return redirect(url_for("delivery.download", case_id=case_id), 303)


@blueprint.get("/s/<case_id>/download/medbook-export.zip")
@gates.person
def fetch(case_id: str) -> ResponseReturnValue:
    """Stream the file, or the part of it that is asked for, to a browser with an open window. Writes nothing."""
    case, package = _load(case_id)
    if not is_there(package, now()) or package.file is None:
        raise LinkExpired
    if not _window(package) or may_release(db.reader(), case, now()):
        raise NotYours
    wanted = request.range.range_for_length(package.size) if request.range else None
    if request.range and wanted is None:
        return Response(status=416, headers={"Content-Range": f"bytes */{package.size}"})
    start, stop = wanted or (0, package.size)
    response = Response(_pieces(package, start, stop), status=206 if wanted else 200, mimetype="application/zip")
    response.content_length = stop - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    response.set_etag(package.sha256)
    if wanted:
        response.content_range = ContentRange("bytes", start, stop, package.size)
    return response


def _load(case_id: str) -> tuple[Case, Package]:
    case = case_of_person(db.session(), case_id, gates.mailbox())
    package = package_of(db.session(), case)
    if package is None:
        raise NotYours
    return case, package


def _pieces(package: Package, start: int, stop: int) -> Iterator[bytes]:
    reader = db.reader()
    vault: Vault = reader.info["vault"]
    return vault.read(package.file or "", data_key(reader, package.id, Purpose.PACKAGE), package.id, start, stop)


def _window(package: Package) -> datetime | None:
    until = session.get(WINDOWS, {}).get(package.id)
    moment = datetime.fromisoformat(until) if until else None
    return moment if moment and moment > now() else None


def _page(case: Case, package: Package, fault: str = "") -> str:
    return render_template(
        "delivery/download.html",
        case=case,
        package=package,
        there=is_there(package, now()),
        left=downloads_left(package),
        until=local(package.expires_at).date(),
        window=_window(package),
        errors=[("code", fault)] if fault else [],
    )
