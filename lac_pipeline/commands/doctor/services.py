"""Examinations that need the database: schema, rights, token and a live call, the Dagster instance and its daemon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.auth import SignIn, sign_in_of
from lac_pipeline.commands.doctor.finding import Finding, examined
from lac_pipeline.commands.doctor.machine import compared_clocks
from lac_pipeline.commands.stack.address import shown_address
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.event_wording import words_of as ending_words
from lac_pipeline.defs.sensors.discovery_sensor import DISCOVERY
from lac_pipeline.defs.sensors.ticks import Automation, automations
from lac_pipeline.linkedin.expiry import tokens_end
from lac_pipeline.printable import counted
from lac_pipeline.reporting.check_wording import place_of, subject_of, words_of
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.check_results import Check, CheckState, Listing
from lac_pipeline.warehouse.foreign_relations import foreign_relations
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query import doctor_queries as probes
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.suitability import require_writable
from lac_pipeline.warehouse.warehouse import Warehouse

OLDEST_SERVER = 150000


def database(settings: Settings, warehouse: Warehouse) -> Iterator[Finding]:
    """Whether the server is new enough, the schema is this version's, and the user may load."""
    server = probes.server(warehouse.engine)
    found = f"PostgreSQL {server.version // 10000}, database {server.database}, user {server.user}"
    if server.version < OLDEST_SERVER:
        yield Finding("database", "failed", f"{found}: too old", "upgrade to PostgreSQL 15 or later")
    else:
        yield Finding("database", "ok", found)
    yield Finding("connect", "ok", f"`lac psql`, or another program at {shown_address(settings)}")
    yield Finding("schema", "ok", f"at {migrate.head()}, which is this version's")
    if foreign := foreign_relations(warehouse.engine):
        fix = "none if you made them; if another loader did, give it, or lac, a database of its own (POSTGRES_DB)"
        yield Finding("schema", "warning", f"it also holds what is not lac's: {foreign}", fix)
    yield from examined("changes", lambda: _changes(warehouse))
    yield compared_clocks("database's clock", "PostgreSQL's", utc_now() - probes.clock(warehouse.engine))
    missing = probes.missing_rights(warehouse.engine)
    if missing:
        fix = f"as the schema's owner: GRANT {missing[0].replace(' on ', ' ON ')} TO {server.user}; and so on"
        yield Finding("rights", "failed", f"missing: {', '.join(missing)}", fix)
    else:
        yield Finding("rights", "ok", f"{server.user} may read and write every table")


def _changes(warehouse: Warehouse) -> Iterator[Finding]:
    require_writable(warehouse.engine)
    yield Finding("changes", "ok", "the server takes them")


def linkedin(settings: Settings, warehouse: Warehouse) -> Iterator[Finding]:
    """Whether LinkedIn accepts the token, what it shows to it, and for how long."""
    found = sign_in_of(settings, warehouse)
    yield Finding("token", "ok", f"accepted; from {found.source}; scopes {', '.join(found.tokens.scopes) or 'unknown'}")
    yield from _lacking_scopes(found, settings)
    yield _accounts(found)
    yield from _lost_accounts(found, settings, warehouse)
    endings = tokens_end(found.tokens, now=found.now)
    for ending in endings:
        yield Finding("token's end", "warning", *ending_words(ending))
    if not endings:
        ends = {
            name: "unknown" if left is None else f"{counted(left.days, 'day')} left"
            for name, left in found.left().items()
        }
        yield Finding("token's end", "ok", ", ".join(f"{name} token: {left}" for name, left in ends.items()))


def _lacking_scopes(found: SignIn, settings: Settings) -> Iterator[Finding]:
    """Name the streams that are chosen and that the token's OAuth scopes, where LinkedIn names them, do not open."""
    for stream in settings.streams:
        if found.tokens.scopes and not {*stream.oauth_scopes} & {*found.tokens.scopes}:
            lacking = f"{stream.name} needs the OAuth scope {' or '.join(stream.oauth_scopes)}"
            fix = f"`lac auth login`, with that scope enabled for your app; or leave {stream.name} out of LAC_STREAMS"
            if stream.spared:
                yield Finding("OAuth scopes", "warning", f"{lacking}, and is skipped", fix)
            else:
                yield Finding("OAuth scopes", "failed", f"{lacking}, and cannot be loaded", fix)


def _accounts(found: SignIn) -> Finding:
    if found.accounts:
        listed = AccountNames({account.id: account.name for account in found.accounts})
        titles = listed.titles([account.id for account in found.accounts])
        return Finding("ad accounts", "ok", f"{len(found.accounts)} visible: {titles}")
    fix = "give the member who signed in a role on the account in Campaign Manager"
    return Finding("ad accounts", "failed", "the token can see none", fix)


def _lost_accounts(found: SignIn, settings: Settings, warehouse: Warehouse) -> Iterator[Finding]:
    """Name each account that is loaded, or should be, and that LinkedIn does not list for this token."""
    with dg.DagsterInstance.get() as dagster:
        expected = {*settings.lac_account_ids} or {*configured_accounts(dagster, settings)}
    listing, unlisted = Listing(len(found.accounts)), sorted(expected - {account.id for account in found.accounts})
    names = AccountNames(Overview(warehouse.engine).names(unlisted) if unlisted else {})
    for account_id in unlisted:
        lost = CheckState(Check.ACCOUNT_LISTED, "accounts", account_id, False, listing, None, DISCOVERY)
        problem, fix = words_of(lost)
        yield Finding("ad accounts", "failed", f"{subject_of(lost, names)}: {problem}", fix)


def numbers(settings: Settings, warehouse: Warehouse) -> Iterator[Finding]:
    """What the checks say of the rows of the accounts that are loaded: what is wrong, and what was not compared."""
    with dg.DagsterInstance.get() as dagster:
        accounts = configured_accounts(dagster, settings)
    found = CheckStates(warehouse.engine).not_passed(accounts, streams=settings.streams)
    names = AccountNames(Overview(warehouse.engine).names() if found else {})
    for state in found:
        if state.check is not Check.ACCOUNT_LISTED:  # LinkedIn's list was requested just now
            problem, fix = words_of(state)
            summary = f"{place_of(state, names)}: {problem}"
            yield Finding("numbers", "failed" if state.is_error else "warning", summary, fix)
    if not found:
        yield Finding("numbers", "ok", "every check passes")


def definitions(settings: Settings) -> Iterator[Finding]:
    """Whether the code location loads."""
    graph = build_definitions(settings).resolve_asset_graph()
    yield Finding("Dagster definitions", "ok", f"load: {len(graph.get_all_asset_keys())} assets")


def instance() -> Iterator[Finding]:
    """Whether Dagster's storage responds, and whether its daemon is alive."""
    with dg.DagsterInstance.get() as dagster:
        runs = dagster.get_runs_count()
        yield Finding("Dagster instance", "ok", f"{counted(runs, 'run')} recorded; home {dagster.root_directory}")
        beats = dagster.get_daemon_statuses()
    last = max((status.last_heartbeat.timestamp for status in beats.values() if status.last_heartbeat), default=None)
    if last is None:
        yield Finding("daemon", "warning", "has never run: sensors and schedules do nothing", "`lac up`")
        return
    seen = f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M:%S}Z"
    dead = sorted(name for name, status in beats.items() if status.required and not status.healthy)
    if dead:
        yield Finding("daemon", "failed", f"not alive ({', '.join(dead)}); last sign of life {seen}", "`lac up`")
    else:
        yield Finding("daemon", "ok", f"alive; last sign of life {seen}")


def ticks(settings: Settings) -> Iterator[Finding]:
    """How the last tick of every schedule and sensor ended."""
    defined = build_definitions(settings)
    with dg.DagsterInstance.get() as dagster:
        seen = automations(dagster)
    for each in (*(defined.schedules or ()), *(defined.sensors or ())):
        yield _last_tick(each.name, seen.get(each.name))


def _last_tick(name: str, seen: Automation | None) -> Finding:
    if seen is not None and seen.stopped:
        return Finding(name, "warning", "switched off: it requests no run", "start it on the UI's page Automation")
    if seen is None or seen.last is None:
        return Finding(name, "ok", "no tick yet")
    tick = seen.last
    when = f"last tick {tick.due_at:%Y-%m-%d %H:%M:%S}Z"
    if tick.failed:
        fix = f"fix what it names; {name} ticks again by itself, and the UI's page Automation shows each tick"
        return Finding(name, "failed", f"{when} failed: {tick.reason}", fix)
    found = (
        f"requested {counted(tick.runs, 'run')}" if tick.runs else f"requested no run: {tick.reason or 'nothing to do'}"
    )
    return Finding(name, "ok", f"{when} {found}")
