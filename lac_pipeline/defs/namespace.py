"""The names in Dagster of one pipeline's definitions, so that several pipelines stand side by side in one project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import dagster as dg

from lac_pipeline.defs.run_tags import PIPELINE


@dataclass(frozen=True)
class Namespace:
    """What stands before the names of a pipeline's assets, checks, sensors, schedules, resources and partitions.

    Attributes:
        prefix: the parts of the asset keys before the last one; none where the pipeline is the only one.
        group_names: the names of Dagster's asset groups, by ours, that are not to be derived from the prefix.
        shared: whether the project has definitions of other kinds, which may have an `io_manager` of their own.
    """

    prefix: tuple[str, ...] = ()
    group_names: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False

    def key(self, asset: str) -> dg.AssetKey:
        """The asset key of a stream or of a document."""
        return dg.AssetKey([*self.prefix, asset])

    def keys(self, assets: Iterable[str]) -> list[dg.AssetKey]:
        """The asset keys of these."""
        return [self.key(asset) for asset in assets]

    def name(self, name: str) -> str:
        """The name of a sensor, a schedule, or whatever else may not contain a slash."""
        return "__".join((*self.prefix, name))

    def resource(self, name: str) -> str:
        """The name of a resource."""
        return self.name(f"linkedin_ads_{name}" if self.shared else name)

    def group(self, group: str) -> str:
        """The name of an asset group in Dagster."""
        return self.group_names.get(group, self.name(group))

    @cached_property
    def accounts(self) -> dg.DynamicPartitionsDefinition:
        """The ad accounts, as partitions."""
        return dg.DynamicPartitionsDefinition(name=self.name("linkedin_account"))

    def known_accounts(self, instance: dg.DagsterInstance) -> list[str]:
        """Return the ad accounts that Dagster has partitions for."""
        return list(instance.get_dynamic_partitions(str(self.accounts.name)))

    def assets_of(self, run: dg.DagsterRun) -> set[str]:
        """The names of those assets that were selected for a run and stand under this prefix."""
        return {key.path[-1] for key in run.asset_selection or () if tuple(key.path[:-1]) == self.prefix}

    @property
    def tags(self) -> dict[str, str]:
        """What the runs of a pipeline carry that is not the only one."""
        return {PIPELINE: "/".join(self.prefix)} if self.prefix else {}


ALONE = Namespace()
"""The names of the only pipeline of a project, which are those of `lac`."""
