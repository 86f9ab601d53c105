"""A stand-in for Medbook's own server: posts who is signed in, and gets the link to send their browser to.

Needs nothing but Python, so that the app's developers can read it as the example beside ``docs/hand-over.md``:

    python -m portal.demo.medbook_app --secret-file var/demo/secrets/handover \\
        --name "Lies Janssens" --email lies.janssens@example.com --account 1 --language nl
"""

import argparse
import hmac
import http.client
import json
import secrets
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

PATH = "/api/v1/hand-over"
SECONDS = 10


class Refused(Exception):
    """The portal took no hand-over; the message is its status and its sentence."""


def signed_headers(secret: str, body: bytes, timestamp: int, nonce: str) -> dict[str, str]:
    """Return the headers to send with ``body``: HMAC-SHA256 over timestamp, nonce and the very bytes of the body."""
    signed = f"{timestamp}\n{nonce}\n".encode() + body
    return {
        "Content-Type": "application/json",
        "X-Portal-Timestamp": str(timestamp),
        "X-Portal-Nonce": nonce,
        "X-Portal-Signature": hmac.digest(secret.encode(), signed, "sha256").hex(),
    }


def hand_over(portal: str, secret: str, *, language: str, name: str, email: str, account: str) -> str:
    """Return the link that opens the portal for this person; send their browser there at once.

    Args:
        portal: address of the portal, such as ``https://privacy.example.org``.
        secret: what portal and app share.
        language: ``nl``, ``fr``, ``de`` or ``en``.
        name: the person's full name.
        email: the address of the account, which the app has confirmed.
        account: the number of the account.

    Raises:
        Refused: the portal said no.
        OSError: it did not answer.
    """
    body = json.dumps({"language": language, "name": name, "email": email, "account": account}).encode()
    headers = signed_headers(secret, body, int(time.time()), secrets.token_urlsafe(24))
    parts = urlsplit(portal)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=SECONDS)
    try:
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    if answer.status != 201:
        raise Refused(f"{answer.status} {told.decode(errors='replace')[:500]}")
    return str(json.loads(told)["url"])


def main() -> None:
    """Hand one person over and print the link."""
    parser = argparse.ArgumentParser(prog="python -m portal.demo.medbook_app", description="Hand one person over.")
    parser.add_argument("--portal", default="http://127.0.0.1:8000")
    parser.add_argument("--secret-file", type=Path, required=True)
    for name in ("name", "email", "account"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--language", default="nl", choices=["nl", "fr", "de", "en"])
    said = vars(parser.parse_args())
    portal, secret = said.pop("portal"), said.pop("secret_file").read_text(encoding="utf-8").strip()
    try:
        print(hand_over(portal, secret, **said))
    except (Refused, OSError) as fault:
        sys.exit(f"No link: {fault}")


if __name__ == "__main__":
    main()
