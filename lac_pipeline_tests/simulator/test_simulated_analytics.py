"""adAnalytics: what it requires, what it refuses, and the shape of its rows."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote

import pytest

from lac_pipeline.linkedin.metrics import CATALOGUE, Kind, Metric
from lac_pipeline.simulator.api.gate import Sent, response
from lac_pipeline.simulator.replies import Reply
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, NOW, Api, account_urn, analytics_query, day

TWENTY = "dateRange,pivotValues," + ",".join(metric.name for metric in CATALOGUE[:18])


def span(first: str, last: str) -> str:
    """A date range."""
    return f"(start:{first},end:{last})"


class TestRefusals:
    """Invalid requests."""

    @pytest.mark.parametrize("name", ["q", "pivot", "timeGranularity", "dateRange", "accounts"])
    def test_required_parameters(self, api: Api, name: str) -> None:
        """Each of them is needed, and so is at least one facet."""
        assert api.analytics(**{name: None}).status_code == 400

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("dateRange", f"(end:{day(2026, 11, 1)})"),
            ("dateRange", span(day(2026, 11, 2), day(2026, 11, 1))),
            ("dateRange", f"(start:{day(2026, 2, 30)})"),
            ("dateRange", "(start:(year:2026,month:11))"),
            ("dateRange", "2026-11-01"),
            ("accounts", "List()"),
            ("accounts", "List(510000001)"),
            ("accounts", account_urn()),
            ("timeGranularity", "HOURLY"),
            ("pivot", "MEMBER_COUNTRY"),
            ("pivot", "List(CAMPAIGN)"),
            ("sortBy", "(field:LUCK)"),
            ("start", "10"),
            ("q", "attributed"),
        ],
    )
    def test_values_that_make_no_sense(self, api: Api, name: str, value: str) -> None:
        """Malformed or impossible values are 400."""
        assert api.analytics(**{name: value}).status_code == 400

    @pytest.mark.parametrize(
        "name", ["pivot", "pivotValue", "approximateUniqueImpressions", "ctr", "costInEur", "Impressions"]
    )
    def test_unknown_and_retired_fields(self, api: Api, name: str) -> None:
        """Names that are no metric, or none any more, are FIELD_INVALID."""
        response = api.analytics(fields=f"dateRange,{name}")
        assert (response.status_code, response.json()["code"]) == (400, "FIELD_INVALID")

    def test_twenty_fields_at_most(self, api: Api) -> None:
        """The keys count: eighteen metrics beside them pass, nineteen do not."""
        assert api.analytics(fields=TWENTY).status_code == 200
        assert api.analytics(fields=f"{TWENTY},{CATALOGUE[18].name}").status_code == 400

    @pytest.mark.parametrize("name", ["videoWatchTime", "eventViews", "costPerEventViewOver2Minutes"])
    def test_fields_newer_than_the_version(self, api: Api, world: World, name: str) -> None:
        """A metric of 202601 is unknown to an older version."""
        world.set_now(datetime(2026, 10, 1, tzinfo=UTC))
        api.headers["LinkedIn-Version"] = "202510"
        assert api.analytics(fields=name).status_code == 400
        api.headers["LinkedIn-Version"] = "202601"
        assert api.analytics(fields=name).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"q": "statistics", "pivot": None, "pivots": "List(CAMPAIGN,CREATIVE)"}, 200),
            ({"q": "statistics", "pivot": None, "pivots": "List((value:CAMPAIGN))"}, 200),
            ({"pivot": "(value:CAMPAIGN)", "timeGranularity": "(value:DAILY)"}, 200),
            ({"q": "statistics"}, 400),
            ({"pivot": None, "pivots": "List(CAMPAIGN)"}, 400),
            ({"q": "statistics", "pivot": None, "pivots": "List()"}, 400),
            ({"q": "statistics", "pivot": None, "pivots": "List(ACCOUNT,CAMPAIGN_GROUP,CAMPAIGN,CREATIVE)"}, 400),
        ],
    )
    def test_pivot_belongs_to_analytics_and_pivots_to_statistics(
        self, api: Api, changes: dict[str, str | None], status: int
    ) -> None:
        """One pivot, or a list of one to three; never the other finder's parameter."""
        assert api.analytics(**changes).status_code == status

    def test_statistics_refuses_members(self, api: Api) -> None:
        """MEMBER_* pivots are FIELD_INVALID in statistics."""
        response = api.analytics(q="statistics", pivot=None, pivots="List(MEMBER_INDUSTRY)")
        assert (response.status_code, response.json()["code"]) == (400, "FIELD_INVALID")

    def test_an_audience_of_few_impressions_is_private(self, api: Api, world: World) -> None:
        """A campaign has audiences in the periods in which it was shown 300 times or more; an account always has."""
        window = DateWindow(date(2026, 11, 1), date(2026, 11, 11))
        shown = world.truth.analytics(ACCOUNT, "CAMPAIGN", "DAILY", window, ["impressions"])
        few = {(row["pivotValues"][0], str(row["dateRange"])) for row in shown if row["impressions"] < 300}
        enough = {(row["pivotValues"][0], str(row["dateRange"])) for row in shown} - few
        assert few
        for campaign in {campaign for campaign, _ in few}:
            of_campaign = {"accounts": None, "campaigns": f"List({quote(campaign, safe='')})"}
            rows = api.rows(pivot="MEMBER_SENIORITY", **of_campaign)
            assert {str(row["dateRange"]) for row in rows} == {period for urn, period in enough if urn == campaign}
        assert api.rows(pivot="MEMBER_SENIORITY")

    def test_market_areas_are_of_202609(self, api: Api) -> None:
        """The newest pivot needs the newest version."""
        assert api.analytics(pivot="MEMBER_DESIGNATED_MARKET_AREA").status_code == 200
        api.headers["LinkedIn-Version"] = "202607"
        assert api.analytics(pivot="MEMBER_DESIGNATED_MARKET_AREA").status_code == 400

    @pytest.mark.parametrize(
        ("last", "given"), [(day(2026, 10, 31), True), (day(2026, 11, 1), False)], ids=["92 days", "93 days"]
    )
    def test_reach_needs_a_short_range(self, api: Api, world: World, last: str, *, given: bool) -> None:
        """The metric approximateMemberReach is left out beyond 92 days, or refused by switch."""
        parameters = {"fields": "impressions,approximateMemberReach", "timeGranularity": "ALL"}
        parameters["dateRange"] = span(day(2026, 8, 1), last)
        assert {"approximateMemberReach" in row for row in api.rows(**parameters)} == {given}
        world.switches.refuse_unsupported_metrics = True
        assert api.analytics(**parameters).status_code == (200 if given else 400)

    @pytest.mark.parametrize(
        ("pivot", "given"), [("ACCOUNT", True), ("CAMPAIGN_GROUP", True), ("CAMPAIGN", True), ("CREATIVE", False)]
    )
    def test_penetration_is_not_for_creatives(self, api: Api, world: World, pivot: str, *, given: bool) -> None:
        """The metric audiencePenetration stops at campaigns: below it is left out, or refused by switch."""
        parameters = {"fields": "impressions,audiencePenetration", "pivot": pivot}
        assert {"audiencePenetration" in row for row in api.rows(**parameters)} == {given}
        world.switches.refuse_unsupported_metrics = True
        assert api.analytics(**parameters).status_code == (200 if given else 400)

    @pytest.mark.parametrize(
        ("pivots", "given"),
        [("CAMPAIGN,CREATIVE", True), ("CREATIVE,PLACEMENT_NAME", False), ("CAMPAIGN,IMPRESSION_DEVICE_TYPE", False)],
    )
    def test_penetration_needs_one_pivot_with_an_audience(self, api: Api, pivots: str, *, given: bool) -> None:
        """Beside a campaign it is given for other pivots too, but not by device."""
        fields = "impressions,audiencePenetration"
        rows = api.rows(q="statistics", pivot=None, pivots=f"List({pivots})", fields=fields)
        assert {"audiencePenetration" in row for row in rows} == {given}

    def test_counts_may_come_in_any_form(self, api: Api, world: World) -> None:
        """By switch the same counts are integers, decimals and text in turn."""
        plain = api.rows(fields="dateRange,pivotValues,impressions")
        world.switches.loose_counts = True
        loose = api.rows(fields="dateRange,pivotValues,impressions")
        assert {type(row["impressions"]) for row in loose} == {int, float, str}
        assert [float(row["impressions"]) for row in loose] == [row["impressions"] for row in plain]

    @pytest.mark.parametrize(
        ("last", "given"), [(day(2026, 10, 31), True), (day(2026, 11, 1), False)], ids=["92 days", "93 days"]
    )
    def test_penetration_of_a_long_range_is_null(self, api: Api, last: str, *, given: bool) -> None:
        """The metric audiencePenetration is not refused beyond 92 days: it is null, beside metrics that are given."""
        fields, dates = "impressions,averageDwellTime,audiencePenetration", span(day(2026, 8, 1), last)
        rows = api.rows(fields=fields, dateRange=dates, timeGranularity="ALL")
        assert {row["audiencePenetration"] is not None for row in rows} == {given}
        assert all(row["impressions"] for row in rows)


class TestRows:
    """Valid requests."""

    def test_without_fields_only_impressions_and_clicks(self, api: Api) -> None:
        """Without `fields` the rows cannot be distinguished."""
        assert {tuple(row) for row in api.rows(fields=None)} == {("impressions", "clicks")}

    def test_wire_types(self, api: Api) -> None:
        """Counts are integers, money is text of varying scale, and there is no currency."""
        rows = api.rows(pivot="CREATIVE", fields="dateRange,pivotValues,impressions,costInLocalCurrency")
        assert {type(row["impressions"]) for row in rows} == {int}
        costs = [row["costInLocalCurrency"] for row in rows]
        assert {type(cost) for cost in costs} == {str}
        assert len({len(cost.partition(".")[2]) for cost in costs}) > 2
        assert not any("currency" in name.lower() for row in rows for name in row if name != "costInLocalCurrency")

    def test_yen_have_no_cents(self, api: Api) -> None:
        """Money is in the account's currency."""
        rows = api.rows(accounts=f"List({account_urn(510_000_003)})", fields="costInLocalCurrency,costInUsd")
        assert all(Decimal(row["costInLocalCurrency"]) % 1 == 0 for row in rows)
        assert sum(Decimal(row["costInLocalCurrency"]) for row in rows) > 100 * sum(
            Decimal(row["costInUsd"]) for row in rows
        )

    def test_days_are_inclusive(self, api: Api) -> None:
        """Both ends of the range have rows, and a day's range is that day."""
        rows = api.rows(pivot="ACCOUNT")
        days = sorted(row["dateRange"]["start"]["day"] for row in rows)
        assert days == list(range(1, 11))
        assert all(row["dateRange"]["start"] == row["dateRange"]["end"] for row in rows)

    @pytest.mark.parametrize(
        ("granularity", "ranges"),
        [
            ("ALL", [((8, 20), (11, 10))]),
            ("MONTHLY", [((8, 20), (8, 31)), ((9, 1), (9, 30)), ((10, 1), (10, 31)), ((11, 1), (11, 10))]),
            ("YEARLY", [((8, 20), (11, 10))]),
        ],
    )
    def test_periods_are_cut_to_the_range(
        self, api: Api, granularity: str, ranges: list[tuple[tuple[int, int], tuple[int, int]]]
    ) -> None:
        """Each row names the part of its period that it is about."""
        dates = span(day(2026, 8, 20), day(2026, 11, 10))
        rows = api.rows(pivot="ACCOUNT", timeGranularity=granularity, dateRange=dates)
        seen = [
            tuple((row["dateRange"][end]["month"], row["dateRange"][end]["day"]) for end in ("start", "end"))
            for row in rows
        ]
        assert sorted(seen) == ranges

    def test_statistics_keep_the_order_of_pivots(self, api: Api) -> None:
        """Each row has one pivot value per pivot."""
        rows = api.rows(q="statistics", pivot=None, pivots="List(CREATIVE,CAMPAIGN,IMPRESSION_DEVICE_TYPE)")
        kinds = {
            tuple(value.split(":")[-2] if ":" in value else "text" for value in row["pivotValues"]) for row in rows
        }
        assert kinds == {("sponsoredCreative", "sponsoredCampaign", "text")}

    def test_the_response_is_cut_silently(self, api: Api, world: World) -> None:
        """Beyond the cap rows are missing, and no sign shows it."""
        whole = len(api.rows())
        world.switches.analytics_cap = 17
        response = api.analytics()
        assert whole > 17
        assert (response.status_code, len(response.json()["elements"]), response.json()["paging"]["links"]) == (
            200,
            17,
            [],
        )

    def test_cap_of_fifteen_thousand(self, api: Api) -> None:
        """The cap is LinkedIn's 15,000 elements."""
        rows = api.rows(pivot="CREATIVE", dateRange=span(day(2024, 1, 1), day(2026, 11, 1)), fields="impressions")
        assert len(rows) == 15_000

    def test_a_full_response_is_quick(self) -> None:
        """15,000 rows of eighteen metrics, seven megabytes, take well under a second to make."""
        world = World.synthetic(campaigns=50, creatives=200, days=80, clock=lambda: NOW)
        headers = {
            "authorization": f"Bearer {world.token}",
            "linkedin-version": "202609",
            "x-restli-protocol-version": "2.0.0",
        }
        query = analytics_query(
            pivot="CREATIVE",
            dateRange=span(day(2026, 9, 2), day(2026, 11, 20)),
            accounts=f"List({account_urn(520_000_001)})",
            fields=TWENTY,
        )
        started = time.thread_time()
        reply = Reply.of(response(world, Sent("GET", "/rest/adAnalytics", query, headers), "adAnalytics"))
        assert time.thread_time() - started < 0.9
        assert len(json.loads(reply.body)["elements"]) == 15_000

    def test_page_of_ten_by_switch(self, api: Api, world: World) -> None:
        """One client saw ten rows without count, and a link whose following was refused."""
        world.switches.analytics_page_of_10 = True
        response = api.analytics().json()
        assert len(response["elements"]) == 10
        assert api.get(response["paging"]["links"][0]["href"].removeprefix("/rest/")).status_code == 400
        assert len(api.rows(count="10000")) > 10

    def test_no_access_looks_like_no_activity(self, api: Api, world: World) -> None:
        """Without a role the response is 200 and empty."""
        world.edit.forbid(ACCOUNT)
        assert api.rows() == []

    def test_facets_combine_as_and(self, api: Api) -> None:
        """A campaign of another account is not in this one."""
        mine, other = "urn%3Ali%3AsponsoredCampaign%3A337643194", "urn%3Ali%3AsponsoredCampaign%3A337854194"
        assert {row["pivotValues"][0] for row in api.rows(campaigns=f"List({mine},{other})")} == {
            "urn:li:sponsoredCampaign:337643194"
        }
        assert api.rows(campaigns=f"List({other})") == []

    def test_objective_filter_and_sorting(self, api: Api) -> None:
        """Filters narrow, sortBy orders."""
        rows = api.rows(objectiveType="LEAD_GENERATION", sortBy="(field:IMPRESSIONS,order:DESCENDING)")
        impressions = [row["impressions"] for row in rows]
        assert impressions == sorted(impressions, reverse=True)
        assert 0 < len(rows) < len(api.rows())

    def test_row_sets_differ_between_fields(self, api: Api) -> None:
        """Rows whose metrics are all zero are left out, unless only the keys are requested."""
        keys = api.rows(fields="dateRange,pivotValues")
        leads = api.rows(fields="dateRange,pivotValues,oneClickLeads")
        assert 0 < len(leads) < len(keys)
        assert all(row["oneClickLeads"] > 0 for row in leads)
        assert len(keys) == len(api.rows(fields="dateRange,pivotValues,impressions"))

    def test_order_is_not_that_of_days_or_ids(self, api: Api) -> None:
        """The order is arbitrary."""
        days = [row["dateRange"]["start"]["day"] for row in api.rows()]
        assert days != sorted(days)

    def test_today_is_partial_and_tomorrow_empty(self, api: Api, world: World) -> None:
        """Today fills up by the hour; later days hold nothing."""
        dates = span(day(2026, 11, 20), day(2026, 11, 29))
        early = api.rows(pivot="ACCOUNT", dateRange=dates)
        world.set_now(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
        late = api.rows(pivot="ACCOUNT", dateRange=dates)
        assert [len(early), len(late)] == [1, 1]
        assert 0 < early[0]["impressions"] < late[0]["impressions"]

    def test_range_without_an_end_runs_until_now(self, api: Api) -> None:
        """The end of the range is optional."""
        rows = api.rows(pivot="ACCOUNT", dateRange=f"(start:{day(2026, 11, 18)})")
        assert sorted(row["dateRange"]["start"]["day"] for row in rows) == [18, 19, 20]

    def test_old_edges_are_rounded_to_months(self, api: Api) -> None:
        """ALL over more than six months ago is about whole months, and its dates show it."""
        row = api.rows(pivot="ACCOUNT", timeGranularity="ALL", dateRange=span(day(2026, 1, 15), day(2026, 3, 10)))[0]
        assert (row["dateRange"]["start"]["day"], row["dateRange"]["end"]["day"]) == (1, 31)

    def test_nothing_is_older_than_ten_years(self, api: Api, world: World) -> None:
        """Performance is kept for ten years."""
        dates = span(day(2019, 4, 1), day(2019, 4, 3))
        assert api.rows(dateRange=dates)
        world.set_now(datetime(2029, 4, 4, tzinfo=UTC))
        token, _ = world.authorize(("r_ads", "r_ads_reporting"))
        window = DateWindow.inclusive(date(2019, 4, 1), date(2019, 4, 3))
        assert token
        assert world.truth.analytics(ACCOUNT, "CAMPAIGN", "DAILY", window, ["impressions"]) == []

    def test_deleted_campaigns_keep_their_rows(self, api: Api, world: World) -> None:
        """A campaign that no finder gives is still in the numbers."""
        listed = {f"urn:li:sponsoredCampaign:{campaign['id']}" for campaign in world.truth.campaigns(ACCOUNT)}
        assert {row["pivotValues"][0] for row in api.rows()} - listed

    def test_reach_does_not_add_up(self, api: Api) -> None:
        """The reach of a period is less than the sum of its days."""
        fields = "approximateMemberReach"
        days = sum(row[fields] for row in api.rows(pivot="ACCOUNT", fields=fields))
        assert api.rows(pivot="ACCOUNT", fields=fields, timeGranularity="ALL")[0][fields] < days

    @pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
    def test_every_metric_is_returned(self, world: World, metric: Metric) -> None:
        """Each metric of the catalogue has numbers somewhere in the account, of the right kind."""
        window = (
            DateWindow(date(2024, 3, 1), date(2024, 5, 1))
            if metric.max_days
            else DateWindow(date(2021, 1, 1), date(2024, 7, 1))
        )
        rows = world.truth.analytics(ACCOUNT, "CAMPAIGN", "ALL", window, [metric.name])
        kinds = {Kind.COUNT: int, Kind.MONEY: str, Kind.RATE: float}
        assert {type(row[metric.name]) for row in rows} == {kinds[metric.kind]}

    def test_numbers_are_plausible(self, api: Api) -> None:
        """Click-through is between 0.4 and 1.5 per cent, weekends are quiet, spend is in euros a team would pay."""
        rows = api.rows(pivot="ACCOUNT", fields="dateRange,impressions,clicks,costInLocalCurrency")
        by_day = {row["dateRange"]["start"]["day"]: row for row in rows}
        impressions = sum(row["impressions"] for row in rows)
        assert 0.004 < sum(row["clicks"] for row in rows) / impressions < 0.015
        assert by_day[7]["impressions"] < 0.6 * by_day[5]["impressions"]
        cpm = sum(float(row["costInLocalCurrency"]) for row in rows) / impressions * 1000
        assert 10 < cpm < 60
