"""However the code that fetches and loads ends, its attempt ends with it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import count

import pytest
from sqlalchemy import Engine, create_engine, event

from lac_pipeline.errors import DefectError, LacError, StorageError, UnreachableError
from lac_pipeline.warehouse.load.attempts import Kept, Load
from lac_pipeline.warehouse.load.lifecycle import OpenAttempt, PendingLoad, lifecycle
from lac_pipeline.warehouse.load.recording import current_recording
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.query.readings import AttemptRecord
from lac_pipeline.warehouse.schema.tables import Campaign
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    CAMPAIGN_COLUMNS,
    begin_campaigns,
    load_metrics,
    stored,
)


def attempt(warehouse: Warehouse) -> AbstractContextManager[OpenAttempt]:
    """An attempt at an account's campaigns; each look at the requests finds one more."""
    calls = count(100)
    return warehouse.attempt(
        "campaigns", ACCOUNT, run_id="run", trigger="on_demand", window=None, calls=lambda: next(calls)
    )


def load(opened: OpenAttempt, *ids: int, account_id: int = ACCOUNT) -> None:
    """Load campaigns for it."""
    with CopySpool(CAMPAIGN_COLUMNS) as spool:
        spool.extend((identifier, account_id, f"Campaign {identifier}", "ACTIVE") for identifier in ids)
        opened.load(Load(opened.attempt, spool, [], fetched=len(ids), api_calls=opened.api_calls))


def the_record(warehouse: Warehouse) -> AttemptRecord:
    """The only attempt."""
    [record] = warehouse.read.attempts_of("run")
    return record


def test_an_attempt_is_seen_while_it_runs_and_closed_by_its_load(warehouse: Warehouse) -> None:
    """It runs from before the first request on, and ends as a success with its requests counted."""
    with attempt(warehouse) as opened:
        assert the_record(warehouse).status == "running"
        load(opened, 1)
    assert (the_record(warehouse).status, the_record(warehouse).api_calls) == ("success", 1)


@pytest.mark.parametrize(
    ("raised", "kept"),
    [
        (UnreachableError("LinkedIn did not respond"), "UnreachableError"),
        (KeyError("pivot"), "DefectError"),
        (KeyboardInterrupt(), "LacError"),
        (SystemExit(1), "LacError"),
        (GeneratorExit(), "LacError"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_of_any_kind_is_recorded(warehouse: Warehouse, raised: BaseException, kept: str) -> None:
    """An error of ours, one of Python's and an interrupt each end the attempt, with the requests that were sent."""
    with pytest.raises(DefectError if kept == "DefectError" else type(raised)), attempt(warehouse):
        raise raised
    record = the_record(warehouse)
    assert (record.status, record.api_calls, record.errors[0]["type"]) == ("failed", 1, kept)


def test_a_load_that_fails_ends_its_attempt(warehouse: Warehouse, engine: Engine) -> None:
    """Rows of another account are refused, and the attempt fails with the reason."""

    def load_of_another_account() -> None:
        with attempt(warehouse) as opened:
            load(opened, 1, account_id=ACCOUNT + 1)

    with pytest.raises(StorageError):
        load_of_another_account()
    assert the_record(warehouse).status == "failed"
    assert stored(engine, Campaign) == []


def test_an_attempt_that_loaded_stays_a_success(warehouse: Warehouse, engine: Engine) -> None:
    """What is raised after the commit does not call the rows that were written a failure."""

    def interrupted_late() -> None:
        with attempt(warehouse) as opened:
            load(opened, 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_late()
    assert the_record(warehouse).status == "success"
    assert len(stored(engine, Campaign)) == 1


def test_an_attempt_cannot_end_without_a_load(warehouse: Warehouse) -> None:
    """Code that forgets to load is a defect, and no attempt is left running."""
    with pytest.raises(DefectError, match="campaigns"), attempt(warehouse):
        pass
    assert the_record(warehouse).status == "failed"


def test_a_lost_database_hides_no_failure(warehouse: Warehouse) -> None:
    """Where the failure cannot be recorded, it is raised all the same; the attempt stays running for housekeeping."""
    lost = Warehouse(create_engine("postgresql+psycopg://lac@127.0.0.1:1/none"))
    begun = begin_campaigns(warehouse)
    with pytest.raises(UnreachableError), lifecycle(begun, loads=lost, calls=lambda: 0):
        raise UnreachableError("LinkedIn did not respond")
    assert the_record(warehouse).status == "running"


def test_a_defect_names_the_responses_that_it_fails_on(warehouse: Warehouse) -> None:
    """What the archive keeps during the attempt is the attempt's, and the last three responses are named."""

    def faulty() -> None:
        with attempt(warehouse) as opened:
            recorded = current_recording()
            assert recorded is not None
            recorded.kept += [Kept("adCampaigns", f"/raw/{number}", f"raw/{number}") for number in range(5)]
            assert recorded.attempt == opened.attempt
            raise ZeroDivisionError

    with pytest.raises(DefectError) as failed:
        faulty()
    assert current_recording() is None
    assert "adCampaigns" in failed.value.summary
    assert [place for place in range(5) if f"/raw/{place}" in (failed.value.detail or "")] == [2, 3, 4]


def test_attempts_follow_each_other(warehouse: Warehouse) -> None:
    """One that failed is in the way of no later one."""
    with pytest.raises(LacError), attempt(warehouse):
        raise LacError("no")
    load_metrics(warehouse, [])
    with attempt(warehouse) as opened:
        load(opened, 1)
    assert [record.status for record in warehouse.read.attempts_of("run")] == ["failed", "success", "success"]


def handed_over(opened: OpenAttempt, *ids: int, account_id: int = ACCOUNT) -> PendingLoad:
    """Fetch campaigns for it, and leave them to be stored later."""
    spool = CopySpool(CAMPAIGN_COLUMNS)
    spool.extend((identifier, account_id, f"Campaign {identifier}", "ACTIVE") for identifier in ids)
    return opened.hand_over(Load(opened.attempt, spool, [], fetched=len(ids), api_calls=opened.api_calls))


def test_what_is_handed_over_runs_until_it_is_stored(warehouse: Warehouse, engine: Engine) -> None:
    """The attempt outlives the block that began it, and counts no request that is sent afterwards."""
    with attempt(warehouse) as opened:
        pending = handed_over(opened, 1, 2)
    assert (the_record(warehouse).status, stored(engine, Campaign)) == ("running", [])
    assert pending.store().inserted == 2
    assert (the_record(warehouse).status, the_record(warehouse).api_calls) == ("success", 1)
    assert warehouse.pending == set()


def test_what_cannot_be_stored_fails_alone(warehouse: Warehouse, engine: Engine) -> None:
    """Of two fetches that wait, the one with rows of another account fails and the other one is stored."""
    pending = []
    for account_id in (ACCOUNT + 1, ACCOUNT):
        with attempt(warehouse) as opened:
            pending.append(handed_over(opened, 1, account_id=account_id))
    with pytest.raises(StorageError):
        pending[0].store()
    pending[1].store()
    records = warehouse.read.attempts_of("run")
    assert [(record.status, record.api_calls) for record in records] == [("failed", 1), ("success", 1)]
    assert (len(stored(engine, Campaign)), warehouse.pending) == (1, set())


def test_what_is_never_stored_has_failed(warehouse: Warehouse) -> None:
    """When the warehouse is closed, an attempt that waits ends as interrupted, and one that was stored stays so."""
    with attempt(warehouse) as opened:
        handed_over(opened, 1)
    with attempt(warehouse) as opened:
        handed_over(opened, 2).store()
    warehouse.abandon_pending()
    warehouse.abandon_pending()
    records = warehouse.read.attempts_of("run")
    assert [record.status for record in records] == ["failed", "success"]
    assert str(records[0].errors[0]["summary"]).startswith("interrupted")
    assert warehouse.pending == set()


def test_what_fails_after_the_hand_over_is_recorded_once(warehouse: Warehouse) -> None:
    """An interrupt just after it ends the attempt; closing the warehouse changes nothing of that."""

    def interrupted_late() -> None:
        with attempt(warehouse) as opened:
            handed_over(opened, 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_late()
    record = the_record(warehouse)
    warehouse.abandon_pending()
    assert record.status == "failed"
    assert the_record(warehouse) == record


def test_an_interrupt_while_storing_fails_the_attempt(warehouse: Warehouse, engine: Engine) -> None:
    """A load that is broken off writes nothing, and its rows wait no longer."""
    with attempt(warehouse) as opened:
        pending = handed_over(opened, 1)

    def signalled(*_: object) -> None:
        raise KeyboardInterrupt

    event.listen(engine, "commit", signalled, once=True)
    with pytest.raises(KeyboardInterrupt):
        pending.store()
    assert (the_record(warehouse).status, stored(engine, Campaign), warehouse.pending) == ("failed", [], set())
