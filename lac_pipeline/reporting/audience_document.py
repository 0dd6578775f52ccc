"""The part of the snapshot document about who saw the ads."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from lac_pipeline.reporting.document_parts import Exact, Part


class Segment(Part):
    """A segment of the audience."""

    segment: str = Field(description="The segment as LinkedIn sends it, mostly a URN.")
    name: str = Field(description="Its name in English; the segment itself where LinkedIn returns none.")
    impressions: int | None = Field(description="Times an ad was shown to members of the segment.")
    clicks: int | None = Field(description="Their chargeable clicks.")
    cost_in_local_currency: Exact | None = Field(
        description="The cost that LinkedIn shows for them, in the account's currency. It is not adjusted for "
        "over-delivery, so segments may cost more together than the account spent: this is not spend."
    )
    one_click_leads: int | None = Field(description="Their leads from LinkedIn's lead forms.")
    ctr: Exact | None = Field(description="Clicks per impression.")
    share_of_impressions: Exact | None = Field(description="Of all impressions that LinkedIn splits by this pivot.")


class Demographic(Part):
    """The audience, split one way. Splits must not be added up: each divides the same activity."""

    pivot_type: str = Field(description="What it is split by, such as MEMBER_INDUSTRY.")
    segments_known: int = Field(description="How many segments LinkedIn returned; it leaves out those under 3 events.")
    segments: list[Segment] = Field(
        description="The ten with most impressions: in that order, or in their own where they have one, as seniorities "
        "and company sizes do."
    )


class Audience(Part):
    """Who saw the ads, in whole calendar months: LinkedIn's demographics are less exact by day.

    Each month is whole, also where the days that are loaded begin within it.
    """

    since: date = Field(description="First UTC day of the first month.")
    until: date = Field(description="Last UTC day of the last month, which may still be running.")
    demographics: list[Demographic]
