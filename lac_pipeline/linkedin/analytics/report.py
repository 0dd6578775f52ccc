"""What is read of adAnalytics at once, and the parameters of its calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lac_pipeline.linkedin.metrics import Metric, allowed
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.linkedin.restli import Value, Verbatim, date_range
from lac_pipeline.linkedin.urn import ACCOUNT, CAMPAIGN, urn
from lac_pipeline.windows import DateWindow

_KEYS = ("dateRange", "pivotValues")
MOST_PIVOTS = 3
"""The finder `statistics` takes so many. Source: LinkedIn's "Ads Reporting" page."""


@dataclass(frozen=True, slots=True)
class Report:
    """What to read: one account, up to three pivots, some days, some metrics.

    Attributes:
        account_id: the ad account.
        pivot: what distinguishes rows.
        granularity: `DAILY`, `MONTHLY` or `ALL`.
        window: the UTC days.
        metrics: what is requested of each row.
        within: pivots that distinguish rows before it, such as `CAMPAIGN`: a row is about one value of each.
        campaigns: the only campaigns whose activity is read; empty for the whole account.

    Raises:
        ValueError: LinkedIn reads no more than three pivots at once, and no MEMBER_* pivot beside another.
    """

    account_id: int
    pivot: str
    granularity: str
    window: DateWindow
    metrics: tuple[Metric, ...]
    within: tuple[str, ...] = ()
    campaigns: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse pivots that LinkedIn refuses, before anything is requested."""
        if len(self.pivots) > MOST_PIVOTS or (self.within and any(pivot_of(pivot).members for pivot in self.pivots)):
            raise ValueError(f"adAnalytics cannot be read by {' and '.join(self.pivots)} at once")

    @property
    def pivots(self) -> tuple[str, ...]:
        """All pivots, in the order of a row's `pivotValues`."""
        return (*self.within, self.pivot)

    @property
    def divisible(self) -> bool:
        """Whether each row belongs to one campaign, so that campaigns may be requested separately."""
        return any(pivot_of(pivot).of_campaign for pivot in self.pivots)

    @property
    def subject(self) -> str:
        """What is read, for a person."""
        only = f" in campaign {', '.join(map(str, self.campaigns))}" if self.campaigns else ""
        return f"{self.granularity} analytics by {' and '.join(self.pivots)} of account {self.account_id}{only}"

    def served(self, metrics: Iterable[Metric], *, version: str, days: int) -> tuple[Metric, ...]:
        """Keep the metrics that LinkedIn gives for these pivots, this API version and length of range."""
        return allowed(metrics, pivots=self.pivots, version=version, days=days)

    def parameters(self, window: DateWindow, names: Sequence[str], campaigns: Sequence[int]) -> dict[str, Value]:
        """Write one call's parameters, in the order of LinkedIn's documentation."""
        facets: dict[str, Value] = {"accounts": [urn(ACCOUNT, self.account_id)]}
        if restricted := campaigns or self.campaigns:
            facets["campaigns"] = [urn(CAMPAIGN, campaign) for campaign in restricted]
        return {
            **({"q": "statistics", "pivots": self.pivots} if self.within else {"q": "analytics", "pivot": self.pivot}),
            "timeGranularity": self.granularity,
            "dateRange": date_range(window),
            **facets,
            "fields": Verbatim(",".join((*_KEYS, *names))),
        }
