"""`lac auth`: three roads in, what the token is good for, and the way out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from lac_pipeline.commands.auth import Login
from lac_pipeline.errors import ConfigError, LacError, ReauthorizeError
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.settings import Settings, export
from lac_pipeline.simulator.replies import RestError
from lac_pipeline.simulator.world.identity import READ_SCOPES
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline_tests.cli.conftest import Lac
from lac_pipeline_tests.cli.terminal import terminal

Browser = Callable[[str], object]
"""What a person's browser does with the address of the consent page."""
SignIn = Callable[..., Tokens]


def callback_after(consent: str) -> str:
    """Agree (or refuse) on LinkedIn's page, and return where it sends the browser."""
    return str(httpx.get(consent).headers["location"])


@pytest.fixture
def sign_in(lac: Lac) -> Iterator[SignIn]:
    """Sign in with a browser that runs beside, as a real one does."""
    with ThreadPoolExecutor(1) as beside:

        def attempt(browser: Browser, *, timeout: float = 300) -> Tokens:
            visits: list[Future[object]] = []
            opened: Callable[[str], None] = lambda url: visits.append(beside.submit(browser, url))  # noqa: E731
            try:
                return Login(Settings.load()).by_browser(opened=opened, timeout=timeout)
            finally:
                for visit in visits:
                    visit.result(timeout=300)

        yield attempt


def test_browser_signs_in(sign_in: SignIn, world: World) -> None:
    """The browser that agrees brings tokens with both ends and the scopes that were requested."""
    pages: list[httpx.Response] = []
    tokens = sign_in(lambda url: pages.append(httpx.get(url, follow_redirects=True)))
    assert tokens.access.get_secret_value() in world.identities.access
    assert tokens.refresh is not None
    assert tokens.refresh.get_secret_value() in world.identities.refresh
    assert tokens.scopes == ("r_ads", "r_ads_reporting")
    assert tokens.access_expires_at is not None
    assert tokens.refresh_expires_at is not None
    assert (tokens.refresh_expires_at - tokens.access_expires_at).days in (304, 305)
    assert pages[0].status_code == 200
    assert "LinkedIn agreed" in pages[0].text


def test_favicon_does_not_end_the_sign_in(sign_in: SignIn) -> None:
    """A browser requests other things first; only the redirect URI's own path counts."""

    def browser(url: str) -> None:
        callback = callback_after(url)
        origin = f"http://{urlsplit(callback).netloc}"
        assert httpx.get(f"{origin}/favicon.ico").status_code == 404
        assert httpx.get(f"{origin}/").status_code == 404
        httpx.get(callback)

    assert sign_in(browser).access


def test_foreign_state_is_not_shown_as_success(sign_in: SignIn) -> None:
    """A response with another state is refused, is not shown as success, and does not end the sign-in."""

    def browser(url: str) -> None:
        callback = callback_after(url)
        forged = httpx.get(callback.replace("state=", "state=x"))
        assert forged.status_code == 400
        assert "agreed" not in forged.text
        assert httpx.get(callback.partition("&state=")[0].replace("state=", "s=")).status_code == 400
        httpx.get(callback)

    assert sign_in(browser).access


def test_denial_is_shown_in_page_and_terminal(sign_in: SignIn, world: World) -> None:
    """Who cancels on LinkedIn's page reads so there, and in the terminal, in LinkedIn's words."""
    world.switches.deny_consent = True
    pages: list[httpx.Response] = []
    with pytest.raises(ReauthorizeError) as refused:
        sign_in(lambda url: pages.append(httpx.get(url, follow_redirects=True)))
    assert "user_cancelled_authorize" in str(refused.value)
    assert "user_cancelled_authorize" in pages[0].text
    assert "lac auth login" in str(refused.value)


def test_an_app_without_lead_sync_is_shown_the_way_out(sign_in: SignIn, world: World) -> None:
    """`all` requests the scope of lead responses: where LinkedIn refuses it, the fix is the setting without them."""
    world.switches.app_scopes = READ_SCOPES
    export({"LAC_STREAMS": "all"})
    with pytest.raises(ReauthorizeError) as refused:
        sign_in(lambda url: httpx.get(url, follow_redirects=True))
    assert "r_marketing_leadgen_automation" in str(refused.value)
    setting = str(refused.value.fix).partition("LAC_STREAMS=")[2].partition(", then")[0]
    assert "lead_form_responses" not in setting
    export({"LAC_STREAMS": setting})
    assert sign_in(lambda url: httpx.get(url, follow_redirects=True)).scopes == READ_SCOPES
    assert {*Settings.load().streams.names} == {*STREAMS.chosen("all").names} - {"lead_form_responses"}


def test_page_escapes_what_it_is_sent(sign_in: SignIn) -> None:
    """An error description that holds markup is shown as text."""

    def browser(url: str) -> None:
        requested = parse_qs(urlsplit(url).query)
        reply = {"state": requested["state"][0], "error": "oops", "error_description": "<script>alert(1)</script>"}
        page = httpx.get(requested["redirect_uri"][0], params=reply)
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text

    with pytest.raises(ReauthorizeError):
        sign_in(browser)


def test_time_out(sign_in: SignIn) -> None:
    """Without a consent in time the sign-in ends and names the fix."""
    with pytest.raises(ReauthorizeError, match="no consent") as late:
        sign_in(lambda _url: None, timeout=0.1)
    assert "--paste-url" in str(late.value)


def test_listens_before_the_browser_opens(lac: Lac, redirect_uri: str) -> None:
    """The address that LinkedIn sends the browser to responds before the browser is opened."""
    statuses: list[int] = []
    with pytest.raises(ReauthorizeError):
        Login(Settings.load()).by_browser(
            opened=lambda _url: statuses.append(httpx.get(redirect_uri).status_code), timeout=0.1
        )
    assert statuses == [400]


def test_a_taken_port_is_an_error(sign_in: SignIn, redirect_uri: str) -> None:
    """Two sign-ins at once: the second says that the port is taken, and names the other road."""

    def browser(url: str) -> None:
        with pytest.raises(ConfigError, match="cannot be used") as taken:
            Login(Settings.load()).by_browser(opened=lambda _url: None, timeout=1)
        assert "--paste-url" in str(taken.value)
        httpx.get(url, follow_redirects=True)

    assert sign_in(browser).access


@pytest.mark.parametrize("address", ["https://localhost:8765/callback", "http://example.org/callback"])
def test_redirect_to_elsewhere(lac: Lac, address: str) -> None:
    """A redirect URI that is not plain HTTP on this machine cannot be waited at; the error names the other road."""
    export({"LINKEDIN_REDIRECT_URI": address})
    with pytest.raises(ConfigError, match="does not come back to this machine"):
        Login(Settings.load()).by_browser(opened=lambda _url: None, timeout=1)


def test_code_is_good_once(lac: Lac) -> None:
    """A pasted address that was used already is refused, in four parts."""
    attempt = Login(Settings.load())
    callback = callback_after(attempt.url)
    assert attempt.by_pasted_url(callback).access
    with pytest.raises(ReauthorizeError) as used:
        attempt.by_pasted_url(callback)
    assert "does not accept the sign-in" in str(used.value)


def test_wrong_secret_names_the_settings(lac: Lac) -> None:
    """A wrong client secret is a wrong setting, and the error says which."""
    export({"LINKEDIN_CLIENT_SECRET": "wrong"})
    attempt = Login(Settings.load())
    with pytest.raises(ConfigError) as refused:
        attempt.by_pasted_url(callback_after(attempt.url))
    assert "LINKEDIN_CLIENT_SECRET" in str(refused.value)


def test_pasted_address_of_another_sign_in(lac: Lac) -> None:
    """An address with another sign-in's state is refused before a request is sent."""
    with pytest.raises(ReauthorizeError, match="not the response to this sign-in"):
        Login(Settings.load()).by_pasted_url(callback_after(Login(Settings.load()).url))


def test_login_lists_accounts_scopes_and_ends(lac: Lac, world: World) -> None:
    """After a sign-in the accounts that the token can see, its scopes and both ends are printed."""
    result = lac("auth", "login", "--paste-token", stdin=f"{world.token}\n{world.refresh_token}\n")
    assert result.code == 0, result.error
    assert "520000001" in result.out
    assert "scopes: r_ads, r_ads_reporting" in result.out
    assert "access token: 59 days left" in result.out
    assert "refresh token: its end is not known" in result.out


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A desktop's browser, with a person who agrees to everything."""
    program = tmp_path / "browser"
    program.write_text(f"#!{sys.executable}\nimport httpx, sys\nhttpx.get(sys.argv[1], follow_redirects=True)\n")
    program.chmod(0o700)
    return program


def test_login_by_loopback_command(lac: Lac, browser: Path) -> None:
    """`lac auth login` opens the desktop's browser, waits for it, and stores what it brings."""
    export({"BROWSER": f"{browser} %s"})
    result = lac("auth", "login")
    assert result.code == 0, result.error
    assert "/oauth/v2/authorization?" in result.out
    assert "refresh token: 364 days left" in result.out
    assert lac("auth", "status").code == 0


@pytest.mark.slow
def test_no_process_calls_a_fresh_sign_in_revoked(lac: Lac, world: World, browser: Path) -> None:
    """Whatever reads the tokens first, LinkedIn may refuse them as revoked for some seconds: each command waits."""
    export({"BROWSER": f"{browser} %s"})
    world.switches.new_token_delay_seconds = 5
    signed_in = lac("auth", "login")
    assert signed_in.code == 0, signed_in.error
    unknown = RestError(401, "REVOKED_ACCESS_TOKEN", "revoked by the user", service_code=65601, gateway=True).reply()
    for command in (("auth", "status"), ("sync", "--account", "all")):
        before = world.calls["adAccounts"]
        world.faults.add("adAccounts", kind="status", status=401, call=before + 1, body=unknown.body.decode())
        process = [sys.executable, "-m", "lac_pipeline", *command]
        ended = subprocess.run(process, capture_output=True, text=True, timeout=600, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "waiting 10 s" in ended.stderr
        assert "lac auth login" not in ended.stdout + ended.stderr
        assert world.calls["adAccounts"] >= before + 2


def test_a_narrow_terminal_shows_a_sign_in_whole(
    lac: Lac, settings_given: dict[str, str], world: World, tmp_path: Path
) -> None:
    """Lines of `lac auth status` that are longer than the terminal are broken between words."""
    tokens = {"LINKEDIN_ACCESS_TOKEN": world.token, "LINKEDIN_REFRESH_TOKEN": world.refresh_token}
    given = settings_given | tokens | {"NO_PROXY": "127.0.0.1"}
    with terminal("lac", "auth", "status", folder=tmp_path, variables=given, columns=50) as person:
        assert person.end() == 0
    assert "scopes: " in person.text
    assert max(map(len, person.screen)) <= 50


def test_login_by_pasted_url_command(lac: Lac) -> None:
    """`lac auth login --paste-url` refuses what is not an address, and stores nothing."""
    result = lac("auth", "login", "--paste-url", stdin="nonsense\n")
    assert result.code == 1
    assert "not the response to this sign-in" in result.error
    assert lac("auth", "status").code == 1


def test_both_roads_at_once(lac: Lac) -> None:
    """Options for two ways to sign in at once are refused as wrong usage."""
    assert lac("auth", "login", "--paste-url", "--paste-token").code == 2


def test_dead_token_is_not_stored(lac: Lac, world: World) -> None:
    """A pasted token that has ended is refused."""
    world.advance(timedelta(days=61))
    result = lac("auth", "login", "--paste-token", stdin=f"{world.token}\n\n")
    assert "the access token is expired" in result.error
    assert lac("auth", "status").code == 1


def test_missing_key_names_init(lac: Lac, world: World) -> None:
    """Without LAC_SECRET_KEY nothing can be stored; the error names `lac init`."""
    export({"LAC_SECRET_KEY": ""})
    result = lac("auth", "login", "--paste-token", stdin=f"{world.token}\n\n")
    assert result.code == 1
    assert "missing setting: LAC_SECRET_KEY" in result.error
    assert "lac init" in result.error


def test_environment_wins_and_is_reported(signed_in: Lac, world: World) -> None:
    """Signing in while LINKEDIN_ACCESS_TOKEN is set says that the setting wins."""
    result = signed_in("auth", "login", "--paste-token", stdin=f"{world.token}\n\n")
    assert "tokens from: database" in result.out
    assert "LINKEDIN_ACCESS_TOKEN is set, and wins" in result.error
    assert "tokens from: environment" in signed_in("auth", "status").out


def test_status_as_json(signed_in: Lac) -> None:
    """`--json` tells accounts, scopes and days left, for programs, and no part of a token."""
    document = json.loads(signed_in("auth", "status", "--json").out)
    assert document["source"] == "environment"
    assert document["scopes"] == ["r_ads", "r_ads_reporting"]
    assert document["access_token"]["days_left"] == 59
    assert document["refresh_token"] == {"expires_at": None, "days_left": None}
    assert [account["id"] for account in document["accounts"]] == [520000001]


@pytest.mark.parametrize(("days", "code"), [(52, 0), (54, 1)])
def test_status_fails_in_the_last_week(signed_in: Lac, world: World, days: int, code: int) -> None:
    """With eight days left the status is fine; with six it exits 1."""
    world.set_now(world.now() - timedelta(days=days))
    token, _ = world.authorize()
    world.set_now(world.now() + timedelta(days=days))
    export({"LINKEDIN_ACCESS_TOKEN": token, "LINKEDIN_REFRESH_TOKEN": ""})
    result = signed_in("auth", "status")
    assert result.code == code
    assert f"warning: the LinkedIn access token ends in {59 - days} days" in result.error
    assert "run `lac auth login`" in result.error


def test_refresh_keeps_the_refresh_tokens_end(lac: Lac, world: World) -> None:
    """`lac auth refresh` stores a new access token, and prints the end of the refresh token as LinkedIn gives it."""
    lac("auth", "login", "--paste-token", stdin=f"{world.token}\n{world.refresh_token}\n")
    before = len(world.identities.access)
    result = lac("auth", "refresh")
    assert result.code == 0, result.error
    assert len(world.identities.access) == before + 1
    assert "refresh token: 364 days left" in result.out


def test_refresh_of_environment_tokens(signed_in: Lac) -> None:
    """Tokens of the environment cannot be renewed for good, and the error says what to do."""
    result = signed_in("auth", "refresh")
    assert result.code == 1
    assert "cannot be put back into the environment" in result.error


def test_logout_forgets(lac: Lac, world: World) -> None:
    """`lac auth logout` deletes the tokens, and prints where to withdraw the consent."""
    lac("auth", "login", "--paste-token", stdin=f"{world.token}\n\n")
    result = lac("auth", "logout")
    assert "the stored tokens are forgotten" in result.out
    assert "permitted-services" in result.out
    assert lac("auth", "status").code == 1
    assert "no tokens were stored" in lac("auth", "logout").out


def test_introspection_of_a_foreign_token(lac: Lac) -> None:
    """A pasted token that LinkedIn does not know is refused, and not quoted."""
    with pytest.raises(LacError) as unknown:
        Login(Settings.load()).by_pasted_token(SecretStr("AQXforeign"), None)
    assert "AQXforeign" not in str(unknown.value)


def test_status_lists_the_accounts_that_can_be_read(signed_in: Lac, world: World) -> None:
    """An element without a readable id in the list of ad accounts hides no other account, and is no traceback."""

    def spoil(body: bytes) -> bytes:
        listed = json.loads(body)
        return json.dumps({**listed, "elements": [None, {"id": None}, *listed["elements"]]}).encode()

    world.faults.add("adAccounts", kind="altered", alter=spoil)
    result = signed_in("auth", "status")
    assert "520000001" in result.out
    assert result.code == 0
