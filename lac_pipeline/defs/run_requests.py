"""The runs that schedules and sensors request: their assets, partitions, tags and keys."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.partitions import range_tags
from lac_pipeline.defs.run_tags import accounts_run
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Catalogue
from lac_pipeline.streams.sync_windows import group_window
from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames
from lac_pipeline.windows import DateWindow


def tick_key(schedule: str, account: int | str, *, at: datetime) -> str:
    """The run key of an account's run at a schedule's tick: a tick that is evaluated again launches nothing twice.

    Dagster refuses a tick of several runs, that is, of several accounts, without one in each.
    """
    return f"{schedule}/{account}/{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def partitioned_days(group: AssetGroup, days: DateWindow, *, settings: Settings) -> DateWindow | None:
    """What of these days the asset group has partitions for: none for entities, whole months for demographics."""
    return group_window(group, days, start=settings.start_date, today=days.last)


MOST_ACCOUNT_DAYS = 1000
"""A run of several accounts reads at most so many days in all, for a killed run has to read them again."""


def most_accounts(window: DateWindow | None, settings: Settings) -> int:
    """How many accounts may share a run over these UTC days: `LAC_ACCOUNTS_PER_RUN`, and fewer over many days."""
    most = settings.lac_accounts_per_run
    return most if window is None else max(1, min(most, MOST_ACCOUNT_DAYS // window.days))


def run_request(
    accounts: Sequence[int],
    group: AssetGroup,
    window: DateWindow | None,
    *,
    streams: Catalogue,
    names: AccountNames = NAMELESS,
    namespace: Namespace = ALONE,
    run_key: str | None = None,
) -> dg.RunRequest:
    """Request one run over the assets of the group, these accounts, and the window's partitions.

    Args:
        accounts: ad accounts, each the next one of the one before it in Dagster's order: a run has a range of them.
        group: whose assets.
        window: UTC days, or the days of whole months; None for entities.
        streams: what is loaded.
        names: of the accounts, as far as they are known.
        namespace: whose assets.
        run_key: what Dagster launches at most one run for; a sensor, which looks at the runs itself, gives none.
    """
    return dg.RunRequest(
        run_key=run_key,
        asset_selection=namespace.keys(streams.names_in(group)),
        partition_key=str(accounts[0]) if window is None and len(accounts) == 1 else None,
        tags=accounts_run(accounts, group, "scheduled", names)
        | namespace.tags
        | range_tags(accounts[0], group, window, through=accounts[-1]),
    )
