"""Mails as they are saved from a mailbox: an honest one, and every change to it. Everybody is made up."""

from email.message import EmailMessage

OURS = "mx.medbook.example"
RECEIVED = f"from mail.example.com (mail.example.com [192.0.2.7]) by {OURS} with ESMTPS id 4Xy; %s"
NOON = "Fri, 20 Nov 2026 12:00:00 +0100"
LATER = "Sat, 21 Nov 2026 12:00:00 +0100"
WORDS = "Goedendag, ik wil graag weten welke gegevens u over mij heeft. Met vriendelijke groet, Ada"


def mail(
    text: str = WORDS,
    *,
    sender: str = "Ada Peeters <ada@example.com>",
    subject: str = "Mijn gegevens",
    received: str | None = NOON,
    **headers: str,
) -> EmailMessage:
    """Return a mail; ``headers`` are further ones, with ``_`` for ``-``."""
    message = EmailMessage()
    if received is not None:
        message["Received"] = RECEIVED % received
    message["From"] = sender
    message["To"] = "privacy@medbook.example"
    message["Subject"] = subject
    message["Date"] = "Thu, 19 Nov 2026 09:00:00 +0100"
    message["Message-ID"] = "<one@example.com>"
    for name, value in headers.items():
        name = name.replace("_", "-")
        del message[name]
        if value:
            message[name] = value
    message.set_content(text)
    return message
