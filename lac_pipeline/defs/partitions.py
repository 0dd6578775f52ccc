"""The partitions: ad account, account x day, account x month, and how a run's keys fold into what is fetched.

Dagster folds a backfill into one run per contiguous range of the dimension with fewer keys, so a run may hold one
account and a year, or fifty accounts and one day. Whatever the rectangle, it is read as a list of `AccountWindow`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

import dagster as dg
from msgspec import Struct

from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.run_tags import tagged_accounts
from lac_pipeline.errors import PartitionError
from lac_pipeline.streams import AssetGroup, Partitioning, Stream, partitioning_of
from lac_pipeline.windows import DateWindow, contiguous, month_of, months_in

account_partitions = ALONE.accounts

PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def known_accounts(instance: dg.DagsterInstance) -> list[str]:
    """Return the ad accounts that Dagster has partitions for, where one pipeline alone is loaded."""
    return ALONE.known_accounts(instance)


def accounts_of(tags: Mapping[str, str], known: Sequence[str]) -> list[int]:
    """The ad accounts that a run covers, by its tags.

    Args:
        tags: the run's.
        known: all accounts' partitions in Dagster's order, in which a range runs from one account to another.
    """
    tagged = tagged_accounts(tags)
    if tagged:
        return tagged
    first = tags.get(PARTITION) or tags.get(RANGE_START, "")
    last = tags.get(RANGE_END, first)
    ends = [key.partition("|")[0] for key in (first, last)]
    within = known[known.index(ends[0]) : known.index(ends[1]) + 1] if set(ends) <= set(known) else ends[:1]
    return [int(key) for key in within if key.isdigit()]


def account_days(start: date, *, accounts: dg.DynamicPartitionsDefinition) -> dg.MultiPartitionsDefinition:
    """Every ad account x every UTC day from `start` through today."""
    days = dg.DailyPartitionsDefinition(start_date=start.isoformat(), end_offset=1)
    return dg.MultiPartitionsDefinition({"account": accounts, "date": days})


def account_months(start: date, *, accounts: dg.DynamicPartitionsDefinition) -> dg.MultiPartitionsDefinition:
    """Every ad account x every calendar month from the one of `start` through this one."""
    months = dg.MonthlyPartitionsDefinition(start_date=month_of(start).start.isoformat(), end_offset=1)
    return dg.MultiPartitionsDefinition({"account": accounts, "month": months})


def partitions_of(
    partitioning: Partitioning, start: date, *, accounts: dg.DynamicPartitionsDefinition = account_partitions
) -> dg.PartitionsDefinition[str]:
    """The partitions of an asset that is cut in this way, from `start` through today."""
    if partitioning is Partitioning.ACCOUNT:
        return accounts
    cut = account_days if partitioning is Partitioning.ACCOUNT_DAY else account_months
    return cut(start, accounts=accounts)


def reads(upstream: Stream, *, by: Partitioning, namespace: Namespace = ALONE) -> dg.AssetDep:
    """How an asset that is cut in this way depends on another: every partition on those of the same account."""
    key = namespace.key(upstream.name)
    if by is upstream.partitioning:
        return dg.AssetDep(key)
    if Partitioning.ACCOUNT in (by, upstream.partitioning):
        return dg.AssetDep(key, partition_mapping=dg.MultiToSingleDimensionPartitionMapping("account"))
    finer = {
        "account": dg.DimensionPartitionMapping("account", dg.IdentityPartitionMapping()),
        str(upstream.day_column): dg.DimensionPartitionMapping(str(by.value), dg.TimeWindowPartitionMapping()),
    }
    return dg.AssetDep(key, partition_mapping=dg.MultiPartitionMapping(finer))


def is_monthly(definition: dg.PartitionsDefinition | None) -> bool:
    """Whether each key of the definition stands for a whole month; a key alone does not show it on the 1st."""
    return isinstance(definition, dg.MultiPartitionsDefinition) and "month" in definition.partition_dimension_names


class AccountWindow(Struct, frozen=True):
    """What one load covers: an ad account, and for facts the UTC days, with the partition keys it covers."""

    account_id: int
    window: DateWindow | None
    keys: tuple[str, ...]

    @property
    def place(self) -> str:
        """What it covers, for a person."""
        return f"account {self.account_id}" + (f", {self.window}" if self.window else "")


def fold(keys: Iterable[str], *, monthly: bool = False) -> list[AccountWindow]:
    """Fold partition keys, in any order, into the fewest account windows that hold exactly them.

    Raises:
        PartitionError: a key's account is not a number.
    """
    days_of: dict[str, dict[date, str]] = defaultdict(dict)
    for key in keys:
        days_of[key.partition("|")[0]][partition_day(key) or date.min] = key
    return [folded for account in sorted(days_of) for folded in _windows(account, days_of[account], monthly=monthly)]


def partition_day(key: str) -> date | None:
    """The day that a partition key names, of a month its first; None where the partition is an account."""
    _, _, day = key.partition("|")
    return date.fromisoformat(day) if day else None


def _windows(account: str, key_of: Mapping[date, str], *, monthly: bool) -> list[AccountWindow]:
    account_id = account_number(account)
    if date.min in key_of:
        return [AccountWindow(account_id, None, (account,))]
    covered = (day for first in key_of for day in (month_of(first) if monthly else (first,)))
    return [
        AccountWindow(account_id, window, tuple(key for day, key in sorted(key_of.items()) if day in window))
        for window in contiguous(covered)
    ]


def account_window(account_id: int, group: AssetGroup, window: DateWindow | None) -> AccountWindow:
    """Name the partitions of a group's assets that hold these days of an account, or these whole months."""
    if window is None:
        return AccountWindow(account_id, None, (str(account_id),))
    monthly = partitioning_of(group) is Partitioning.ACCOUNT_MONTH
    first = (month.start for month in months_in(window)) if monthly else iter(window)
    return AccountWindow(account_id, window, tuple(f"{account_id}|{day}" for day in first))


def neighbours(accounts: Collection[int], order: Sequence[str], *, most: int) -> Iterator[tuple[int, ...]]:
    """Cut accounts into ranges of Dagster's order, which a run can have as its partitions, each of at most so many."""
    chosen, together = set(map(str, accounts)), list[int]()
    for key in order:
        if together and (key not in chosen or len(together) == most):
            yield tuple(together)
            together = []
        if key in chosen:
            together.append(int(key))
    if together:
        yield tuple(together)


def range_tags(
    account_id: int | str, group: AssetGroup, window: DateWindow | None, *, through: int | str | None = None
) -> dict[str, str]:
    """The tags of a run over one account's partitions, from the window's first day or month to its last.

    Args:
        account_id: ad account.
        group: whose assets.
        window: UTC days; None where the partitions are the accounts themselves.
        through: the last account, where the run is over all from the first to this one in Dagster's order.
    """
    end = account_id if through is None else through
    if window is None:
        return {} if end == account_id else {RANGE_START: str(account_id), RANGE_END: str(end)}
    last = window.last.replace(day=1) if partitioning_of(group) is Partitioning.ACCOUNT_MONTH else window.last
    return {RANGE_START: f"{account_id}|{window.start}", RANGE_END: f"{end}|{last}"}


def account_number(key: str) -> int:
    """Read an account's partition key as LinkedIn's numeric id."""
    if not (key.isascii() and key.isdigit()):
        raise PartitionError(
            f"{key!r} is not the id of an ad account",
            meaning="a partition of `linkedin_account` is the account's number, as in Campaign Manager's address bar",
            fix="delete the partition in the Dagster UI, and run `lac sync --account all` to add the real ones",
        )
    return int(key)


def requested(context: dg.AssetExecutionContext, namespace: Namespace) -> list[AccountWindow]:
    """Fold the run's partition keys, refusing a range of which Dagster resolved only a part.

    A backfill of a *job* over these assets leaks the tags of its first partition into the run; Dagster then resolves
    that one key, and the rest of the range would silently not be fetched.

    Raises:
        PartitionError: the run's range tags name more partitions than Dagster resolved, or an account is unknown.
    """
    tags = context.run.tags
    named = [tags[name] for name in (PARTITION, RANGE_START, RANGE_END) if name in tags]
    # Before Dagster resolves the keys: it refuses an unknown one with a message that does not mention accounts.
    _refuse_unknown(named, known=set(namespace.known_accounts(context.instance)))
    keys = list(context.partition_keys)
    definition = context.assets_def.partitions_def
    if RANGE_START in tags and RANGE_END in tags and definition is not None:
        with dg.partition_loading_context(dynamic_partitions_store=context.instance):
            in_range = definition.get_partition_keys_in_range(dg.PartitionKeyRange(tags[RANGE_START], tags[RANGE_END]))
        _refuse_fewer(keys, in_range)
    return fold(keys, monthly=is_monthly(definition))


def _refuse_fewer(resolved: list[str], in_range: Iterable[str]) -> None:
    missing = set(in_range) - set(resolved)
    if missing:
        raise PartitionError(
            f"this run was requested {len(missing) + len(resolved)} partitions but Dagster resolved {len(resolved)}",
            meaning="a job backfill gave the run the tags of its first partition; the others would not be fetched",
            fix="launch the backfill from the asset's page, or with `lac sync --since ... --until ...`",
        )


def _refuse_unknown(keys: list[str], *, known: set[str]) -> None:
    unknown = sorted({key.partition("|")[0] for key in keys} - known)
    if unknown:
        raise PartitionError(
            f"unknown ad account: {', '.join(unknown)}",
            meaning="not a partition of `linkedin_account`: the token cannot see it, or it was never discovered",
            fix="run `lac sync --account all` to discover accounts, and check the number in Campaign Manager",
        )
