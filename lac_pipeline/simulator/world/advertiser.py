"""The demo's advertiser, as plain facts: its accounts, campaign groups and campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lac_pipeline.simulator.world.entities import EVERY_MONTH

_SPRING_AUTUMN = 0b0011_1000_1110 | 0b0110_0000_0000
_YEAR_END = 0b1110_0000_0001
OPENING = date(2019, 3, 4)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One ad account; `unit` is about what a euro is worth in its currency, `market` is whom it is for."""

    id: int
    name: str
    currency: str
    unit: float
    market: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One campaign, as every account runs it.

    Attributes:
        name: with `{m}` for the market.
        group: place in `DEMO_GROUPS`.
        status: of the campaign, and of its creatives.
        objective: LinkedIn's objectiveType.
        format: LinkedIn's format.
        tags: what kind of ads, which decides their metrics.
        creatives: how many.
        level: impressions of one of them on a weekday, about; 0 never ran.
        start: first day.
        end: last day.
        months: months in which it runs.
        deleted: whether finders no longer give it.
    """

    name: str
    group: int
    status: str
    objective: str
    format: str
    tags: str
    creatives: int
    level: float
    start: date
    end: date | None = None
    months: int = EVERY_MONTH
    deleted: bool = False


DEMO_ACCOUNTS = (
    DemoAccount(510_000_001, "Northwind EMEA", "EUR", 1.0, "EMEA"),
    DemoAccount(510_000_002, 'Northwind Americas, "Growth"', "USD", 1.08, "AMER"),
    DemoAccount(510_000_003, "Northwind 日本", "JPY", 162.0, "JP"),
)

DEMO_GROUPS = (
    ("Always on", "ACTIVE"),
    ("Pipeline, H2", "ACTIVE"),
    ("Brand 🚀", "PAUSED"),
    ("Retired", "ARCHIVED"),
)

PLANS = (
    Plan("{m} - CFO - Single image", 0, "ACTIVE", "LEAD_GENERATION", "STANDARD_UPDATE", "image leads", 5, 900, OPENING),
    Plan(
        "{m} - Ops, Directors - Carousel",
        0,
        "ACTIVE",
        "WEBSITE_VISIT",
        "CAROUSEL",
        "carousel conversions",
        4,
        700,
        date(2020, 1, 13),
    ),
    Plan(
        '{m} - "Close the books" - Video', 0, "ACTIVE", "VIDEO_VIEW", "SINGLE_VIDEO", "video", 4, 1400, date(2021, 5, 3)
    ),
    Plan(
        "{m} - Demo requests ✅",
        1,
        "ACTIVE",
        "WEBSITE_CONVERSION",
        "STANDARD_UPDATE",
        "image conversions",
        4,
        800,
        date(2022, 2, 7),
    ),
    Plan(
        "{m} - Whitepaper: month end\nin 3 days",
        1,
        "ACTIVE",
        "LEAD_GENERATION",
        "SPONSORED_UPDATE_NATIVE_DOCUMENT",
        "document leads",
        4,
        500,
        date(2023, 9, 4),
        None,
        _SPRING_AUTUMN,
    ),
    Plan(
        "{m} - Webinar invitation",
        1,
        "ACTIVE",
        "ENGAGEMENT",
        "SPONSORED_UPDATE_EVENT",
        "event",
        3,
        450,
        date(2023, 3, 6),
    ),
    Plan(
        "{m} - InMail, controllers",
        1,
        "ACTIVE",
        "LEAD_GENERATION",
        "SPONSORED_INMAIL",
        "message leads",
        3,
        220,
        date(2022, 6, 6),
    ),
    Plan("{m} - Text ads", 0, "ACTIVE", "WEBSITE_VISIT", "TEXT", "text conversions", 4, 2600, date(2020, 9, 7)),
    Plan(
        "{m} - Year end push",
        2,
        "PAUSED",
        "BRAND_AWARENESS",
        "STANDARD_UPDATE",
        "image",
        3,
        1100,
        date(2021, 11, 1),
        None,
        _YEAR_END,
    ),
    Plan("{m} - Hiring", 2, "COMPLETED", "JOB_APPLICANT", "JOBS", "jobs", 2, 400, date(2021, 1, 11), date(2024, 6, 30)),
    Plan(
        "{m} - Year end push",
        3,
        "ARCHIVED",
        "BRAND_AWARENESS",
        "STANDARD_UPDATE",
        "image",
        2,
        900,
        date(2019, 10, 7),
        date(2021, 3, 31),
    ),
    Plan("{m} - Spring draft", 1, "DRAFT", "LEAD_GENERATION", "STANDARD_UPDATE", "image leads", 2, 0, date(2026, 9, 1)),
    Plan(
        "{m} - Old tests",
        3,
        "CANCELED",
        "WEBSITE_TRAFFIC",
        "STANDARD_UPDATE",
        "image",
        1,
        300,
        OPENING,
        date(2020, 2, 28),
    ),
    Plan(
        "{m} - Wrong budget",
        3,
        "PENDING_DELETION",
        "ENGAGEMENT",
        "STANDARD_UPDATE",
        "image",
        1,
        350,
        date(2025, 4, 7),
        date(2025, 4, 18),
    ),
    Plan(
        "{m} - Partner pilot",
        3,
        "REMOVED",
        "LEAD_GENERATION",
        "STANDARD_UPDATE",
        "image leads",
        2,
        420,
        date(2025, 1, 6),
        None,
        EVERY_MONTH,
        True,
    ),
)
