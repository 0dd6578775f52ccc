"""Declared reports in PostgreSQL: rows in one table, and a typed view of each, which follows what is declared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from lac_pipeline.errors import StorageError
from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams import Stream, declare
from lac_pipeline.streams.custom_reports import report_stream
from lac_pipeline.warehouse.load.attempts import Load, LoadResult
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.query.check_queries import LoadChecks
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.roles import grant_reader
from lac_pipeline.warehouse.schema.tables import CustomReport, MetricRestatement
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow, month_of
from lac_pipeline_tests.warehouse.loads import ACCOUNT, load_campaigns, stored

DAYS = DateWindow(date(2026, 11, 1), date(2026, 11, 3))
NAME = "report_devices"


def declared(*pivots: str, metrics: str = "impressions costInLocalCurrency", name: str = "devices") -> Stream:
    """A declared daily report, known by its name."""
    stream = report_stream(name, pivots, "DAILY", tuple(BY_NAME[metric] for metric in metrics.split()))
    declare([stream])
    return stream


def row(*values: str, impressions: int = 100, cost: str = "1.10", day: int = 1) -> dict[str, Any]:
    """A row of adAnalytics."""
    on = {"year": 2026, "month": 11, "day": day}
    counts = {"impressions": impressions, "costInLocalCurrency": cost}
    return {"dateRange": {"start": on, "end": on}, "pivotValues": [*values], **counts}


def loaded(warehouse: Warehouse, stream: Stream, *rows: dict[str, Any], window: DateWindow = DAYS) -> LoadResult:
    """Load rows of a report, as its asset does."""
    assert stream.report is not None
    validator = validator_of(stream, ACCOUNT, metrics=stream.report.metrics)
    fields = {"dateRange", "pivotValues", *(metric.name for metric in stream.report.metrics)}
    page = validator.validate([{name: each[name] for name in fields & each.keys()} for each in rows])
    assert page.rejected == []
    attempt = warehouse.begin(stream.name, ACCOUNT, run_id="run", trigger="on_demand", window=window)
    with CopySpool(validator.columns) as spool:
        spool.extend(page.rows)
        return warehouse.load(Load(attempt, spool, (), fetched=len(rows), api_calls=1, accept_shrink=True))


def shown(engine: Engine, columns: str = "*", view: str = NAME) -> list[tuple[Any, ...]]:
    """The rows of a report's view."""
    with engine.connect() as connection:
        query = text(f"SELECT {columns} FROM linkedin_ads.{view} ORDER BY 1")  # noqa: S608
        return [tuple(each) for each in connection.execute(query)]


CAMPAIGN, OTHER = "urn:li:sponsoredCampaign:7", "urn:li:sponsoredCampaign:8"


def test_a_view_has_ids_names_and_exact_numbers(engine: Engine) -> None:
    """Ids are numbers with the names that are known, text stays as sent, and money keeps every digit."""
    warehouse = Warehouse(engine)
    load_campaigns(warehouse, [(7, ACCOUNT, "Spring", "ACTIVE")])
    devices = declared("CAMPAIGN", "IMPRESSION_DEVICE_TYPE")
    cost = "12345678901234567.000000000000000001"
    loaded(warehouse, devices, row(CAMPAIGN, "MOBILE_APP", cost=cost), row(OTHER, "", impressions=2**40))
    columns = "campaign_id, campaign_name, impression_device_type, impressions, cost_in_local_currency, date"
    day = date(2026, 11, 1)
    assert shown(engine, columns) == [
        (7, "Spring", "MOBILE_APP", 100, Decimal(cost), day),
        (8, OTHER, "(unknown)", 2**40, Decimal("1.10"), day),
    ]
    assert shown(engine, "pg_typeof(impressions)::text, pg_typeof(cost_in_local_currency)::text")[0] == (
        "bigint",
        "numeric",
    )


def test_a_preview_shows_the_columns_of_the_view(engine: Engine) -> None:
    """Pivot values and metrics are columns there, the newest day first."""
    warehouse = Warehouse(engine)
    devices = declared("IMPRESSION_DEVICE_TYPE")
    loaded(warehouse, devices, row("MOBILE_APP"), row("DESKTOP_WEB", day=2, impressions=7))
    rows = warehouse.read.preview(devices.name, ACCOUNT, window=DAYS)
    assert [(each["impression_device_type"], each["impressions"]) for each in rows] == [
        ("DESKTOP_WEB", 7),
        ("MOBILE_APP", 100),
    ]
    assert warehouse.read.preview(devices.name, ACCOUNT + 1) == []


def test_values_with_quotes_and_backslashes_are_stored_as_sent(engine: Engine) -> None:
    """They are part of an array's own notation."""
    odd = 'a "b" \\ c,{d}'
    loaded(Warehouse(engine), declared("IMPRESSION_DEVICE_TYPE"), row(odd))
    assert stored(engine, CustomReport, "pivot_values") == [([odd],)]
    assert shown(engine, "impression_device_type") == [(odd,)]


def test_a_value_that_is_no_id_hides_no_other_row(engine: Engine) -> None:
    """A number too long for an id, or another text, has no id and is its own name; other rows show theirs."""
    long, other = f"urn:li:sponsoredCampaign:{'9' * 25}", "urn:li:sponsoredCampaign:x7"
    loaded(Warehouse(engine), declared("CAMPAIGN"), row(CAMPAIGN), row(long), row(other))
    assert shown(engine, "campaign_name, campaign_id") == [(CAMPAIGN, 7), (long, None), (other, None)]


def test_values_too_long_for_the_key_are_refused_alone(engine: Engine) -> None:
    """The row is rejected as it is read; the longest that is not fits PostgreSQL's index."""
    stream = declared("PLACEMENT_NAME", "SERVING_LOCATION", "IMPRESSION_DEVICE_TYPE")
    assert stream.report is not None
    letters = [chr(0x10000 + 7919 * n % 60_000) for n in range(1500)]  # four bytes each, and hardly to be compressed
    texts = ["".join(letters[at : at + 500]) for at in (0, 500, 1000)]
    page = validator_of(stream, ACCOUNT, metrics=stream.report.metrics).validate([row(*texts), row("a", "b", "c")])
    assert [each.reason for each in page.rejected] == ["pivot values of more than 2000 bytes, which no index can hold"]
    loaded(Warehouse(engine), stream, row(texts[0][:495], "", ""), row("a", "b", "c"))
    assert len(shown(engine)) == 2


def test_reports_do_not_touch_each_others_rows(engine: Engine) -> None:
    """A load prunes, counts and compares the rows of its own report alone, and logs no restatement."""
    warehouse = Warehouse(engine)
    devices, others = declared("IMPRESSION_DEVICE_TYPE"), declared("IMPRESSION_DEVICE_TYPE", name="others")
    loaded(warehouse, devices, row("MOBILE_APP"), row("DESKTOP_WEB"))
    loaded(warehouse, others, row("MOBILE_APP", impressions=1))
    again = loaded(warehouse, devices, row("MOBILE_APP", impressions=101))
    assert (again.inserted, again.updated, again.unchanged, again.pruned) == (0, 1, 0, 1)
    assert Overview(engine).rows([ACCOUNT], [devices.name, others.name]) == {
        (ACCOUNT, devices.name): 1,
        (ACCOUNT, others.name): 1,
    }
    assert warehouse.read.frame_of(others.name)["metrics"].map(lambda metrics: metrics["impressions"]).to_list() == [1]
    assert stored(engine, MetricRestatement) == []


def test_a_negative_number_in_a_report_is_found(engine: Engine) -> None:
    """The check looks into the object that holds the metrics."""
    devices = declared("IMPRESSION_DEVICE_TYPE")
    loaded(Warehouse(engine), devices, row("MOBILE_APP", cost="-3.5"), row("DESKTOP_WEB"))
    found = LoadChecks(engine).negative(devices.name, [(ACCOUNT, DAYS)])
    assert [(each["pivot_values"], each["lowest"]) for each in found.rows] == [(["MOBILE_APP"], Decimal("-3.5"))]


def test_a_metric_more_comes_last_and_keeps_other_views(engine: Engine) -> None:
    """A view that a person made on it stays, and rows that were loaded without the metric show NULL."""
    warehouse = Warehouse(engine)
    loaded(warehouse, declared("CAMPAIGN", metrics="impressions"), row(CAMPAIGN), row(OTHER, day=2))
    before = columns_of(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE VIEW mine AS SELECT * FROM linkedin_ads.report_devices"))
    wider = declared("CAMPAIGN", metrics="costInLocalCurrency impressions")
    assert warehouse.make_report_views([wider]) == [NAME]
    assert warehouse.make_report_views([wider]) == []
    assert columns_of(engine) == [*before, "cost_in_local_currency"]
    assert shown(engine, "campaign_id, cost_in_local_currency") == [(7, None), (8, None)]


def columns_of(engine: Engine) -> list[str]:
    """The columns of the view, in their order."""
    with engine.connect() as connection:
        return list(connection.execute(text(f"SELECT * FROM linkedin_ads.{NAME}")).keys())  # noqa: S608


def test_a_metric_less_is_refused_where_views_stand_on_it(engine: Engine) -> None:
    """The error names them and what to do, nothing is loaded; without them the column goes."""
    warehouse = Warehouse(engine)
    loaded(warehouse, declared("CAMPAIGN"), row(CAMPAIGN))
    with engine.begin() as connection:
        connection.execute(text("CREATE VIEW mine AS SELECT * FROM linkedin_ads.report_devices"))
    narrower = declared("CAMPAIGN", metrics="impressions")
    with pytest.raises(StorageError, match="cannot be replaced") as caught:
        loaded(warehouse, narrower, row(CAMPAIGN, impressions=5))
    assert "mine" in str(caught.value.detail)
    assert "lac migrate" in str(caught.value.fix)
    assert shown(engine, "campaign_id, impressions") == [(7, 100)]
    with engine.begin() as connection:
        connection.execute(text("DROP VIEW mine"))
    loaded(warehouse, narrower, row(CAMPAIGN, impressions=5))
    assert "cost_in_local_currency" not in columns_of(engine)
    assert shown(engine, "campaign_id, impressions") == [(7, 5)]


@pytest.mark.parametrize("kind", ["VIEW mine AS SELECT 1 AS id", "TABLE mine (id int)"])
def test_what_a_person_made_under_its_name_stays(engine: Engine, kind: str) -> None:
    """A view or table that is not lac's own is not replaced; the error says what to do."""
    with engine.begin() as connection:
        connection.execute(text("CREATE " + kind.replace("mine", "linkedin_ads.report_devices")))
    with pytest.raises(StorageError, match="is there already, and lac did not make it") as caught:
        loaded(Warehouse(engine), declared("CAMPAIGN"), row(CAMPAIGN))
    assert "rename it" in str(caught.value.fix)
    assert columns_of(engine) == ["id"]


def test_rows_of_other_pivots_are_not_mixed_in(engine: Engine) -> None:
    """After a report is split otherwise, its view shows the rows of the new split, and those of before stay stored."""
    warehouse = Warehouse(engine)
    loaded(warehouse, declared("CAMPAIGN"), row(CAMPAIGN), row(CAMPAIGN, day=2))
    split = declared("IMPRESSION_DEVICE_TYPE")
    result = loaded(warehouse, split, row("MOBILE_APP"))
    assert (result.inserted, result.pruned) == (1, 0)
    assert shown(engine, "impression_device_type, impressions") == [("MOBILE_APP", 100)]
    pivots = [each[0] for each in stored(engine, CustomReport, "pivots")]
    assert sorted(pivots) == ["CAMPAIGN", "CAMPAIGN", "IMPRESSION_DEVICE_TYPE"]


def test_rows_of_another_form_stay_where_values_are_the_same(engine: Engine) -> None:
    """A report that changes its pivot or granularity and goes back finds each row that it had, with its numbers."""
    warehouse = Warehouse(engine)
    placed = declared("PLACEMENT_NAME")
    loaded(warehouse, placed, row("", impressions=1))
    monthly = report_stream("devices", ("PLACEMENT_NAME",), "MONTHLY", (BY_NAME["impressions"],))
    declare([monthly])
    whole_month = row("", impressions=30)
    whole_month["dateRange"]["end"] = {"year": 2026, "month": 11, "day": 30}
    results = [loaded(warehouse, monthly, whole_month, window=month_of(DAYS.start))]
    results += [loaded(warehouse, declared("SERVING_LOCATION"), row("", impressions=2))]
    assert [(result.inserted, result.updated, result.pruned) for result in results] == [(1, 0, 0), (1, 0, 0)]
    assert warehouse.make_report_views([declared("PLACEMENT_NAME")]) == [NAME]
    assert shown(engine, "date, impressions") == [(date(2026, 11, 1), 1)]
    forms = stored(engine, CustomReport, "granularity", "pivots")
    assert sorted(forms) == [("DAILY", "PLACEMENT_NAME"), ("DAILY", "SERVING_LOCATION"), ("MONTHLY", "PLACEMENT_NAME")]


def test_a_view_says_what_its_columns_are(engine: Engine) -> None:
    """The view and each column have comments, as everything in the schema has."""
    Warehouse(engine).make_report_views([declared("CREATIVE", "CONVERSION", metrics="externalWebsiteConversions")])
    relation = func.to_regclass(f"linkedin_ads.{NAME}")
    with engine.connect() as connection:
        assert "creative, conversion" in str(connection.scalar(select(func.obj_description(relation, "pg_class"))))
        of_columns = text(
            "SELECT col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = 'linkedin_ads.report_devices'::regclass AND attnum > 0"
        )
        assert all(connection.scalars(of_columns))


def test_readers_read_a_view_that_was_made_after_them(engine: Engine) -> None:
    """A reader may select from the view of a report that is declared later."""
    grant_reader(engine, "report_reader")
    try:
        Warehouse(engine).make_report_views([declared("CAMPAIGN")])
        with engine.connect() as connection:
            allowed = func.has_table_privilege("report_reader", f"linkedin_ads.{NAME}", "SELECT")
            assert connection.scalar(select(allowed)) is True
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP OWNED BY report_reader"))
            connection.execute(text("DROP ROLE report_reader"))
