"""The true rows of the world: what LinkedIn would return now, without the cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lac_pipeline.simulator.hashing import Masks
from lac_pipeline.simulator.world.entities import (
    ACCOUNTS,
    CAMPAIGNS,
    CONVERSIONS,
    CREATIVES,
    GROUPS,
    LEAD_FORMS,
    Record,
)
from lac_pipeline.simulator.world.numbers import Grid
from lac_pipeline.simulator.world.report_rows import KEYS, ReportRequest, Row, reported_window, rows
from lac_pipeline.simulator.world.segment_names import ADS_WITH
from lac_pipeline.simulator.world.state import WorldState
from lac_pipeline.windows import DateWindow


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true in a world at its clock, in LinkedIn's own spelling."""

    world: WorldState

    def accounts(self) -> list[Record]:
        """Every ad account, as the finder gives it."""
        return self._listed(ACCOUNTS, None)

    def campaign_groups(self, account_id: int) -> list[Record]:
        """The campaign groups of an account."""
        return self._listed(GROUPS, account_id)

    def campaigns(self, account_id: int) -> list[Record]:
        """The campaigns of an account."""
        return self._listed(CAMPAIGNS, account_id)

    def creatives(self, account_id: int) -> list[Record]:
        """The creatives of an account."""
        return self._listed(CREATIVES, account_id)

    def conversions(self, account_id: int) -> list[Record]:
        """The conversion rules of an account."""
        return self._listed(CONVERSIONS, account_id)

    def lead_forms(self, account_id: int) -> list[Record]:
        """The lead forms of an account."""
        return self._listed(LEAD_FORMS, account_id)

    def _listed(self, kind: str, account_id: int | None) -> list[Record]:
        return [dict(urn.record) for urn in self.world.entities.listed(kind, account_id)]

    def analytics(
        self,
        account_id: int,
        pivot: str,
        granularity: str,
        window: DateWindow,
        metrics: Sequence[str],
        *,
        within: Sequence[str] = (),
        campaigns: Sequence[int] = (),
    ) -> list[Row]:
        """The rows adAnalytics has for an account, without the cap on elements and the limit on fields.

        Rows that were made to be lost or broken on the way are whole here.

        Args:
            account_id: the ad account.
            pivot: `CAMPAIGN`, `CREATIVE`, `MEMBER_INDUSTRY`, ...
            granularity: `ALL`, `DAILY`, `MONTHLY` or `YEARLY`.
            window: the requested days.
            metrics: LinkedIn's names; rows where all of them are zero are left out.
            within: pivots that stand before it, such as `CAMPAIGN`.
            campaigns: the only campaigns that are counted; empty for all.
        """
        urn = f"urn:li:sponsoredAccount:{account_id}"
        request = report_request(self.world, (*within, pivot), granularity, (*KEYS, *metrics))
        selected = self.world.book.among("ACCOUNT", {urn})
        if campaigns:
            selected &= self.world.book.among(
                "CAMPAIGN", {f"urn:li:sponsoredCampaign:{number}" for number in campaigns}
            )
        return analytics_rows(self.world, request, window, selected)


def report_request(
    world: WorldState, pivots: tuple[str, ...], granularity: str, fields: tuple[str, ...]
) -> ReportRequest:
    """A request whose values are spelled as the world's switches say."""
    switches = world.switches
    return ReportRequest(
        pivots,
        granularity,
        fields,
        switches.company_size_urns,
        switches.bare_conversion_ids,
        switches.unnamed_device,
        switches.buttons_without_message,
    )


def analytics_rows(
    world: WorldState, request: ReportRequest, window: DateWindow, selected: Masks, *, most: int | None = None
) -> list[Row]:
    """The rows for a mask of creatives, all of them or so many."""
    now = world.now()
    reported = reported_window(window, granularity=request.granularity, today=now.date())
    for pivot in request.pivots:
        selected = selected & world.book.tagged(ADS_WITH.get(pivot, frozenset()))
    book = world.book.select(selected)
    return rows(Grid(book, reported, now, world.rules, tuple(world.altered.vanished)), request, most=most)
