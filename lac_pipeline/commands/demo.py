"""`lac demo`: everything that `lac up` runs, against a simulated LinkedIn, in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lac_pipeline.commands.simulator import HOST, connection_settings, demo_world
from lac_pipeline.commands.stack.demo_home import start_demo
from lac_pipeline.commands.stack.processes import port_of, reserved_port
from lac_pipeline.commands.up import Stack, running_stack
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.query.readings import CampaignSpend
from lac_pipeline.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from lac_pipeline.commands.sync import AccountSync

SIMULATOR_PORT = 8700


@contextmanager
def running_demo() -> Iterator[Stack]:
    """Start the databases and a simulated LinkedIn, and point every setting of this process at them.

    Raises:
        LacError: another demo runs in this folder, or the simulator does not respond.
        StorageError: PostgreSQL cannot be used.
    """
    with reserved_port(SIMULATOR_PORT) as reservation:
        port = port_of(reservation)
        simulated = connection_settings(demo_world(), f"http://{HOST}:{port}")
        start_demo(simulated)
        with running_stack() as stack:
            stack.processes.start("simulator", ["lac_pipeline", "simulator", "--port", str(port)])
            stack.processes.await_url("simulator", simulated["LINKEDIN_API_URL"])
            yield stack


@dataclass(frozen=True, slots=True)
class AccountSpend:
    """What an ad account spent, by the campaigns that spent most."""

    account_id: int
    campaigns: Sequence[CampaignSpend]


def spend_by_account(warehouse: Warehouse, *, campaigns: int) -> list[AccountSpend]:
    """Read the campaigns of each ad account that spent most, in the account's currency.

    Raises:
        StorageError: the query failed.
    """
    read = warehouse.read
    return [
        AccountSpend(account_id, read.spend_by_campaign(account_id=account_id, limit=campaigns))
        for account_id in read.known_account_ids()
    ]


def reports_of(session: AccountSync, settings: Settings, accounts: Sequence[int], *, renewed: bool) -> Iterator[Path]:
    """Make the snapshot and the report of each ad account where there is none, and return the reports' files.

    Args:
        session: makes them, one run an account.
        settings: where they go.
        accounts: ad accounts that are loaded.
        renewed: make them also where there are some.

    Raises:
        StorageError: the query failed.
    """
    snapshots = AccountSnapshots(session.warehouse.engine)
    for account_id in accounts:
        if renewed or snapshots.latest(account_id) is None:
            session.deliver(account_id)
        if (document := snapshots.latest(account_id)) is not None:
            yield Path(settings.raw_url) / "reports" / str(account_id) / f"{document['as_of']}.html"
