"""OAuth: consent, tokens that run out, introspection, and that no token is ever logged."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import NOW, Api

REDIRECT = "http://127.0.0.1:8765/callback"
DAY = 86_400


def consent(api: Api, **changes: str) -> dict[str, str]:
    """Go through the consent page; returns the redirect's parameters."""
    query = {
        "response_type": "code",
        "client_id": api.world.client_id,
        "redirect_uri": REDIRECT,
        "state": "s&t ate",
        "scope": "r_ads r_ads_reporting",
        **changes,
    }
    response = api.client.get(f"{api.url}/oauth/v2/authorization?{urlencode(query)}")
    assert response.status_code == 302, response.text
    assert response.headers["location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def client(world: World, **fields: str) -> dict[str, str]:
    """The fields that name the app."""
    return {"client_id": world.client_id, "client_secret": world.client_secret, **fields}


class TestAuthorizationCode:
    """The three-legged flow."""

    def test_code_and_state_come_back(self, api: Api) -> None:
        """The redirect carries a code and the state as it was."""
        response = consent(api)
        assert response["state"] == "s&t ate"
        assert len(response["code"]) > 100

    def test_code_becomes_tokens(self, api: Api, world: World) -> None:
        """Sixty days of access, a year of refresh, scopes with commas."""
        code = consent(api)["code"]
        fields = client(world, grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        tokens = api.form("accessToken", **fields).json()
        assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (60 * DAY, 365 * DAY)
        assert (tokens["scope"], tokens["token_type"]) == ("r_ads,r_ads_reporting", "Bearer")
        assert api.get("adAccounts?q=search", token=tokens["access_token"]).status_code == 200

    def test_code_is_good_once_and_for_half_an_hour(self, api: Api, world: World) -> None:
        """Used and late codes are refused."""
        fields = client(world, grant_type="authorization_code", redirect_uri=REDIRECT)
        code, late = consent(api)["code"], consent(api)["code"]
        assert [api.form("accessToken", code=code, **fields).status_code for _ in range(2)] == [200, 400]
        world.advance(timedelta(minutes=30))
        assert api.form("accessToken", code=late, **fields).status_code == 400

    def test_denial_comes_back_on_the_redirect(self, api: Api, world: World) -> None:
        """By switch the member refuses."""
        world.switches.deny_consent = True
        response = consent(api)
        assert (response["error"], response["state"]) == ("user_cancelled_authorize", "s&t ate")
        assert "code" not in response

    @pytest.mark.parametrize(("name", "value"), [("client_id", "other"), ("redirect_uri", f"{REDIRECT}/x")])
    def test_wrong_app_or_redirect_is_not_redirected(self, api: Api, name: str, value: str) -> None:
        """LinkedIn shows an error instead of sending the member somewhere."""
        query = {"response_type": "code", "client_id": api.world.client_id, "redirect_uri": REDIRECT, "scope": "r_ads"}
        response = api.client.get(f"{api.url}/oauth/v2/authorization?{urlencode({**query, name: value})}")
        assert response.status_code == 401

    def test_missing_scope_is_on_the_redirect(self, api: Api) -> None:
        """A request without scopes is invalid."""
        assert consent(api, scope="")["error"] == "invalid_request"


class TestRefresh:
    """Refreshing does not renew the refresh token."""

    def refresh(self, api: Api, **changes: str) -> dict[str, object]:
        """Refresh with the world's own token."""
        fields = client(api.world, grant_type="refresh_token", refresh_token=api.world.refresh_token, **changes)
        return dict(api.form("accessToken", **fields).json())

    def test_refresh_token_counts_down_from_consent(self, api: Api, world: World) -> None:
        """On day 59 there are 306 days left, and the token is the same."""
        world.advance(timedelta(days=59))
        tokens = self.refresh(api)
        assert tokens["refresh_token_expires_in"] == 306 * DAY
        assert (tokens["expires_in"], tokens["refresh_token"]) == (60 * DAY, world.refresh_token)

    def test_last_sixty_days_shorten_access(self, api: Api, world: World) -> None:
        """An access token never outlives its refresh token."""
        world.advance(timedelta(days=340))
        tokens = self.refresh(api)
        assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (25 * DAY, 25 * DAY)

    @pytest.mark.parametrize("end", ["a year", "expired", "revoked"])
    def test_dead_refresh_tokens(self, api: Api, world: World, end: str) -> None:
        """After a year, and when revoked, only a person helps."""
        if end == "a year":
            world.advance(timedelta(days=365))
        elif end == "expired":
            world.edit.expire(world.refresh_token)
        else:
            world.edit.revoke(world.refresh_token)
        assert self.refresh(api)["error"] == "invalid_request"

    def test_revoking_a_grant_ends_its_access_tokens(self, api: Api, world: World) -> None:
        """A member who takes consent back takes all of it."""
        world.edit.revoke(world.refresh_token)
        assert api.get("adAccounts?q=search").json()["code"] == "REVOKED_ACCESS_TOKEN"

    def test_new_tokens_may_be_late(self, api: Api, world: World) -> None:
        """By switch a fresh token is refused for some seconds."""
        world.switches.new_token_delay_seconds = 30
        token = str(self.refresh(api)["access_token"])
        assert api.get("adAccounts?q=search", token=token).status_code == 401
        world.advance(timedelta(seconds=30))
        assert api.get("adAccounts?q=search", token=token).status_code == 200

    def test_apps_without_programmatic_refresh(self, api: Api, world: World) -> None:
        """Most apps get no refresh token at all."""
        world.switches.programmatic_refresh = False
        code = consent(api)["code"]
        fields = client(world, grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        assert not {"refresh_token", "refresh_token_expires_in"} & set(api.form("accessToken", **fields).json())
        assert self.refresh(api)["error"] == "invalid_request"

    @pytest.mark.parametrize(
        ("changes", "status", "error"),
        [
            ({"client_secret": "wrong"}, 401, "invalid_client"),
            ({"client_id": "other"}, 401, "invalid_client"),
            ({"refresh_token": "made-up"}, 400, "invalid_request"),
            ({"refresh_token": ""}, 400, "invalid_request"),
            ({"grant_type": "password"}, 400, "invalid_request"),
        ],
    )
    def test_refusals(self, api: Api, world: World, changes: dict[str, str], status: int, error: str) -> None:
        """OAuth errors have a shape of their own."""
        fields = {**client(world, grant_type="refresh_token", refresh_token=world.refresh_token), **changes}
        response = api.form("accessToken", **fields)
        assert (response.status_code, response.json()["error"]) == (status, error)
        assert set(response.json()) == {"error", "error_description"}

    def test_only_form_posts(self, api: Api, world: World) -> None:
        """GET and JSON are refused."""
        fields = client(world, grant_type="refresh_token", refresh_token=world.refresh_token)
        url = f"{api.url}/oauth/v2/accessToken"
        assert api.client.get(f"{url}?{urlencode(fields)}").status_code == 405
        assert api.client.post(url, json=fields).status_code == 400


class TestIntrospection:
    """The state of a token, in seconds."""

    @pytest.mark.parametrize("state", ["active", "expired", "revoked"])
    def test_states(self, api: Api, world: World, state: str) -> None:
        """Active, expired and revoked are distinguished."""
        if state == "expired":
            world.edit.expire(world.token)
        elif state == "revoked":
            world.edit.revoke(world.token)
        response = api.form("introspectToken", **client(world, token=world.token)).json()
        assert (response["active"], response["status"]) == (state == "active", state)

    def test_times_are_seconds(self, api: Api, world: World) -> None:
        """Unlike everywhere else in the API."""
        response = api.form("introspectToken", **client(world, token=world.token)).json()
        assert response["expires_at"] == int((NOW + timedelta(days=60)).timestamp())
        assert (response["scope"], response["auth_type"]) == ("r_ads,r_ads_reporting", "3L")

    @pytest.mark.parametrize(("name", "value", "status"), [("token", "x", 400), ("client_secret", "x", 401)])
    def test_refusals(self, api: Api, world: World, name: str, value: str, status: int) -> None:
        """Unknown tokens are 400, wrong secrets 401."""
        assert api.form("introspectToken", **{**client(world, token=world.token), name: value}).status_code == status


class TestSecrecy:
    """Long opaque tokens that no response repeats."""

    def test_tokens_are_long(self, world: World) -> None:
        """Between 300 and 1000 characters, and not always the same length."""
        tokens = [token for _ in range(8) for token in world.authorize()]
        assert all(300 <= len(token) <= 1000 for token in tokens)
        assert len({len(token) for token in tokens}) > 3

    def test_no_refusal_repeats_a_token(self, api: Api, world: World) -> None:
        """Not for a bad token, a bad refresh, or a bad introspection."""
        secret = "AQX" + "unheard-of" * 40
        responses = [
            api.get("adAccounts?q=search", token=secret),
            api.form("accessToken", **client(world, grant_type="refresh_token", refresh_token=secret)),
            api.form(
                "accessToken",
                **{**client(world, grant_type="refresh_token", refresh_token="x"), "client_secret": secret},
            ),
            api.form("introspectToken", **client(world, token=secret)),
        ]
        assert {response.status_code for response in responses} == {400, 401}
        assert not any(secret[:20] in response.text + str(response.headers) for response in responses)
