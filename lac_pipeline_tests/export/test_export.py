"""Exports to Parquet: what DuckDB reads is what PostgreSQL holds, and only what changed is written again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, delete, func, insert, select, table, text, update

from lac_pipeline.commands.export import Choice, exporting
from lac_pipeline.errors import ConfigError, ExportError, UnknownNameError
from lac_pipeline.export.exporting import Exported
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse.query.export_reader import BATCH
from lac_pipeline.warehouse.roles import grant_reader
from lac_pipeline.warehouse.schema.tables import (
    AudienceDemographic,
    Campaign,
    CampaignDailyMetric,
    CustomReport,
    LeadAnswerRow,
    LeadFormResponse,
    OAuthToken,
    UrnName,
    table_of,
)
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.advertising import account, campaign, days, put

METRICS = "campaign_daily_metrics"
FIRST, SECOND = 510000001, 3_000_000_000_000
"""Two ad accounts; the id of the second needs 64 bits."""
AT = datetime(2026, 11, 3, 1, 2, 3, 456789, tzinfo=UTC)
EXACT = "1234567.123456789012345678901"

Run = Callable[..., dict[str, Exported]]


@pytest.fixture
def rows(engine: Engine) -> Engine:
    """Two accounts with a campaign each, and days of two months."""
    with engine.begin() as connection:
        for account_id, campaign_id in ((FIRST, 1), (SECOND, 2)):
            account(connection, account_id, "USD")
            campaign(connection, campaign_id, account_id)
            costs = {date(2026, 10, 31): EXACT, date(2026, 11, 1): None, date(2026, 11, 2): "0.1"}
            days(connection, campaign_id, account_id, costs)
    return engine


@pytest.fixture
def run(engine: Engine, tmp_path: Path) -> Run:
    """Export into one folder; what was done to each table and view, by its name."""

    def _run(to: Path = tmp_path / "out", **choice: Any) -> dict[str, Exported]:  # noqa: ANN401
        with exporting(Warehouse(engine), str(to), Choice(**choice)) as running:
            return {each.name: each for each in running.done}

    return _run


def paths(folder: Path) -> set[str]:
    """The files below a folder, manifests left out."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix == ".parquet"}


def read(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What DuckDB reads of the files below a folder; `rows` stands for them."""
    source = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    with duckdb.connect() as connection:
        return connection.execute(f"WITH rows AS (FROM {source}) {query}").fetchall()


def changed(done: Mapping[str, Exported]) -> dict[str, tuple[int, int]]:
    """Files written and removed, where there are any."""
    return {name: (each.written, each.removed) for name, each in done.items() if each.written or each.removed}


def execute(engine: Engine, *statements: Any) -> None:  # noqa: ANN401
    """Run statements in one transaction."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement) if isinstance(statement, str) else statement)


def test_duckdb_reads_the_sums_of_postgresql(rows: Engine, run: Run, tmp_path: Path) -> None:
    """Sums and counts by account and month are equal, to the last decimal place."""
    run(names=[METRICS])
    query = "SELECT account_id, sum(cost_in_local_currency), sum(impressions), count(*) FROM {} GROUP BY 1 ORDER BY 1"
    with rows.connect() as connection:
        expected = [tuple(row) for row in connection.execute(text(query.format(f"linkedin_ads.{METRICS}")))]
    found = read(tmp_path / "out" / METRICS, query.format("rows"))
    assert found == expected
    assert found[0] == (FIRST, Decimal(EXACT) + Decimal("0.1"), 300, 3)


def test_files_lie_by_account_and_month(rows: Engine, run: Run, tmp_path: Path) -> None:
    """Days give months, tables without days one file for each account, others one file."""
    execute(
        rows,
        insert(table_of(UrnName)).values(urn="urn:li:geo:1", first_seen=AT, checked_at=AT, due_at=AT),
    )
    run(names=[METRICS, "accounts", "urn_names"])
    assert paths(tmp_path / "out") == {
        f"{METRICS}/account_id={account_id}/month={month}/part.parquet"
        for account_id in (FIRST, SECOND)
        for month in ("2026-10", "2026-11")
    } | {
        f"accounts/account_id={FIRST}/part.parquet",
        f"accounts/account_id={SECOND}/part.parquet",
        "urn_names/part.parquet",
    }


def test_types_are_kept(rows: Engine, run: Run, tmp_path: Path) -> None:
    """Days, UTC microseconds, exact decimals, JSON as text and arrays arrive as such, and NULL as NULL."""
    report = {
        "report": "places",
        "account_id": FIRST,
        "date": date(2026, 11, 1),
        "granularity": "DAILY",
        "pivots": "A,B",
    }
    execute(
        rows,
        insert(table_of(CustomReport)).values(
            **report,
            pivot_values=["urn:li:a:1", "x,'\"{}"],
            metrics={"clicks": 3, "cost": Decimal("0.10")},
            created_at=AT,
        ),
    )
    run(names=["custom_reports", METRICS])
    [(stored_at, values, metrics, stale)] = read(
        tmp_path / "out" / "custom_reports",
        "SELECT epoch_us(created_at), pivot_values, metrics, stale_since FROM rows",
    )
    assert stored_at == int(AT.timestamp()) * 1_000_000 + AT.microsecond
    assert (values, stale) == (["urn:li:a:1", "x,'\"{}"], None)
    assert json.loads(metrics, parse_float=Decimal) == {"clicks": 3, "cost": Decimal("0.10")}
    schema = pq.read_schema(tmp_path / "out" / METRICS / f"account_id={FIRST}" / "month=2026-10" / "part.parquet")
    assert [str(schema.field(name).type) for name in ("date", "cost_in_local_currency", "clicks", "created_at")] == [
        "date32[day]",
        "decimal128(38, 24)",
        "int64",
        "timestamp[us, tz=UTC]",
    ]
    assert not {"account_id", "month"} & {*schema.names}


def test_a_month_of_the_table_stays_a_day(rows: Engine, run: Run, tmp_path: Path) -> None:
    """Where the month is a column of the table, DuckDB reads it as the date that it is."""
    segment = {
        "account_id": FIRST,
        "month": date(2026, 11, 1),
        "pivot_type": "MEMBER_INDUSTRY",
        "segment": "urn:li:industry:1",
    }
    execute(rows, insert(table_of(AudienceDemographic)).values(**segment, impressions=7))
    run(names=["audience_demographics"])
    found = read(tmp_path / "out" / "audience_demographics", "SELECT account_id, month, impressions FROM rows")
    assert found == [(FIRST, date(2026, 11, 1), 7)]


def test_every_table_and_view_is_exported(rows: Engine, run: Run, tmp_path: Path) -> None:
    """Without names all that a reader sees is exported, each row of it, and nothing of tokens or Alembic."""
    execute(
        rows,
        insert(table_of(OAuthToken)).values(client_id="c", access_token="a", scopes=[], updated_at=AT),
    )
    done = run()
    with rows.connect() as connection:
        counting = {name: select(func.count()).select_from(table(name, schema="linkedin_ads")) for name in done}
        counted = {name: connection.scalar(query) for name, query in counting.items()}
    assert {name: each.rows for name, each in done.items()} == counted
    assert {"campaign_performance", "campaign_history", METRICS} <= {*done}
    assert not {"oauth_tokens", "lead_answers", "alembic_version"} & {*done}
    assert not (tmp_path / "out" / "oauth_tokens").exists()


def test_nothing_changed_writes_nothing(rows: Engine, run: Run) -> None:
    """A second export of everything leaves each file as it is."""
    assert changed(run()) != {}
    assert changed(run()) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            update(CampaignDailyMetric)
            .where(CampaignDailyMetric.date == date(2026, 10, 31), CampaignDailyMetric.account_id == FIRST)
            .values(clicks=5),
            (1, 0),
        ),
        (update(CampaignDailyMetric).where(CampaignDailyMetric.account_id == FIRST).values(campaign_id=9), (2, 0)),
        (delete(CampaignDailyMetric).where(CampaignDailyMetric.date == date(2026, 11, 2)), (2, 0)),
        (delete(CampaignDailyMetric).where(CampaignDailyMetric.date == date(2026, 10, 31)), (0, 2)),
        (delete(CampaignDailyMetric).where(CampaignDailyMetric.account_id == SECOND), (0, 2)),
        (insert(table_of(CampaignDailyMetric)).values(campaign_id=1, account_id=FIRST, date=date(2026, 12, 1)), (1, 0)),
        ("ALTER TABLE linkedin_ads.campaign_daily_metrics ADD COLUMN added bigint", (4, 0)),
        ("ALTER TABLE linkedin_ads.campaign_daily_metrics RENAME COLUMN likes TO liked", (4, 0)),
    ],
    ids=[
        "value",
        "key",
        "row removed",
        "month removed",
        "account removed",
        "new month",
        "new column",
        "renamed",
    ],
)
def test_what_changed_is_written_again(
    rows: Engine,
    run: Run,
    tmp_path: Path,
    change: Any,  # noqa: ANN401
    expected: tuple[int, int],
) -> None:
    """Whatever changes rows or columns changes their files and no others, and what is read then is what is stored."""
    run(names=[METRICS])
    execute(rows, change)
    assert changed(run(names=[METRICS])) == {METRICS: expected}
    query = "SELECT account_id, campaign_id, date, clicks FROM {} ORDER BY ALL"
    with rows.connect() as connection:
        stored = connection.execute(
            text(
                "SELECT account_id, campaign_id, date, clicks FROM linkedin_ads.campaign_daily_metrics "
                "ORDER BY 1, 2, 3, 4"
            )
        ).all()
    assert read(tmp_path / "out" / METRICS, query.format("rows")) == [tuple(row) for row in stored]


def test_values_that_rows_exchange_are_a_change(rows: Engine, run: Run) -> None:
    """Two rows that swap their numbers have the same sums, and are written again all the same."""
    days_of = {date(2026, 11, 1): 11, date(2026, 11, 2): 22}
    for day, clicks in days_of.items():
        execute(rows, update(CampaignDailyMetric).where(CampaignDailyMetric.date == day).values(clicks=clicks))
    run(names=[METRICS])
    for day, clicks in days_of.items():
        execute(rows, update(CampaignDailyMetric).where(CampaignDailyMetric.date == day).values(clicks=33 - clicks))
    assert changed(run(names=[METRICS])) == {METRICS: (2, 0)}


def test_a_view_changes_with_what_it_stands_on(rows: Engine, run: Run) -> None:
    """Views have no stamps; a campaign's new name is in the files of each month in which it is shown."""
    run(names=["campaign_performance"])
    execute(rows, update(Campaign).where(Campaign.id == 1).values(name="Renamed"))
    assert changed(run(names=["campaign_performance"])) == {"campaign_performance": (2, 0)}


def test_a_new_table_is_exported_and_a_dropped_one_removed(rows: Engine, run: Run, tmp_path: Path) -> None:
    """What another version adds is exported by itself; the files of what is gone go."""
    run()
    execute(rows, "CREATE TABLE linkedin_ads.added AS SELECT 1::bigint AS account_id, 2 AS number")
    assert changed(run()) == {"added": (1, 0)}
    assert read(tmp_path / "out" / "added", "SELECT account_id, number FROM rows") == [(1, 2)]
    execute(rows, "DROP TABLE linkedin_ads.added")
    assert changed(run()) == {"added": (0, 1)}
    assert not (tmp_path / "out" / "added").exists()


def test_one_account_leaves_the_others_files(rows: Engine, run: Run, tmp_path: Path) -> None:
    """Of other accounts nothing is written and nothing removed, even if their rows are gone."""
    run(names=[METRICS])
    execute(rows, "UPDATE linkedin_ads.campaign_daily_metrics SET clicks = clicks + 1")
    execute(rows, delete(CampaignDailyMetric).where(CampaignDailyMetric.date == date(2026, 10, 31)))
    before = (tmp_path / "out" / METRICS / f"account_id={SECOND}" / "month=2026-11" / "part.parquet").read_bytes()
    assert changed(run(names=[METRICS], account_ids=[FIRST])) == {METRICS: (1, 1)}
    after = (tmp_path / "out" / METRICS / f"account_id={SECOND}" / "month=2026-11" / "part.parquet").read_bytes()
    assert before == after
    assert f"{METRICS}/account_id={SECOND}/month=2026-10/part.parquet" in paths(tmp_path / "out")
    assert changed(run(names=[METRICS])) == {METRICS: (1, 1)}


def test_a_file_that_was_lost_or_cut_is_written_again(rows: Engine, run: Run, tmp_path: Path) -> None:
    """The manifest is believed only as far as the files are there with the sizes that it lists; other files stay."""
    run(names=[METRICS])
    folder = tmp_path / "out" / METRICS / f"account_id={FIRST}"
    (folder / "month=2026-10" / "part.parquet").unlink()
    (folder / "month=2026-11" / "part.parquet").write_bytes(b"PAR1")
    (folder / "month=2026-11" / "part.parquet.draft").write_bytes(b"half")
    (folder / "notes.txt").write_text("mine")
    assert changed(run(names=[METRICS])) == {METRICS: (2, 0)}
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"part.parquet", "notes.txt"}
    (tmp_path / "out" / METRICS / "_manifest.json").write_text('{"form": ')
    assert changed(run(names=[METRICS])) == {METRICS: (4, 0)}


def test_rows_are_written_batch_by_batch(engine: Engine, run: Run, tmp_path: Path) -> None:
    """A partition of many rows is written in row groups of one batch each, whatever its size."""
    execute(
        engine,
        "INSERT INTO linkedin_ads.urn_names (urn, first_seen, checked_at, due_at) "  # noqa: S608
        f"SELECT 'urn:li:geo:' || n, now(), now(), now() FROM generate_series(1, {2 * BATCH + 7}) n",
    )
    assert run(names=["urn_names"])["urn_names"].rows == 2 * BATCH + 7
    groups = pq.ParquetFile(tmp_path / "out" / "urn_names" / "part.parquet").metadata
    assert [groups.row_group(place).num_rows for place in range(groups.num_row_groups)] == [BATCH, BATCH, 7]
    assert read(tmp_path / "out" / "urn_names", "SELECT count(DISTINCT urn) FROM rows") == [(2 * BATCH + 7,)]


def test_all_files_show_one_moment(rows: Engine, tmp_path: Path) -> None:
    """What is committed while an export runs is in none of its files."""
    with exporting(Warehouse(rows), str(tmp_path), Choice()) as running:
        execute(rows, "UPDATE linkedin_ads.campaign_daily_metrics SET clicks = 99", delete(Campaign))
        assert {each.name: each.rows for each in running.done}["campaigns"] == 2
    assert read(tmp_path / METRICS, "SELECT DISTINCT clicks FROM rows") == [(4,)]


def test_a_second_export_to_one_place_is_refused(rows: Engine, run: Run, tmp_path: Path) -> None:
    """It says so at once and writes nothing; another place may be exported to, and the first goes on."""
    with exporting(Warehouse(rows), str(tmp_path / "out"), Choice(names=[METRICS])) as running:
        with pytest.raises(ExportError, match="another export to the same place is running") as failure:
            run()
        assert run(tmp_path / "other", names=["accounts"])["accounts"].written == 2
        assert paths(tmp_path / "out") == set()
        assert [each.written for each in running.done] == [4]
    assert (failure.value.meaning, failure.value.fix) == (
        "two at once would write the same files; this one wrote nothing",
        "wait until the other one has ended, or export to another place",
    )


def test_a_place_of_another_database_is_refused(rows: Engine, run: Run, tmp_path: Path, module_engine: Engine) -> None:
    """Nothing there is replaced or removed, whichever tables are exported; the database itself goes on exporting."""
    run(names=[METRICS])
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    for names in ([], [METRICS], ["accounts"]):
        with (
            pytest.raises(ExportError, match="has the export of another database") as failure,
            exporting(Warehouse(module_engine), str(tmp_path / "out"), Choice(names=names)),
        ):
            pass
        assert str(rows.url.database) in str(failure.value.detail)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before
    assert run(names=[METRICS])[METRICS].written == 0


def test_a_reader_exports_what_it_may_read(rows: Engine, tmp_path: Path) -> None:
    """A role of `lac grant-reader` needs no other right, and writes the same files."""
    role = f"export_of_{rows.url.database}"
    grant_reader(rows, role)
    reading = make_engine(rows.url.set(username=role, password=None), pooled=False)
    try:
        with exporting(Warehouse(reading), str(tmp_path), Choice()) as running:
            assert {each.name: each.rows for each in running.done}["campaigns"] == 2
    finally:
        execute(rows, f'DROP OWNED BY "{role}"', f'DROP ROLE "{role}"')


def test_a_place_whose_origin_cannot_be_read_is_refused(rows: Engine, run: Run, tmp_path: Path) -> None:
    """A damaged `_database.json` does not make the files of the place this database's."""
    run(names=["accounts"])
    (tmp_path / "out" / "_database.json").write_text("{")
    with pytest.raises(ExportError, match="has the export of another database"):
        run(names=["accounts"])


def test_an_unknown_name_is_refused_with_the_nearest(rows: Engine, run: Run, tmp_path: Path) -> None:
    """A misspelt table exports nothing, not even the others."""
    with pytest.raises(UnknownNameError, match="campaign_histori") as failure:
        run(names=["accounts", "campaign_histori"])
    assert failure.value.fix == "did you mean campaign_history or campaign_group_history?"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "summary"), [("oauth_tokens", "never exported"), ("lead_answers", "--lead-answers")])
def test_secrets_and_lead_answers_are_refused_by_name(rows: Engine, run: Run, name: str, summary: str) -> None:
    """Tokens are exported by no option, answers of lead forms only by the one of that name."""
    with pytest.raises(ConfigError, match=summary):
        run(names=[name])
    with pytest.raises(ConfigError, match="oauth_tokens is never exported"):
        run(names=["oauth_tokens"], personal=True)


def test_lead_answers_are_exported_with_their_option(rows: Engine, run: Run, tmp_path: Path) -> None:
    """They lie by account, those of one account alone can be exported, and deleted ones go with the next export."""
    with rows.begin() as connection:
        for account_id, response in ((FIRST, "a"), (SECOND, "b")):
            at = datetime(2026, 11, 1, tzinfo=UTC)
            put(
                connection,
                LeadFormResponse,
                {"id": response, "date": at.date(), "account_id": account_id, "submitted_at": at},
            )
            lead = {"response_id": response, "kind": "consent", "item_id": 1, "accepted": True, "submitted_at": at}
            put(connection, LeadAnswerRow, lead)
    assert run(account_ids=[FIRST], personal=True)["lead_answers"].rows == 1
    assert paths(tmp_path / "out" / "lead_answers") == {f"account_id={FIRST}/part.parquet"}
    assert changed(run(names=["lead_answers"], personal=True)) == {"lead_answers": (1, 0)}
    execute(rows, delete(LeadAnswerRow))
    assert "lead_answers" not in run()
    assert changed(run(names=["lead_answers"], personal=True)) == {"lead_answers": (0, 2)}


def test_a_number_with_too_many_digits_is_refused(rows: Engine, run: Run, tmp_path: Path) -> None:
    """What 38 digits cannot hold is named and never rounded; what was exported before stays."""
    run(names=[METRICS])
    execute(
        rows, "UPDATE linkedin_ads.campaign_daily_metrics SET cost_in_usd = 123456789 + 1e-33 WHERE date = '2026-11-02'"
    )
    with pytest.raises(ExportError, match=r"campaign_daily_metrics\.cost_in_usd cannot be exported exactly"):
        run(names=[METRICS])
    assert read(tmp_path / "out" / METRICS, "SELECT count(*) FROM rows") == [(6,)]


def test_more_places_write_all_files_once(rows: Engine, run: Run, tmp_path: Path) -> None:
    """All files of a table have the same scale, so a number with more places rewrites them, and fewer do not."""
    run(names=[METRICS])
    execute(rows, "UPDATE linkedin_ads.campaign_daily_metrics SET cost_in_usd = 0.1234567 WHERE date = '2026-11-02'")
    assert changed(run(names=[METRICS])) == {METRICS: (4, 0)}
    execute(rows, "UPDATE linkedin_ads.campaign_daily_metrics SET cost_in_usd = 0.1 WHERE date = '2026-11-02'")
    assert changed(run(names=[METRICS])) == {METRICS: (2, 0)}
    [(total,)] = read(tmp_path / "out" / METRICS, "SELECT sum(cost_in_usd) FROM rows")
    assert total == Decimal("0.2")
