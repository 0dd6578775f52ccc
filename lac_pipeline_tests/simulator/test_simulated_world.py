"""Driving the world: edits, the control API of other processes, and the server itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_api.clients.restli.utils.encoder import param_encode

from lac_pipeline.clock import utc_now
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.api.restli_syntax import parse_query
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, NOW, Api

CAMPAIGN = 337643194
WEEK = DateWindow(date(2026, 11, 1), date(2026, 11, 8))
CAMPAIGN_URN = f"urn:li:sponsoredCampaign:{CAMPAIGN}"


def entity(world: World, kind: str = "campaigns", key: object = CAMPAIGN) -> dict[str, Any]:
    """One record of the truth."""
    return next(record for record in getattr(world.truth, kind)(ACCOUNT) if record["id"] == key)


class TestEdits:
    """What a test may do to the truth."""

    def test_fields_change_and_stamps_move(self, world: World) -> None:
        """An edited record was last modified now."""
        world.edit.set_field("adCampaigns", CAMPAIGN, "status", "PAUSED")
        assert entity(world)["status"] == "PAUSED"
        assert entity(world)["changeAuditStamps"]["lastModified"]["time"] == int(NOW.timestamp() * 1000)

    def test_records_can_be_broken(self, world: World) -> None:
        """A record without a name, or with a budget that is no number."""
        world.edit.drop_field("adCampaigns", CAMPAIGN, "name")
        world.edit.set_field("adCampaigns", CAMPAIGN, "dailyBudget", {"amount": "a lot", "currencyCode": "EUR"})
        assert "name" not in entity(world)
        assert entity(world)["dailyBudget"]["amount"] == "a lot"

    def test_entities_come_and_go(self, api: Api, world: World) -> None:
        """A removed campaign leaves the finder and keeps its rows; restored it is back."""
        world.edit.remove("adCampaigns", CAMPAIGN)
        assert api.get(f"adAccounts/{ACCOUNT}/adCampaigns/{CAMPAIGN}").status_code == 404
        assert CAMPAIGN_URN in {row["pivotValues"][0] for row in api.rows()}
        world.edit.restore("adCampaigns", CAMPAIGN)
        assert api.get(f"adAccounts/{ACCOUNT}/adCampaigns/{CAMPAIGN}").status_code == 200

    def test_new_creatives_deliver(self, api: Api, world: World) -> None:
        """An added creative has rows of its own."""
        world.edit.add_like("creatives", 119962155, entity_id=42, name="New")
        urn = "urn:li:sponsoredCreative:42"
        assert entity(world, "creatives", urn)["name"] == "New"
        assert api.rows(pivot="CREATIVE", creatives=f"List({urn.replace(':', '%3A')})")

    def test_days_vanish_for_all_pivots(self, world: World) -> None:
        """Vanished days are gone from campaigns, and the account's total shrinks by as much."""

        def total(pivot: str) -> int:
            rows = world.truth.analytics(ACCOUNT, pivot, "ALL", WEEK, ["impressions"])
            return sum(row["impressions"] for row in rows)

        before = total("ACCOUNT")
        world.edit.vanish("adCampaigns", CAMPAIGN, WEEK)
        assert total("ACCOUNT") == total("CREATIVE") < before

    def test_rows_are_lost_in_one_pivot_only(self, api: Api, world: World) -> None:
        """Responses by campaign miss rows that the account's total includes; the truth stays whole."""
        before = api.rows(pivot="ACCOUNT")
        world.edit.lose_rows("CAMPAIGN", WEEK, value=CAMPAIGN_URN)
        mine = [row for row in api.rows() if row["pivotValues"] == [CAMPAIGN_URN]]
        assert {row["dateRange"]["start"]["day"] for row in mine} == {8, 9, 10}
        assert api.rows(pivot="ACCOUNT") == before
        assert len(world.truth.analytics(ACCOUNT, "CAMPAIGN", "DAILY", WEEK, ["clicks"])) > len(
            [row for row in api.rows(fields="dateRange,clicks") if row["dateRange"]["start"]["day"] < 8]
        )

    def test_rows_can_be_broken(self, api: Api, world: World) -> None:
        """A field of some rows has a nonsense value, until it is undone."""
        world.edit.break_rows("CAMPAIGN", WEEK, name="impressions", replacement="n/a", value=CAMPAIGN_URN)
        assert [row["impressions"] for row in api.rows()].count("n/a") == 7
        world.edit.undo_rows()
        assert "n/a" not in [row["impressions"] for row in api.rows()]

    def test_access_is_lost_and_given_back(self, api: Api, world: World) -> None:
        """A role on an account can go and come."""
        world.edit.forbid(ACCOUNT)
        assert ACCOUNT not in [record["id"] for record in api.get("adAccounts?q=search").json()["elements"]]
        world.edit.allow(ACCOUNT)
        assert api.rows()


class TestControl:
    """The same from another process."""

    def control(self, api: Api, method: str, path: str, **body: object) -> Any:  # noqa: ANN401 - any JSON
        """Call the control API."""
        response = api.client.request(method, f"{api.url}/control/{path}", json=body or None)
        assert response.status_code == 200, response.text
        return response.json()

    def test_credentials_work(self, api: Api) -> None:
        """Another process can get a valid token."""
        token = self.control(api, "GET", "credentials")["access_token"]
        assert api.get("adAccounts?q=search", token=token).status_code == 200

    def test_time_travel(self, api: Api, world: World) -> None:
        """The clock can be moved and set."""
        self.control(api, "POST", "clock", advance_seconds=3600)
        assert world.now() == NOW + timedelta(hours=1)
        self.control(api, "POST", "clock", now="2026-12-24T00:00:00+00:00")
        assert self.control(api, "GET", "state")["now"] == "2026-12-24T00:00:00+00:00"

    def test_switches_faults_and_quotas(self, api: Api, world: World) -> None:
        """Behaviours and failures are ordered in JSON."""
        assert self.control(api, "POST", "switches", analytics_cap=3)["analytics_cap"] == 3
        assert len(api.rows()) == 3
        self.control(api, "POST", "faults", endpoint="adAnalytics", call=2, kind="status", status=503)
        assert api.analytics().status_code == 503
        self.control(api, "POST", "faults", chaos=1.0)
        assert world.faults.share == 1.0
        self.control(api, "DELETE", "faults")
        self.control(api, "POST", "quotas", endpoint="adAnalytics", minute=0)
        assert api.analytics().status_code == 429

    def test_requests_can_be_read_and_forgotten(self, api: Api) -> None:
        """What arrived, and how often."""
        api.analytics()
        assert self.control(api, "GET", "state")["calls"] == {"adAnalytics": 1}
        assert self.control(api, "GET", "requests")[0]["endpoint"] == "adAnalytics"
        self.control(api, "DELETE", "requests")
        assert self.control(api, "GET", "state")["calls"] == {}

    def test_edits_and_truth(self, api: Api, world: World) -> None:
        """Edits by name, and the books to compare with."""
        self.control(
            api, "POST", "edits", edit="set_field", kind="adCampaigns", entity_id=CAMPAIGN, name="name", value="Neu"
        )
        assert self.control(api, "GET", f"truth/campaigns?account={ACCOUNT}")[0]["name"] == "Neu"
        assert len(self.control(api, "GET", "truth/accounts")) == 3
        days = {"since": "2026-11-01", "until": "2026-11-07"}
        self.control(api, "POST", "edits", edit="vanish", kind="adAccounts", entity_id=ACCOUNT, **days)
        query = f"account={ACCOUNT}&pivot=ACCOUNT&granularity=DAILY&since=2026-11-01&until=2026-11-09&metrics=clicks"
        rows = self.control(api, "GET", f"truth/analytics?{query}")
        assert sorted(row["dateRange"]["start"]["day"] for row in rows) == [8, 9]
        assert world.altered.vanished[0].window == WEEK

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("switches", {"colour": 1}),
            ("clock", {"now": "2026-12-24T00:00:00"}),
            ("edits", {"edit": "on_the_way"}),
            ("faults", {"endpoint": "x", "kind": "explode"}),
        ],
    )
    def test_mistakes_are_errors(self, api: Api, path: str, body: dict[str, Any]) -> None:
        """A wrong order is 400 with the reason."""
        response = api.client.post(f"{api.url}/control/{path}", json=body)
        assert response.status_code == 400
        assert response.json()["error"]


def responds_soon(port: int) -> bool:
    """Wait until something listens on a port; whether it did within five minutes."""
    pause = threading.Event()
    for _ in range(6000):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return True
        pause.wait(0.05)
    return False


class TestServer:
    """Starting and stopping."""

    def test_two_servers_live_side_by_side(self, api: Api) -> None:
        """Each has its own port and world."""
        with SimulatorServer(World.synthetic(creatives=2, campaigns=1)) as other:
            assert other.url != api.url
            headers = {**api.headers, "Authorization": f"Bearer {other.world.token}"}
            elements = httpx.get(f"{other.url}/rest/adAccounts?q=search", headers=headers).json()["elements"]
        assert [record["id"] for record in elements] == [520_000_001]
        assert not any(
            thread.name == "linkedin-simulator" and not thread.is_alive() for thread in threading.enumerate()
        )

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_process_ends_cleanly(self, number: signal.Signals) -> None:
        """`serve` responds until a signal comes, and then returns."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        code = (
            "from lac_pipeline.simulator.api.http_server import listen, serve;"
            "from lac_pipeline.simulator.world.world import World;"
            f"serve(World.demo(), on=listen('127.0.0.1', {port})); print('clean')"
        )
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
        assert responds_soon(port)
        process.send_signal(number)
        output, _ = process.communicate(timeout=300)
        assert (process.returncode, output.strip()) == (0, "clean")

    def test_the_real_clock_is_the_default(self) -> None:
        """Without a clock the world lives in the present."""
        assert abs(World.demo().now() - utc_now()) < timedelta(seconds=30)


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)
VALUES = st.recursive(
    TEXT, lambda inner: st.lists(inner, min_size=1) | st.dictionaries(TEXT, inner, min_size=1), max_leaves=6
)


@examples(40)
@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True).filter(lambda n: n != "fields"), VALUES, max_size=4)
)
def test_the_parser_reads_what_the_official_encoder_writes(params: dict[str, Any]) -> None:
    """Lists, records and any text survive the way through LinkedIn's own encoding."""
    assert parse_query(param_encode(params), protocol2=True) == params
