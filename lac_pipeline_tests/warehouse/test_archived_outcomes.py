"""Outcomes of attempts are archived: before a load is committed, and when it failed."""

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
    """A warehouse that archives outcomes."""
    return Warehouse(engine, archive=lambda: archive)


def outcomes(archive: RawArchive) -> list[Outcome]:
    """The archived outcomes."""
    return archive.outcomes(ACCOUNT, utc_now().date().replace(day=1))


def test_a_load_records_what_it_was_made_of(archiving: Warehouse, archive: RawArchive) -> None:
    """Status, columns, responses, refused records and the consent to a shrink are kept with the attempt."""
    attempt = begin_campaigns(archiving)
    responses = (Kept("adCampaigns", "/somewhere/raw/a", "raw/a"),)
    load(archiving, attempt, campaign_rows([1]), rejected=[rejection("2")], responses=responses, accept_shrink=True)
    [outcome] = outcomes(archive)
    assert (outcome.attempt, outcome.status, outcome.accept_shrink) == (attempt, "partial", True)
    assert (outcome.columns, outcome.responses) == (CAMPAIGN_COLUMNS, ("raw/a",))
    assert outcome.refused == ({"record_id": "2", "field": "status", "reason": "unknown status"},)


def test_nothing_is_loaded_of_which_the_archive_does_not_know(engine: Engine, tmp_path: Path) -> None:
    """Where the outcome cannot be kept, the load is not committed."""
    (tmp_path / "file").write_text("")
    closed = Warehouse(engine, archive=lambda: RawArchive(str(tmp_path / "file"), run_id="outcome", clock=utc_now))
    with pytest.raises(ArchiveError):
        load(closed, begin_campaigns(closed), campaign_rows([1]))
    assert stored(engine, Campaign) == []


def test_a_failed_attempt_records_why(archiving: Warehouse, archive: RawArchive) -> None:
    """What was refused as a whole is kept with its words."""
    attempt = begin_metrics(archiving)
    archiving.fail(attempt, UnexpectedPayloadError("a row twice in one response", detail="the response is kept in x"))
    [outcome] = outcomes(archive)
    assert (outcome.attempt, outcome.status) == (attempt, "failed")
    assert outcome.errors[0]["summary"] == "a row twice in one response"
    assert outcome.errors[0]["detail"] == "the response is kept in x"


def test_a_commit_that_fails_is_taken_back(engine: Engine, archiving: Warehouse, archive: RawArchive) -> None:
    """A load that PostgreSQL refuses at the very end counts as failed in the archive too."""
    attempt = begin_metrics(archiving)

    def refuse(_connection: object) -> None:
        raise RuntimeError("no commit")

    event.listen(engine, "commit", refuse)
    with pytest.raises(RuntimeError):
        load(archiving, attempt, metric_rows([7], attempt.window or ()))
    event.remove(engine, "commit", refuse)
    assert [outcome.status for outcome in outcomes(archive)] == ["failed"]
