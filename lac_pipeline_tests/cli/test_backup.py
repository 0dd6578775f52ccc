"""`lac psql`, `lac dump` and `lac restore`: the database touched, backed up and brought back as the documents say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.errors import LacError
from lac_pipeline.postgres.clients import libpq_variables, program_of
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.url import read_url
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.migrate import head
from lac_pipeline_tests.cli.terminal import terminal

PROJECT = Path(__file__).parents[2]
PASSWORD = "a password 'of' theirs"


def typed_in(document: str, heading: str) -> list[str]:
    """The commands that a section of a document shows, as they are typed."""
    section = (PROJECT / "docs" / document).read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\$ (.*)", section, re.MULTILINE)


@pytest.fixture
def environ(reachable_path: Path) -> dict[str, str]:
    """A person without a PostgreSQL of their own, with `lac` in PATH."""
    return {
        **connection_settings(World.synthetic(), "http://127.0.0.1:9"),
        "LAC_HOME": str(reachable_path / "home"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(reachable_path),
        "PYTHONPATH": str(PROJECT),
    }


def shell(command: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a line."""
    return subprocess.run(
        ["bash", "-c", command], env=environ, cwd=environ["HOME"], capture_output=True, text=True, check=False
    )


def output_of(command: str, environ: dict[str, str]) -> str:
    """What a line that succeeds prints."""
    done = shell(command, environ)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.whole
def test_the_documents_backup_brings_everything_back(environ: dict[str, str]) -> None:
    """With the embedded server, what is typed from the page restores what was changed after the dump.

    A file that is no dump of these tables, or is of a version to come, replaces nothing.
    """
    dump, restore = typed_in("operations.md", "Backup")
    note = "SELECT obj_description('linkedin_ads.accounts'::regclass)"
    output_of("lac migrate", environ)
    output_of("lac psql \"COMMENT ON TABLE linkedin_ads.accounts IS 'before'\"", environ)
    assert "a dump of PostgreSQL 18" in output_of(dump, environ)
    output_of("lac psql \"COMMENT ON TABLE accounts IS 'after'\"", environ)
    output_of(
        'lac psql "CREATE SCHEMA mine CREATE VIEW mine.first AS TABLE linkedin_ads.campaign_performance"', environ
    )
    output_of('lac psql "CREATE VIEW mine.second AS TABLE mine.first"', environ)
    restored = output_of(restore, environ)
    assert "restored into the database linkedin_ads" in restored
    assert "were dropped: mine.first, mine.second" in restored
    assert output_of(f'lac psql --csv "{note}"', environ).splitlines() == ["obj_description", "before"]
    views = "SELECT count(*) FROM linkedin_ads_fivetran.account_history"
    assert output_of(f'lac psql --csv "{views}"', environ).splitlines() == ["count", "0"]

    bad = shell("echo no dump > bad.dump; lac restore --yes bad.dump", environ)
    assert bad.returncode == 1
    assert "what was in the database is as it was" in bad.stderr
    assert "before" in output_of(f'lac psql <<< "{note}"', environ)
    version = "UPDATE linkedin_ads.alembic_version SET version_num = '{}'"
    output_of(f'lac psql "{version.format("9999")}"; lac dump newer.dump; lac psql "{version.format(head())}"', environ)
    pg_dump = program_of("pg_dump", 18)
    output_of("lac psql 'CREATE SCHEMA shop'", environ)
    output_of(f"lac exec -- {pg_dump} --format=custom --schema=shop --file=shop.dump", environ)
    output_of("lac psql 'DROP SCHEMA shop'", environ)
    for file, why in (("newer.dump", "of a newer version of lac"), ("shop.dump", "is no dump of linkedin_ads")):
        refused = shell(f"lac restore --yes {file}", environ)
        assert refused.returncode == 1
        assert why in refused.stderr
        assert "before" in output_of(f'lac psql <<< "{note}"', environ)
    assert not [*Path(environ["HOME"]).glob("*.part")]
    url = 'lac exec -- bash -c \'psql --tuples-only --no-align "$DATABASE_URL" --command "SHOW TimeZone"\''
    assert output_of(url, environ).strip() == "UTC"


@pytest.mark.whole
def test_a_reader_is_given_a_password_as_it_is_printed(environ: dict[str, str]) -> None:
    """What `lac grant-reader` prints sets the password, and the printed address takes it."""
    folder, home = Path(environ["HOME"]), Path(environ["LAC_HOME"])
    with EmbeddedServer(home):
        output_of("lac migrate", environ)
        printed = output_of("lac grant-reader analyst", environ)
        (command,) = re.findall(r"set a password: +`(.*)`", printed)
        with terminal("bash", "-c", command, folder=folder, variables=environ) as person:
            person.reply("Enter new password", PASSWORD)
            person.reply("Enter it again", PASSWORD)
            assert person.end() == 0, person.text
        (address,) = re.findall(r'connect: +psql "(.*)"', printed)
        with psycopg.connect(address, password=PASSWORD) as connection:
            assert connection.execute("SELECT count(*) FROM linkedin_ads.accounts").fetchone() == (0,)


def test_a_dump_needs_no_current_schema(environ: dict[str, str]) -> None:
    """Before the first migration, too, the database can be looked into."""
    assert output_of('lac psql --csv "SELECT 1 AS one"', environ) == "one\n1\n"


def test_variables_of_a_url() -> None:
    """Each part of a URL that libpq has a variable for is in it, decoded; the others are left out."""
    url = read_url("postgresql+psycopg://me:p%40ss@db:5433/ads?sslmode=require&keepalives=0&options=-c%20role%3Dx")
    found = libpq_variables(url)
    assert {name: found[name] for name in ("PGUSER", "PGPASSWORD", "PGHOST", "PGPORT", "PGDATABASE")} == {
        "PGUSER": "me",
        "PGPASSWORD": "p@ss",
        "PGHOST": "db",
        "PGPORT": "5433",
        "PGDATABASE": "ads",
    }
    assert (found["PGSSLMODE"], found["PGOPTIONS"], found["PGTZ"]) == ("require", "-c role=x", "UTC")


def test_the_dump_is_made_by_the_servers_own_version() -> None:
    """Of the embedded server's version there is a program; where a version has none, the error names it."""
    done = subprocess.run([program_of("pg_dump", 18), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.split()[2].split(".")[0] == "18"
    with pytest.raises(LacError, match="no pg_dump for PostgreSQL 99"):
        program_of("pg_dump", 99)
