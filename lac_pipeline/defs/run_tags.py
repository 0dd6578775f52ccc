"""The tags of every run, and the trigger that they contain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames

ACCOUNT = "lac/account"
"""The ad account that a run is about, or several, separated by commas."""
NAMED = "account"
"""The same ad accounts by name and id, for people; absent until a name is known. Nothing is looked up by it."""
SCOPE = "lac/scope"
TRIGGER = "lac/trigger"
PIPELINE = "lac/pipeline"
"""What stands before the names of the pipeline that a run is of; absent where it is the only one."""
ACCEPT_SHRINK = "lac/accept_shrink"
FORCED = "lac/forced"
PROCESS = ".dagster/lac_process"
"""The process that executes the run, as `RunProcess` writes it. Dagster's UI shows no tag that begins so."""
LOST = ".dagster/lac_lost"
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


def account_run(account_id: int | str, group: str, trigger: str, names: AccountNames = NAMELESS) -> dict[str, str]:
    """The tags of a run that syncs one asset group of one ad account."""
    return accounts_run([account_id], group, trigger, names)


def accounts_run(
    account_ids: Sequence[int | str], group: str, trigger: str, names: AccountNames = NAMELESS
) -> dict[str, str]:
    """The tags of a run that syncs one asset group of these ad accounts."""
    tags = {ACCOUNT: ",".join(map(str, account_ids)), SCOPE: str(group), TRIGGER: trigger}
    return tags | named_tags(tagged_accounts(tags), names)


def named_tags(account_ids: Sequence[int], names: AccountNames) -> dict[str, str]:
    """The tag that shows people which accounts a run is about; none where no name is known yet."""
    return {NAMED: names.titles(account_ids)} if names.knows(account_ids) else {}


def tagged_accounts(tags: Mapping[str, str]) -> list[int]:
    """The ad accounts that a run's tag names, in its order; none where it has no such tag."""
    return [int(name) for name in tags.get(ACCOUNT, "").split(",") if name.isdigit()]
