"""Delivery reports as mail servers write them (RFC 3464), about one of our mails. Addresses are made up."""

from textwrap import dedent

POSTFIX = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: privacy@medbook.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <20261123090000.1@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4Xk

Final-Recipient: rfc822; ada@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 made up

--B
Content-Type: message/rfc822

Message-ID: <{mail_id}@{domain}>
From: privacy@medbook.example
To: ada@example.com
Subject: made up

made up
--B--
"""

EXCHANGE = """\
From: postmaster@mail.example.org
To: privacy@medbook.example
Subject: Undeliverable: made up
In-Reply-To: <{mail_id}@{domain}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type="delivery-status"; boundary="=_B"

--=_B
Content-Type: text/html; charset=utf-8

<p>Delivery has failed</p>
--=_B
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.example.org

Original-Recipient: rfc822;ada@example.com
Final-Recipient: rfc822;ada@example.com
Action: {action}
Status: {status}

--=_B
Content-Type: text/rfc822-headers

Received: from somewhere (made up)
message-id: <{mail_id}@{domain}>
Subject: made up

--=_B--
"""
BARE = """\
From: MAILER-DAEMON@mx.example.org
To: privacy@medbook.example
References: <{mail_id}@{domain}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Action: {action}
Status: {status} (made up)

--B--
"""


OURS = "medbook.example"


def report(
    mail_id: str,
    *,
    layout: str = POSTFIX,
    action: str = "failed",
    status: str = "5.1.1",
    domain: str = OURS,
) -> bytes:
    """Return a delivery report about the mail with this id."""
    return dedent(layout).format(mail_id=mail_id, action=action, status=status, domain=domain).encode()
