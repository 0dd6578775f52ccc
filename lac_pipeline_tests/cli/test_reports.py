"""`lac reports`: what is declared, and what is left of reports that are declared no more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text

from lac_pipeline.cli.terminal.documents import ReportsDocument
from lac_pipeline.settings import export
from lac_pipeline.warehouse.schema.tables import CustomReport, table_of
from lac_pipeline_tests.cli.conftest import Lac
from lac_pipeline_tests.cli.terminal import terminal

DECLARED = """
[[report]]
name = "devices"
pivots = ["IMPRESSION_DEVICE_TYPE"]
granularity = "DAILY"
metrics = ["impressions", "clicks"]
"""


@pytest.fixture
def rows(engine: Engine) -> None:
    """Rows of a report in the form that is declared, of its form before, and of another that is declared no more."""
    forms = [("devices", "IMPRESSION_DEVICE_TYPE", 2), ("devices", "CAMPAIGN", 1), ("groups", "CAMPAIGN_GROUP", 1)]
    stored = [
        {
            "report": report,
            "account_id": 7,
            "date": date(2026, 11, day),
            "pivot_values": [pivots, str(day)],
            "granularity": "DAILY",
            "pivots": pivots,
            "metrics": {"impressions": 3},
        }
        for report, pivots, days in forms
        for day in range(1, days + 1)
    ]
    with engine.begin() as connection:
        connection.execute(insert(table_of(CustomReport)), stored)


@pytest.mark.usefixtures("rows")
def test_declared_reports_come_first_and_then_what_is_left_behind(lac: Lac, tmp_path: Path) -> None:
    """Each form of a report is counted by itself, for people and for scripts."""
    (tmp_path / "reports.toml").write_text(DECLARED)
    export({"LAC_REPORTS": "reports.toml"})
    heading, *lines, note = lac("reports").out.splitlines()
    assert heading.split() == ["report", "granularity", "pivots", "rows", "covers", "first", "last", "view"]
    days = ("2026-11-01", "2026-11-02")
    assert [tuple(line.split()) for line in lines] == [
        ("devices", "DAILY", "IMPRESSION_DEVICE_TYPE", "2", "2", "days", *days, "report_devices"),
        ("devices", "DAILY", "CAMPAIGN", "1", "1", "day", *days[:1] * 2, "left", "behind"),
        ("groups", "DAILY", "CAMPAIGN_GROUP", "1", "1", "day", *days[:1] * 2, "left", "behind"),
    ]
    assert "left behind: no longer declared" in note
    found = ReportsDocument.model_validate_json(lac("reports", "--json").out).reports
    assert [(report.name, report.declared, report.rows) for report in found] == [
        ("devices", True, 2),
        ("devices", False, 1),
        ("groups", False, 1),
    ]
    assert found[0].metrics == ["impressions", "clicks"]


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(("columns", "whole"), [(80, False), (200, True)])
def test_the_table_fits_the_terminal(
    settings_given: dict[str, str], tmp_path: Path, columns: int, *, whole: bool
) -> None:
    """No line wraps; a wide terminal shows every column, and a narrow one the form, the rows and the last day."""
    (tmp_path / "reports.toml").write_text(DECLARED.replace("IMPRESSION_DEVICE_TYPE", 'CAMPAIGN", "PLACEMENT_NAME'))
    variables = settings_given | {"LAC_REPORTS": "reports.toml"}
    with terminal("lac", "reports", folder=tmp_path, variables=variables, columns=columns) as person:
        assert person.end() == 0, person.text
    heading, *lines = person.text.splitlines()
    assert max(map(len, person.text.splitlines())) <= columns
    assert ({"first", "covers"} <= {*heading.split()}) == whole
    assert {"report", "granularity", "pivots", "rows", "last", "view"} <= {*heading.split()}
    assert len(lines) == 5  # four forms, and what is left behind


def test_without_reports_it_says_how_to_declare_one(lac: Lac) -> None:
    """Nothing is declared, and nothing is stored."""
    assert "docs/reports.md" in lac("reports").out
    assert ReportsDocument.model_validate_json(lac("reports", "--json").out).reports == []


def test_a_migration_makes_the_views_of_declared_reports(lac: Lac, engine: Engine, tmp_path: Path) -> None:
    """`lac migrate` names each view that it made, which can be queried before the first load, and makes none twice."""
    (tmp_path / "reports.toml").write_text(DECLARED)
    export({"LAC_REPORTS": "reports.toml"})
    assert "made the view linkedin_ads.report_devices" in lac("migrate").out
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(impressions) FROM linkedin_ads.report_devices")) == 0
    assert "made the view" not in lac("migrate").out
