"""Lets `ingestr` load from the simulator: its LinkedIn source knows one host alone, so a proxy stands in for that host.

The proxy's certificate is made for the run, and only the program that is started here trusts it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lac_pipeline.clock import utc_now

PROGRAM = "ingestr"
FIGURES = """ingestr is not on the PATH. Its version 0.15.9, measured on another machine with as much to load, in CPU \
seconds of it and of PostgreSQL: first load 4.5 + 0.4, everything again 4.4 + 0.6, last days 0.75 + 0.15; 270 MB."""
HOST = "api.linkedin.com"
ENTITIES = ("ad_accounts", "campaign_groups", "campaigns", "creatives")
REPORTED = (
    "impressions,clicks,costInLocalCurrency,costInUsd,externalWebsiteConversions,oneClickLeads,oneClickLeadFormOpens,"
    "landingPageClicks,likes,comments,shares,follows,totalEngagements,videoViews,videoCompletions,sends,opens,"
    "otherEngagements"
)
PIVOTS = ("campaign", "creative")
_ROWS = re.compile(r"Total Rows\W+([\d,]+)")
_MEMORY = re.compile(r"Peak Memory\W+(\d+) MB")


@dataclass(frozen=True, slots=True)
class Loads:
    """What its loads took: CPU seconds, the most MB that it prints, and the rows that it prints."""

    cpu: float
    megabytes: int
    rows: int


def is_there() -> bool:
    """Whether it is on the PATH."""
    return shutil.which(PROGRAM) is not None


@dataclass(frozen=True, slots=True)
class Ingestr:
    """The program, with where it reads and writes.

    Attributes:
        token: LinkedIn's.
        accounts: ad accounts. Each is a request of its own, for it takes LinkedIn's 15,000 rows a request for all.
        database: `postgresql://` URL.
        environment: names the proxy.
    """

    token: str
    accounts: Sequence[int]
    database: str
    environment: Mapping[str, str]

    def load(self, since: date, until: date) -> Loads:
        """Load the entities, and the metrics of these UTC days, both included."""
        before, printed = os.times(), []
        for account in self.accounts:
            printed += [self._run(account, f"custom:{pivot},date:{REPORTED}", pivot, since, until) for pivot in PIVOTS]
        printed += [self._run(",".join(map(str, self.accounts)), table, table, since, until) for table in ENTITIES]
        after = os.times()
        text = "\n".join(printed)
        rows = sum(int(found.replace(",", "")) for found in _ROWS.findall(text))
        return Loads(sum(after[2:4]) - sum(before[2:4]), max(map(int, _MEMORY.findall(text))), rows)

    def _run(self, accounts: int | str, table: str, name: str, since: date, until: date) -> str:
        source = f"linkedinads://?access_token={quote(self.token)}&account_ids={accounts}"
        command = [
            str(shutil.which(PROGRAM)), "ingest", "--yes", "--progress", "log",
            "--source-uri", source, "--source-table", table,
            "--dest-uri", self.database, "--dest-table", f"{PROGRAM}.{name}",
            "--interval-start", f"{since}", "--interval-end", f"{until}",
        ]  # fmt: skip
        environment = {**os.environ, **self.environment}
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise SystemExit(f"{PROGRAM} {table}: {ended.stderr}")
        return ended.stdout


def certify(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for the host, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = utc_now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    chain, secret = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return chain, secret


class _Proxy(socketserver.ThreadingTCPServer):
    """Leads every connection to the simulator.

    Args:
        simulator: its URL.
        context: with the certificate.
    """

    daemon_threads = True

    def __init__(self, simulator: str, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        parts = urlsplit(simulator)
        self.simulator, self.context = (str(parts.hostname), int(parts.port or 80)), context


class _Tunnel(socketserver.BaseRequestHandler):
    server: _Proxy

    def handle(self) -> None:
        while not self.request.recv(1 << 16).endswith(b"\r\n\r\n"):
            pass
        self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with (
            contextlib.suppress(OSError),
            self.server.context.wrap_socket(self.request, server_side=True) as client,
            socket.create_connection(self.server.simulator) as simulator,
        ):
            back = threading.Thread(target=_copy, args=(simulator, client), daemon=True)
            back.start()
            _copy(client, simulator)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(1 << 16):
            target.sendall(chunk)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def proxied(simulator: str, folder: Path) -> Iterator[dict[str, str]]:
    """A proxy to the simulator; yields the environment of a program that uses it."""
    chain, secret = certify(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    with _Proxy(simulator, context) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"HTTPS_PROXY": f"http://127.0.0.1:{server.server_address[1]}", "SSL_CERT_FILE": str(chain)}
        server.shutdown()
