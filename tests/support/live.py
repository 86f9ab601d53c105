"""The portal served over real HTTP from a thread of the test, for a browser to walk through."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Silent(WSGIRequestHandler):
    """Serves without a line in the test's output."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Live:
    """An app that is being served."""

    app: Flask
    url: str  # http://127.0.0.1:<port>, without a slash at the end

    def at(self, path: str) -> str:
        """Return the full address of ``path``."""
        return self.url + path


@contextmanager
def serve(app: Flask, port: int) -> Iterator[Live]:
    """Serve ``app`` on ``port`` of 127.0.0.1 until the block ends; every request gets a thread."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    server.daemon_threads = True  # type: ignore[attr-defined] # of socketserver.ThreadingMixIn
    thread = threading.Thread(target=server.serve_forever, name="live-portal", kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Live(app, f"http://127.0.0.1:{port}")
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
