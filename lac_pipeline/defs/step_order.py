"""The order of a run's steps."""

from __future__ import annotations

from lac_pipeline.streams import every_stream


def step_order(stream: str) -> dict[str, str]:
    """The tags that let a run execute the step of an asset, and that of its checks, in the catalogue's order.

    Of the steps that could be next, Dagster executes those of the same priority by their names. What people read first
    is loaded first, so that a run that ends early, or is out of calls, has loaded it.
    """
    return {"dagster/priority": str(-every_stream().names.index(stream))}
