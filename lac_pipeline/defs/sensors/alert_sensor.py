"""The alert sensor: posts failed runs and ticks, spent quotas, tokens and API versions that end soon, failed checks."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import dagster as dg
from msgspec import Struct

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.account_loads import ERROR, FAILED_ACCOUNTS
from lac_pipeline.defs.alerting import Alert, message, news, send
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.event_wording import line_of
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.partitions import PARTITION, RANGE_START
from lac_pipeline.defs.resources import WAREHOUSE, WarehouseResource, token_store, warehouse_in
from lac_pipeline.defs.run_tags import ACCOUNT, LOST
from lac_pipeline.defs.sensors.own_runs import is_own
from lac_pipeline.defs.sensors.ticks import failed_ticks
from lac_pipeline.errors import LacError, ReauthorizeError, StorageError
from lac_pipeline.linkedin.expiry import tokens_end, version_ends
from lac_pipeline.printable import counted
from lac_pipeline.reporting.check_wording import described
from lac_pipeline.streams import Catalogue
from lac_pipeline.warehouse.check_results import errors_in
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.overview import Overview

INTERVAL_SECONDS = 60
OVERLAP = timedelta(minutes=2)
"""A run may be written as failed while a tick looks; looking twice is harmless, as sent alerts are remembered."""


class Memory(Struct, frozen=True):
    """What the sensor remembers between ticks, in its cursor: until when it looked, and which alerts it sent when."""

    looked_until: datetime
    sent: dict[str, datetime]

    @classmethod
    def read(cls, cursor: str | None, *, now: datetime) -> "Memory":
        """Read the cursor; a new sensor starts now, with nothing sent."""
        if cursor is None:
            return cls(now, {})
        kept = json.loads(cursor)
        sent = {cause: datetime.fromisoformat(at) for cause, at in kept["told"].items()}
        return cls(datetime.fromisoformat(kept["looked_until"]), sent)


def alert_sensor(namespace: Namespace = ALONE, automations: Collection[str] | None = None) -> dg.SensorDefinition:
    """The sensor that looks for what is wrong, and sends what was not sent within a day.

    Args:
        namespace: whose runs it looks at.
        automations: the schedules and sensors whose ticks it looks at, beside its own; None for all that there are.
    """
    name = namespace.name("alert_sensor")
    watched = None if automations is None else {*automations, name}

    @dg.sensor(
        name=name,
        required_resource_keys={namespace.resource(WAREHOUSE)},
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Posts to LAC_ALERT_WEBHOOK when a run or a tick of a schedule or sensor failed, LinkedIn's daily "
        "quota is spent, a token or the API version ends soon, or a check fails for an account. Each problem is posted "
        "once a day until it is resolved.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return _tick(context, warehouse_in(context, namespace), watched)

    return sensor


def _tick(
    context: dg.SensorEvaluationContext, warehouse: WarehouseResource, watched: Collection[str] | None
) -> dg.SensorResult:
    webhook = warehouse.settings.lac_alert_webhook
    if webhook is None:
        return dg.SensorResult(skip_reason=dg.SkipReason("LAC_ALERT_WEBHOOK is not set, so no alert is sent"))
    now = utc_now()
    memory = Memory.read(context.cursor, now=now)
    found = wrong(context.instance, warehouse, since=memory.looked_until, now=now, watched=watched)
    alerts, sent = news(found, memory.sent, now=now)
    if alerts:
        try:
            send(webhook, message(alerts, secrets=warehouse.settings.secrets))
        except LacError as error:
            raise dg.Failure(description=str(error)) from None
    return dg.SensorResult(
        cursor=json.dumps({"looked_until": now.isoformat(), "told": sent}),
        skip_reason=dg.SkipReason(f"{counted(len(alerts), 'alert')} sent" if alerts else "no new alerts"),
    )


def wrong(
    instance: dg.DagsterInstance,
    warehouse: WarehouseResource,
    *,
    since: datetime,
    now: datetime,
    watched: Collection[str] | None = None,
) -> Iterator[Alert]:
    """Everything that is wrong now, sent before or not; what cannot be looked at is an alert too."""
    namespace = warehouse.namespace
    accounts = configured_accounts(instance, warehouse.settings, namespace)
    names = NAMELESS
    with suppress(StorageError):  # which the looks at the warehouse report
        names = AccountNames(Overview(warehouse.warehouse.engine).names(accounts))
    looks: tuple[Callable[[], Iterable[Alert]], ...] = (
        lambda: failed_runs(instance, namespace, since=since - OVERLAP, names=names),
        lambda: lost_ticks(instance, watched, since=since - OVERLAP),
        lambda: spent_quotas(warehouse.gate.states(accounts)),
        lambda: endings(warehouse, now=now),
        lambda: failed_checks(CheckStates(warehouse.warehouse.engine), accounts, warehouse.settings.streams, names),
    )
    for look in looks:
        try:
            yield from look()
        except LacError as error:
            yield Alert(type(error).__name__, "alert_sensor", f"alert_sensor cannot see all that is wrong: {error}")


def failed_runs(
    instance: dg.DagsterInstance, namespace: Namespace, *, since: datetime, names: AccountNames = NAMELESS
) -> Iterator[Alert]:
    """An alert for each failed step of a run that failed since then and that Dagster does not start again.

    A run whose process was lost is alerted in any case: Dagster marks every such run as retried, but does
    not for one that `lac sync` executed.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)):
        lost = run.tags.get(LOST) == run.run_id
        if is_own(run, namespace) and (lost or run.tags.get("dagster/will_retry") != "true"):
            covered = run.tags.get(ACCOUNT) or run.tags.get(PARTITION) or run.tags.get(RANGE_START) or run.run_id
            for reason, failed in failures_of(instance, run.run_id).items():
                about = failed.accounts or covered.partition("|")[0]
                named = _named(failed.accounts or covered, names)
                yield Alert(failed.error, about, f"run {run.run_id[:8]} failed ({named}): {reason}")


def _named(covered: str, names: AccountNames) -> str:
    """Accounts, or a partition, as a run's tags have them, with the names of the accounts beside their ids."""
    accounts, _, day = covered.partition("|")
    ids = [part.strip() for part in accounts.split(",")]
    named = names.titles([*map(int, ids)]) if all(part.isdigit() for part in ids) else accounts
    return f"{named}, {day}" if day else named


def lost_ticks(instance: dg.DagsterInstance, watched: Collection[str] | None, *, since: datetime) -> Iterator[Alert]:
    """An alert for each tick of a schedule that failed since then, and one for each sensor whose ticks did."""
    for tick in failed_ticks(instance, since=since):
        if watched is not None and tick.name not in watched:
            continue
        reason = tick.reason or "its page in the Dagster UI shows why"
        due = f" of {tick.due_at:%Y-%m-%d %H:%M}Z" if tick.is_schedule else ""
        text = f"the tick{due} of {tick.name} failed: {reason}"
        yield Alert(f"tick of {tick.name}", due, text)


class StepFailure(Struct, frozen=True):
    """What is known of a failure beside its words.

    Attributes:
        error: the class of the error.
        accounts: the ad accounts that the step names; None where it names none.
    """

    error: str
    accounts: str | None = None


def failures_of(instance: dg.DagsterInstance, run_id: str) -> dict[str, StepFailure]:
    """Why a run failed, each reason once: the words of a step, or of the run, and what else is known of it."""
    reasons: dict[str, StepFailure] = {}
    of_run: list[str] = []
    for entry in instance.all_logs(run_id, of_type={dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}):
        event = entry.dagster_event
        if event is not None and event.is_step_failure:
            sent, error = event.step_failure_data.user_failure_data, event.step_failure_data.error
            words = sent.description if sent is not None else error.message if error is not None else event.message
            metadata = {} if sent is None else {name: str(value.value) for name, value in sent.metadata.items()}
            kind = metadata.get(ERROR) or (error and error.cls_name) or "step"
            reasons[str(words)] = StepFailure(kind, metadata.get(FAILED_ACCOUNTS))
        elif event is not None and event.message:
            of_run.append(event.message)
    return reasons or {(of_run or ["its page in the Dagster UI shows why"])[0]: StepFailure("run")}


def spent_quotas(states: Sequence[Freshness]) -> Iterator[Alert]:
    """One alert when accounts wait for LinkedIn's daily quota."""
    waiting = [state for state in states if state.quota_spent]
    if waiting:
        groups = ", ".join(sorted({str(state.group) for state in waiting}))
        accounts = len({state.account_id for state in waiting})
        of = counted(accounts, "account")
        text = f"LinkedIn's daily quota is spent: {groups} of {of} wait until 00:00 UTC"
        yield Alert("quota spent", groups, f"{text}; `lac usage` shows who used it")


def endings(warehouse: WarehouseResource, *, now: datetime) -> Iterator[Alert]:
    """What stops working by itself soon: the API version, and tokens that do not renew themselves."""
    sunset = version_ends(warehouse.settings.linkedin_api_version, today=now.date())
    if sunset is not None:
        yield Alert("API version", warehouse.settings.linkedin_api_version, line_of(sunset))
    try:
        tokens = token_store(warehouse.settings, warehouse.warehouse).load()
    except ReauthorizeError as error:
        yield Alert("no token", "", str(error))
        return
    if tokens is not None:
        by_itself = replace(tokens, access_expires_at=None) if tokens.refresh is not None else tokens
        for number, ending in enumerate(tokens_end(by_itself, now=now)):
            yield Alert("token ends", str(number), line_of(ending))


def failed_checks(
    states: CheckStates, accounts: Sequence[int], streams: Catalogue, names: AccountNames = NAMELESS
) -> Iterator[Alert]:
    """An alert for each check that fails for an account, until it is resolved."""
    for state in errors_in(states.not_passed(accounts, streams=streams)):
        yield Alert(f"check {state.check}", f"{state.account_id or ''} {state.asset}", described(state, names))
