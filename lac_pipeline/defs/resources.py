"""What assets, sensors and the IO manager are given: the warehouse and a signed-in LinkedIn client."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import partial
from typing import Any, Protocol

import dagster as dg
from pydantic import PrivateAttr

from lac_pipeline.archive.store import RawArchive
from lac_pipeline.clock import utc_now
from lac_pipeline.defs.event_storage import BatchingEventLogStorage
from lac_pipeline.defs.event_wording import Notice, is_warning, line_of
from lac_pipeline.defs.interrupts import raise_lost
from lac_pipeline.defs.named_runs import add_names
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.opening import freshness_gate, open_warehouse
from lac_pipeline.defs.partitions import accounts_of
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.defs.run_tags import NAMED, PROCESS
from lac_pipeline.errors import ReauthorizeError, StorageError
from lac_pipeline.interrupts import Interrupts, watched_interrupts
from lac_pipeline.linkedin.client import LinkedInClient, connect
from lac_pipeline.linkedin.expiry import upcoming
from lac_pipeline.linkedin.gather import stop
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.protocols import TokenStore
from lac_pipeline.linkedin.transport import ClientConfig
from lac_pipeline.settings import Settings
from lac_pipeline.shared import Shared
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.query.usage import ApiUsage
from lac_pipeline.warehouse.warehouse import Warehouse


def token_store(settings: Settings, warehouse: Warehouse) -> TokenStore:
    """The tokens stored by `lac auth login`, or those of the environment.

    Raises:
        ReauthorizeError: there are none.
    """
    if settings.tokens is not None:
        return FixedTokens(settings.tokens)
    if settings.lac_secret_key is not None:
        from lac_pipeline.warehouse.token_store import EncryptedTokens  # noqa: PLC0415 - it brings cryptography

        stored = EncryptedTokens(warehouse.engine, settings.lac_secret_key, client_id=settings.linkedin_client_id)
        if stored.load() is not None:
            return stored
    raise ReauthorizeError(
        "no LinkedIn token",
        meaning="there is no sign-in, and LINKEDIN_ACCESS_TOKEN is not set",
        fix="run `lac auth login`, or put LINKEDIN_ACCESS_TOKEN into .env",
    )


def client_config(settings: Settings) -> ClientConfig:
    """The client's part of the settings."""
    return ClientConfig(
        api_url=settings.linkedin_api_url,
        oauth_url=settings.linkedin_oauth_url,
        version=settings.linkedin_api_version,
        client_id=settings.linkedin_client_id,
        client_secret=settings.linkedin_client_secret,
        max_concurrency=settings.linkedin_max_concurrency,
        requests_per_second=settings.linkedin_requests_per_second,
        max_response_mb=settings.linkedin_max_response_mb,
    )


class HasResources(Protocol):
    """The context of an asset, a check, a sensor or a schedule."""

    @property
    def resources(self) -> Any:  # noqa: ANN401 - Dagster names its attributes after the resources
        """The resources by their names."""


_listener: ContextVar[Callable[[Notice], None] | None] = ContextVar("progress_listener", default=None)


@contextmanager
def progress_to(listener: Callable[[Notice], None]) -> Iterator[None]:
    """Give the listener, too, every page, window and wait of clients opened in this context."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def _notice(log: logging.Logger, notice: Notice) -> None:
    log.log(logging.WARNING if is_warning(notice) else logging.INFO, line_of(notice))
    listener = _listener.get()
    if listener is not None:
        listener(notice)


def quiet_client(
    settings: Settings, warehouse: Warehouse, *, run_id: str, log: logging.Logger
) -> AbstractAsyncContextManager[LinkedInClient]:
    """A LinkedIn client that counts its calls, archives every response and writes its progress to the log."""
    return connect(
        client_config(settings),
        ledger=ApiUsage(warehouse.engine),
        archive=RawArchive(settings.raw_url, run_id=run_id, clock=utc_now),
        tokens=token_store(settings, warehouse),
        progress=partial(_notice, log),
        clock=utc_now,
        sleep=asyncio.sleep,
    )


@asynccontextmanager
async def open_client(
    settings: Settings,
    warehouse: Warehouse,
    *,
    run_id: str,
    log: logging.Logger,
) -> AsyncIterator[LinkedInClient]:
    """Open a `quiet_client` after warning, in the log, of an API version or a token that ends soon."""
    tokens = await asyncio.to_thread(token_store(settings, warehouse).load)
    for ending in upcoming(settings.linkedin_api_version, tokens, now=utc_now()):
        _notice(log, ending)
    async with quiet_client(settings, warehouse, run_id=run_id, log=log) as client:
        yield client


_of_runs = Shared[tuple[Settings, Warehouse, Interrupts]]()


class WarehouseResource(dg.ConfigurableResource["WarehouseResource"]):
    """The PostgreSQL warehouse; its URL comes from the settings, so no password is part of Dagster's configuration."""

    # Dagster makes another one of the same class for each run, so what differs between warehouses is a subclass's.

    _warehouse: Warehouse | None = PrivateAttr(default=None)
    _settings: Settings | None = PrivateAttr(default=None)
    _interrupts: Interrupts = PrivateAttr(default_factory=Interrupts)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseResource"]:
        """Hold the connections for as long as a run, or a sensor's tick, lasts, and write down who executes the run."""
        if context.run is None:
            with self._opened(context) as opened:
                self._settings, self._warehouse, self._interrupts = opened
                yield self
            return
        # The client and the IO manager have this resource, too, and Dagster initialises it again for each of them.
        key = f"{context.run.run_id} {self.namespace.resource(WAREHOUSE)}"
        with _of_runs.hold(key, partial(self._opened, context)) as opened:
            self._settings, self._warehouse, self._interrupts = opened
            yield self

    @contextmanager
    def _opened(self, context: dg.InitResourceContext) -> Iterator[tuple[Settings, Warehouse, Interrupts]]:
        run, instance = context.run, context.instance
        storage = instance.event_log_storage if instance is not None else None
        remembering = (
            storage.remembering_partitions() if isinstance(storage, BatchingEventLogStorage) else nullcontext()
        )
        if run is not None and instance is not None:
            process = RunProcess.this(run.run_id).tag
            if run.tags.get(PROCESS) != process:  # `lac sync` creates its runs with it
                instance.add_run_tags(run.run_id, {PROCESS: process} | self.namespace.tags)
        settings = self.read_settings()
        watched = watched_interrupts() if run is not None else nullcontext(Interrupts())
        with remembering, watched as interrupts, open_warehouse(settings) as warehouse:
            if run is not None and instance is not None and NAMED not in run.tags:
                with suppress(StorageError):
                    accounts = accounts_of(run.tags, self.namespace.known_accounts(instance))
                    add_names(instance, run, accounts, warehouse.engine)
            yield settings, warehouse, interrupts

    def read_settings(self) -> Settings:
        """The settings: those of this process.

        Raises:
            SettingsError: naming every setting that is missing or wrong.
        """
        return Settings.load()

    @property
    def namespace(self) -> Namespace:
        """The names in Dagster of the assets that are stored here."""
        return ALONE

    @property
    def settings(self) -> Settings:
        """The settings that this run was started with."""
        if self._settings is None:
            raise dg.DagsterInvariantViolationError("the warehouse is used outside a run")
        return self._settings

    @property
    def warehouse(self) -> Warehouse:
        """The open warehouse."""
        if self._warehouse is None:
            raise dg.DagsterInvariantViolationError("the warehouse is used outside a run")
        return self._warehouse

    @property
    def interrupts(self) -> Interrupts:
        """Those that have come since this run began."""
        return self._interrupts

    @property
    def gate(self) -> FreshnessGate:
        """The freshness gate over this warehouse."""
        return freshness_gate(self.settings, self.warehouse)


def warehouse_with(settings: Settings, namespace: Namespace) -> WarehouseResource:
    """The warehouse that these settings name, whatever this process's own are."""

    class GivenWarehouse(WarehouseResource):
        def read_settings(self) -> Settings:
            return settings

        @property
        def namespace(self) -> Namespace:
            return namespace

    return GivenWarehouse()


class LinkedInResource(dg.ConfigurableResource["LinkedInResource"]):
    """LinkedIn's Marketing API, signed in: one HTTP client per run, on the event loop that runs the assets."""

    warehouse: dg.ResourceDependency[WarehouseResource]
    _client: LinkedInClient | None = PrivateAttr(default=None)

    @asynccontextmanager  # Dagster runs it on the event loop of the run's async assets
    async def yield_for_execution(  # type: ignore[override]
        self, context: dg.InitResourceContext
    ) -> AsyncIterator["LinkedInResource"]:
        """Hold the client for as long as a run lasts."""
        run_id = context.run.run_id if context.run is not None else "adhoc"
        opened = open_client(self.warehouse.settings, self.warehouse.warehouse, run_id=run_id, log=_log(context))
        asyncio.get_running_loop().set_exception_handler(handle_failed_callback)
        async with opened as self._client:
            try:
                yield self
            finally:  # an interrupt leaves what awaits LinkedIn's responses, and the attempts around it, unfinished
                # Where one ended Dagster's teardown too, the loop's last task closes this generator, and waits for it.
                if not isinstance(sys.exception(), GeneratorExit):
                    await stop([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])

    @property
    def client(self) -> LinkedInClient:
        """The open client."""
        if self._client is None:
            raise dg.DagsterInvariantViolationError("the LinkedIn client is used outside a run")
        return self._client


WAREHOUSE, LINKEDIN, IO_MANAGER = "warehouse", "linkedin", "io_manager"
"""The names of the resources, before which a namespace puts its prefix."""


def warehouse_in(context: HasResources, namespace: Namespace) -> WarehouseResource:
    """The warehouse that a run, or a tick, was given.

    Raises:
        dagster.DagsterExecutionInterruptedError: the run was interrupted in a step before this one, and went on.
    """
    warehouse: WarehouseResource = getattr(context.resources, namespace.resource(WAREHOUSE))
    raise_lost(warehouse.interrupts)
    return warehouse


def linkedin_in(context: HasResources, namespace: Namespace) -> LinkedInResource:
    """The signed-in client that a run was given."""
    linkedin: LinkedInResource = getattr(context.resources, namespace.resource(LINKEDIN))
    return linkedin


def handle_failed_callback(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a callback of the event loop raised, as asyncio does, but end the loop for an interrupt.

    Dagster's signal handlers raise it wherever the program is. Where that is a callback, such as the one that reads a
    response from its socket, asyncio would log it, close the connection, and let the run go on to its end.

    Raises:
        KeyboardInterrupt: the callback was interrupted; asyncio lets only this one, and SystemExit, out of the loop.
    """
    error = context.get("exception")
    if isinstance(error, dg.DagsterExecutionInterruptedError):
        raise KeyboardInterrupt from error
    loop.default_exception_handler(context)


def _log(context: dg.InitResourceContext) -> logging.Logger:
    return context.log if context.log is not None else logging.getLogger("lac_pipeline")
