"""What is read of adAnalytics at once, and the parameters of its calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lac_pipeline.linkedin.metrics import Metric
from lac_pipeline.linkedin.restli import Value, Verbatim, date_range
from lac_pipeline.linkedin.urn import ACCOUNT, CAMPAIGN, urn
from lac_pipeline.windows import DateWindow

_KEYS = ("dateRange", "pivotValues")


@dataclass(frozen=True, slots=True)
class Report:
    """What to read: one account, one pivot, one granularity (`DAILY`, `MONTHLY` or `ALL`), some days, some metrics."""

    account_id: int
    pivot: str
    granularity: str
    window: DateWindow
    metrics: tuple[Metric, ...]

    @property
    def subject(self) -> str:
        """What is read, for a person."""
        return f"{self.granularity} analytics by {self.pivot} of account {self.account_id}"

    def parameters(self, window: DateWindow, names: Sequence[str], campaigns: Sequence[int]) -> dict[str, Value]:
        """Write one call's parameters, in the order of LinkedIn's documentation."""
        facets: dict[str, Value] = {"accounts": [urn(ACCOUNT, self.account_id)]}
        if campaigns:
            facets["campaigns"] = [urn(CAMPAIGN, campaign) for campaign in campaigns]
        return {
            "q": "analytics",
            "pivot": self.pivot,
            "timeGranularity": self.granularity,
            "dateRange": date_range(window),
            **facets,
            "fields": Verbatim(",".join((*_KEYS, *names))),
        }
