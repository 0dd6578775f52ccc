"""The adAnalytics resource: what it refuses, and the rows it returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.api.cursor_pages import encode
from lac_pipeline.simulator.api.query import date_value
from lac_pipeline.simulator.hashing import Masks
from lac_pipeline.simulator.replies import Json, RestError, field_invalid, illegal_argument, param_invalid
from lac_pipeline.simulator.world.book import ENTITY_PIVOTS
from lac_pipeline.simulator.world.report_rows import GRANULARITIES, KEYS, NULL_BEYOND_MAX_DAYS, ReportRequest, Row
from lac_pipeline.simulator.world.segment_names import PLACES, SEGMENTS
from lac_pipeline.simulator.world.splits import RULES
from lac_pipeline.simulator.world.truth import analytics_rows, report_request
from lac_pipeline.windows import DateWindow

FACETS = {
    "accounts": "ACCOUNT",
    "campaignGroups": "CAMPAIGN_GROUP",
    "campaigns": "CAMPAIGN",
    "creatives": "CREATIVE",
    "shares": "SHARE",
    "companies": "COMPANY",
}
_FILTERS = {"campaignType": "CAMPAIGN_TYPE", "objectiveType": "OBJECTIVE_TYPE"}
PIVOTS = {*(set(ENTITY_PIVOTS) - set(_FILTERS.values())), *PLACES, *SEGMENTS, RULES}
_SORT_FIELDS = {
    "COST_IN_LOCAL_CURRENCY": "costInLocalCurrency",
    "IMPRESSIONS": "impressions",
    "CLICKS": "clicks",
    "ONE_CLICK_LEADS": "oneClickLeads",
    "OPENS": "opens",
    "SENDS": "sends",
    "EXTERNAL_WEBSITE_CONVERSIONS": "externalWebsiteConversions",
}
_COMMON = {"q", "timeGranularity", "dateRange", "fields", "sortBy", "start", "count", *FACETS, *_FILTERS}
_MOST_FIELDS = 20
_LEAST_IMPRESSIONS = 300
_NEWEST_PIVOTS = {"MEMBER_DESIGNATED_MARKET_AREA": "202609"}


def find(call: Call) -> Json:
    """`q=analytics` and `q=statistics`."""
    finder = call.query.require("q")
    if finder not in ("analytics", "statistics"):
        raise param_invalid("q", "Resource adAnalytics has no such finder")
    call.query.only({*_COMMON, "pivot" if finder == "analytics" else "pivots"})
    if call.query.integer("start", default=0) > 0:
        raise illegal_argument("adAnalytics does not support pagination")
    pivots = _pivots(call, statistics=finder == "statistics")
    call.query.require("timeGranularity")
    granularity = call.query.enum("timeGranularity", GRANULARITIES) or "ALL"
    window = _window(call)
    request = report_request(call.world, pivots, granularity, _fields(call, pivots, window))
    return _respond(call, request, window, _selected(call))


def _pivots(call: Call, *, statistics: bool) -> tuple[str, ...]:
    if not statistics:
        call.query.require("pivot")
        pivots = [call.query.enum("pivot", PIVOTS) or ""]
    else:
        call.query.require("pivots")
        pivots = call.query.enums("pivots", PIVOTS) or []
        if not 1 <= len(pivots) <= 3:
            raise field_invalid("pivots", "One to three pivots are supported")
        if any(pivot.startswith("MEMBER_") for pivot in pivots):
            raise field_invalid("pivots", "Member pivots are not supported by the statistics finder")
    if any(_NEWEST_PIVOTS.get(pivot, "") > call.version for pivot in pivots):
        raise param_invalid("pivot")
    return tuple(pivots)


def _window(call: Call) -> DateWindow:
    value = call.query.require("dateRange")
    if not isinstance(value, dict) or not set(value) <= {"start", "end"}:
        raise param_invalid("dateRange")
    if "start" not in value:
        raise RestError(400, "PARAM_MISSING", "dateRange.start is required", path="dateRange/start")
    start = date_value(value["start"], path="dateRange/start")
    today = call.world.now().date()
    end = date_value(value["end"], path="dateRange/end") if "end" in value else max(today, start)
    if end < start:
        raise param_invalid("dateRange", "The end of the date range is before its start")
    if end == date.max:
        raise param_invalid("dateRange/end")
    return DateWindow.inclusive(start, end)


def _fields(call: Call, pivots: tuple[str, ...], window: DateWindow) -> tuple[str, ...]:
    names = call.query.names()
    if not names:
        return ("impressions", "clicks")
    if len(names) > _MOST_FIELDS:
        raise field_invalid("fields", f"At most {_MOST_FIELDS} fields may be requested, got {len(names)}")
    served = [name for name in names if name in KEYS or _is_served(name, pivots, window, call)]
    return tuple(dict.fromkeys(served))


def _is_served(name: str, pivots: tuple[str, ...], window: DateWindow, call: Call) -> bool:
    """Whether a metric is in the response; one without these pivots or days is left out, or refused by switch."""
    metric = BY_NAME.get(name)
    if metric is None or (metric.since is not None and call.version < metric.since):
        raise field_invalid("fields", f"Unknown field '{name}'")
    too_long = metric.max_days is not None and window.days > metric.max_days and name not in NULL_BEYOND_MAX_DAYS
    served = metric.serves(*pivots) and not too_long
    if not served and call.world.switches.refuse_unsupported_metrics:
        raise field_invalid("fields", f"Field '{name}' is not available for the pivot or the length of the range")
    return served


def _selected(call: Call) -> Masks:
    """The creatives that pass every facet and filter, in accounts that the token may see."""
    book = call.world.book
    visible = {f"urn:li:sponsoredAccount:{number}" for number in call.world.visible_accounts(call.token)}
    selected: Masks = book.among("ACCOUNT", visible)
    facets = {name: urns for name in FACETS if (urns := call.query.urns(name)) is not None}
    if not any(facets.values()):
        raise RestError(400, "PARAM_MISSING", "At least one facet is required", path="accounts")
    for name, urns in facets.items():
        selected &= book.among(FACETS[name], set(urns))
    for name, pivot in _FILTERS.items():
        if (value := call.query.params.get(name)) is not None:
            items = value if isinstance(value, list) else [value]
            selected &= book.among(pivot, {str(item) for item in items})
    return selected


def _respond(call: Call, request: ReportRequest, window: DateWindow, selected: Masks) -> Json:
    world, most = call.world, _most_rows(call)
    found = _not_private(call, request, window, selected, _found(call, request, window, selected, most=most + 1))
    served = found[:most]
    if world.switches.loose_counts:
        served = [_loosely(row, number) for number, row in enumerate(served)]
    world.quotas.spend_values(
        len(served) * len(request.metrics),
        limit=world.switches.metric_values_limit,
        now=world.now(),
        retry_after=world.switches.retry_after_seconds,
    )
    links = _links(call) if len(found) > most else []
    return {
        "paging": {"start": 0, "count": call.query.integer("count", default=10), "links": links},
        "elements": served,
    }


def _found(call: Call, request: ReportRequest, window: DateWindow, selected: Masks, *, most: int) -> list[Row]:
    """The rows of the response; no more are written than needed, unless all have to be looked at first."""
    altered, order = call.world.altered, _order(call)
    more = (*(KEYS if altered.changes else ()), *((order[0],) if order else ()))
    if not more:
        return analytics_rows(call.world, request, window, selected, most=most)
    seen = replace(request, fields=tuple(dict.fromkeys((*request.fields, *more))))
    found = altered.on_the_way(request.pivots, analytics_rows(call.world, seen, window, selected))
    if order:
        name, falling = order
        found.sort(key=lambda row: float(row[name]), reverse=falling)
    return [{name: row[name] for name in request.fields if name in row} for row in found]


def _not_private(
    call: Call, request: ReportRequest, window: DateWindow, selected: Masks, found: list[Row]
) -> list[Row]:
    """The rows without the audiences of campaigns that were shown too seldom in a period, as one client reports."""
    if "campaigns" not in call.query or not any(pivot in SEGMENTS for pivot in request.pivots):
        return found
    whole = replace(request, pivots=("ACCOUNT",), fields=("dateRange", "impressions"))
    totals = analytics_rows(call.world, whole, window, selected)
    large = [total["dateRange"] for total in totals if total["impressions"] >= _LEAST_IMPRESSIONS]
    return [row for row in found if row.get("dateRange") in large]


def _loosely(row: Row, number: int) -> Row:
    """The row with its counts in another form than in the rows beside it: an integer, a decimal, or text of either."""
    form = (int, float, str, "{}.0".format)[number % 4]
    return {name: form(value) if type(value) is int else value for name, value in row.items()}


def _links(call: Call) -> list[Json]:
    """The link that one client saw when rows were cut at `count`; following it is refused."""
    if not call.world.switches.analytics_page_of_10:
        return []
    count = call.query.integer("count", default=10)
    query = {**call.query.params, "start": str(count), "count": str(count)}
    href = f"{call.url_path}?" + "&".join(f"{name}={encode(value)}" for name, value in query.items())
    return [{"rel": "next", "href": href, "type": "application/json"}]


def _most_rows(call: Call) -> int:
    switches = call.world.switches
    if not switches.analytics_page_of_10:
        return switches.analytics_cap
    return min(call.query.integer("count", default=10), switches.analytics_cap)


def _order(call: Call) -> tuple[str, bool] | None:
    """The metric to sort by, and whether it falls."""
    value = call.query.params.get("sortBy")
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("field") not in _SORT_FIELDS:
        raise param_invalid("sortBy")
    return _SORT_FIELDS[str(value["field"])], value.get("order", "DESCENDING") == "DESCENDING"
