"""Who sees the ads of a market: how its impressions fall on the values of a member pivot, and who engages with them.

The shares are the simulator's own, of the size that a business advertiser finds in such a market.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lac_pipeline.simulator.hashing import Floats, mix, salt, uniform
from lac_pipeline.simulator.world.segment_names import COUNTRIES, FUNCTIONS, INDUSTRIES, REGIONS

_SENIORITIES = (0.02, 0.02, 0.12, 0.24, 0.21, 0.15, 0.07, 0.08, 0.03, 0.06)
"""Unpaid, training, entry, senior, manager, director, VP, CXO, partner, owner."""
_SIZES = (0.03, 0.06, 0.11, 0.16, 0.13, 0.11, 0.18, 0.08, 0.14)
"""From one employee to more than ten thousand."""
_SENIORITY_RATES = (0.4, 0.5, 0.7, 0.9, 1.0, 1.3, 1.5, 1.6, 1.1, 1.2)
"""The CFO guide draws those who sign for it."""

_FUNCTIONS = {
    "Finance": 26,
    "Accounting": 23,
    "Operations": 9,
    "Business Development": 6,
    "Consulting": 5,
    "Information Technology": 5,
    "Administrative": 4,
    "Entrepreneurship": 3,
    "Sales": 3,
    "Purchasing": 3,
    "Program and Project Management": 2,
    "Human Resources": 2,
    "Engineering": 2,
    "Marketing": 1.5,
}
"""Whom campaigns about closing the books are for; every other function has `_ASIDE`."""
_INDUSTRIES = {
    "Manufacturing": 12,
    "Financial Services": 11,
    "Software Development": 9,
    "IT Services and IT Consulting": 8,
    "Business Consulting and Services": 7,
    "Banking": 6,
    "Retail": 5,
    "Insurance": 4.5,
    "Transportation, Logistics, Supply Chain and Storage": 4.5,
    "Motor Vehicle Manufacturing": 4,
    "Machinery Manufacturing": 4,
    "Construction": 3,
    "Hospitals and Health Care": 3,
    "Food and Beverage Manufacturing": 3,
    "Pharmaceutical Manufacturing": 3,
    "Utilities": 2.5,
    "Telecommunications": 2,
}
"""The same by industry."""
_ASIDE = 0.6
_OF_THE_STATES = frozenset({"MEMBER_DESIGNATED_MARKET_AREA", "MEMBER_COUNTY"})
"""Pivots that divide members of the United States: an audience of another market has almost no member in any value."""
_KNOWN_IN_THE_STATES = {"AMER": 0.55}

_DEVICES = (0.61, 0.3, 0.08, 0.01)
"""Mobile app, desktop, mobile browser, undetected."""
_DEVICE_RATES = (1.1, 0.85, 0.8, 0.5)

_OF_TEXT_ADS: dict[str, Sequence[float]] = {
    "IMPRESSION_DEVICE_TYPE": (0.0, 0.985, 0.0, 0.015),
    "PLACEMENT_NAME": (0.0, 1.0, 0.0),
    "SERVING_LOCATION": (1.0, 0.0),
}
"""Text ads stand beside the feed, on desktops alone. Source: LinkedIn's page on the formats of ads."""

_HOME: dict[str, Mapping[str, float]] = {
    "EMEA": {
        "United Kingdom": 22,
        "Germany": 20,
        "France": 14,
        "Spain": 8,
        "Italy": 8,
        "Netherlands": 8,
        "Belgium": 4,
        "Switzerland": 4,
        "Austria": 3,
        "Sweden": 3,
        "Denmark": 2,
        "Norway": 2,
        "Finland": 1.5,
        "Ireland": 2,
        "Poland": 2,
        "Greater London": 20,
        "Greater Munich Metropolitan Area": 9,
        "Berlin Metropolitan Area": 9,
        "Greater Paris Metropolitan Region": 13,
        "Greater Madrid Metropolitan Area": 7,
        "Greater Milan Metropolitan Area": 7,
        "Amsterdam Area": 8,
        "Zurich Area": 4,
        "Greater Stockholm": 3,
        "Greater Copenhagen Area": 2,
        "Greater Dublin": 3,
        "Warsaw Metropolitan Area": 3,
    },
    "AMER": {
        "United States": 78,
        "Canada": 12,
        "Brazil": 8,
        "Greater Toronto Area": 9,
        "São Paulo Region": 6,
        "New York City Metropolitan Area": 22,
        "San Francisco Bay Area": 14,
        "Greater Boston": 9,
        "Greater Chicago Area": 12,
        "Dallas-Fort Worth Metroplex": 10,
        "Greater Seattle Area": 8,
        "Denver Metropolitan Area": 6,
    },
    "JP": {"Japan": 95, "Singapore": 1.5, "Greater Tokyo Area": 70, "Osaka Area": 22},
}
"""By market, the weight of each place at home; every other place has `_ABROAD`."""
_ABROAD = 0.1
_PLACES = {"MEMBER_COUNTRY_V2": tuple(COUNTRIES.values()), "MEMBER_REGION_V2": tuple(REGIONS)}
_EVERYWHERE: dict[str, Sequence[float]] = {
    "MEMBER_SENIORITY": _SENIORITIES,
    "MEMBER_COMPANY_SIZE": _SIZES,
    "MEMBER_JOB_FUNCTION": [_FUNCTIONS.get(name, _ASIDE) for name in FUNCTIONS],
    "MEMBER_INDUSTRY": [_INDUSTRIES.get(name, _ASIDE) for name in INDUSTRIES.values()],
    "IMPRESSION_DEVICE_TYPE": _DEVICES,
}
_FUNCTION_RATES = {"Finance": 1.35, "Accounting": 1.4, "Operations": 1.1, "Entrepreneurship": 1.2}
_RATES: dict[str, Sequence[float]] = {
    "MEMBER_SENIORITY": _SENIORITY_RATES,
    "MEMBER_JOB_FUNCTION": [_FUNCTION_RATES.get(name, 0.75) for name in FUNCTIONS],
    "IMPRESSION_DEVICE_TYPE": _DEVICE_RATES,
}


def curve_of(pivot: str, market: str, *, text: bool = False) -> Floats | None:
    """How much of a market's impressions each value of a pivot has, in their order; None where nothing is declared.

    Args:
        pivot: LinkedIn's name.
        market: such as `EMEA`; empty for members of no place in particular.
        text: whether the ad is a text ad.
    """
    if market in _HOME and text and pivot in _OF_TEXT_ADS:
        return np.array(_OF_TEXT_ADS[pivot])
    if market in _HOME and pivot in _PLACES:
        return np.array([_HOME[market].get(place, _ABROAD) for place in _PLACES[pivot]])
    return np.array(_EVERYWHERE[pivot]) if market in _HOME and pivot in _EVERYWHERE else None


def rates_of(pivot: str, count: int, *, seed: int) -> Floats:
    """How readily members engage with the ads, around 1, for each value of a pivot."""
    if pivot in _RATES:
        return np.array(_RATES[pivot])
    rates: Floats = 0.6 + 0.8 * uniform(mix(seed, salt(f"engages/{pivot}"), np.arange(count)))
    return rates


def known_of(pivot: str, market: str, *, usually: float) -> float:
    """Which part of a market's members has a value of the pivot; the others are in no row."""
    if not market or pivot not in _OF_THE_STATES:
        return usually
    return _KNOWN_IN_THE_STATES.get(market, 0.002)
