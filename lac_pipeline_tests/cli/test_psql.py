"""`lac psql`: whose search path finds the tables, and keeps what the role and the URL set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, text

from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.postgres.url import write_url
from lac_pipeline.warehouse.roles import RoleStatement
from lac_pipeline_tests.cli.terminal import terminal

SHOWN = "SELECT concat_ws('|', current_setting('search_path'), current_setting('work_mem'), to_regclass('campaigns'))"
ODD = 'shop, "my \\ own", "$user", public'


@dataclass(frozen=True, slots=True)
class Sets:
    """What sets options of a session beside `lac psql`: the role, the URL's `options`, and the variable PGOPTIONS."""

    path_of_role: str | None = None
    in_url: str | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class RoleOfLoader:
    """A role that may read everything."""

    name: str
    administrator: Connection

    def set_path(self, path: str) -> None:
        """Set the search path of its sessions, as SQL writes it."""
        self.administrator.execute(RoleStatement(f"ALTER ROLE {{role}} SET search_path = {path}", self.name))


@pytest.fixture
def loader(maintenance: Connection) -> Iterator[RoleOfLoader]:
    """A role of this test's own."""
    name = f"loader_{os.getpid()}"
    maintenance.execute(RoleStatement("CREATE ROLE {role} LOGIN SUPERUSER", name))
    yield RoleOfLoader(name, maintenance)
    maintenance.execute(RoleStatement("DROP OWNED BY {role}", name))
    maintenance.execute(RoleStatement("DROP ROLE {role}", name))


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        (Sets(), 'linkedin_ads, "$user", public|4MB|campaigns'),
        (Sets(path_of_role=ODD), f"linkedin_ads, {ODD}|4MB|campaigns"),
        (Sets(path_of_role="''"), 'linkedin_ads, ""|4MB|campaigns'),
        (Sets(path_of_role="public, linkedin_ads"), "public, linkedin_ads|4MB|campaigns"),
        (Sets(in_url="-c work_mem=5MB", variable="-c work_mem=6MB"), 'linkedin_ads, "$user", public|5MB|campaigns'),
        (Sets(variable="-c work_mem=6MB"), 'linkedin_ads, "$user", public|6MB|campaigns'),
        (Sets(path_of_role=ODD, in_url='-c search_path="a\\ b"'), 'linkedin_ads, "a b"|4MB|campaigns'),
    ],
)
def test_tables_are_found_without_their_schema(
    settings_given: dict[str, str], loader: RoleOfLoader, tmp_path: Path, sets: Sets, expected: str
) -> None:
    """The schema stands before what the role, the URL or PGOPTIONS set, unless that names it; other options stay."""
    if sets.path_of_role is not None:
        loader.set_path(sets.path_of_role)
    url = make_url(settings_given["DATABASE_URL"]).set(username=loader.name)
    given = {"DATABASE_URL": write_url(url.update_query_dict({"options": sets.in_url} if sets.in_url else {}))}
    if sets.variable is not None:
        given["PGOPTIONS"] = sets.variable
    with terminal("lac", "psql", "--csv", SHOWN, folder=tmp_path, variables=settings_given | given) as person:
        assert person.end() == 0, person.text
    assert person.text.splitlines()[-1].strip('"').replace('""', '"') == expected


def test_the_session_at_a_terminal_lists_the_tables(settings_given: dict[str, str], tmp_path: Path) -> None:
    r"""`\dt` lists the tables of the schema, and a table that a person keeps in public."""
    with make_engine(settings_given["DATABASE_URL"], pooled=False).begin() as connection:
        connection.execute(text("CREATE TABLE public.notes (note text)"))
    with terminal("lac", "psql", folder=tmp_path, variables=settings_given | {"PAGER": "cat"}) as person:
        person.expect("=")
        person.press("\\dt\r\\q\r")
        assert person.end() == 0, person.text
    listed = {line.split("|")[1].strip() for line in person.text.splitlines() if line.count("|") == 3}
    assert {"accounts", "campaigns", "notes"} <= listed


def test_without_a_server_psql_reports_it_once(settings_given: dict[str, str], tmp_path: Path) -> None:
    """The message and the exit status are those of psql."""
    gone = {"DATABASE_URL": "postgresql://lac@127.0.0.1:1/ads"}
    with terminal("lac", "psql", "SELECT 1", folder=tmp_path, variables=settings_given | gone) as person:
        assert person.end() == 2
    assert person.text.count("refused") == 1
