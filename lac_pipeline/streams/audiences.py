"""Audiences: who saw the ads, by month, for every MEMBER_* pivot that LinkedIn offers.

Monthly, because LinkedIn drops values under three events, adds noise to each day and caps the list of each day, so
sums of days are wrong.
"""

from __future__ import annotations

from lac_pipeline.errors import ConfigError
from lac_pipeline.linkedin.pivots import PIVOTS
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Report, Stream
from lac_pipeline.unknown_names import unknown_name

MEMBER_PIVOTS: dict[str, str | None] = {pivot.name: pivot.since for pivot in PIVOTS if pivot.members}
"""LinkedIn's member pivots, each with the API version that brought it, where that is not all of them."""

AUDIENCE_DEMOGRAPHICS = Stream(
    "audience_demographics",
    AssetGroup.DEMOGRAPHICS,
    Partitioning.ACCOUNT_MONTH,
    Report(MEMBER_PIVOTS, "MONTHLY", pivot_column="pivot_type"),
    parent="campaigns",
)


def chosen_pivots(text: str, *, version: str) -> tuple[str, ...]:
    """Read `LAC_MEMBER_PIVOTS`: `all`, or LinkedIn's names separated by commas; those that the API version supports.

    Raises:
        ConfigError: a name is no member pivot, or the version supports none of them.
    """
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    served = Report(MEMBER_PIVOTS, "MONTHLY").served_by(version)
    if names in ([], ["ALL"]):
        return served
    for name in names:
        if name not in MEMBER_PIVOTS:
            unknown = unknown_name("member pivot", name, list(MEMBER_PIVOTS))
            raise ConfigError(unknown.summary, meaning=unknown.meaning, fix=unknown.fix)
    chosen = tuple(pivot for pivot in served if pivot in names)
    if not chosen:
        raise ConfigError(
            f"LinkedIn supports {', '.join(names)} in no API version as old as {version}",
            meaning=f"it supports {', '.join(served)}",
            fix="choose other LAC_MEMBER_PIVOTS, or a newer LINKEDIN_API_VERSION",
        )
    return chosen
