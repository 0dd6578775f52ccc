"""The asset checks that look at rows: what is asked of the tables, how bad an answer is, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg

from lac_pipeline.scopes import ASSETS_OF, Scope
from lac_pipeline.storage.checks import Covered, Found, LoadChecks, key_of

UNIQUE = "unique_keys"
_DAILY = ASSETS_OF[Scope.METRICS]
_FACTS = (*_DAILY, *ASSETS_OF[Scope.DEMOGRAPHICS])

Find = Callable[[LoadChecks, str, Covered, date], Found]
"""Asks about the rows of an asset that a run loaded, as of today (UTC)."""


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check that passes when nothing is found.

    Attributes:
        name: as the UI shows it.
        assets: whose rows it looks at.
        severity: WARN for what may be right after all, ERROR for what makes reports wrong.
        description: what is so when it passes.
        found: what it says of a number of findings.
        fix: the next step.
        find: the question.
    """

    name: str
    assets: tuple[str, ...]
    severity: dg.AssetCheckSeverity
    description: str
    found: str
    fix: str
    find: Find


ROW_CHECKS = (
    RowCheck(
        "no_future_facts",
        _FACTS,
        dg.AssetCheckSeverity.ERROR,
        "No row is about a day that has not begun.",
        "{} rows are about days to come",
        "compare this machine's clock with UTC, then load the account again: `lac sync --account ID --force`",
        lambda checks, asset, covered, today: checks.future(asset, covered, today=today),
    ),
    RowCheck(
        "no_negative_numbers",
        _FACTS,
        dg.AssetCheckSeverity.ERROR,
        "No metric that was loaded is below zero.",
        "{} rows have a metric below zero",
        "compare the days with Campaign Manager; if it shows them too, report them to LinkedIn; if not, "
        "`lac sync --account ID --since DAY --until DAY --force`",
        lambda checks, asset, covered, _: checks.negative(asset, covered),
    ),
    RowCheck(
        "facts_have_entities",
        _DAILY,
        dg.AssetCheckSeverity.WARN,
        "Every campaign or creative that has metrics also has a name and settings.",
        "{} have metrics but no row of their own, so reports show their ids",
        "load the entities: materialize `campaigns` and `creatives`; what LinkedIn removed long ago stays without",
        lambda checks, asset, covered, _: checks.orphans(asset, covered),
    ),
    RowCheck(
        "last_day_complete",
        _DAILY,
        dg.AssetCheckSeverity.WARN,
        "Where each of the three days before yesterday had rows, yesterday has some too.",
        "{} accounts have no row for yesterday, and had some on each of the three days before",
        "see in Campaign Manager whether the campaigns were stopped; if not, LinkedIn is late: the next sync asks anew",
        lambda checks, asset, covered, today: checks.quiet(asset, covered, day=today - timedelta(days=1)),
    ),
    RowCheck(
        "currency_known",
        ("accounts", *_DAILY),
        dg.AssetCheckSeverity.WARN,
        "The currency is known in which the money of each loaded account is.",
        "{} accounts have no currency, so their money has no unit",
        "materialize `accounts` of these partitions",
        lambda checks, _asset, covered, _: checks.without_currency(covered),
    ),
)


def row_checks_of(asset: str) -> list[RowCheck]:
    """The checks that look at this asset's rows."""
    return [check for check in ROW_CHECKS if asset in check.assets]


def row_results(asset: str, covered: Covered, checks: LoadChecks, *, today: date) -> Iterator[dg.AssetCheckResult]:
    """Evaluate them over what was loaded."""
    yield unique_keys(asset, checks.key_in_force(asset))
    for check in row_checks_of(asset):
        yield row_result(asset, check, check.find(checks, asset, covered, today))


def row_result(asset: str, check: RowCheck, found: Found) -> dg.AssetCheckResult:
    """Pass, or name the rows and the next step."""
    rows = [dg.TableRecord({name: _shown(value) for name, value in row.items()}) for row in found.rows]
    return dg.AssetCheckResult(
        passed=found.total == 0,
        asset_key=asset,
        check_name=check.name,
        severity=check.severity,
        description=f"{check.found.format(found.total)}; {check.fix}" if found.total else None,
        metadata={"found": found.total} | ({"rows": dg.MetadataValue.table(rows)} if rows else {}),
    )


def unique_keys(asset: str, enforced: Sequence[str]) -> dg.AssetCheckResult:
    """Look whether PostgreSQL enforces the key: as long as it does, no scan could find a key twice."""
    wanted = key_of(asset)
    held = tuple(enforced) == wanted
    key = ", ".join(wanted)
    broken = f"the primary key is gone from linkedin_ads.{asset}; restore it: ALTER TABLE ... ADD PRIMARY KEY ({key})"
    return dg.AssetCheckResult(
        passed=held,
        asset_key=asset,
        check_name=UNIQUE,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"PostgreSQL enforces it: primary key ({key})" if held else broken,
        metadata={"primary_key": key},
    )


def _shown(value: object) -> str | int | None:
    return value if value is None or isinstance(value, int) else str(value)
