"""A webhook on this machine, as Slack's: it keeps what was posted, and returns what a test sets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

PATH = "/services/T000/B000/a-secret-that-lets-anybody-post"


@dataclass
class Receiver:
    """A webhook on this machine: what was posted to it, and what it returns."""

    server: HTTPServer
    posted: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}{PATH}"

    @property
    def texts(self) -> list[str]:
        """What a person reads."""
        return [str(body["text"]) for body in self.posted]


@contextmanager
def listening() -> Iterator[Receiver]:
    """A running webhook."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == PATH
            assert self.headers["Content-Type"] == "application/json"
            hook.posted.append(json.loads(body))
            self.send_response(hook.status)
            if hook.status == HTTPStatus.TEMPORARY_REDIRECT:
                self.send_header("Location", hook.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    hook = Receiver(HTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=hook.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield hook
    hook.server.shutdown()
    thread.join()
    hook.server.server_close()
