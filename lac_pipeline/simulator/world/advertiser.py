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
        ads: what its creatives are called, in their order and again from the first.
        theme: what its ads are about, which decides what they say.
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
    ads: tuple[str, ...] = ()
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """What an ad of a format costs, and how readily members click on it, beside an image in the feed.

    Attributes:
        cost: of an impression, or of a message that is sent.
        appeal: clicks of each of these.
    """

    cost: float = 1.0
    appeal: float = 1.0


FORMATS = {
    "TEXT": Format(cost=0.035, appeal=0.03),
    "SPONSORED_INMAIL": Format(cost=10.0, appeal=3.4),
    "SINGLE_VIDEO": Format(cost=0.8, appeal=0.55),
    "CAROUSEL": Format(appeal=0.8),
    "SPONSORED_UPDATE_NATIVE_DOCUMENT": Format(cost=1.2, appeal=0.9),
    "SPONSORED_UPDATE_EVENT": Format(appeal=0.7),
    "JOBS": Format(cost=0.3, appeal=0.3),
}
"""The formats that differ. A text ad beside the feed costs little and is hardly clicked; a message is paid for when it
is sent, about 0.35 euros, and opened by half of those who get it."""


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
    Plan(
        "{m} - CFO - Single image",
        0,
        "ACTIVE",
        "LEAD_GENERATION",
        "STANDARD_UPDATE",
        "image leads",
        5,
        900,
        OPENING,
        theme="guide",
        ads=(
            "CFO guide v2",
            "CFO guide v2, blue",
            'He said "close faster", twice',
            "CFO guide v3 📈",
            "CFO guide v3 📈",
        ),
    ),
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
        theme="steps",
        ads=(
            "Five steps; with, commas",
            "Cost of a late close",
            "Five steps, cards 1 to 4",
            "Directors: who signs what",
        ),
    ),
    Plan(
        '{m} - "Close the books" - Video',
        0,
        "ACTIVE",
        "VIDEO_VIEW",
        "SINGLE_VIDEO",
        "video",
        4,
        1400,
        date(2021, 5, 3),
        theme="film",
        ads=("Close the books, 15 s", "Close the books, 30 s", "Line one\nline two", "Zahlenwerk für Zürich, 60 s"),
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
        theme="demo",
        ads=("Demo in 20 minutes", "Demo: see your own numbers", "Book a demo, blue", "Book a demo, people"),
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
        theme="paper",
        ads=("Month end 📈 blue", "Month end 📈 blue", "Checklist; with, commas", "Month end, chapter 2"),
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
        theme="webinar",
        ads=("Webinar: month end, live", "Webinar: speakers", "Webinar: last seats"),
    ),
    Plan(
        "{m} - InMail, controllers",
        1,
        "ACTIVE",
        "LEAD_GENERATION",
        "SPONSORED_INMAIL",
        "message leads",
        3,
        120,
        date(2022, 6, 6),
        theme="letter",
        ads=("Controllers: invitation", "Controllers: reminder", "Controllers: the guide"),
    ),
    Plan(
        "{m} - Text ads",
        0,
        "ACTIVE",
        "WEBSITE_VISIT",
        "TEXT",
        "text conversions",
        4,
        2600,
        date(2020, 9, 7),
        theme="text",
        ads=("Close faster", "Close faster, logo", "Month end in 3 days", "Month end, logo"),
    ),
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
        theme="brand",
        ads=("Year end checklist", "Year end 🎄 countdown", "Zahlenwerk für Zürich"),
    ),
    Plan(
        "{m} - Hiring",
        2,
        "COMPLETED",
        "JOB_APPLICANT",
        "JOBS",
        "jobs",
        2,
        400,
        date(2021, 1, 11),
        date(2024, 6, 30),
        theme="hiring",
        ads=("We hire accountants", "We hire engineers"),
    ),
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
        theme="brand",
        ads=("Year end checklist", "Year end 🎄 countdown", "Zahlenwerk für Zürich"),
    ),
    Plan(
        "{m} - Spring draft",
        1,
        "DRAFT",
        "LEAD_GENERATION",
        "STANDARD_UPDATE",
        "image leads",
        2,
        0,
        date(2026, 9, 1),
        theme="guide",
        ads=("Spring guide, draft", "Spring guide, draft 2"),
    ),
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
        theme="demo",
        ads=("Test, red button",),
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
        theme="brand",
        ads=("Poll: month end",),
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
        theme="guide",
        ads=("Partner guide", "Partner guide, two logos"),
    ),
)
