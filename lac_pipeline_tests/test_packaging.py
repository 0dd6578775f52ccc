"""The wheel: what `make wheel` builds works where there is no checkout, and `lac` starts without loading the world."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lac_pipeline import __version__
from lac_pipeline.home import DEMO_SETTINGS

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "lac_pipeline/_project"
BESIDE = ("Makefile", "LICENSE", "CHANGELOG.md", "pyproject.toml", "requirements.lock", "requirements-run.lock")
LOCATE = """
import json, pathlib, lac_pipeline
from lac_pipeline.commands.stack.project import project_file
from lac_pipeline.warehouse.migrate import head, migrations_folder
files = [project_file(name) for name in ("dagster.yaml", "workspace.yaml", "alembic.ini")]
files = [str(file) for file in (*files, migrations_folder())]
print(json.dumps({"package": lac_pipeline.__file__, "head": head(), "files": files}))
"""


def build(source: Path, folder: Path, kind: str) -> Path:
    """Build as `make wheel` and `make sdist` do: by the hatchling of the lock, fetching nothing."""
    options = ["--quiet", f"--{kind}", "--no-build-isolation", "--offline", "--python", sys.executable]
    command = [str(Path(sys.executable).with_name("uv")), "build", *options, "--out-dir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return next(file for file in folder.iterdir() if file.suffix in {".whl", ".gz"})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build(ROOT, tmp_path_factory.mktemp("dist"), "wheel")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel installs, and no checkout beside it."""
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def run_installed(installed: Path, script: str) -> str:
    """What a script prints where our package comes from the wheel, and the libraries from this environment."""
    at_the_front = f"import sys; sys.path.insert(0, {str(installed)!r})\n"
    done = subprocess.run(
        [sys.executable, "-P", "-c", at_the_front + script], cwd=installed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_what_a_running_pipeline_reads(wheel: Path) -> None:
    """Migrations with their views, `dagster.yaml`, `workspace.yaml`, the type marker and the licence are in it."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"{PROJECT}/{name}" for name in ("dagster.yaml", "workspace.yaml", "alembic.ini")} <= names
    assert {f"{PROJECT}/{file.relative_to(ROOT)}" for file in (ROOT / "migrations").rglob("*.py")} <= names
    assert {f"{PROJECT}/{file.relative_to(ROOT)}" for file in (ROOT / "migrations").rglob("*.sql")} <= names
    assert "lac_pipeline/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    """No tests, no benchmarks, no settings of the person who built it."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"lac_pipeline", f"lac_pipeline-{__version__}.dist-info"}
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if re.search(r"\.env|\.lac/|__pycache__", name)]


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """It carries tests, documents and what `make` needs, and its wheel has the files of the one of this checkout."""
    unpacked, dist, again = (tmp_path / name for name in ("unpacked", "dist", "again"))
    shutil.unpack_archive(build(ROOT, dist, "sdist"), unpacked, filter="data")
    [source] = unpacked.iterdir()
    for name in (*BESIDE, "lac_pipeline_tests/test_packaging.py", "docs/upgrading.md", "deploy/audit.sh", ".ci/run"):
        assert (source / name).read_bytes() == (ROOT / name).read_bytes(), name
    built = build(source, again, "wheel")
    assert sorted(zipfile.ZipFile(built).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_is_for_every_python_it_promises(wheel: Path) -> None:
    """One wheel for all platforms; Python 3.11 to 3.13; the command `lac`."""
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(f"lac_pipeline-{__version__}.dist-info/METADATA").decode()
    assert wheel.name == f"lac_pipeline-{__version__}-py3-none-any.whl"
    assert "Requires-Python: <3.14,>=3.11" in metadata
    assert "lac = lac_pipeline.cli:main" in archive.read(
        f"lac_pipeline-{__version__}.dist-info/entry_points.txt"
    ).decode().replace("\n", " ")


def test_an_installed_wheel_finds_its_files(installed: Path) -> None:
    """Without a checkout, migrations and Dagster's files are found inside the package, at the same revision."""
    found = json.loads(run_installed(installed, LOCATE))
    here = json.loads(subprocess.run([sys.executable, "-c", LOCATE], capture_output=True, text=True, check=True).stdout)
    assert found["head"] == here["head"]
    assert Path(found["package"]).is_relative_to(installed)
    assert all(Path(file).is_relative_to(installed / PROJECT) for file in found["files"])


def test_an_installed_wheel_finds_the_templates_of_its_report(installed: Path) -> None:
    """The page, its charts and its style are inside the package, and can be read there."""
    script = (
        "from lac_pipeline.reporting.report import templates\n"
        "page = templates()\n"
        "print(*sorted(page.list_templates()), bool(page.get_template('report.html.j2').filename))\n"
    )
    assert run_installed(installed, script).split() == [
        "charts.css",
        "charts.html.j2",
        "plot.svg.j2",
        "report.css",
        "report.html.j2",
        *(f"report_{part}.html.j2" for part in ("campaigns", "cells", "overview", "results", "trust")),
        "True",
    ]


def test_dagster_finds_the_component_of_an_installed_wheel(installed: Path) -> None:
    """`dg list components` reads the entry point that the wheel declares."""
    script = (
        "from dagster.components.core.package_entry import discover_entry_point_package_objects\n"
        "print(*(key.to_typename() for key in discover_entry_point_package_objects()))\n"
    )
    assert "lac_pipeline.LinkedInAdsComponent" in run_installed(installed, script).split()


@pytest.mark.whole
def test_an_installed_wheel_migrates_an_empty_database(installed: Path, database_url: str) -> None:
    """`lac migrate` from the wheel brings an empty database to the head that the checkout knows."""
    script = (
        "from lac_pipeline.postgres.engine import make_engine\n"
        "from lac_pipeline.warehouse.migrate import head, require_head, upgrade\n"
        f"upgrade({database_url!r})\nrequire_head(make_engine({database_url!r}))\nprint(head())\n"
    )
    assert run_installed(installed, script).strip()


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["sync", "--help"], ["up", "--help"]])
def test_help_loads_none_of_the_heavy_libraries(arguments: list[str], tmp_path: Path) -> None:
    """What only prints does not wait for Dagster, pandas, SQLAlchemy or httpx, nor where a demo was started."""
    (tmp_path / DEMO_SETTINGS).parent.mkdir(parents=True)
    (tmp_path / DEMO_SETTINGS).write_text("{}")
    heavy = ["dagster", "pandas", "sqlalchemy", "httpx", "alembic", "psycopg", "jinja2"]
    script = (
        "import sys\n"
        f"sys.argv = ['lac', *{arguments!r}]\n"
        "from lac_pipeline.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n"
        f"    print('\\nLOADED', *(name for name in {heavy!r} if name in sys.modules))\n    sys.exit(end.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("LOADED")


def test_the_version_is_printed() -> None:
    """`lac --version` prints the version and nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "lac_pipeline", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == __version__
