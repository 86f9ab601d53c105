"""What every answer says to the browser about safety, and the refusal of forms that another website sends.

The refusal stands beside the token of each form (Flask-WTF) and the SameSite cookie: three locks, each enough alone.
"""

from urllib.parse import quote, urlsplit

from flask import Flask, Response, request

from portal.errors import PortalError
from portal.ui.assets import ENDPOINT as ASSET
from portal.words import N_

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PICTURE_POLICY = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""For pictures and files: opened by itself, such an answer may do nothing at all."""

STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


class FromElsewhere(PortalError):
    """A form that another website sent, or had sent, in this person's name."""

    status = 400
    default = N_("This form was sent from another website. Open the page here and send it again.")


def init_app(app: Flask, base_url: str) -> None:
    """Give every answer its headers, and refuse unsafe requests that come from elsewhere than ``base_url``."""
    own = _origin(base_url)
    strict = own.startswith("https:")

    def refuse_elsewhere() -> None:
        if request.method not in SAFE_METHODS and not _is_ours(own):
            raise FromElsewhere

    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)  # a picture may bring a stricter policy
        if strict:
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        if request.endpoint != ASSET or response.status_code != 200:
            response.headers["Cache-Control"] = "no-store"
        response.headers.pop("Server", None)
        return response

    app.before_request(refuse_elsewhere)
    app.after_request(add_headers)


def as_pdf(content: bytes, name: str) -> Response:
    """Return an answer that a browser saves as ``name``; opened by itself it may do nothing."""
    return as_file(content, name, "application/pdf")


def as_file(content: bytes, name: str, media_type: str) -> Response:
    """Return an answer that a browser saves as ``name``, whatever letters it has; by itself it may do nothing."""
    response = Response(content, mimetype=media_type, headers=PICTURE_POLICY)
    if name.isascii():
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response


def _is_ours(own: str) -> bool:
    """Tell whether the browser says that this request starts at our own pages, or does not say.

    Sec-Fetch-Site decides where it is sent. Older browsers send Origin only, and "null" for our own forms because of
    the referrer policy; those, and programs that send neither, are left to the token of the form.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        return site in {"same-origin", "none"} and origin in {None, "null", own, _origin(request.host_url)}
    return origin in {None, "null", own, _origin(request.host_url)}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
