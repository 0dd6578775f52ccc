"""The least that a Dagster project can be: one asset that does nothing, with all of Dagster's defaults."""

import dagster as dg


@dg.asset
def nothing() -> None:
    """Do nothing."""


defs = dg.Definitions(assets=[nothing])
