"""The simulated world: its state, ways to fill and to edit it, and the true numbers that tests compare with."""

from __future__ import annotations

from lac_pipeline.clock import Clock
from lac_pipeline.simulator.world import demo, synthetic
from lac_pipeline.simulator.world.edits import Edits
from lac_pipeline.simulator.world.numbers import Rules
from lac_pipeline.simulator.world.state import Recorded, WorldState
from lac_pipeline.simulator.world.switches import Switches
from lac_pipeline.simulator.world.truth import Truth

__all__ = ["Clock", "Recorded", "World"]


class World(WorldState):
    """A simulated LinkedIn that can be filled, edited and compared with."""

    @classmethod
    def demo(cls, seed: int = 7, clock: Clock | None = None) -> World:
        """Three accounts in three currencies, with years of plausible activity."""
        world = cls(seed=seed, clock=clock)
        demo.populate(world)
        return world

    @classmethod
    def synthetic(
        cls,
        accounts: int = 1,
        campaigns: int = 20,
        creatives: int = 80,
        days: int = 90,
        *,
        seed: int = 1,
        clock: Clock | None = None,
        restated: bool = True,
        ragged_pages: bool = False,
    ) -> World:
        """A dense world: in each account, every creative is active on each of the last days, today included.

        Args:
            accounts: ad accounts, numbered from 520000001.
            campaigns: campaigns in each account.
            creatives: creatives in each account, spread evenly over its campaigns.
            days: days of history up to today.
            seed: makes the numbers.
            clock: aware UTC.
            restated: whether numbers move after their day.
            ragged_pages: whether cursor walks hold short and empty pages.
        """
        rules = Rules(seed, restated=restated, invalid_share=0.0)
        world = cls(seed=seed, clock=clock, rules=rules, switches=Switches(ragged_pages=ragged_pages))
        synthetic.populate(world, accounts=accounts, campaigns=campaigns, creatives=creatives, days=days)
        return world

    @property
    def edit(self) -> Edits:
        """Changes to the world, as members make them in Campaign Manager."""
        return Edits(self)

    @property
    def truth(self) -> Truth:
        """The true records and numbers of the world."""
        return Truth(self)
