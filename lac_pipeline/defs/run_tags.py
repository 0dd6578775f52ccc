"""The tags that every run carries, and the trigger of the run in them."""

from __future__ import annotations

from collections.abc import Mapping

ACCOUNT = "lac/account"
SCOPE = "lac/scope"
TRIGGER = "lac/trigger"
ACCEPT_SHRINK = "lac/accept_shrink"
FORCED = "lac/forced"
PROCESS = "lac/process"
"""The process that executes the run, as `RunProcess` writes it."""
LOST = "lac/lost"
"""The id of the run, once it was ended because its process was gone; on a run that tries it again, the other's id."""


def trigger_of(tags: Mapping[str, str]) -> str:
    """Who requested the run: `scheduled`, `on_demand` or `backfill`; Dagster's own tags decide where ours is absent."""
    if TRIGGER in tags:
        return tags[TRIGGER]
    if "dagster/backfill" in tags:
        return "backfill"
    if "dagster/sensor_name" in tags or "dagster/schedule_name" in tags:
        return "scheduled"
    return "on_demand"


def account_run(account_id: int | str, group: str, trigger: str) -> dict[str, str]:
    """The tags of a run that syncs one asset group of one ad account."""
    return {ACCOUNT: str(account_id), SCOPE: str(group), TRIGGER: trigger}
