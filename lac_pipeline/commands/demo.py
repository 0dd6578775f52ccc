"""`lac demo`: everything that `lac up` runs, against a simulated LinkedIn, in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lac_pipeline.commands.simulator import HOST, connection_settings, demo_world
from lac_pipeline.commands.stack.processes import free_port
from lac_pipeline.commands.up import Stack, running_stack
from lac_pipeline.settings import isolate
from lac_pipeline.warehouse.query.readings import CampaignSpend
from lac_pipeline.warehouse.warehouse import Warehouse

DEMO_HOME = Path(".lac") / "demo"
SIMULATOR_PORT = 8700


@contextmanager
def running_demo() -> Iterator[Stack]:
    """Start the databases and a simulated LinkedIn, and point every setting of this process at them.

    Raises:
        LacError: another demo runs in this folder, or the simulator does not respond.
        StorageError: PostgreSQL cannot be used.
    """
    port = free_port(SIMULATOR_PORT)
    simulated = connection_settings(demo_world(), f"http://{HOST}:{port}")
    isolate(simulated | {"LAC_HOME": str(DEMO_HOME.resolve())})
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
