"""`lac doctor`: everything that a sync needs, examined at once; one failure does not hide the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from lac_pipeline.commands.doctor import machine, services
from lac_pipeline.commands.doctor.finding import Finding, examined
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.errors import LacError, SettingsError
from lac_pipeline.settings import Settings

__all__ = ["Finding", "examine"]


def examine() -> list[Finding]:
    """Look at everything, in the order in which it is needed, and return all that was found."""
    findings = [
        *examined("versions", machine.versions),
        *examined("settings", machine.setting_origins),
        *examined(".env", machine.env_file_mode),
    ]
    try:
        settings = Settings.load()
    except SettingsError as error:
        fix = ": ".join(("fix the settings first", *filter(None, [error.common_fix])))
        rest = Finding("everything else", "skipped", "the settings cannot be read", fix)
        return [*findings, *(Finding(each.name, "failed", each.reason, each.fix) for each in error.faults), rest]
    return [*findings, *_without_database(settings), *_with_database(settings)]


def _without_database(settings: Settings) -> Iterator[Finding]:
    yield from examined("settings", lambda: machine.chosen_streams(settings))
    yield from examined("API version", lambda: machine.api_version(settings))
    yield from examined("network", lambda: machine.clock(settings))
    yield from examined("raw archive", lambda: machine.raw_archive(settings))
    yield from examined("disk", lambda: machine.disk(settings))
    yield from examined("embedded database", lambda: machine.embedded_database(settings))
    yield from examined("Dagster definitions", lambda: services.definitions(settings))


def _with_database(settings: Settings) -> Iterator[Finding]:
    with ExitStack() as stack:
        try:
            ready = stack.enter_context(environment(settings))
            warehouse = stack.enter_context(open_warehouse(ready))
        except LacError as error:
            found = "; ".join(part for part in (error.summary, error.detail, error.meaning) if part)
            yield Finding("database", "failed", found, error.fix)
            for subject in ("token", "numbers", "Dagster instance", "schedules and sensors"):
                yield Finding(subject, "skipped", "it is kept in the database", "fix the database first")
            return
        yield from examined("database", lambda: services.database(ready, warehouse))
        yield from examined("token", lambda: services.linkedin(ready, warehouse))
        yield from examined("numbers", lambda: services.numbers(ready, warehouse))
        yield from examined("Dagster instance", services.instance)
        yield from examined("schedules and sensors", lambda: services.ticks(ready))
