"""A server that speaks just enough of PostgreSQL's protocol to refuse every connection, in German."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
TEXT = "Verbindung abgelehnt"


class _Refusal(socketserver.StreamRequestHandler):
    """Read one start-up message, declining encryption, and return an error."""

    def handle(self) -> None:
        while (head := self.rfile.read(8)) and len(head) == 8:
            length, code = struct.unpack("!ii", head)
            self.rfile.read(length - 8)
            if code not in {SSL_REQUEST, GSS_REQUEST}:
                break
            self.wfile.write(b"N")
        else:
            return
        state: str = self.server.state  # type: ignore[attr-defined]
        fields = {"S": "FATAL", "V": "FATAL", "C": state, "M": TEXT}
        body = b"".join(f"{name}{value}\0".encode() for name, value in fields.items()) + b"\0"
        self.wfile.write(b"E" + struct.pack("!i", len(body) + 4) + body)


@contextmanager
def refusing_with(state: str) -> Iterator[int]:
    """Refuse with this SQLSTATE, at the port that is given back."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Refusal) as server:
        server.state = state  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
