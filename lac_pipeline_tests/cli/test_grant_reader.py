"""`lac grant-reader` makes a role and says what to do with it."""

from __future__ import annotations

import os

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from lac_pipeline.cli import terminal
from lac_pipeline.commands.grant_reader import next_steps
from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.roles import Reader, RoleStatement
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


def test_a_role_for_dbt_is_explained(lac: Lac, engine: Engine) -> None:
    """It says where the role writes, and what to put into dbt's profile."""
    name = f"dbt_{os.getpid()}"
    try:
        made = lac("grant-reader", "--dbt", name)
    finally:
        with engine.begin() as connection:
            connection.execute(RoleStatement("DROP OWNED BY {role}", name))
            connection.execute(RoleStatement("DROP ROLE {role}", name))
    assert made.code == 0
    assert "it writes only into schemas that it makes" in made.out
    assert "profiles.yml" in made.out


def test_the_password_is_set_by_a_command_as_it_can_be_typed(lac: Lac, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the shell does not find `lac`, the printed command begins with the path of this one."""
    steps = next_steps(Reader("analyst", created=True, relations=1), Settings.load())
    monkeypatch.setattr("sys.argv", [".venv/bin/lac", "grant-reader"])
    monkeypatch.setenv("PATH", "")
    terminal.command.cache_clear()
    try:
        assert "`.venv/bin/lac psql '" in terminal.worded(steps[0])
    finally:
        terminal.command.cache_clear()


def test_the_loaders_login_is_not_passed_on(lac: Lac, settings_given: dict[str, str]) -> None:
    """The printed URL says where the database is; the loader's user, password and role stay out of it."""
    url = read_url(settings_given["DATABASE_URL"])
    login = {"user": "lac", "password": "hunter2", "options": "-c role=lac", "connect_timeout": "7"}
    settings = Settings.load().model_copy(
        update={"database_url": SecretStr(write_url(url.set(username=None).update_query_dict(login)))}
    )
    (connect, _) = next_steps(Reader("an analyst", created=False, relations=1), settings)
    assert "postgresql://an%20analyst@/" in connect
    assert "connect_timeout=7" in connect
    assert not any(word in connect for word in ("hunter2", "user=", "role"))
