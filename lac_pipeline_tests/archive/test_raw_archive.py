"""The raw archive, in a folder and in an object store: every response is kept once, whole, and can be read back."""

from __future__ import annotations

import errno
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import s3fs
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from upath import UPath

from lac_pipeline.archive import envelope as raw_envelope
from lac_pipeline.archive.backends import explained_failures, try_archive
from lac_pipeline.archive.store import RawArchive
from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.outcomes import Outcome
from lac_pipeline.warehouse.load.recording import recording
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.full_disk import full_disk

NOW = datetime(2026, 11, 21, 10, 30, 5, 123456, tzinfo=UTC)
EXCHANGE = Exchange(
    endpoint="adAnalytics",
    account_id=510000001,
    method="GET",
    path="/rest/adAnalytics",
    query="q=analytics&pivot=CAMPAIGN",
    version="202609",
    sent_at=NOW,
    status=200,
    headers={"x-li-uuid": "abc", "content-type": "application/json"},
    body='{"elements": [{"name": "Größe"}]}'.encode(),
)


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """The address of a server on loopback that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where an archive may lie."""
    if request.param == "folder":
        return str(tmp_path / "home")
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_endpoint"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    bucket = f"lac-{zlib.crc32(request.node.name.encode())}"
    s3fs.S3FileSystem(use_listings_cache=False).mkdir(bucket)
    return f"s3://{bucket}/prefix"


def archive(url: str, *, run_id: str = "run1", now: datetime = NOW) -> RawArchive:
    """An archive of one run at a fixed time."""
    return RawArchive(url, run_id=run_id, clock=lambda: now)


def at(moment: datetime, **changes: object) -> Exchange:
    """The exchange as if it had been sent at that moment."""
    return replace(EXCHANGE, sent_at=moment, **changes)  # type: ignore[arg-type]


def test_place_contains_account_day_endpoint_time_and_run(url: str) -> None:
    """A response lies under its account, UTC day and endpoint, and its name contains its time and its run."""
    place = archive(url).keep(EXCHANGE)
    assert place == f"{url}/raw/510000001/2026-11-21/adAnalytics/20261121T103005.123456Z-run1-000001.json.gz"


def test_responses_come_back_unchanged(url: str) -> None:
    """What is kept is read back byte for byte, in the order of sending, whatever the endpoint and the run."""
    sent = [
        at(NOW + timedelta(seconds=n), endpoint=("creatives", "adAnalytics")[n % 2], body=bytes([0, 255, n]))
        for n in range(5)
    ]
    for number, exchange in enumerate(reversed(sent)):
        archive(url, run_id=f"run{number}").keep(exchange)
    assert list(archive(url).responses(EXCHANGE.account_id, NOW.date())) == sent


def test_only_the_requested_account_and_days_are_read(url: str) -> None:
    """Responses of other accounts, and of days before the requested day, stay unread."""
    kept = archive(url)
    days = [at(NOW - timedelta(days=n)) for n in range(3)]
    for exchange in (*days, at(NOW, account_id=7), at(NOW, account_id=None, endpoint="adAccounts")):
        kept.keep(exchange)
    assert list(kept.responses(510000001, date(2026, 11, 20))) == [days[1], days[0]]
    assert [exchange.endpoint for exchange in kept.responses(None, date(2026, 1, 1))] == ["adAccounts"]


def test_unknown_account_has_no_responses(url: str) -> None:
    """An account that nothing was kept of gives nothing, and so does an archive that was never written."""
    assert list(archive(url).responses(99, date(2026, 1, 1))) == []


def test_nothing_is_overwritten(url: str) -> None:
    """Two processes that keep at the same instant under the same run both keep their response."""
    places = {archive(url).keep(replace(EXCHANGE, body=body)) for body in (b"first", b"second", b"third")}
    assert len(places) == 3
    assert [exchange.body for exchange in archive(url).responses(510000001, NOW.date())] == [
        b"first",
        b"second",
        b"third",
    ]


def test_pruning_removes_whole_old_days(url: str) -> None:
    """Days that ended before the limit are removed, of every account, and the counts show how much."""
    kept = archive(url)
    for days_ago in (0, 29, 30, 31, 400):
        for account_id in (510000001, None):
            kept.keep(at(NOW - timedelta(days=days_ago), account_id=account_id))
    pruned = kept.prune(timedelta(days=30))
    assert pruned.responses == 4
    assert pruned.bytes > 4 * 100
    left = [exchange.sent_at for exchange in kept.responses(510000001, date(2020, 1, 1))]
    assert left == [NOW - timedelta(days=days_ago) for days_ago in (30, 29, 0)]
    assert kept.prune(timedelta(days=30)).responses == 0


def test_damaged_document_is_named(url: str) -> None:
    """A document that cannot be read back is named in the error, with what to do."""
    kept = archive(url)
    place = UPath(kept.keep(EXCHANGE))
    place.write_bytes(place.read_bytes()[:40])
    with pytest.raises(ArchiveError, match=r"000001\.json\.gz in the raw archive is damaged") as failure:
        list(kept.responses(510000001, NOW.date()))
    assert "lac sync" in str(failure.value.fix)


def test_document_is_readable_by_other_tools(tmp_path: Path) -> None:
    """A document is gzipped JSON of request, status, headers and body, the same bytes at every writing."""
    place = Path(archive(str(tmp_path)).keep(EXCHANGE))
    document = json.loads(gzip.decompress(place.read_bytes()))
    assert document == {
        "request": {
            "endpoint": "adAnalytics",
            "account_id": 510000001,
            "method": "GET",
            "path": "/rest/adAnalytics",
            "query": "q=analytics&pivot=CAMPAIGN",
            "version": "202609",
            "sent_at": "2026-11-21T10:30:05.123456+00:00",
        },
        "attempt": None,
        "status": 200,
        "headers": {"x-li-uuid": "abc", "content-type": "application/json"},
        "body": '{"elements": [{"name": "Größe"}]}',
    }
    assert place.read_bytes() == Path(archive(str(tmp_path / "again")).keep(EXCHANGE)).read_bytes()


def test_an_exchange_has_no_place_for_a_token() -> None:
    """What is kept of a request is its method, path, query and version: no header, so no token."""
    fields = set(Exchange.__dataclass_fields__)
    assert fields == {
        *("endpoint", "account_id", "method", "path", "query", "version", "sent_at"),
        *("status", "headers", "body"),
    }


def test_oauth_responses_are_refused(tmp_path: Path) -> None:
    """A response of LinkedIn's OAuth, which holds tokens, is refused and leaves no trace."""
    with pytest.raises(ArchiveError, match="never archived"):
        archive(str(tmp_path)).keep(replace(EXCHANGE, path="/oauth/v2/accessToken", body=b"secret"))
    assert list(tmp_path.iterdir()) == []


def test_folders_and_documents_are_private(tmp_path: Path) -> None:
    """In a local folder the documents are 0600 and every folder that was made is 0700."""
    place = Path(archive(str(tmp_path / "home")).keep(EXCHANGE))
    assert place.stat().st_mode & 0o777 == 0o600
    made = [folder for folder in place.parents if folder != tmp_path and tmp_path in folder.parents]
    assert [oct(folder.stat().st_mode & 0o777) for folder in made] == ["0o700"] * 5


def test_no_draft_is_left_or_read(tmp_path: Path) -> None:
    """Beside the documents nothing is left, and a draft of a killed process is not taken for a document."""
    kept = archive(str(tmp_path))
    folder = Path(kept.keep(EXCHANGE)).parent
    (folder / ".half.json.gz").write_bytes(b"half")
    assert list(kept.responses(510000001, NOW.date())) == [EXCHANGE]
    (folder / ".half.json.gz").unlink()
    assert len(list(folder.iterdir())) == 1


def test_file_url_is_a_folder(tmp_path: Path) -> None:
    """A file:// URL means the folder it names."""
    assert archive(f"file://{tmp_path}").keep(EXCHANGE).startswith(f"{tmp_path}/raw/510000001/")


def test_an_unwritable_place_is_an_error_with_a_fix(tmp_path: Path) -> None:
    """Where nothing can be written the error names the place and the setting."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ArchiveError, match=r"a response cannot be kept in .*taken") as failure:
        archive(str(tmp_path / "taken")).keep(EXCHANGE)
    assert "LAC_RAW_URL" in str(failure.value.fix)


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "free space"),
        (PermissionError(errno.EACCES, "Permission denied"), "the right to write"),
        (ValueError("whatever a store's client raises"), "can be reached"),
    ],
)
def test_each_failure_has_its_fix(error: Exception, fix: str) -> None:
    """A full disk, a missing right and a store out of reach are distinguished."""
    with pytest.raises(ArchiveError, match="it failed") as failure, explained_failures("it failed"):
        raise error
    assert fix in str(failure.value.fix)


def test_a_missing_bucket_is_an_error_with_a_fix(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that is not there is an error of the archive, with the setting that names it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(ArchiveError, match="s3://no-such-bucket") as failure:
        archive("s3://no-such-bucket").keep(EXCHANGE)
    assert "LAC_RAW_URL" in str(failure.value.fix)


def test_unknown_kind_of_store_is_refused_at_once() -> None:
    """A URL of an unknown kind is refused when the archive is made, not at the first response."""
    with pytest.raises(ArchiveError, match="cannot be kept in warp://bucket") as failure:
        archive("warp://bucket")
    assert "LAC_RAW_URL" in str(failure.value.fix)


def test_a_long_input_survives() -> None:
    """A body that is written in several pieces, escapes at their borders included, is read back unchanged."""
    body = ('"\\\n\x01é🚀' * 200_000).encode()
    exchange = replace(EXCHANGE, body=body)
    assert raw_envelope.read(gzip.compress(b"".join(raw_envelope.write(exchange))), name="x") == exchange


@examples(200)
@given(st.binary(max_size=200), st.text(max_size=50), st.dictionaries(st.text(max_size=8), st.text(max_size=8)))
def test_any_input_survives(body: bytes, query: str, headers: dict[str, str]) -> None:
    """Any body, query and headers are written and read back unchanged."""
    exchange = replace(EXCHANGE, body=body, query=query, headers=headers)
    assert raw_envelope.read(gzip.compress(b"".join(raw_envelope.write(exchange))), name="x") == exchange


ATTEMPT = Attempt("campaigns", 510000001, "run1", "scheduled", None, NOW)


def test_an_outcome_has_what_was_read_and_what_was_refused(url: str) -> None:
    """The window, the outcome, the responses and the refusals of an attempt are kept, and read back equal."""
    window = DateWindow.inclusive(date(2026, 11, 1), date(2026, 11, 20))
    attempt = replace(ATTEMPT, asset="campaign_daily_metrics", window=window)
    with recording(attempt) as recorded:
        archive(url).keep(EXCHANGE)
    outcome = Outcome(
        attempt,
        "partial",
        NOW + timedelta(seconds=3),
        responses=tuple(kept.name for kept in recorded.kept),
        columns=("campaign_id", "date", "clicks", "account_id"),
        refused=({"record_id": "7|2026-11-02", "field": "clicks", "reason": "a count cannot be negative"},),
    )
    archive(url).close(outcome)
    assert archive(url).outcomes(510000001, NOW.date()) == [outcome]
    assert [archive(url).read(name) for name in outcome.responses] == [EXCHANGE]
    assert list(archive(url).responses(510000001, NOW.date())) == [EXCHANGE]


def test_the_last_outcome_of_an_attempt_counts(url: str) -> None:
    """A load that could not be committed after all is kept as failed."""
    archive(url).close(Outcome(ATTEMPT, "success", NOW))
    failed = Outcome(ATTEMPT, "failed", NOW + timedelta(seconds=1), errors=({"type": "X", "summary": "no room"},))
    archive(url).close(failed)
    assert archive(url).outcomes(510000001, NOW.date()) == [failed]


def test_outcomes_come_in_the_order_of_their_ends(url: str) -> None:
    """Of two attempts the one that ended first comes first, whichever began first."""
    early = Outcome(ATTEMPT, "success", NOW + timedelta(minutes=9))
    late = Outcome(replace(ATTEMPT, started_at=NOW + timedelta(minutes=1)), "success", NOW + timedelta(minutes=2))
    archive(url).close(early)
    archive(url).close(late)
    assert archive(url).outcomes(510000001, NOW.date()) == [late, early]


def test_responses_of_older_versions_are_distinguished(tmp_path: Path) -> None:
    """A response that names no attempt is of a version without outcomes."""
    kept = archive(str(tmp_path))
    kept.keep(EXCHANGE)
    place = Path(kept.keep(at(NOW + timedelta(seconds=1))))
    document = json.loads(gzip.decompress(place.read_bytes()))
    del document["attempt"]
    place.write_bytes(gzip.compress(json.dumps(document).encode()))
    [found] = kept.unmarked(510000001, NOW.date(), known=())
    assert (found.run_id, found.exchange) == ("run1", at(NOW + timedelta(seconds=1)))
    assert list(kept.unmarked(510000001, NOW.date(), known={found.name})) == []


def test_a_damaged_outcome_is_named(tmp_path: Path) -> None:
    """What cannot be read of an outcome is an error in four parts, with the document's name."""
    kept = archive(str(tmp_path))
    kept.close(Outcome(ATTEMPT, "success", NOW))
    [place] = tmp_path.rglob("attempts/*.json.gz")
    place.write_bytes(gzip.compress(b'{"attempt": {"asset": 5}}'))
    with pytest.raises(ArchiveError, match=r"attempts/.* is damaged") as error:
        kept.outcomes(510000001, NOW.date())
    assert error.value.fix


def test_a_try_leaves_nothing(url: str) -> None:
    """What is written to find out whether an archive can be used is taken away again."""
    kept = archive(url)
    kept.keep(EXCHANGE)
    place = UPath(url)
    before = place.fs.find(place.path)
    assert try_archive(url)
    assert place.fs.find(place.path) == before != []


def test_a_try_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """A disk without room is an error with a fix, and no try leaves a folder on it."""
    with full_disk(0), pytest.raises(ArchiveError, match="cannot be used") as error:
        try_archive(str(tmp_path))
    assert error.value.fix
    assert list(tmp_path.iterdir()) == []
