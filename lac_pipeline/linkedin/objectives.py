"""The objective of a campaign, and the measure of the cost of its results.

CPL, the cost per lead, is defined here: what campaigns with the objective `LEAD_GENERATION` cost, divided by the leads
of their forms. A quotient of any other cost or leads is not CPL and has another name. The views define the same in SQL.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

MeasureName = Literal["cpl", "cost_per_conversion", "cost_per_view", "cpc", "cpm"]
LEAD_GENERATION = "LEAD_GENERATION"


class Measure(Struct, frozen=True):
    """How the cost of a campaign's results is measured; less is better.

    Attributes:
        name: of the quotient.
        metric: the column that counts the results.
        times: for so many results.
    """

    name: MeasureName
    metric: str
    times: int = 1


CPL = Measure("cpl", "one_click_leads")
COST_PER_CONVERSION = Measure("cost_per_conversion", "external_website_conversions")
COST_PER_VIEW = Measure("cost_per_view", "video_views")
CPC = Measure("cpc", "clicks")
CPM = Measure("cpm", "impressions", 1000)

_MEASURES = {
    LEAD_GENERATION: CPL,
    "WEBSITE_CONVERSION": COST_PER_CONVERSION,
    "VIDEO_VIEW": COST_PER_VIEW,
    "WEBSITE_VISIT": CPC,
    "WEBSITE_TRAFFIC": CPC,
    "ENGAGEMENT": CPC,
    "CREATIVE_ENGAGEMENT": CPC,
    "JOB_APPLICANT": CPC,
    "TALENT_LEAD": CPC,
    "BRAND_AWARENESS": CPM,
}
"""By LinkedIn's objectives. Applications for a job and talent leads are counted elsewhere, so clicks stand for them."""


def objective_of(value: str | None) -> str | None:
    """Spell an objective one way: LinkedIn's documents have singular and plural, its responses the singular."""
    singular = None if value is None else value.removesuffix("S")
    return singular if singular in _MEASURES else value


def measure_of(objective: str | None) -> Measure | None:
    """The measure that fits an objective; None where the objective is unknown."""
    return None if objective is None else _MEASURES.get(str(objective_of(objective)))


def generates_leads(objective: str | None) -> bool:
    """Whether a campaign with this objective counts for CPL."""
    return objective == LEAD_GENERATION
