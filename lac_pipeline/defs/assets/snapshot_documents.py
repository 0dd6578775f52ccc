"""What a materialization of `account_snapshot` makes: the documents, and what the UI shows of them."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date

import dagster as dg

from lac_pipeline.archive.documents import Documents
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.errors import PartitionError
from lac_pipeline.reporting.activity import baseline_of
from lac_pipeline.reporting.compact import compact
from lac_pipeline.reporting.glance import headline, key_table
from lac_pipeline.reporting.periods import (
    ASSESSED_PERIOD,
    CREATIVES_PERIOD,
    LONGEST,
    audience_months,
    comparisons,
    windows,
)
from lac_pipeline.reporting.snapshot import build_snapshot
from lac_pipeline.reporting.snapshot_document import AccountSnapshot
from lac_pipeline.reporting.sums import MEMBER_METRICS, METRICS
from lac_pipeline.settings import Settings
from lac_pipeline.streams import Catalogue, Partitioning, Stream
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.query.account_labels import title_of
from lac_pipeline.warehouse.query.overview import known_names
from lac_pipeline.warehouse.query.performance import PerformanceRequest, newest_complete_day, read_performance


def keep_snapshot(warehouse: WarehouseResource, account_id: int, *, log: logging.Logger) -> dict[str, dg.MetadataValue]:
    """Take the snapshot of an account, keep it as documents and in PostgreSQL, and return what the UI shows of it.

    Raises:
        PartitionError: no day of its metrics was read after it had ended, or LAC_ACCOUNT_IDS leaves the account out.
        ArchiveError: a document cannot be written.
        StorageError: a query failed.
    """
    snapshot = take_snapshot(warehouse, account_id)
    text = snapshot.model_dump_json()
    name = f"snapshots/{snapshot.account.id}/{snapshot.as_of}"
    document, documents = json.loads(text), Documents(warehouse.settings.raw_url)
    place = documents.write(f"{name}.json", f"{text}\n")
    small = json.dumps(compact(document), ensure_ascii=False, separators=(",", ":"))
    documents.write(f"{name}.compact.json", f"{small}\n")
    AccountSnapshots(warehouse.warehouse.engine).keep(snapshot.account.id, document)
    log.info(f"account {snapshot.account.id} as of {snapshot.as_of}: {place}")
    where = place_metadata(place, name=f"{name}.json", settings=warehouse.settings)
    return _metadata(snapshot, where, size=len(text.encode()))


def take_snapshot(warehouse: WarehouseResource, account_id: int) -> AccountSnapshot:
    """Read the account and build its snapshot.

    Raises:
        PartitionError: no day of its metrics was read after it had ended, or LAC_ACCOUNT_IDS leaves the account out.
        StorageError: the query failed.
    """
    refuse_excluded(account_id, warehouse.settings)
    engine = warehouse.warehouse.engine
    as_of = newest_complete_day(engine, account_id)
    if as_of is None:
        account = known_names(warehouse.warehouse.engine, [account_id]).title(account_id)
        raise PartitionError(
            f"account {account} has no complete day of metrics yet",
            meaning="a day counts once it was read after its end (UTC): today's small numbers would look like a fall",
            fix=f"run `lac sync --account {account_id}`, then materialize this partition again",
        )
    pairs = comparisons(as_of)
    baseline = baseline_of(AccountSnapshots(engine).latest(account_id), as_of)
    request = PerformanceRequest(
        account_id=account_id,
        metrics=METRICS,
        member_metrics=MEMBER_METRICS,
        periods=windows(as_of),
        creatives_period=pairs[CREATIVES_PERIOD].current,
        days=pairs[LONGEST].current,
        months=audience_months(as_of),
        parts=warehouse.settings.parts,
        parts_since=first_day(warehouse, as_of),
        conversion_periods=[pairs[ASSESSED_PERIOD].current, pairs[ASSESSED_PERIOD].previous],
        restated_since=baseline.since,
    )
    rows = read_performance(engine, request)
    names = UrnNames(engine).known(row["segment"] for row in rows.segment_sums)
    states = warehouse.gate.states([account_id])
    return build_snapshot(account_id, as_of, rows, states=states, names=names, baseline=baseline)


def first_day(warehouse: WarehouseResource, as_of: date) -> date:
    """The first UTC day of a snapshot's periods that the settings let load."""
    return max(warehouse.settings.start_date, comparisons(as_of)[LONGEST].current.start)


def place_metadata(place: str, *, name: str, settings: Settings) -> dict[str, dg.MetadataValue]:
    """Where a document is, as the UI shows it: a link where documents are served, and the path or URL of the file."""
    served = settings.lac_documents_url
    link = {} if served is None else {"open": dg.MetadataValue.url(f"{served.rstrip('/')}/{name}")}
    return {**link, "document": dg.MetadataValue.url(place) if "://" in place else dg.MetadataValue.path(place)}


def account_metadata(snapshot: AccountSnapshot) -> dict[str, dg.MetadataValue]:
    """The account and the last day of a document, and what it says in a sentence."""
    return {
        "account": dg.MetadataValue.text(title_of(snapshot.account.id, snapshot.account.name)),
        "headline": dg.MetadataValue.text(headline(snapshot)),
        "as_of": dg.MetadataValue.text(snapshot.as_of.isoformat()),
    }


def _metadata(
    snapshot: AccountSnapshot, where: Mapping[str, dg.MetadataValue], *, size: int
) -> dict[str, dg.MetadataValue]:
    notes = [
        dg.TableRecord({"code": note.code, "asset": note.asset or "", "message": note.message})
        for note in snapshot.quality_notes
    ]
    return {
        **account_metadata(snapshot),
        "overview": dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in key_table(snapshot)]),
        **({"notes": dg.MetadataValue.table(notes)} if notes else {}),
        **where,
        "bytes": dg.MetadataValue.int(size),
        "campaigns": dg.MetadataValue.int(len(snapshot.campaigns)),
        "quality_notes": dg.MetadataValue.int(len(notes)),
        "performance": dg.MetadataValue.json(json.loads(snapshot.performance.model_dump_json())),
    }


def column_lineage(streams: Catalogue, namespace: Namespace) -> dg.TableColumnLineage:
    """The columns that the columns of the snapshot's table come from, of the streams that are loaded."""
    reports = [(stream, stream.report) for stream in streams if stream.report is not None]
    daily = [stream for stream, report in reports if report.totals_match]
    of_members = [stream for stream, report in reports if report.of_members and report.one_by_one is None]

    def columns(sources: Iterable[Stream], names: Iterable[str]) -> list[dg.TableColumnDep]:
        return [dg.TableColumnDep(namespace.key(stream.name), name) for stream in sources for name in names]

    accounts = [stream for stream in streams if stream.parent is None][:1]
    return dg.TableColumnLineage(
        {
            "account_id": columns(accounts, ["id"]),
            "as_of": columns(daily, [str(Partitioning.ACCOUNT_DAY.value)]),
            "document": [*columns(daily, METRICS), *columns(of_members, MEMBER_METRICS)],
        }
    )
