"""`lac grant-reader` makes a role and says what to do with it."""

from __future__ import annotations

import os

from sqlalchemy import Engine

from lac_pipeline.storage.readers import RoleStatement
from lac_pipeline_tests.cli.conftest import Lac


def test_a_reader_is_made_and_explained(lac: Lac, engine: Engine) -> None:
    """It prints how to set a password and how to connect; the second time only how to connect."""
    name = f"analyst_{os.getpid()}"
    try:
        first, second = lac("grant-reader", name), lac("grant-reader", name)
    finally:
        with engine.begin() as connection:
            connection.execute(RoleStatement("DROP OWNED BY {role}", name))
            connection.execute(RoleStatement("DROP ROLE {role}", name))
    assert (first.code, second.code) == (0, 0)
    assert f"role {name} is made, and may read" in first.out
    assert "set a password" in first.out
    assert f"postgresql://{name}@" in second.out
    assert "set a password" not in second.out
