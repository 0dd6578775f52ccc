"""A server on 127.0.0.1 that waits for one redirect from LinkedIn's consent page."""

from __future__ import annotations

import html
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from lac_pipeline.errors import ConfigError, LacError, ReauthorizeError
from lac_pipeline.linkedin.oauth.authorization_code import code_in, is_redirect_of
from lac_pipeline.printable import printable

LOOPBACK = ("127.0.0.1", "localhost")
_PAGE = "<!doctype html><meta charset=utf-8><title>lac</title><h1>{title}</h1><pre>{text}</pre>"


class CallbackServer:
    """Listens where LINKEDIN_REDIRECT_URI points, from the moment it is made; `wait` returns the redirect's query.

    Only the redirect URI's own path counts, so a browser that requests a favicon does not end the sign-in, and only the
    state of this sign-in, so no other page can.

    Args:
        redirect_uri: `http://127.0.0.1:PORT/PATH` or the same on localhost.
        state: what LinkedIn must send back.

    Raises:
        ConfigError: the address is not of this machine, or its port is taken.
    """

    def __init__(self, redirect_uri: str, *, state: str) -> None:
        address = urlsplit(redirect_uri)
        if address.scheme != "http" or address.hostname not in LOOPBACK:
            raise ConfigError(
                f"the browser does not come back to this machine: LINKEDIN_REDIRECT_URI is {redirect_uri}",
                meaning="no server can be waiting there",
                fix="run `lac auth login --paste-url`, or register http://localhost:8765/callback in your app",
            )
        self.path = address.path or "/"
        self.state = state
        self.redirects: queue.SimpleQueue[str] = queue.SimpleQueue()
        port = address.port if address.port is not None else 80
        try:
            self._http = _Server(("127.0.0.1", port), _Callback)
        except OSError as error:
            raise ConfigError(
                f"port {port} of 127.0.0.1, named by LINKEDIN_REDIRECT_URI, cannot be used",
                detail=error.strerror or type(error).__name__,
                meaning="another program listens there, perhaps another `lac auth login`",
                fix="end it, or run `lac auth login --paste-url`",
            ) from error
        self._http.callback = self
        self._thread = threading.Thread(target=self._http.serve_forever, name="oauth-callback", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def wait(self, seconds: float) -> str:
        """Wait for LinkedIn's redirect and return its query string.

        Raises:
            ReauthorizeError: it did not come in time.
        """
        try:
            return self.redirects.get(timeout=seconds)
        except queue.Empty:
            raise ReauthorizeError(
                f"no consent on LinkedIn's page within {seconds:.0f} s",
                meaning="nothing was stored; tokens that were stored before stay",
                fix="run `lac auth login` again; where the browser is on another machine, `lac auth login --paste-url`",
            ) from None


class _Server(ThreadingHTTPServer):
    """A thread per connection: browsers open some that they never use."""

    daemon_threads = True
    allow_reuse_address = True
    callback: CallbackServer


class _Callback(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10.0
    server_version = "lac"
    sys_version = ""

    def do_GET(self) -> None:
        """Respond to the browser, and pass LinkedIn's redirect on when the request is one."""
        address, callback = urlsplit(self.path), self.server.callback
        if address.path != callback.path:
            self._respond(404, "Not here", "lac waits for LinkedIn's redirect at another address.")
            return
        if not is_redirect_of(address.query, state=callback.state):
            self._respond(
                400, "Not this sign-in", "This redirect belongs to another sign-in. Start from lac's address again."
            )
            return
        try:
            code_in(address.query)
        except LacError as error:
            self._respond(400, "Not signed in", str(error))
        else:
            self._respond(200, "LinkedIn agreed", "Close this page; the terminal shows the rest.")
        callback.redirects.put(address.query)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Log nothing: the request line holds the code."""

    def _respond(self, status: int, title: str, text: str) -> None:
        page = _PAGE.format(title=html.escape(title), text=html.escape(printable(text))).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.end_headers()
        self.wfile.write(page)
