"""How attempts end is told to the archive: before a load is committed, and when one failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from lac_pipeline.archive.store import RawArchive
from lac_pipeline.clock import utc_now
from lac_pipeline.errors import ArchiveError, UnexpectedPayloadError
from lac_pipeline.warehouse.load.attempts import Kept
from lac_pipeline.warehouse.load.outcomes import Outcome
from lac_pipeline.warehouse.schema.tables import Campaign
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    CAMPAIGN_COLUMNS,
    begin_campaigns,
    begin_metrics,
    campaign_rows,
    load,
    metric_rows,
    rejection,
    stored,
)


@pytest.fixture
def archive(tmp_path: Path) -> RawArchive:
    """An empty archive."""
    return RawArchive(str(tmp_path / "archive"), run_id="outcome", clock=utc_now)


@pytest.fixture
def archiving(engine: Engine, archive: RawArchive) -> Warehouse:
    """A warehouse that tells the archive."""
    return Warehouse(engine, archive=lambda: archive)


def outcomes(archive: RawArchive) -> list[Outcome]:
    """What the archive was told."""
    return archive.outcomes(ACCOUNT, utc_now().date().replace(day=1))


def test_a_load_tells_what_it_was_made_of(archiving: Warehouse, archive: RawArchive) -> None:
    """Status, columns, answers, refused records and the consent to a shrink are kept with the attempt."""
    attempt = begin_campaigns(archiving)
    answers = (Kept("adCampaigns", "/somewhere/raw/a", "raw/a"),)
    load(archiving, attempt, campaign_rows([1]), rejected=[rejection("2")], answers=answers, accept_shrink=True)
    [told] = outcomes(archive)
    assert (told.attempt, told.status, told.accept_shrink) == (attempt, "partial", True)
    assert (told.columns, told.answers) == (CAMPAIGN_COLUMNS, ("raw/a",))
    assert told.refused == ({"record_id": "2", "field": "status", "reason": "unknown status"},)


def test_nothing_is_loaded_of_which_the_archive_does_not_know(engine: Engine, tmp_path: Path) -> None:
    """Where the outcome cannot be kept, the load is not committed."""
    (tmp_path / "file").write_text("")
    closed = Warehouse(engine, archive=lambda: RawArchive(str(tmp_path / "file"), run_id="outcome", clock=utc_now))
    with pytest.raises(ArchiveError):
        load(closed, begin_campaigns(closed), campaign_rows([1]))
    assert stored(engine, Campaign) == []


def test_a_failed_attempt_tells_why(archiving: Warehouse, archive: RawArchive) -> None:
    """What was refused as a whole is kept with its words."""
    attempt = begin_metrics(archiving)
    archiving.fail(attempt, UnexpectedPayloadError("a row twice in one answer", detail="the answer is kept in x"))
    [told] = outcomes(archive)
    assert (told.attempt, told.status) == (attempt, "failed")
    assert told.errors[0]["summary"] == "a row twice in one answer"
    assert told.errors[0]["detail"] == "the answer is kept in x"


def test_a_commit_that_fails_is_taken_back(engine: Engine, archiving: Warehouse, archive: RawArchive) -> None:
    """A load that PostgreSQL refuses at the very end counts as failed in the archive too."""
    attempt = begin_metrics(archiving)

    def refuse(_connection: object) -> None:
        raise RuntimeError("no commit")

    event.listen(engine, "commit", refuse)
    with pytest.raises(RuntimeError):
        load(archiving, attempt, metric_rows([7], attempt.window or ()))
    event.remove(engine, "commit", refuse)
    assert [told.status for told in outcomes(archive)] == ["failed"]
