"""LinkedIn's own Python client, which we did not write, reads every resource of the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.common import constants

from lac_pipeline.simulator.api import gate
from lac_pipeline.simulator.api.finders import ENTITY_STATUSES
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.entities import TRACKING
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT

VERSION = "202609"
ACCOUNT_URN = f"urn:li:sponsoredAccount:{ACCOUNT}"
DATES = {"start": {"year": 2026, "month": 11, "day": 1}, "end": {"year": 2026, "month": 11, "day": 10}}


@pytest.fixture
def official(simulator: SimulatorServer, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[RestliClient]:
    """The official client, with its addresses turned to the simulator."""
    monkeypatch.setattr(constants, "VERSIONED_BASE_URL", f"{simulator.url}/rest")
    monkeypatch.setattr(constants, "OAUTH_BASE_URL", f"{simulator.url}/oauth/v2")
    client = RestliClient()
    yield client
    client.session.close()


def found(official: RestliClient, world: World, path: str, finder: str, **params: object) -> list[dict[str, Any]]:
    """What a finder gives, through the official client."""
    response = official.finder(
        resource_path=path,
        finder_name=finder,
        query_params=params,
        access_token=world.token,
        version_string=VERSION,
        path_keys={"account": ACCOUNT} if "{account}" in path else None,
    )
    assert response.status_code == 200, response.response.text
    return list(response.elements)


@pytest.mark.parametrize(
    ("path", "finder", "params"),
    [
        ("/adAccounts", "search", {"search": {"status": {"values": ["ACTIVE"]}, "test": False}, "pageSize": 100}),
        ("/adAccounts/{account}/adCampaignGroups", "search", {"search": {"name": {"values": ["Pipeline, H2"]}}}),
        (
            "/adAccounts/{account}/adCampaigns",
            "search",
            {"search": {"id": {"values": ["urn:li:sponsoredCampaign:337643194"]}}},
        ),
        ("/adAccounts/{account}/creatives", "criteria", {"intendedStatuses": ["ACTIVE"], "sortOrder": "DESCENDING"}),
        ("/adAccountUsers", "accounts", {"accounts": ACCOUNT_URN, "start": 0, "count": 5}),
        ("/adAccountUsers", "authenticatedUser", {}),
        ("/leadForms", "owner", {"owner": {"sponsoredAccount": ACCOUNT_URN}, "start": 0, "count": 5}),
        ("/conversions", "account", {"account": ACCOUNT_URN, "start": 0, "count": 5}),
        (
            "/adTargetingEntities",
            "urns",
            {"queryVersion": "QUERY_USES_URNS", "urns": ["urn:li:staffCountRange:(2,10)"]},
        ),
    ],
)
def test_finders_are_read(official: RestliClient, world: World, path: str, finder: str, params: dict[str, Any]) -> None:
    """Its encoding of lists, records, reserved characters and paths is what the simulator reads."""
    assert found(official, world, path, finder, **params)


@pytest.mark.parametrize(
    ("finder", "pivots"),
    [
        ("analytics", {"pivot": "CAMPAIGN"}),
        ("analytics", {"pivot": {"value": "CREATIVE"}}),
        ("statistics", {"pivots": ["CAMPAIGN", "CREATIVE"]}),
    ],
)
def test_analytics_are_read(official: RestliClient, world: World, finder: str, pivots: dict[str, Any]) -> None:
    """Dates as records, accounts as a list, fields as a plain comma list."""
    rows = found(
        official,
        world,
        "/adAnalytics",
        finder,
        **pivots,
        timeGranularity="DAILY",
        dateRange=DATES,
        accounts=[ACCOUNT_URN],
        fields="dateRange,pivotValues,impressions,costInLocalCurrency",
    )
    assert {row["pivotValues"][0].split(":")[2] for row in rows} <= {"sponsoredCampaign", "sponsoredCreative"}


def test_long_queries_are_tunnelled_by_it(official: RestliClient, world: World) -> None:
    """Beyond 4,000 characters it posts the query, and gets the same rows."""
    campaigns = [f"urn:li:sponsoredCampaign:{campaign['id']}" for campaign in world.truth.campaigns(ACCOUNT)] * 12
    parameters = {"pivot": "CAMPAIGN", "timeGranularity": "ALL", "dateRange": DATES, "campaigns": campaigns}
    rows = found(official, world, "/adAnalytics", "analytics", **parameters)
    assert world.requests[-1].tunnelled
    assert len(rows) == len(
        found(official, world, "/adAnalytics", "analytics", **{**parameters, "campaigns": campaigns[:14]})
    )


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/adAccounts/{account}", {"account": ACCOUNT}),
        ("/adAccounts/{account}/adCampaignGroups/{id}", {"account": ACCOUNT, "id": 600100200}),
        ("/adAccounts/{account}/adCampaigns/{id}", {"account": ACCOUNT, "id": 337643194}),
        ("/adAccounts/{account}/creatives/{id}", {"account": ACCOUNT, "id": "urn:li:sponsoredCreative:119962155"}),
    ],
)
def test_single_entities_are_read(official: RestliClient, world: World, path: str, keys: dict[str, Any]) -> None:
    """Numbers and URNs as keys in the path."""
    response = official.get(
        resource_path=path,
        path_keys=keys,
        query_params={"fields": "id,account,name"},
        access_token=world.token,
        version_string=VERSION,
    )
    assert (response.status_code, response.entity["id"]) == (200, list(keys.values())[-1])


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("/adAccounts", ACCOUNT, 1),
        ("/adAccounts/{account}/adCampaignGroups", 600100200, 1),
        ("/adAccounts/{account}/adCampaigns", 337643194, 1),
        ("/adAccounts/{account}/creatives", "urn:li:sponsoredCreative:119962155", "urn:li:sponsoredCreative:1"),
        ("/organizationsLookup", 1200, 99),
    ],
)
def test_batches_are_read(
    official: RestliClient, world: World, path: str, known: int | str, unknown: int | str
) -> None:
    """Results and errors apart."""
    response = official.batch_get(
        resource_path=path,
        path_keys={"account": ACCOUNT} if "{account}" in path else None,
        ids=[known, unknown],
        access_token=world.token,
        version_string=VERSION,
    )
    assert (list(response.results), list(response.errors)) == ([str(known)], [str(unknown)])


def test_posts_are_read(official: RestliClient, world: World) -> None:
    """With the organization scope, by account and one by one."""
    token, _ = world.authorize(("r_organization_social",))
    response = official.finder(
        resource_path="/posts",
        finder_name="dscAdAccount",
        query_params={"dscAdAccount": ACCOUNT_URN, "count": 3},
        access_token=token,
        version_string=VERSION,
    )
    assert (len(response.elements), response.paging.count) == (3, 3)
    urn = response.elements[0]["id"]
    post = official.get(resource_path="/posts/{id}", path_keys={"id": urn}, access_token=token, version_string=VERSION)
    assert post.entity == response.elements[0]


def test_messages_are_read(official: RestliClient, world: World) -> None:
    """The content of message ads, by URN and several at once."""
    references = [creative["content"].get("reference", "") for creative in world.truth.creatives(ACCOUNT)]
    urns = [urn for urn in references if urn.startswith("urn:li:adInMailContent:")][:2]
    message = official.get(
        resource_path="/inMailContents/{id}",
        path_keys={"id": urns[0]},
        access_token=world.token,
        version_string=VERSION,
    )
    response = official.batch_get(
        resource_path="/inMailContents", ids=urns, access_token=world.token, version_string=VERSION
    )
    assert message.entity == response.results[urns[0]]
    assert set(response.results) == set(urns)


def test_tracking_parameters_are_read(official: RestliClient, world: World) -> None:
    """One account or campaign a call, by a key that is a record."""
    campaign = next(iter(world.entities.by_kind[TRACKING]))
    kind = "sponsoredAccount" if campaign == ACCOUNT else "sponsoredCampaign"
    response = official.get(
        resource_path="/adTrackingParameters/{key}",
        path_keys={"key": {"adEntity": {kind: f"urn:li:{kind}:{campaign}"}}},
        access_token=world.token,
        version_string=VERSION,
    )
    assert (response.status_code, response.entity) == (200, world.entities.by_kind[TRACKING][campaign].record)


def test_lead_responses_are_read(official: RestliClient, world: World) -> None:
    """With the scope of lead forms, by account and lead type."""
    token, _ = world.authorize(("r_marketing_leadgen_automation",))
    response = official.finder(
        resource_path="/leadFormResponses",
        finder_name="owner",
        query_params={
            "owner": {"sponsoredAccount": ACCOUNT_URN},
            "leadType": {"leadType": "SPONSORED"},
            "start": 0,
            "count": 5,
        },
        access_token=token,
        version_string=VERSION,
    )
    assert (response.status_code, len(response.elements)) == (200, 5)


def test_no_resource_is_left_out() -> None:
    """Whatever the simulator serves under /rest/ has a test here that reads it with LinkedIn's client."""
    written = Path(__file__).read_text(encoding="utf-8")
    below = {f"/adAccounts/{{account}}/{kind}" for kind in ENTITY_STATUSES if kind != "adAccounts"}
    served = below | {f"/{resource}" for resource, _ in gate.ROUTES} | {"/adAccounts"}
    assert [path for path in sorted(served) if f'"{path}"' not in written and f'"{path}/' not in written] == []


def test_sign_in_refresh_and_introspection(official: RestliClient, world: World, simulator: SimulatorServer) -> None:
    """Its OAuth client trades codes and refresh tokens, and introspects."""
    auth = AuthClient(world.client_id, world.client_secret, "http://127.0.0.1:8765/callback")
    url = auth.generate_member_auth_url(scopes=["r_ads", "r_ads_reporting"], state="x")
    consent = url.replace("https://www.linkedin.com", simulator.url)
    location = official.session.get(consent, allow_redirects=False).headers["location"]
    code = location.partition("code=")[2].partition("&")[0]
    tokens = auth.exchange_auth_code_for_access_token(code)
    assert tokens.expires_in == 60 * 86_400
    again = auth.exchange_refresh_token_for_access_token(tokens.refresh_token)
    assert again.access_token != tokens.access_token
    assert auth.introspect_access_token(again.access_token).status == "active"
