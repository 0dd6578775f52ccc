"""Every table fits a terminal of 80 columns, whatever the names and numbers; a file gets all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from rich.cells import cell_len

from lac_pipeline.cli import demo, plan, reports, runs, status, usage
from lac_pipeline.cli.terminal.sync_table import NARROW, SyncTable
from lac_pipeline.cli.terminal.table import Column, cut, table
from lac_pipeline.commands.plan import Step
from lac_pipeline.commands.reports import ReportStatus
from lac_pipeline.commands.runs import Line, Run
from lac_pipeline.commands.status import AssetStatus
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.warehouse.query.readings import AttemptRecord, CampaignSpend
from lac_pipeline.warehouse.query.stored_reports import StoredReport
from lac_pipeline.warehouse.query.usage import Usage
from lac_pipeline.windows import DateWindow

ACCOUNT, NOW = 5100000012, datetime(2026, 11, 26, 20, 35, tzinfo=UTC)
LONGEST = max(STREAMS.names, key=len)
NAME = "Weltweite Markenbekanntheit 東京・大阪 " * 8
BIG = 1_234_567_890
YEAR = DateWindow.inclusive(date(2025, 11, 27), date(2026, 11, 26))
WAITING = Reason(Cause.QUOTA_SPENT, until=NOW)
FRESHNESS = Freshness(ACCOUNT, AssetGroup.METRICS, False, WAITING, NOW, NOW, NOW, "failed", 3, quota_spent=True)
ASSET = AssetStatus(ACCOUNT, LONGEST, FRESHNESS, NOW - timedelta(days=900), "unavailable", BIG, 12_345, NOW)
SPEND = CampaignSpend(ACCOUNT, NAME, "JPY", 7, NAME, "ACTIVE", 365, BIG, BIG, Decimal("1234567890.12"), 99_999)
RUN_ID = "5b2f6c0e-6f9d-4a54-9d60-1d7e4d1c2a11"
RUN = Run(RUN_ID, "NOT_STARTED", (ACCOUNT,), f"{NAME} ({ACCOUNT})", "demographics", "scheduled", NOW, NOW)
STEP = Step(ACCOUNT, AssetGroup.CAMPAIGN_DEMOGRAPHICS, YEAR, 365, 123_456, known=False, rows=BIG)
CALLS = Usage(date(2026, 11, 26), "adAnalytics?q=attributedRevenueMetrics", ACCOUNT, BIG, NOW)
PIVOTS = "CAMPAIGN,IMPRESSION_DEVICE_TYPE,PLACEMENT_NAME"
STORED = StoredReport("spend_of_campaigns_by_device_and_placement", "MONTHLY", PIVOTS, BIG, 24, YEAR.start, YEAR.last)
TABLES = {
    "status": (status.COLUMNS, status._cells(ASSET), "  "),
    "status of what is left out": (status.COLUMNS, status._cells(replace(ASSET, excluded=True)), "  "),
    "usage": (usage.COLUMNS, usage._cells(CALLS, {ACCOUNT: NAME}), ""),
    "plan": (plan.COLUMNS, plan._cells(STEP), ""),
    "spend": (demo.COLUMNS, demo._cells(SPEND), "  "),
    "runs": (runs.COLUMNS, runs._cells(RUN), ""),
    "reports": (reports.COLUMNS, reports._cells(ReportStatus(STORED, declared=True)), ""),
    "reports that are left behind": (reports.COLUMNS, reports._cells(ReportStatus(STORED, declared=False)), ""),
}


@pytest.mark.parametrize(("columns", "row", "indent"), TABLES.values(), ids=TABLES.keys())
def test_tables_fit_80_columns(columns: Sequence[Column], row: Sequence[str], indent: str) -> None:
    """The longest names and numbers leave no line longer than the terminal, and no number is cut."""
    lines = table(columns, [row], within=80, indent=indent)
    assert max(map(cell_len, lines)) <= 80
    numbers = [cell for cell, column in zip(row, columns, strict=True) if column.right and not column.spare]
    assert [number for number in numbers if number not in lines[1]] == []
    whole = table(columns, [row], within=None)[1]
    assert all(" ".join(cell.split()) in " ".join(whole.split()) for cell in row)


@pytest.mark.parametrize("status", ["success", "partial", "unavailable"])
def test_the_table_of_a_sync_fits_80_columns(status: str) -> None:
    """What was rejected and pruned is shown, beside what was fetched, inserted and updated."""
    attempt = Attempt(LONGEST, ACCOUNT, "run", "on_demand", YEAR, NOW)
    n = 123_456_789
    record = AttemptRecord(attempt, status, None, NOW, n, n, n, n, n, n, n, n, [])
    lines = SyncTable(80)
    assert {"rejected", "pruned", "fetched", "inserted", "updated"} <= {*lines.columns}
    shown = [lines.header(), *lines.line(record).splitlines()]
    assert max(map(len, shown)) <= 80
    assert (status in " ".join(shown)) == (status != "success")
    assert {*SyncTable(None).columns} == {*NARROW}


def test_the_log_of_a_run_fits_80_columns() -> None:
    """On a terminal the lines of an error stay apart, below the time; a file has the step in each line."""
    step, summary = f"{LONGEST}_checks", f"account {NAME[:38]}({ACCOUNT}): LinkedIn refuses the request"
    line = Line(NOW, "ERROR", step, f"{summary}\n  why:    the token may not read it\n  fix:    sign in again")
    first, *others = runs.laid_out(line, within=80).splitlines()
    assert max(map(cell_len, (first, *others))) <= 80
    assert first.startswith("  20:35:00  account Weltweite")
    assert [other[12:] for other in others[-2:]] == ["  why:    the token may not read it", "  fix:    sign in again"]
    assert step in runs.laid_out(line, within=None)


@pytest.mark.parametrize("within", [80, 110, 128, 129, 180, None])
def test_the_columns_of_a_sync_are_apart(within: int | None) -> None:
    """On a terminal of any width a space is between the names of all columns that are shown."""
    lines = SyncTable(within)
    assert lines.header().split()[-len(lines.columns) :] == lines.columns
    assert within is None or len(lines.header()) <= within


def test_yen_have_no_cents() -> None:
    """The demo's table writes money as its pages do."""
    assert "1,234,567,890 JPY" in demo._cells(SPEND)


@pytest.mark.parametrize("within", [80, None])
def test_the_name_of_a_group_does_not_touch_what_follows(within: int | None) -> None:
    """The longest of them neither."""
    beginnings = [SyncTable(within).subject(510000001, group) for group in AssetGroup]
    assert [text for text in beginnings if not text.endswith(" ")] == []


def test_text_is_cut_by_the_room_that_it_takes() -> None:
    """A character that is two cells wide counts as two, and control characters are shown as text."""
    assert cut("東京タワー", within=6) == "東京 …"
    assert cut("short", within=5) == "short"
    assert cut("a\x1b[31mb\nc", within=None) == "a\\x1b[31mb\\nc"


def test_what_matters_least_is_left_out_first() -> None:
    """Where cutting text is not enough, a spare column goes."""
    columns = (Column("name", least=4), Column("spare", spare=1), Column("number", right=True))
    row = ("a long name", "not needed", "1,234")
    assert table(columns, [row], within=18)[1].split() == ["a", "long", "na…", "1,234"]
    assert table(columns, [row], within=60)[0].split() == ["name", "spare", "number"]
