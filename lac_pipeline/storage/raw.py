"""The raw archive: every answer of LinkedIn's, kept as it came, in a folder or in an object store.

One gzipped JSON document an answer: `{url}/raw/{account}/{YYYY-MM-DD}/{endpoint}/{time}-{run}-{n}.json.gz`, by the UTC
day of the request; `_` stands for the account where a call is about none or several. Nothing is ever overwritten.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lac_pipeline.errors import ArchiveError
from lac_pipeline.exchange import Exchange
from lac_pipeline.storage import raw_envelope
from lac_pipeline.storage.attempts import Kept
from lac_pipeline.storage.raw_stores import Store, failures_told, open_store
from lac_pipeline.storage.recording import current_recording

_SUFFIX = ".json.gz"
_GZIP = zlib.MAX_WBITS | 16
_NO_ACCOUNT = "_"
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pruning took away.

    Attributes:
        answers: how many.
        bytes: their size as they were stored.
    """

    answers: int = 0
    bytes: int = 0


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
            ArchiveError: it cannot be written; then nothing of it is seen in the archive. Also an answer of OAuth,
                which holds tokens and is never kept.
        """
        if "/oauth/" in exchange.path:
            raise ArchiveError("an answer of LinkedIn's OAuth holds tokens and is never archived")
        packer = zlib.compressobj(level=6, wbits=_GZIP)
        content = b"".join([*map(packer.compress, raw_envelope.write(exchange)), packer.flush()])
        with failures_told(f"an answer cannot be kept in {self._store.url}"):
            where = self._create(exchange, content)
        if (recorded := current_recording()) is not None:
            recorded.kept.append(Kept(exchange.endpoint, where))
        return where

    def _create(self, exchange: Exchange, content: bytes) -> str:
        while True:
            with contextlib.suppress(FileExistsError):
                return self._store.create(self._name(exchange), content)

    def accounts(self) -> list[int]:
        """List the ad accounts that the archive holds answers about, in order.

        Raises:
            ArchiveError: the archive cannot be read.
        """
        return sorted(int(name) for name in self._children("raw") if name.isdigit())

    def answers(self, account_id: int | None, since: date) -> Iterator[Exchange]:
        """Read the account's exchanges from the UTC day `since` on, in the order in which they were sent.

        Raises:
            ArchiveError: the archive cannot be read, or one of its documents is damaged; it is named.
        """
        account = _NO_ACCOUNT if account_id is None else str(account_id)
        for day in self._days(account):
            if date.fromisoformat(day) >= since:
                yield from self._answers_of(f"raw/{account}/{day}")

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
                    with failures_told(f"raw/{account}/{day} cannot be removed from {self._store.url}"):
                        removed += self._store.remove(f"raw/{account}/{day}", suffix=_SUFFIX)
        return Pruned(len(removed), sum(removed))

    def _name(self, exchange: Exchange) -> str:
        with self._lock:
            number = next(self._numbers)
        account = _NO_ACCOUNT if exchange.account_id is None else str(exchange.account_id)
        endpoint = _UNSAFE.sub("_", exchange.endpoint)
        sent_at = f"{exchange.sent_at:%Y%m%dT%H%M%S.%fZ}"
        return f"raw/{account}/{exchange.sent_at:%Y-%m-%d}/{endpoint}/{sent_at}-{self._run_id}-{number:06}{_SUFFIX}"

    def _children(self, folder: str) -> list[str]:
        with failures_told(f"{folder} cannot be read in {self._store.url}"):
            return sorted(self._store.children(folder))

    def _days(self, account: str) -> list[str]:
        return [day for day in self._children(f"raw/{account}") if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day)]

    def _answers_of(self, day: str) -> Iterator[Exchange]:
        documents = [
            (document, f"{day}/{endpoint}/{document}")
            for endpoint in self._children(day)
            for document in self._children(f"{day}/{endpoint}")
            if document.endswith(_SUFFIX) and not document.startswith(".")
        ]
        for _, name in sorted(documents):
            with failures_told(f"{name} cannot be read in {self._store.url}"):
                content = self._store.read(name)
            yield raw_envelope.read(content, name=name)
