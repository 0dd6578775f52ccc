"""A stream that LinkedIn does not let the token read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select

from lac_pipeline.errors import PermissionMissingError
from lac_pipeline.reporting.check_wording import described
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse.check_results import Check, Readable, Severity
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.schema.base import server_time
from lac_pipeline.warehouse.schema.tables import Campaign, SyncLog
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.loads import ACCOUNT, begin_campaigns, load, load_campaigns, log_attempt, stored

CAMPAIGN = (2, ACCOUNT, "Spring", "ACTIVE")
REFUSAL = PermissionMissingError("LinkedIn does not let this token read it", detail="HTTP 403 ACCESS_DENIED")
GROUP = AssetGroup.ENTITIES


def test_its_rows_stay_and_a_check_says_why(warehouse: Warehouse, engine: Engine) -> None:
    """Nothing is removed, the attempt is unavailable, and a warning names the OAuth scope and LinkedIn's words."""
    load_campaigns(warehouse, [CAMPAIGN])
    before = stored(engine, Campaign)
    result = load(warehouse, begin_campaigns(warehouse), [], forbidden=REFUSAL)
    assert (result.status, result.pruned, result.api_calls) == ("unavailable", 0, 1)
    assert stored(engine, Campaign) == before
    (state,) = CheckStates(engine).not_passed([ACCOUNT])
    assert (state.check, state.severity) == (Check.STREAM_READABLE, Severity.WARNING)
    assert state.facts == Readable(("r_ads", "rw_ads"), "HTTP 403 ACCESS_DENIED")
    assert described(state) == (
        f"account {ACCOUNT}, campaigns, stream_readable: LinkedIn does not let this token read campaigns, so nothing "
        "of it is loaded, and rows of before stay. LinkedIn returned: HTTP 403 ACCESS_DENIED; sign in with the "
        "OAuth scope r_ads or rw_ads: `lac auth login`; or leave campaigns out of LAC_STREAMS"
    )
    with engine.connect() as connection:
        (errors,) = connection.scalars(select(SyncLog.errors).where(SyncLog.status == "unavailable"))
    assert errors[0]["type"] == "PermissionMissingError"


def test_it_is_tried_again_when_the_others_are_due(warehouse: Warehouse, engine: Engine) -> None:
    """It makes its group neither stale nor failing; after the TTL the group is due again, and with it the stream."""
    with engine.connect() as connection:
        now = server_time(connection)
    for name in STREAMS.names_in(GROUP):
        if name != "campaigns":
            log_attempt(engine, Attempt(name, ACCOUNT, "run", "scheduled", None, now), "success")
    load(warehouse, begin_campaigns(warehouse), [], forbidden=REFUSAL)

    def due(minutes: int) -> tuple[bool, int]:
        at = now + timedelta(minutes=minutes)
        gate = FreshnessGate(engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440, clock=lambda: at)
        (state,) = [state for state in gate.states([ACCOUNT]) if state.group is GROUP]
        return state.due, state.failures

    assert due(230) == (False, 0)
    assert due(250) == (True, 0)
