"""Throttles, quotas, failures on order, and the counters a test budgets calls by."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import httpx
import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, NOW, Api, analytics_query

CREATIVES = f"adAccounts/{ACCOUNT}/creatives?q=criteria"


class TestThrottles:
    """What LinkedIn refuses because of too many requests."""

    def test_metric_values_in_five_minutes(self, api: Api, world: World) -> None:
        """Rows times metrics are counted, the keys are not, and five minutes later all is well."""
        world.switches.metric_values_limit = 2 * len(api.rows()) + 25
        world.quotas.values.clear()
        assert len(api.rows()) > 12
        refused = api.analytics()
        assert (refused.status_code, "45 million metric values" in refused.json()["message"]) == (429, True)
        world.advance(timedelta(minutes=4, seconds=59))
        assert api.analytics().status_code == 429
        world.advance(timedelta(seconds=1))
        assert api.analytics().status_code == 200

    @pytest.mark.parametrize("who", ["application_day", "member_day"])
    def test_daily_quota_ends_at_midnight_utc(self, api: Api, world: World, who: str) -> None:
        """A spent day is refused until 00:00 UTC, for this endpoint only."""
        world.quotas.limit("creatives", **{who: 2})
        assert [api.get(CREATIVES).status_code for _ in range(3)] == [200, 200, 429]
        body = api.get(CREATIVES).json()
        assert (body["serviceErrorCode"], body["code"]) == (101, "TOO_MANY_REQUESTS")
        assert body["message"] == (
            "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
        )
        assert api.get("adAccounts?q=search").status_code == 200
        world.set_now(NOW.replace(hour=23, minute=59, second=59))
        assert api.get(CREATIVES).status_code == 429
        world.advance(timedelta(seconds=1))
        assert api.get(CREATIVES).status_code == 200

    @pytest.mark.parametrize(("window", "seconds"), [("minute", 60), ("second", 1)])
    def test_short_windows(self, api: Api, world: World, window: str, seconds: int) -> None:
        """Minute and second quotas are named, and over soon."""
        world.quotas.limit("creatives", **{window: 1})
        api.get(CREATIVES)
        assert f" {window.upper()} limit" in api.get(CREATIVES).json()["message"]
        world.advance(timedelta(seconds=seconds))
        assert api.get(CREATIVES).status_code == 200

    def test_retry_after_only_by_switch(self, api: Api, world: World) -> None:
        """LinkedIn promises no Retry-After."""
        world.quotas.limit("creatives", application_day=0)
        assert "retry-after" not in api.get(CREATIVES).headers
        world.switches.retry_after_seconds = 7
        assert api.get(CREATIVES).headers["retry-after"] == "7"


class TestFaults:
    """Failures on order, the same each time."""

    @pytest.mark.parametrize(
        ("kind", "status", "content_type"),
        [("status", 500, "application/json"), ("html", 504, "text/html"), ("empty", 200, "application/json")],
    )
    def test_the_ordered_call_fails(self, api: Api, world: World, kind: str, status: int, content_type: str) -> None:
        """Only the call that was named fails."""
        world.faults.add("creatives", call=2, kind=kind)  # type: ignore[arg-type]  # parametrized
        responses = [api.get(CREATIVES) for _ in range(3)]
        assert [response.status_code for response in responses] == [200, status, 200]
        assert responses[1].headers["content-type"].startswith(content_type)
        assert (responses[1].content == b"") == (kind == "empty")

    def test_calls_about_one_thing_fail(self, api: Api, world: World) -> None:
        """An order may be for the calls that name something, such as a pivot, in their path or query."""
        world.faults.add("adAnalytics", kind="status", status=400, about="pivot=CREATIVE")
        responses = [api.get(f"adAnalytics?{analytics_query(pivot=pivot)}") for pivot in ("CAMPAIGN", "CREATIVE")]
        assert [response.status_code for response in responses] == [200, 400]

    def test_maintenance_with_headers(self, api: Api, world: World) -> None:
        """Status, body and headers are the test's to choose."""
        world.faults.add("creatives", calls=range(1, 3), kind="status", status=503, headers={"retry-after": "3"})
        response = api.get(CREATIVES)
        assert (response.status_code, response.json()["code"], response.headers["retry-after"]) == (
            503,
            "UNDER_MAINTENANCE",
            "3",
        )
        assert [api.get(CREATIVES).status_code for _ in range(2)] == [503, 200]

    def test_cut_json(self, api: Api, world: World) -> None:
        """A cut response is 200 and no JSON."""
        world.faults.add("creatives", call=1, kind="cut_json")
        response = api.get(CREATIVES)
        assert response.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            response.json()

    def test_an_altered_response(self, api: Api, world: World) -> None:
        """The real response comes with the body that was made of it; a refusal comes as it is."""
        world.faults.add("creatives", calls=(1, 2), kind="altered", alter=lambda body: body.replace(b"[", b"[null,", 1))
        assert api.get(CREATIVES).json()["elements"][0] is None
        assert api.get(f"adAccounts/{ACCOUNT}/creatives?q=nothing").status_code == 400
        with pytest.raises(ValueError, match="needs `alter`"):
            world.faults.add("creatives", kind="altered")

    def test_dropped_connection(self, api: Api, world: World) -> None:
        """The server hangs up within the response, and serves the next call."""
        world.faults.add("creatives", call=1, kind="drop")
        with pytest.raises(httpx.RemoteProtocolError):
            api.get(CREATIVES)
        assert api.get(CREATIVES).status_code == 200

    def test_slow_response(self, api: Api, world: World) -> None:
        """A late response is otherwise right."""
        world.faults.add("creatives", call=1, kind="delay", seconds=0.15)
        began = time.monotonic()
        assert api.get(CREATIVES).status_code == 200
        assert time.monotonic() - began >= 0.15

    def test_tokens_endpoint_fails_too(self, api: Api, world: World) -> None:
        """OAuth calls take orders under their own names."""
        world.faults.add("accessToken", kind="status", status=500)
        assert api.form("accessToken", grant_type="refresh_token").status_code == 500

    def test_unknown_kinds_are_errors(self, world: World) -> None:
        """A misspelt failure is an error of the test."""
        with pytest.raises(ValueError, match="'explode' is not one of"):
            world.faults.add("creatives", kind="explode")  # type: ignore[arg-type]  # on purpose

    def test_chaos_is_reproducible(self, world: World) -> None:
        """The same seed fails the same calls, in mixed ways, at about the share that was requested."""
        world.faults.chaos(0.2, seed=3)
        faults = [world.faults.of_call("creatives", n) for n in range(400)]
        assert faults == [world.faults.of_call("creatives", n) for n in range(400)]
        assert 40 < sum(fault is not None for fault in faults) < 120
        assert len({fault.kind for fault in faults if fault is not None}) >= 5
        world.faults.chaos(0.2, seed=4)
        assert faults != [world.faults.of_call("creatives", n) for n in range(400)]

    def test_orders_can_be_taken_back(self, api: Api, world: World) -> None:
        """A test may end the trouble."""
        world.faults.add("*", kind="status")
        assert api.get(CREATIVES).status_code == 500
        world.faults.clear()
        assert api.get(CREATIVES).status_code == 200


class TestCounting:
    """Reads change nothing, and every call is counted."""

    def test_calls_by_endpoint(self, api: Api, world: World) -> None:
        """Every request counts under its resource, refused ones too."""
        api.get("adAccounts?q=search")
        api.get(f"adAccounts/{ACCOUNT}")
        api.get(f"adAccounts/{ACCOUNT}/adCampaignGroups?q=search")
        api.get(f"adAccounts/{ACCOUNT}/adCampaigns?q=search")
        api.get(CREATIVES, token="junk")
        api.analytics()
        api.analytics(q=None)
        api.get("adTargetingEntities?q=urns&urns=List()")
        api.form("accessToken")
        assert dict(world.calls) == {
            "adAccounts": 2,
            "adCampaignGroups": 1,
            "adCampaigns": 1,
            "creatives": 1,
            "adAnalytics": 2,
            "adTargetingEntities": 1,
            "accessToken": 1,
        }

    def test_reads_are_idempotent(self, api: Api) -> None:
        """The same request has the same response."""
        for path in (CREATIVES, f"adAnalytics?{analytics_query()}"):
            assert api.get(path).content == api.get(path).content
