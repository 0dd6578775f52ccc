"""The world's own books: what LinkedIn would answer now, uncut and in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lac_pipeline.simulator.hashing import Masks
from lac_pipeline.simulator.world.entities import ACCOUNTS, CAMPAIGNS, CREATIVES, GROUPS, Record
from lac_pipeline.simulator.world.numbers import Grid
from lac_pipeline.simulator.world.report_rows import KEYS, Ask, Row, answered_window, rows
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

    def _listed(self, kind: str, account_id: int | None) -> list[Record]:
        return [dict(one.record) for one in self.world.entities.listed(kind, account_id)]

    def analytics(
        self,
        account_id: int,
        pivot: str,
        granularity: str,
        window: DateWindow,
        metrics: Sequence[str],
        *,
        within: Sequence[str] = (),
    ) -> list[Row]:
        """The rows adAnalytics has for an account, without the cap on elements and the limit on fields.

        Rows that were made to be lost or broken on the way are whole here.

        Args:
            account_id: the ad account.
            pivot: `CAMPAIGN`, `CREATIVE`, `MEMBER_INDUSTRY`, ...
            granularity: `ALL`, `DAILY`, `MONTHLY` or `YEARLY`.
            window: the days asked about.
            metrics: LinkedIn's names; rows where all of them are zero are left out.
            within: pivots that stand before it, such as `CAMPAIGN`.
        """
        urn = f"urn:li:sponsoredAccount:{account_id}"
        ask = Ask((*within, pivot), granularity, (*KEYS, *metrics), self.world.switches.company_size_urns)
        return analytics_rows(self.world, ask, window, self.world.book.among("ACCOUNT", {urn}))


def analytics_rows(
    world: WorldState, ask: Ask, window: DateWindow, wanted: Masks, *, most: int | None = None
) -> list[Row]:
    """The rows for a mask of creatives, all of them or so many."""
    now = world.now()
    answered = answered_window(window, granularity=ask.granularity, today=now.date())
    book = world.book.select(wanted)
    return rows(Grid(book, answered, now, world.rules, tuple(world.altered.vanished)), ask, most=most)
