"""The gate: token, version, protocol and parameters, route, permission; and the headers of every response."""

from __future__ import annotations

import http.client
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

import pytest

from lac_pipeline.linkedin.expiry import version_ends
from lac_pipeline.simulator.api.versions import version_to_request
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import NOW, Api, account_urn, analytics_query

ACCOUNTS = "adAccounts?q=search"


def raw_get(api: Api, path: str) -> tuple[int, str]:
    """GET a path that no HTTP client would send unchanged."""
    address = urlsplit(api.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    headers = {**api.headers, "Authorization": f"Bearer {api.world.token}"}
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


class TestToken:
    """Whose call it is comes first."""

    def test_missing_bearer_is_401(self, api: Api) -> None:
        """A call without Authorization returns EMPTY_ACCESS_TOKEN."""
        response = api.get(ACCOUNTS, drop="Authorization")
        assert (response.status_code, response.json()["code"], response.json()["serviceErrorCode"]) == (
            401,
            "EMPTY_ACCESS_TOKEN",
            65604,
        )

    @pytest.mark.parametrize(
        ("state", "code", "number"),
        [
            ("unknown", "INVALID_ACCESS_TOKEN", 65600),
            ("revoked", "REVOKED_ACCESS_TOKEN", 65601),
            ("expired", "EXPIRED_ACCESS_TOKEN", 65602),
        ],
    )
    def test_each_bad_token_has_its_code(self, api: Api, world: World, state: str, code: str, number: int) -> None:
        """Unknown, revoked and expired tokens have different codes."""
        token = world.token
        if state == "unknown":
            token = "AQX-never-issued"
        elif state == "revoked":
            world.edit.revoke(token)
        else:
            world.edit.expire(token)
        body = api.get(ACCOUNTS, token=token).json()
        assert (body["status"], body["code"], body["serviceErrorCode"]) == (401, code, number)

    def test_token_expires_after_sixty_days(self, api: Api, world: World) -> None:
        """Time alone makes an access token expire."""
        world.advance(timedelta(days=59, hours=23))
        assert api.get(ACCOUNTS).status_code == 200
        world.advance(timedelta(hours=1))
        assert api.get(ACCOUNTS).json()["code"] == "EXPIRED_ACCESS_TOKEN"

    def test_token_is_checked_before_the_version(self, api: Api) -> None:
        """With everything wrong, the token is what is refused."""
        response = api.get("nothing?x", token="junk", drop="LinkedIn-Version")
        assert response.status_code == 401


class TestVersion:
    """Every call names an API version that is served on the simulator's day."""

    def test_missing_version_is_refused(self, api: Api) -> None:
        """There is no default version."""
        response = api.get(ACCOUNTS, drop="LinkedIn-Version")
        assert (response.status_code, response.json()["code"]) == (400, "VERSION_MISSING")

    @pytest.mark.parametrize("version", ["202511", "202512", "202412", "202701", "999999", "2026-09", "v2"])
    def test_versions_not_served_are_426(self, api: Api, version: str) -> None:
        """Sunset, skipped, future and nonsensical versions are not active."""
        response = api.get(ACCOUNTS, LinkedIn_Version=version)
        assert (response.status_code, response.json()["code"]) == (426, "NONEXISTENT_VERSION")
        assert response.json()["message"] == f"Requested version {version.partition('.')[0]}01 is not active"

    @pytest.mark.parametrize("version", ["202601", "202609", "202609.01"])
    def test_versions_served_are_accepted(self, api: Api, version: str) -> None:
        """Live versions are served, with a revision too."""
        assert api.get(ACCOUNTS, LinkedIn_Version=version).status_code == 200

    def test_a_version_dies_on_its_day(self, api: Api, world: World) -> None:
        """202601 works on 2027-01-14 and is gone on the 15th."""
        world.set_now(datetime(2027, 1, 14, 23, 59, tzinfo=UTC))
        assert api.get(ACCOUNTS, LinkedIn_Version="202601").status_code == 200
        world.set_now(datetime(2027, 1, 15, tzinfo=UTC))
        assert api.get(ACCOUNTS, LinkedIn_Version="202601").status_code == 426

    @pytest.mark.parametrize("day", [date(2026, 1, 1), date(2027, 8, 1), date(2027, 9, 15), date(2028, 2, 29)])
    def test_a_version_is_served_on_every_day(self, api: Api, world: World, day: date) -> None:
        """The version that the demo and the tests request is served long after the newest that is known here."""
        world.set_now(datetime.combine(day, time(12), UTC))
        version = version_to_request(day)
        response = api.get(ACCOUNTS, token=world.authorize()[0], LinkedIn_Version=version)
        assert (response.status_code, version_ends(version, today=day)) == (200, None)


class TestProtocol:
    """The raw query string is read strictly."""

    @pytest.mark.parametrize("name", ["dateRange.start.day=1", "accounts[0]=x", "accounts%5B0%5D=x"])
    def test_protocol_1_parameters_are_refused(self, api: Api, name: str) -> None:
        """Dotted and indexed parameters do not belong to Rest.li 2.0.0."""
        response = api.get(f"{ACCOUNTS}&{name}")
        assert (response.status_code, response.json()["code"]) == (400, "QUERY_PARAM_NOT_ALLOWED")

    def test_structures_need_the_protocol_header(self, api: Api) -> None:
        """Without X-Restli-Protocol-Version lists and records are not read."""
        response = api.get(f"adAnalytics?{analytics_query()}", drop="X-Restli-Protocol-Version")
        assert (response.status_code, response.json()["code"]) == (400, "PARAM_INVALID")

    def test_plus_is_not_a_space(self, api: Api) -> None:
        """A plus sign in a value is refused, naming the parameter."""
        response = api.get(f"{ACCOUNTS}&search=(name:(values:List(My+Name)))")
        problem = response.json()["errorDetails"]["inputErrors"][0]
        assert (response.status_code, problem["code"]) == (400, "PARAM_INVALID")
        assert problem["input"]["inputPath"]["fieldPath"] == "search"

    def test_bare_urn_in_a_list_is_refused(self, api: Api) -> None:
        """A URN whose colons are not encoded is an invalid array parameter."""
        response = api.analytics(accounts="List(urn:li:sponsoredAccount:510000001)")
        assert response.status_code == 400
        assert response.json()["message"].startswith("Array parameter 'accounts' value 'List(urn:li:")
        assert "Deserializing output" in response.json()["message"]

    def test_a_value_encoded_twice_matches_nothing(self, api: Api) -> None:
        """Double encoding returns 200 and no elements, the trap it is on LinkedIn."""
        assert api.rows(accounts=f"List({account_urn().replace('%', '%25')})") == []
        found = api.get(f"{ACCOUNTS}&search=(name:(values:List(Northwind%2520EMEA)))")
        assert (found.status_code, found.json()["elements"]) == (200, [])

    def test_bare_pipe_breaks_the_uri(self, api: Api) -> None:
        """A raw bar is refused by the URI parser."""
        status, body = raw_get(api, f"/rest/{ACCOUNTS}&search=(name:(values:List(a|b)))")
        assert status == 400
        assert "URISyntaxException" in body

    @pytest.mark.parametrize(
        "query",
        ["search=(status:(values:List(ACTIVE))", "search=(status", "search=()x", "search=%zz", "sortOrder=(a:b"],
    )
    def test_broken_structures_are_refused(self, api: Api, query: str) -> None:
        """Unbalanced brackets and broken escapes are PARAM_INVALID."""
        response = api.get(f"{ACCOUNTS}&{query}")
        assert (response.status_code, response.json()["code"]) == (400, "PARAM_INVALID")

    @pytest.mark.parametrize(
        ("query", "code", "path"),
        [
            ("colour=red", "QUERY_PARAM_NOT_ALLOWED", "colour"),
            ("search=(account:(values:List(x)))", "FIELD_INVALID", "search/account"),
            ("search=(status:(values:List(ASLEEP)))", "PARAM_INVALID", "search/status"),
            ("sortOrder=SIDEWAYS", "PARAM_INVALID", "sortOrder"),
        ],
    )
    def test_unknown_names_and_values(self, api: Api, query: str, code: str, path: str) -> None:
        """Unknown parameters, search keys and enum values each have their refusal."""
        problem = api.get(f"{ACCOUNTS}&{query}").json()["errorDetails"]["inputErrors"][0]
        assert (problem["code"], problem["input"]["inputPath"]["fieldPath"]) == (code, path)


class TestLongQueries:
    """Long queries travel in the body of a POST."""

    LONG = analytics_query(campaigns="List(" + ",".join(["urn%3Ali%3AsponsoredCampaign%3A337643194"] * 120) + ")")
    FORM = "application/x-www-form-urlencoded"

    def test_long_query_is_414(self, api: Api) -> None:
        """A GET with more than the limit is refused."""
        assert api.get(f"adAnalytics?{self.LONG}").status_code == 414

    def test_limit_can_be_raised(self, api: Api, world: World) -> None:
        """The limit is a switch."""
        world.switches.url_limit = 8192
        assert api.get(f"adAnalytics?{self.LONG}").status_code == 200

    def test_tunnelled_query_is_served(self, api: Api, world: World) -> None:
        """The same query works as a POST whose header declares a GET."""
        headers = api.signed(**{"X-HTTP-Method-Override": "GET", "Content-Type": self.FORM})
        response = api.client.post(f"{api.url}/rest/adAnalytics", headers=headers, content=self.LONG)
        assert (response.status_code, len(response.json()["elements"])) == (200, 10)
        assert world.requests[-1].tunnelled
        assert world.requests[-1].query == self.LONG

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Content-Type": FORM}, 405),
            ({"X-HTTP-Method-Override": "GET", "Content-Type": "application/json"}, 400),
        ],
    )
    def test_other_posts_are_refused(self, api: Api, headers: dict[str, str], status: int) -> None:
        """A POST without the override or without the form type is not a read."""
        sent = api.signed(**headers)
        assert api.client.post(f"{api.url}/rest/adAnalytics", headers=sent, content=self.LONG).status_code == status

    def test_length_is_required(self, api: Api) -> None:
        """A POST in chunks has no Content-Length."""
        headers = api.signed(**{"X-HTTP-Method-Override": "GET", "Content-Type": self.FORM})
        body = iter([self.LONG.encode()])
        assert api.client.post(f"{api.url}/rest/adAnalytics", headers=headers, content=body).status_code == 411


class TestRouteAndScope:
    """What may be read, and by whom."""

    @pytest.mark.parametrize(
        ("scopes", "path", "resource"),
        [
            (("r_ads_reporting",), ACCOUNTS, "adAccounts.FINDER"),
            (("r_ads_reporting",), "adAccounts/510000001", "adAccounts.GET"),
            (("r_ads_reporting",), "adAccounts/510000001/creatives?q=criteria", "creatives.FINDER"),
            (("r_ads",), f"adAnalytics?{analytics_query()}", "adAnalytics.FINDER"),
        ],
    )
    def test_missing_scope_is_403(
        self, api: Api, world: World, scopes: tuple[str, ...], path: str, resource: str
    ) -> None:
        """A token without the scope gets an error that names the permission."""
        token, _ = world.authorize(scopes)
        body = api.get(path, token=token).json()
        assert (body["status"], body["code"], body["serviceErrorCode"]) == (403, "ACCESS_DENIED", 100)
        assert body["message"] == f"Not enough permissions to access: {resource}.20260901"

    def test_write_scope_may_read(self, api: Api, world: World) -> None:
        """rw_ads reads entities too."""
        token, _ = world.authorize(("rw_ads",))
        assert api.get(ACCOUNTS, token=token).status_code == 200

    @pytest.mark.parametrize("path", ["adBananas?q=search", "adAccounts/510000001/adBananas", "adAnalytics/1"])
    def test_unknown_paths_are_404(self, api: Api, path: str) -> None:
        """A resource that does not exist is not found."""
        response = api.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "RESOURCE_NOT_FOUND")

    def test_path_key_must_be_a_number(self, api: Api) -> None:
        """A word in place of an account id is refused with Java's type."""
        response = api.get("adAccounts/banana")
        assert response.status_code == 400
        assert "java.lang.Long" in response.json()["message"]

    @pytest.mark.parametrize("path", ["adAccounts/{}", "adAccounts/{}/adCampaigns?q=search"])
    @pytest.mark.parametrize("account", [510000002, 999])
    def test_accounts_not_shared_are_404(self, api: Api, world: World, path: str, account: int) -> None:
        """Unknown accounts and those without a role look the same."""
        world.edit.forbid(510000002)
        assert api.get(path.format(account)).status_code == 404

    def test_not_shared_can_be_403(self, api: Api, world: World) -> None:
        """By switch the refusal is about permission."""
        world.switches.forbidden_instead_of_not_found = True
        response = api.get("adAccounts/999")
        assert (response.status_code, response.json()["code"]) == (403, "NO_PERMISSION_ON_ENTITY")


def test_the_gate_decides_in_order(api: Api, world: World) -> None:
    """Each thing put right shows the next refusal: token, version, query, route, scope, quota."""
    token, _ = world.authorize(("r_ads_reporting",))
    reader, _ = world.authorize(("r_ads",))
    world.quotas.limit("adAccounts", application_day=0)
    broken, nowhere, there = "adBananas?search=(", "adBananas?q=search", "adAccounts?q=search"
    tried = [
        api.get(broken, token="junk", LinkedIn_Version="202508"),
        api.get(broken, token=token, LinkedIn_Version="202508"),
        api.get(broken, token=token),
        api.get(nowhere, token=token),
        api.get(there, token=token),
        api.get(there, token=reader),
    ]
    assert [response.status_code for response in tried] == [401, 426, 400, 404, 403, 429]


class TestHeaders:
    """Tracing headers always, rate-limit headers never."""

    @pytest.mark.parametrize(
        ("path", "marker"),
        [
            (ACCOUNTS, None),
            ("adBananas", "x-restli-gateway-error"),
            (f"{ACCOUNTS}&colour=red", "x-restli-error-response"),
        ],
    )
    def test_every_response_can_be_traced(self, api: Api, path: str, marker: str | None) -> None:
        """Responses carry LinkedIn's ids; refusals name what refused."""
        headers = api.get(path).headers
        assert {"x-li-uuid", "x-li-fabric", "x-li-request-id"} <= set(headers)
        assert headers["x-restli-protocol-version"] == "2.0.0"
        assert marker is None or headers[marker] == "true"
        assert not [name for name in headers if "ratelimit" in name.replace("-", "") or name == "retry-after"]

    def test_ids_differ_from_call_to_call(self, api: Api) -> None:
        """Two responses never share a request id."""
        assert api.get(ACCOUNTS).headers["x-li-uuid"] != api.get(ACCOUNTS).headers["x-li-uuid"]

    def test_requests_are_recorded_at_the_worlds_clock(self, api: Api, world: World) -> None:
        """What arrived can be requested, without the token."""
        api.get(ACCOUNTS)
        assert (world.requests[0].endpoint, world.requests[0].query, world.requests[0].at) == (
            "adAccounts",
            "q=search",
            NOW,
        )
        assert world.token not in str(world.requests)
