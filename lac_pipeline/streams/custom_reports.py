"""Reports of adAnalytics that a person declares in the TOML file that `LAC_REPORTS` names.

    [[report]]
    name = "devices"
    pivots = ["CAMPAIGN", "IMPRESSION_DEVICE_TYPE"]
    granularity = "DAILY"
    metrics = ["impressions", "clicks", "costInLocalCurrency"]

Each is a stream of its own, `report_devices`, whose rows are in the one table `custom_reports`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from lac_pipeline.errors import ConfigError
from lac_pipeline.linkedin import urn
from lac_pipeline.linkedin.analytics.report import MOST_PIVOTS
from lac_pipeline.linkedin.metrics import BY_NAME, Metric
from lac_pipeline.linkedin.pivots import PIVOTS, pivot_of
from lac_pipeline.streams.catalogue import STREAMS
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Report, Stream, Subject
from lac_pipeline.unknown_names import unknown_name

TABLE = "custom_reports"
PREFIX = "report_"
"""Stands before a report's name in the names of its asset and of its view."""
LONGEST_NAME = 50
"""PostgreSQL cuts names at 63 bytes."""

SUBJECTS = {
    "ACCOUNT": Subject("accounts", "account_id", urn.ACCOUNT),
    "CAMPAIGN_GROUP": Subject("campaign_groups", "campaign_group_id", urn.CAMPAIGN_GROUP),
    "CAMPAIGN": Subject("campaigns", "campaign_id", urn.CAMPAIGN),
    "CREATIVE": Subject("creatives", "creative_id", urn.CREATIVE),
    "CONVERSION": Subject("conversions", "conversion_id", "llaPartnerConversion"),
}
"""The pivots whose values are entities: which stream has them, and what a view calls the column of their ids."""

_SUMS_SHOWN = 5
"""How many metrics of a report its page sums."""

_GROUPS = {
    "DAILY": (AssetGroup.REPORTS, Partitioning.ACCOUNT_DAY),
    "MONTHLY": (AssetGroup.MONTHLY_REPORTS, Partitioning.ACCOUNT_MONTH),
}
_KEYS = ("name", "pivots", "granularity", "metrics")
_PIVOTS = [pivot.name for pivot in PIVOTS]


def report_stream(name: str, pivots: tuple[str, ...], granularity: str, metrics: tuple[Metric, ...]) -> Stream:
    """The stream that a declared report is: its rows are known by its name, and by what they are split by."""
    group, partitioning = _GROUPS[granularity]
    *within, last = pivots
    return Stream(
        f"{PREFIX}{name}",
        group,
        partitioning,
        Report(
            {last: pivot_of(last).since},
            granularity,
            within=tuple(within),
            metrics=metrics,
            known_by={"report": name, "granularity": granularity, "pivots": ",".join(pivots)},
        ),
        parent="accounts",
        shares=TABLE,
        day="date",
        overview=_overview(f"{PREFIX}{name}", pivots, partitioning, metrics),
    )


def _overview(view: str, pivots: tuple[str, ...], partitioning: Partitioning, metrics: tuple[Metric, ...]) -> Overview:
    """What is summed by the names in the report's view; by day or month where nothing but the account is named."""
    sums = tuple(metric.column for metric in metrics if metric.additive)[:_SUMS_SHOWN]
    by = {name_column(pivot): pivot_of(pivot).title for pivot in pivots if name_column(pivot) != "account_name"}
    period = str(partitioning.value)
    return Overview("activity", by or {period: period.capitalize()}, counted=not sums, sums=sums, view=view)


def name_column(pivot: str) -> str:
    """The column of a report's view by which people know the values of a pivot: the names, where values have names."""
    subject = SUBJECTS.get(pivot)
    if subject is None:
        return f"{pivot.lower()}_name" if pivot_of(pivot).members else pivot.lower()
    return f"{subject.column.removesuffix('_id')}_name" if subject.stream in STREAMS else subject.column


def read_reports(path: Path, *, version: str) -> tuple[Stream, ...]:
    """Read the reports that a file declares, for an API version.

    Raises:
        ConfigError: the file is not there or is no TOML, or a report in it cannot be loaded; everything that is wrong
            is named, with the file, the report and the key, and what was probably meant.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            f"the file of reports {path} cannot be read",
            detail=error.strerror,
            meaning="LAC_REPORTS names the file that declares reports; nothing of it is loaded",
            fix="correct the path, or leave LAC_REPORTS out of .env",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the file of reports {path} is no TOML",
            detail=str(error),
            meaning="none of its reports can be loaded",
            fix="correct that line; docs/reports.md has an example",
        ) from error
    faults = [*_faults_of_document(document, version=version)]
    if faults:
        raise ConfigError(
            f"{path} declares reports that cannot be loaded",
            detail="\n".join(faults),
            meaning="no report of the file is loaded before it is right",
            fix="correct the file; docs/reports.md has an example",
        )
    return tuple(
        report_stream(
            report["name"],
            tuple(report["pivots"]),
            report["granularity"],
            tuple(BY_NAME[name] for name in report["metrics"]),
        )
        for report in document.get("report", ())
    )


def _faults_of_document(document: Mapping[str, Any], *, version: str) -> Iterator[str]:
    for key in document.keys() - {"report"}:
        yield f"{key}: {_unknown('key', key, ['report'])}; each report begins with [[report]]"
    reports = document.get("report", [])
    if not isinstance(reports, list) or not all(isinstance(report, dict) for report in reports):
        yield "report: each report begins with [[report]], in two brackets"
        return
    for number, report in enumerate(reports, start=1):
        place = f"report {report['name']}" if isinstance(report.get("name"), str) else f"report number {number}"
        yield from (f"{place}, {fault}" for fault in _faults_of(report, version=version))
    names = Counter(report["name"] for report in reports if isinstance(report.get("name"), str))
    yield from (f"report {name}, name: {count} reports have it" for name, count in names.items() if count > 1)


def _faults_of(report: Mapping[str, Any], *, version: str) -> Iterator[str]:
    """What is wrong with a report, each with the key that it is about."""
    for key in report.keys() - set(_KEYS):
        yield f"{key}: {_unknown('key', key, _KEYS)}"
    for key in (key for key in _KEYS if key not in report):
        yield f"{key}: is missing"
    if "name" in report:
        yield from (f"name: {fault}" for fault in _faults_of_name(report["name"]))
    if str(report.get("granularity", "DAILY")) not in _GROUPS:
        yield f"granularity: {_unknown('granularity', str(report['granularity']), [*_GROUPS])}"
    lists = {key: report[key] for key in ("pivots", "metrics") if key in report}
    for key in [key for key, names in lists.items() if not _is_list_of_names(names)]:
        yield f"{key}: must be a list of LinkedIn's names, each once, such as [{_EXAMPLES[key]}]"
        del lists[key]
    pivots = lists.get("pivots", [])
    yield from (f"pivots: {fault}" for fault in _faults_of_pivots(pivots, version=version))
    yield from (f"metrics: {fault}" for fault in _faults_of_metrics(lists.get("metrics", []), pivots, version=version))


_EXAMPLES = {"pivots": '"CAMPAIGN", "IMPRESSION_DEVICE_TYPE"', "metrics": '"impressions", "costInLocalCurrency"'}


def _is_list_of_names(value: object) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) == len({str(name) for name in value})
        and all(isinstance(name, str) for name in value)
    )


def _faults_of_name(name: object) -> Iterator[str]:
    if not isinstance(name, str) or not re.fullmatch(rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}", name):
        yield f"must be lower-case letters, digits and _, at most {LONGEST_NAME}, as it names an asset and a view"
    elif name in STREAMS:
        yield "a stream has it; choose another"


def _faults_of_pivots(pivots: Collection[str], *, version: str) -> Iterator[str]:
    for pivot in pivots:
        since = pivot_of(pivot).since
        if pivot not in _PIVOTS:
            yield _unknown("pivot", pivot, _PIVOTS)
        elif since is not None and since > version:
            yield f"LinkedIn has {pivot} since API version {since}; LINKEDIN_API_VERSION is {version}"
    if len(pivots) > MOST_PIVOTS:
        yield f"LinkedIn splits a report by at most {MOST_PIVOTS} pivots, and these are {len(pivots)}"
    members = [pivot for pivot in pivots if pivot_of(pivot).members]
    if members and len(pivots) > 1:
        yield f"LinkedIn does not split a report by {members[0]} and anything else; make it a report of its own"


def _faults_of_metrics(metrics: Collection[str], pivots: Collection[str], *, version: str) -> Iterator[str]:
    for name in metrics:
        metric = BY_NAME.get(name)
        if metric is None:
            yield _unknown("metric", name, [*BY_NAME])
            continue
        if metric.since is not None and metric.since > version:
            yield f"LinkedIn has {name} since API version {metric.since}; LINKEDIN_API_VERSION is {version}"
        if not metric.serves(*pivots):
            yield from (f"LinkedIn gives no {name} by {pivot}" for pivot in pivots if not metric.serves(pivot))


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    """That nothing has this name, and which one was probably meant."""
    fix = f"known: {', '.join(known)}" if len(known) < 50 else "docs/metrics.md lists them all"
    unknown = unknown_name(kind, name, known, fix=fix)
    return f"{unknown.summary}; {unknown.fix}"
