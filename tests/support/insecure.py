"""Mail servers that must get no mail: one without TLS, one whose TLS breaks, one that vouches for itself."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class _Plain(socketserver.StreamRequestHandler):
    """Speaks SMTP in the clear, offers STARTTLS where ``offers``, and never speaks TLS."""

    offers = True
    heard: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b""
            self.heard.append(word)
            if word == b"EHLO":
                self.wfile.write(b"250-here\r\n250 STARTTLS\r\n" if self.offers else b"250 here\r\n")
            elif word == b"STARTTLS":
                self.wfile.write(b"220 go on\r\n" + b"this is no handshake\r\n" * 50)
                return
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


@contextmanager
def plain_server(*, offers: bool) -> Iterator[tuple[int, list[bytes]]]:
    """Give the port of a server without TLS and the list of commands it hears."""
    heard: list[bytes] = []
    handler = type("Handler", (_Plain,), {"offers": offers, "heard": heard})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1], heard
        server.shutdown()
        thread.join()


@contextmanager
def self_signed_server(folder: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Give the port of a server whose certificate only it vouches for, and what it got over a finished handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.1)
        over = threading.Event()

        def answer() -> None:
            while not over.is_set():
                try:
                    caller, _address = door.accept()
                except TimeoutError:
                    continue
                caller.settimeout(5)
                try:
                    with context.wrap_socket(caller, server_side=True) as spoken:
                        heard.append(spoken.recv(1000))
                except OSError:
                    caller.close()

        thread = threading.Thread(target=answer)
        thread.start()
        yield door.getsockname()[1], heard
        over.set()
        thread.join()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
