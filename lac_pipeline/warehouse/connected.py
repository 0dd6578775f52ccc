"""An open warehouse of which only the connections are known: what reads needs no more."""

from __future__ import annotations

from sqlalchemy import Engine


class ConnectedWarehouse:
    """The warehouse as commands read it.

    Importing what loads into it takes a tenth of the time of a small command.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
