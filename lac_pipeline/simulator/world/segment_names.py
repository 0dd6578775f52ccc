"""The words of the simulated world: who the members are, where ads were shown, and what the URNs of both are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SENIORITIES = "Unpaid,Training,Entry,Senior,Manager,Director,VP,CXO,Partner,Owner".split(",")

FUNCTIONS = (
    "Accounting,Administrative,Arts and Design,Business Development,Community and Social Services,Consulting,Education,"
    "Engineering,Entrepreneurship,Finance,Healthcare Services,Human Resources,Information Technology,Legal,Marketing,"
    "Media and Communication,Military and Protective Services,Operations,Product Management,"
    "Program and Project Management,Purchasing,Quality Assurance,Real Estate,Research,Sales,Customer Success"
).split(",")

INDUSTRIES = {
    4: "Software Development",
    6: "Technology, Information and Internet",
    8: "Telecommunications",
    10: "Law Practice",
    11: "Business Consulting and Services",
    12: "Biotechnology Research",
    14: "Hospitals and Health Care",
    15: "Pharmaceutical Manufacturing",
    23: "Food and Beverage Manufacturing",
    25: "Manufacturing",
    27: "Retail",
    31: "Hospitality",
    41: "Banking",
    42: "Insurance",
    43: "Financial Services",
    44: "Real Estate",
    48: "Construction",
    53: "Motor Vehicle Manufacturing",
    55: "Machinery Manufacturing",
    57: "Oil and Gas",
    59: "Utilities",
    68: "Higher Education",
    75: "Government Administration",
    80: "Advertising Services",
    96: "IT Services and IT Consulting",
    99: "Design Services",
    104: "Staffing and Recruiting",
    116: "Transportation, Logistics, Supply Chain and Storage",
    118: "Computer and Network Security",
    137: "Human Resources Services",
}

COUNTRIES = {
    103644278: "United States",
    101165590: "United Kingdom",
    101282230: "Germany",
    105015875: "France",
    105646813: "Spain",
    103350119: "Italy",
    102890719: "Netherlands",
    100565514: "Belgium",
    106693272: "Switzerland",
    103883259: "Austria",
    105117694: "Sweden",
    104514075: "Denmark",
    103819153: "Norway",
    100456013: "Finland",
    104738515: "Ireland",
    105072130: "Poland",
    101355337: "Japan",
    102713980: "India",
    101452733: "Australia",
    101174742: "Canada",
    106057199: "Brazil",
    102454443: "Singapore",
}

REGIONS = (
    "Greater London,Greater Munich Metropolitan Area,Berlin Metropolitan Area,Greater Paris Metropolitan Region,"
    "Greater Madrid Metropolitan Area,Greater Milan Metropolitan Area,Amsterdam Area,Zurich Area,Greater Stockholm,"
    "Greater Copenhagen Area,Greater Dublin,Warsaw Metropolitan Area,Greater Tokyo Area,Osaka Area,"
    "Greater Bengaluru Area,Greater Sydney Area,Greater Toronto Area,São Paulo Region,"
    "New York City Metropolitan Area,San Francisco Bay Area,"
    "Greater Boston,Greater Chicago Area,Dallas-Fort Worth Metroplex,Greater Seattle Area,Denver Metropolitan Area"
).split(",")

COUNTIES = "Cook County,King County,Suffolk County,Kings County,Santa Clara County,Travis County,Fulton County".split(
    ","
)

MARKET_AREAS = "New York,Los Angeles,Chicago,Dallas-Ft. Worth,San Francisco-Oakland-San Jose,Atlanta,Houston".split(",")

SIZE_CODES = (
    "SIZE_1",
    "SIZE_2_TO_10",
    "SIZE_11_TO_50",
    "SIZE_51_TO_200",
    "SIZE_201_TO_500",
    "SIZE_501_TO_1000",
    "SIZE_1001_TO_5000",
    "SIZE_5001_TO_10000",
    "SIZE_10001_OR_MORE",
)
SIZES = "(1,1) (2,10) (11,50) (51,200) (201,500) (501,1000) (1001,5000) (5001,10000) (10001,2147483647)".split()

LANGUAGES = {"en_US": "English", "de_DE": "German", "fr_FR": "French", "ja_JP": "Japanese"}

_RANKS = "Chief,VP,Head,Director,Senior Manager,Manager,Lead,Specialist,Analyst,Associate,Partner".split(",")
_FIELDS = "Finance,Marketing,Sales,Engineering,Product,Data,Security,Operations,People,Legal,Procurement,Design".split(
    ","
)
_FIRST = "Blue,Nordic,Alpine,Silver,Harbor,Prairie,Cedar,Summit,Maple,Granite,Aurora,Delta".split(",")
_SECOND = "Systems,Foods,Robotics,Energy,Logistics,Health,Capital,Motors,Textiles,Media,Optics,Labs".split(",")

TITLES = [f"{rank} {field}" for field in _FIELDS for rank in _RANKS]
COMPANIES = [f"{first} {second}" for second in _SECOND for first in _FIRST]


@dataclass(frozen=True, slots=True)
class Named:
    """An entity of LinkedIn's taxonomy; `name` is None for those that LinkedIn does not resolve."""

    urn: str
    name: str | None
    facets: tuple[str, ...]


def _numbered(kind: str, names: Iterable[str], *, first: int, facet: str) -> list[Named]:
    return [Named(f"urn:li:{kind}:{first + n}", name, (facet,)) for n, name in enumerate(names)]


def _geos(names: Iterable[tuple[int, str]]) -> list[Named]:
    return [Named(f"urn:li:geo:{number}", name, ("locations", "profileLocations")) for number, name in names]


def _forget(named: list[Named], every: int) -> list[Named]:
    """Make every n-th name unresolvable, as for closed companies."""
    return [
        Named(segment.urn, None, segment.facets) if n % every == every - 1 else segment
        for n, segment in enumerate(named)
    ]


SEGMENTS: dict[str, list[Named]] = {
    "MEMBER_SENIORITY": _numbered("seniority", SENIORITIES, first=1, facet="seniorities"),
    "MEMBER_JOB_FUNCTION": _numbered("function", FUNCTIONS, first=1, facet="jobFunctions"),
    "MEMBER_INDUSTRY": [Named(f"urn:li:industry:{n}", name, ("industries",)) for n, name in INDUSTRIES.items()],
    "MEMBER_JOB_TITLE": _forget(_numbered("title", TITLES, first=101, facet="titles"), 40),
    "MEMBER_COMPANY": _forget(_numbered("organization", COMPANIES, first=1200, facet="employers"), 24),
    "MEMBER_COMPANY_SIZE": [Named(f"urn:li:staffCountRange:{size}", size, ("staffCountRanges",)) for size in SIZES],
    "MEMBER_COUNTRY_V2": _geos(COUNTRIES.items()),
    "MEMBER_REGION_V2": _geos((90_000_000 + n, name) for n, name in enumerate(REGIONS)),
    "MEMBER_COUNTY": _geos((100_500_000 + n, name) for n, name in enumerate(COUNTIES)),
    "MEMBER_DESIGNATED_MARKET_AREA": _geos((100_700_000 + n, name) for n, name in enumerate(MARKET_AREAS)),
}
"""What each MEMBER_* pivot may return, the most frequent first."""

LOCALES = [Named(f"urn:li:locale:{code}", name, ("interfaceLocales",)) for code, name in LANGUAGES.items()]
"""What campaigns may target beside what members are."""

UNDETECTED = "UNDETECTED"
PLACES: dict[str, list[str]] = {
    "SERVING_LOCATION": ["ON_NETWORK", "OFF_NETWORK"],
    "PLACEMENT_NAME": ["LINKEDIN_FEED", "LINKEDIN_RIGHT_RAIL", "AUDIENCE_NETWORK"],
    "IMPRESSION_DEVICE_TYPE": ["MOBILE_APP", "DESKTOP_WEB", "MOBILE_WEB", UNDETECTED],
    "EVENT_STAGE": ["PRE_LIVE", "LIVE", "POST_LIVE"],
    "CARD_INDEX": ["0", "1", "2", "3"],
    "CONVERSATION_NODE": [f"urn:li:sponsoredConversationNode:{n}" for n in (1, 2)],
    "CONVERSATION_NODE_OPTION_INDEX": [f"urn:li:sponsoredConversationNode:{n},{at}" for n in (1, 2) for at in (0, 1)],
}
"""What the pivots that are neither entities nor members may return; a button is known by its message and its place."""

ADS_WITH: dict[str, frozenset[str]] = {
    "CARD_INDEX": frozenset({"carousel"}),
    "CONVERSATION_NODE": frozenset({"message"}),
    "CONVERSATION_NODE_OPTION_INDEX": frozenset({"message"}),
    "EVENT_STAGE": frozenset({"event"}),
}
"""The kinds of ad that have what a pivot tells apart; every kind where the pivot is not listed."""


def segments_of(pivot: str, *, size_urns: str) -> list[str]:
    """The pivot values in use; company sizes are spelled in one of three ways."""
    if pivot != "MEMBER_COMPANY_SIZE" or size_urns == "staffCountRange":
        return [segment.urn for segment in SEGMENTS[pivot]]
    if size_urns == "companySize":
        return [f"urn:li:companySize:{chr(ord('A') + n)}" for n in range(len(SIZES))]
    return list(SIZE_CODES)


def resolvable() -> dict[str, list[Named]]:
    """Every URN of adTargetingEntities, with one entry per facet."""
    named = (segment for group in (*SEGMENTS.values(), LOCALES) for segment in group)
    return {segment.urn: [segment] for segment in named if segment.name is not None}
