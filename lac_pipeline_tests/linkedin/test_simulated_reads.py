"""The real client over real HTTP against the simulator: everything read equals the simulator's own truth."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.event_wording import line_of
from lac_pipeline.errors import NotFoundError, PermissionMissingError, QuotaSpentError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.events import Event, TokenRenewed
from lac_pipeline.linkedin.metrics import BY_NAME, CATALOGUE, Metric, allowed, parse_selection
from lac_pipeline.linkedin.oauth.authorization_code import OAuthClient
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.identity import READ_SCOPES
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import resource_of
from lac_pipeline.warehouse.token_store import EncryptedTokens
from lac_pipeline.windows import ONE_DAY, DateWindow
from lac_pipeline_tests.linkedin.doubles import Clock, everything, simulated

pytestmark = pytest.mark.anyio

ACCOUNT = 510000001
SYNTHETIC = 520000001
CORE = parse_selection("core")


@pytest.fixture
def clock() -> Clock:
    """One clock for both sides: a client that waits moves the simulator's time."""
    return Clock()


@pytest.fixture
def demo(clock: Clock) -> Iterator[SimulatorServer]:
    """Three accounts with years of activity, and ragged pages."""
    with SimulatorServer(World.demo(clock=clock)) as sim:
        yield sim


@pytest.fixture
def dense(clock: Clock) -> Iterator[SimulatorServer]:
    """One account, 6 campaigns, 30 creatives, all active on each of the last 40 days."""
    with SimulatorServer(World.synthetic(campaigns=6, creatives=30, days=40, clock=clock)) as sim:
        yield sim


def last(days: int, *, clock: Clock) -> DateWindow:
    """The last so many days, today included."""
    today = clock().date()
    return DateWindow(today - timedelta(days=days - 1), today + ONE_DAY)


def table(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows by their key, without the zeros, which a response may leave out; a row that came twice fails."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = f"{row['dateRange']} {row['pivotValues']}"
        assert key not in found
        numbers = {name: str(value) for name, value in row.items() if name not in ("dateRange", "pivotValues")}
        found[key] = {name: value for name, value in numbers.items() if float(value) != 0}
    return {key: numbers for key, numbers in found.items() if numbers}


async def analytics(
    client: LinkedInClient, account: int, pivot: str, window: DateWindow, metrics: tuple[Metric, ...]
) -> list[dict[str, Any]]:
    """All daily rows."""
    pages = client.analytics(account, pivot=pivot, granularity="DAILY", window=window, metrics=metrics)
    return everything([page async for page in pages])


async def test_every_entity_is_read_over_ragged_pages(demo: SimulatorServer, clock: Clock) -> None:
    """Short and empty pages lose nothing, and statuses are not filtered."""
    truth = demo.world.truth
    async with simulated(demo, clock=clock) as client:
        accounts = everything([page async for page in client.accounts()])
        groups = everything([page async for page in client.records(resource_of("campaign_groups"), ACCOUNT)])
        campaigns = everything([page async for page in client.records(resource_of("campaigns"), ACCOUNT)])
        creatives = everything([page async for page in client.records(resource_of("creatives"), ACCOUNT)])
        account = await client.account(ACCOUNT)
    assert accounts == truth.accounts()
    assert groups == truth.campaign_groups(ACCOUNT)
    assert campaigns == truth.campaigns(ACCOUNT)
    assert creatives == truth.creatives(ACCOUNT)
    assert account.elements == accounts[:1]


@pytest.mark.parametrize("pivot", ["CAMPAIGN", "CREATIVE"])
async def test_all_metrics_of_a_hundred_days_equal_the_truth(demo: SimulatorServer, clock: Clock, pivot: str) -> None:
    """116 metrics in seven calls a window, reach in windows of its own, joined without loss."""
    window = last(100, clock=clock)
    async with simulated(demo, clock=clock) as client:
        rows = await analytics(client, ACCOUNT, pivot, window, CATALOGUE)
    names = [m.name for m in allowed(CATALOGUE, pivots=[pivot], version="202609", days=1)]
    requested = window.chunks(92)  # of a longer range LinkedIn gives no audience penetration
    truth = [row for days in requested for row in demo.world.truth.analytics(ACCOUNT, pivot, "DAILY", days, names)]
    assert table(rows) == table(truth)


@pytest.mark.parametrize("pivot", ["CAMPAIGN", "CREATIVE"])
@pytest.mark.parametrize("cap", [25, 200, 1200])
async def test_whatever_the_cap_every_row_arrives_once(
    dense: SimulatorServer, clock: Clock, cap: int, pivot: str
) -> None:
    """From a cap below one day's rows to one of exactly all rows: windows, then campaigns, and nothing is lost."""
    dense.world.switches.analytics_cap = cap
    window = last(40, clock=clock)
    async with simulated(dense, clock=clock) as client:
        rows = await analytics(client, SYNTHETIC, pivot, window, CORE)
    assert table(rows) == table(dense.world.truth.analytics(SYNTHETIC, pivot, "DAILY", window, [m.name for m in CORE]))


async def test_months_of_an_audience_equal_the_truth(demo: SimulatorServer, clock: Clock) -> None:
    """Demographics are requested by month, without the metrics that LinkedIn refuses for them."""
    month = DateWindow(clock().date().replace(day=1, month=9), clock().date().replace(day=1, month=11))
    async with simulated(demo, clock=clock) as client:
        pages = client.analytics(
            ACCOUNT, pivot="MEMBER_SENIORITY", granularity="MONTHLY", window=month, metrics=CATALOGUE
        )
        rows = everything([page async for page in pages])
    names = [m.name for m in allowed(CATALOGUE, pivots=["MEMBER_SENIORITY"], version="202609", days=1)]
    assert rows
    assert table(rows) == table(demo.world.truth.analytics(ACCOUNT, "MEMBER_SENIORITY", "MONTHLY", month, names))


async def test_a_server_that_stops_at_ten_rows_is_read_completely(dense: SimulatorServer, clock: Clock) -> None:
    """The disputed default page of ten is found out once, and `count` is sent from then on."""
    dense.world.switches.analytics_page_of_10 = True
    window = last(40, clock=clock)
    async with simulated(dense, clock=clock) as client:
        first = await analytics(client, SYNTHETIC, "CREATIVE", window, CORE)
        calls = client.calls
        await analytics(client, SYNTHETIC, "CAMPAIGN", window, CORE)
        assert (calls, client.calls) == (2, 3)
    assert len(first) == 30 * 40


async def test_ten_rows_are_requested_once_where_more_came_before(demo: SimulatorServer, clock: Clock) -> None:
    """The ten seniorities of a month cost one call where the server is known to give more than ten rows."""
    today = clock().date()
    month = DateWindow(today.replace(day=1), today + ONE_DAY)
    async with simulated(demo, clock=clock) as client:
        for pivot, calls in (("MEMBER_SENIORITY", 2), ("MEMBER_INDUSTRY", 3), ("MEMBER_SENIORITY", 4)):
            pages = client.analytics(ACCOUNT, pivot=pivot, granularity="MONTHLY", window=month, metrics=CORE)
            rows = everything([page async for page in pages])
            assert (len(rows) == 10) == (pivot == "MEMBER_SENIORITY")
            assert client.calls == calls


async def test_a_long_list_of_campaigns_is_tunnelled(clock: Clock) -> None:
    """Hundreds of campaign URNs are above what a URL may hold."""
    world = World.synthetic(campaigns=300, creatives=900, days=1, clock=clock)
    world.switches.analytics_cap = 600
    with SimulatorServer(world) as sim:
        async with simulated(sim, clock=clock) as client:
            rows = await analytics(client, SYNTHETIC, "CREATIVE", last(1, clock=clock), CORE)
    assert len(rows) == 900
    assert [request.tunnelled for request in world.requests] == [False, False, True, True]


async def test_names_are_looked_up_by_the_fifty(demo: SimulatorServer, clock: Clock) -> None:
    """Elements come shuffled and once per facet, unknown URNs not at all: names are joined by URN."""
    urns = [f"urn:li:seniority:{n}" for n in range(1, 11)] + [f"urn:li:industry:{n}" for n in range(9000, 9090)]
    async with simulated(demo, clock=clock) as client:
        lookup = await client.names(urns)
        assert client.calls == 2
    assert lookup.found["urn:li:seniority:5"] == "Manager"
    assert set(lookup.found) == set(urns[:10])
    assert lookup.missing == dict.fromkeys(urns[10:], NoName.NOT_FOUND)


async def test_an_account_that_is_not_shared_fails_alone(demo: SimulatorServer, clock: Clock) -> None:
    """Losing one account is that account's failure; the same client reads the others."""
    demo.world.edit.forbid(510000002)
    async with simulated(demo, clock=clock) as client:
        with pytest.raises((NotFoundError, PermissionMissingError)):
            await client.account(510000002)
        assert (await client.account(ACCOUNT)).elements[0]["id"] == ACCOUNT


async def test_an_expired_token_is_renewed_and_waited_for(demo: SimulatorServer, clock: Clock) -> None:
    """A token that ends early is renewed once, even if LinkedIn knows the new one only half a minute later."""
    demo.world.switches.new_token_delay_seconds = 30
    demo.world.edit.expire(demo.world.token)
    events: list[Event] = []
    async with simulated(demo, clock=clock, events=events) as client:
        assert (await client.account(ACCOUNT)).elements[0]["id"] == ACCOUNT
    assert demo.world.calls["accessToken"] == 1
    assert events[0] == TokenRenewed()


async def test_a_sign_in_is_waited_for_by_another_process(engine: Engine) -> None:
    """The time of a sign-in is stored with its tokens, so every process can wait until LinkedIn accepts them."""
    clock, key = Clock(utc_now()), SecretStr(Fernet.generate_key().decode())
    with SimulatorServer(World.demo(clock=clock)) as sim:
        world, redirect = sim.world, "http://localhost:8765/callback"
        world.switches.new_token_delay_seconds = 15
        world.identities.app.redirect_uris.add(redirect)
        code = world.identities.issue_code(READ_SCOPES, redirect_uri=redirect, now=world.now())
        oauth = OAuthClient(
            sim.url, client_id=world.client_id, client_secret=SecretStr(world.client_secret), clock=clock
        )
        signed_in = await asyncio.to_thread(oauth.exchange, SecretStr(code), redirect_uri=redirect)
        EncryptedTokens(engine, key, client_id=world.client_id).save(signed_in)
        stored = EncryptedTokens(engine, key, client_id=world.client_id)
        async with simulated(sim, clock=clock, tokens=stored) as client:
            assert (await client.account(ACCOUNT)).elements[0]["id"] == ACCOUNT
    assert clock.waits == [10.0, 10.0]


async def test_the_data_throttle_is_waited_out(dense: SimulatorServer, clock: Clock) -> None:
    """45 million metric values in five minutes are the most: 330 seconds later the read goes on."""
    dense.world.switches.metric_values_limit = 30 * 40 * 18
    window = last(40, clock=clock)
    async with simulated(dense, clock=clock, concurrency=1) as client:
        await analytics(client, SYNTHETIC, "CREATIVE", window, CORE)
        await analytics(client, SYNTHETIC, "CREATIVE", window, CORE)
    assert clock.waits == [330.0]


async def test_a_spent_day_quota_ends_the_read_until_midnight(dense: SimulatorServer, clock: Clock) -> None:
    """The quota's refusal is counted once, nothing more is sent, and after midnight requests succeed again."""
    dense.world.quotas.limit("adAnalytics", member_day=1)
    window = last(5, clock=clock)
    async with simulated(dense, clock=clock) as client:
        await analytics(client, SYNTHETIC, "CREATIVE", window, CORE)
        for _ in range(3):
            with pytest.raises(QuotaSpentError):
                await analytics(client, SYNTHETIC, "CREATIVE", window, CORE)
        assert client.calls == 2
        clock.now += timedelta(hours=12)
        await analytics(client, SYNTHETIC, "CREATIVE", window, CORE)


async def test_the_calls_stay_near_the_floor(dense: SimulatorServer, clock: Clock) -> None:
    """An account never read before, 1,200 rows in responses of 460: at most 1.3 times the floor of three, and one."""
    dense.world.switches.analytics_cap = 460
    async with simulated(dense, clock=clock) as client:
        rows = await analytics(client, SYNTHETIC, "CREATIVE", last(40, clock=clock), CORE)
        assert len(rows) == 1200
        assert client.calls <= 1.3 * math.ceil(len(rows) / 460) + 1


async def test_nothing_of_a_token_is_logged(demo: SimulatorServer, clock: Clock) -> None:
    """Lines of progress and errors hold no token, whatever fails."""
    world, lines, events = demo.world, list[str](), list[Event]()
    world.faults.chaos(0.5, seed=3)
    secrets = [world.token, world.refresh_token, world.client_secret]
    async with simulated(demo, clock=clock, events=events) as client:
        for account in (ACCOUNT, 1):
            try:
                await analytics(client, account, "CAMPAIGN", last(30, clock=clock), (BY_NAME["clicks"],))
                await client.account(account)
            except Exception as failure:  # noqa: BLE001  # whatever it is, it must not hold a secret
                lines += [str(failure), repr(failure)]
    lines += [f"{event} {line_of(event)}" for event in events]
    assert len(lines) > 2
    assert not [secret for secret in secrets if secret in "".join(lines)]


@pytest.mark.parametrize("cap", [25, 200, 15_000])
@pytest.mark.parametrize(
    ("within", "pivot"),
    [
        (("CAMPAIGN",), "IMPRESSION_DEVICE_TYPE"),
        (("CREATIVE",), "CONVERSION"),
        (("CAMPAIGN", "CREATIVE"), "CONVERSION"),
    ],
)
async def test_rows_by_several_pivots_arrive_once(
    dense: SimulatorServer, clock: Clock, cap: int, within: tuple[str, ...], pivot: str
) -> None:
    """Windows, then campaigns, as for one pivot; what LinkedIn cannot tell apart by the pivots is not requested."""
    dense.world.switches.analytics_cap = cap
    dense.world.switches.refuse_unsupported_metrics = True
    window = last(20, clock=clock)
    async with simulated(dense, clock=clock) as client:
        pages = client.analytics(
            SYNTHETIC, pivot=pivot, within=within, granularity="DAILY", window=window, metrics=CORE
        )
        rows = everything([page async for page in pages])
    names = [metric.name for metric in CORE if metric.serves(*within, pivot)]
    truth = dense.world.truth.analytics(SYNTHETIC, pivot, "DAILY", window, names, within=within)
    assert table(rows) == table(truth)
    assert {len(row["pivotValues"]) for row in rows} == {len(within) + 1}
    assert ("conversionValueInLocalCurrency" in names) == (pivot == "CONVERSION")
