"""The rows of an asset that a person is shown."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from lac_pipeline.streams import STREAMS, Stream
from lac_pipeline.warehouse.schema.entities import AccountUser
from lac_pipeline.warehouse.schema.tables import (
    Account,
    Campaign,
    CampaignGroup,
    ReachByMonth,
    stream_table,
)
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.advertising import put

ACCOUNT, GROUP, CAMPAIGN = 5, 50, 500
OCTOBER = DateWindow(date(2026, 10, 1), date(2026, 11, 1))


def test_who_a_member_is_is_not_shown(engine: Engine) -> None:
    """Everybody who may open Dagster's page reads a preview: it has the roles, and no member's URN."""
    user = {"account_id": ACCOUNT, "user_urn": "urn:li:person:K1Rwy", "role": "VIEWER"}
    with engine.begin() as connection:
        put(connection, AccountUser, user)
    (row,) = Warehouse(engine).read.preview("account_users", ACCOUNT)
    assert (row["account_id"], row["role"]) == (ACCOUNT, "VIEWER")
    assert "K1Rwy" not in str(row)


@pytest.mark.parametrize("stream", [stream for stream in STREAMS if stream.members])
def test_the_columns_that_are_left_out_exist(stream: Stream) -> None:
    """A column that is renamed is not shown by mistake."""
    assert set(stream.members) <= {column.name for column in stream_table(stream.name).c}


def test_each_level_of_reach_has_the_name_of_its_entity(engine: Engine) -> None:
    """Of the account, the campaign group and the campaign, beside the id."""
    with engine.begin() as connection:
        put(connection, Account, {"id": ACCOUNT, "name": "EMEA"})
        put(connection, CampaignGroup, {"id": GROUP, "account_id": ACCOUNT, "name": "Brand"})
        put(connection, Campaign, {"id": CAMPAIGN, "account_id": ACCOUNT, "name": "Spring"})
        for level, entity_id in (("account", ACCOUNT), ("campaign_group", GROUP), ("campaign", CAMPAIGN)):
            reach = {"account_id": ACCOUNT, "month": OCTOBER.start, "level": level, "entity_id": entity_id}
            put(connection, ReachByMonth, reach | {"impressions": 1000, "approximate_member_reach": 700})
    rows = Warehouse(engine).read.preview("reach_by_month", ACCOUNT, window=OCTOBER)
    assert [(row["level"], row["entity_id"], row["entity_name"]) for row in rows] == [
        ("account", ACCOUNT, "EMEA"),
        ("campaign", CAMPAIGN, "Spring"),
        ("campaign_group", GROUP, "Brand"),
    ]
