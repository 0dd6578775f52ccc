"""The raw archive: every response of LinkedIn, unchanged, in a folder or in an object store.

One gzipped JSON document a response: `{url}/raw/{account}/{YYYY-MM-DD}/{endpoint}/{time}-{run}-{n}.json.gz`, by the UTC
day of the request; `_` replaces the account where a call is about none or several. The outcome of an attempt is beside
its responses, in the folder `attempts`, named by the time at which the attempt began. No document is ever overwritten.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
import zlib
from collections.abc import Callable, Container, Iterator
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from lac_pipeline.archive import envelope as raw_envelope
from lac_pipeline.archive.backends import Store, explained_failures, open_store
from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.warehouse.load import outcomes
from lac_pipeline.warehouse.load.attempts import Attempt, Kept
from lac_pipeline.warehouse.load.outcomes import Outcome
from lac_pipeline.warehouse.load.recording import current_recording

_SUFFIX = ".json.gz"
_GZIP = zlib.MAX_WBITS | 16
_LEVEL = 3
"""Of zlib's usual level 6 it takes 40 % of the time, and a response of adAnalytics is 30 % larger."""
_NO_ACCOUNT = "_"
_OUTCOMES = "attempts"
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")


class Pruned(Struct, frozen=True):
    """What a pruning took away.

    Attributes:
        responses: how many.
        bytes: their size as they were stored.
    """

    responses: int = 0
    bytes: int = 0


class Unmarked(Struct, frozen=True):
    """An exchange of an older version's: its name in the archive, the run that read it, and itself."""

    name: str
    run_id: str
    exchange: Exchange


class RawArchive:
    """Keeps exchanges with LinkedIn, reads them back in order, and forgets old ones.

    Args:
        url: a folder, `s3://bucket/prefix` or `gs://bucket/prefix`; credentials come from where the store's own tools
            find them.
        run_id: the run that keeps; part of the names.
        clock: aware UTC now.
    """

    def __init__(self, url: str, *, run_id: str, clock: Callable[[], datetime]) -> None:
        self._store: Store = open_store(url)
        self._run_id = _UNSAFE.sub("_", run_id)
        self._clock = clock
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def keep(self, exchange: Exchange) -> str:
        """Keep one exchange and return where.

        Raises:
            ArchiveError: it cannot be written; then no part of it is in the archive. Also a response of OAuth,
                which holds tokens and is never kept.
        """
        if "/oauth/" in exchange.path:
            raise ArchiveError("a response of LinkedIn's OAuth holds tokens and is never archived")
        recorded = current_recording()
        document = raw_envelope.write(exchange, recorded.attempt if recorded is not None else None)
        packer = zlib.compressobj(level=_LEVEL, wbits=_GZIP)
        content = b"".join([*map(packer.compress, document), packer.flush()])
        account = _NO_ACCOUNT if exchange.account_id is None else str(exchange.account_id)
        name, where = self._create(account, exchange.endpoint, exchange.sent_at, content)
        if recorded is not None:
            recorded.kept.append(Kept(exchange.endpoint, where, name))
        return where

    def close(self, outcome: Outcome) -> None:
        """Keep how an attempt ended; of several outcomes of one attempt the last counts.

        Raises:
            ArchiveError: it cannot be written.
        """
        attempt = outcome.attempt
        started_at = attempt.started_at.astimezone(UTC)
        self._create(str(attempt.account_id), _OUTCOMES, started_at, outcomes.write(outcome))

    def _create(self, account: str, kind: str, at: datetime, content: bytes) -> tuple[str, str]:
        """Create a document under a name that is not taken; return the name, and where it is."""
        folder = f"raw/{account}/{at:%Y-%m-%d}/{_UNSAFE.sub('_', kind)}"
        with explained_failures(f"a response cannot be kept in {self._store.url}"):
            while True:
                with self._lock:
                    number = next(self._numbers)
                name = f"{folder}/{at:%Y%m%dT%H%M%S.%fZ}-{self._run_id}-{number:06}{_SUFFIX}"
                with contextlib.suppress(FileExistsError):
                    return name, self._store.create(name, content)

    def accounts(self) -> list[int]:
        """List the ad accounts with responses in the archive, in order.

        Raises:
            ArchiveError: the archive cannot be read.
        """
        return sorted(int(name) for name in self._children("raw") if name.isdigit())

    def responses(self, account_id: int | None, since: date) -> Iterator[Exchange]:
        """Read the account's exchanges from the UTC day `since` on, in the order in which they were sent.

        Raises:
            ArchiveError: the archive cannot be read, or one of its documents is damaged; it is named.
        """
        for name in self._names(account_id, since):
            yield self.read(name)

    def read(self, name: str) -> Exchange:
        """Read the exchange of this name.

        Raises:
            ArchiveError: it is not there any more, cannot be read, or is damaged.
        """
        return raw_envelope.read(self._content(name), name=name)

    def outcomes(self, account_id: int, since: date) -> list[Outcome]:
        """Read how the account's attempts ended that began on the UTC day `since` or later, in the order of their ends.

        Raises:
            ArchiveError: the archive cannot be read, or one of its documents is damaged; it is named.
        """
        last: dict[Attempt, Outcome] = {}
        for name in self._names(account_id, since, outcomes_only=True):
            outcome = outcomes.read(self._content(name), name=name)
            if outcome.attempt not in last or outcome.closed_at >= last[outcome.attempt].closed_at:
                last[outcome.attempt] = outcome
        return sorted(last.values(), key=lambda outcome: (outcome.closed_at, outcome.attempt.started_at))

    def unmarked(self, account_id: int | None, since: date, *, known: Container[str]) -> Iterator[Unmarked]:
        """Read the account's exchanges that name no attempt, in the order in which they were sent.

        Versions before the archive kept outcomes wrote them.

        Args:
            account_id: ad account; None for what is about none or several.
            since: the first UTC day.
            known: names of exchanges that name their attempt.

        Raises:
            ArchiveError: the archive cannot be read, or one of its documents is damaged; it is named.
        """
        for name in self._names(account_id, since):
            if name not in known:
                exchange, marked = raw_envelope.read_marked(self._content(name), name=name)
                if not marked:
                    yield Unmarked(name, _run_of(name), exchange)

    def prune(self, older_than: timedelta) -> Pruned:
        """Remove whole UTC days that ended longer ago than this, of all accounts.

        Raises:
            ArchiveError: something cannot be removed.
        """
        kept_from = (self._clock() - older_than).date()
        removed: list[int] = []
        for account in self._children("raw"):
            for day in self._days(account):
                if date.fromisoformat(day) < kept_from:
                    with explained_failures(f"raw/{account}/{day} cannot be removed from {self._store.url}"):
                        removed += self._store.remove(f"raw/{account}/{day}", suffix=_SUFFIX)
        return Pruned(len(removed), sum(removed))

    def _children(self, folder: str) -> list[str]:
        with explained_failures(f"{folder} cannot be read in {self._store.url}"):
            return sorted(self._store.children(folder))

    def _days(self, account: str) -> list[str]:
        return [day for day in self._children(f"raw/{account}") if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day)]

    def _names(self, account_id: int | None, since: date, *, outcomes_only: bool = False) -> Iterator[str]:
        """Name the account's responses, or its outcomes, from a day on, in the order of their times."""
        account = _NO_ACCOUNT if account_id is None else str(account_id)
        for day in self._days(account):
            if date.fromisoformat(day) < since:
                continue
            folder = f"raw/{account}/{day}"
            kinds = [kind for kind in self._children(folder) if (kind == _OUTCOMES) is outcomes_only]
            documents = [
                (document, f"{folder}/{kind}/{document}")
                for kind in kinds
                for document in self._children(f"{folder}/{kind}")
                if document.endswith(_SUFFIX) and not document.startswith(".")
            ]
            yield from (name for _, name in sorted(documents))

    def _content(self, name: str) -> bytes:
        with explained_failures(f"{name} cannot be read in {self._store.url}"):
            return self._store.read(name)


def _run_of(name: str) -> str:
    """The run in a document's name: what stands between its time and its number."""
    _, _, document = name.rpartition("/")
    return document.removesuffix(_SUFFIX).partition("-")[2].rpartition("-")[0]
