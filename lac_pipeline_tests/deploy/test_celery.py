"""`deploy/celery/dagster.yaml`: the instance of one machine, with another launcher of runs."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.instance.config import dagster_instance_config
from sqlalchemy import Engine

from lac_pipeline_tests.deploy.deployment import ROOT, read_yaml

FILE = ROOT / "deploy" / "celery" / "dagster.yaml"
INSTANCE = read_yaml(FILE)
URLS = {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "CELERY_RESULT_BACKEND": "redis://127.0.0.1:1/1"}
no_celery = pytest.mark.skipif(
    importlib.util.find_spec("dagster_celery") is None,
    reason="dagster-celery is not in the lock: `pip install 'dagster-celery[redis]'`, of dagster-postgres' version",
)


def without(instance: dict[str, Any], *path: str) -> dict[str, Any]:
    """A copy that lacks one key."""
    first, *rest = path
    kept = {key: value for key, value in instance.items() if key != first or rest}
    return kept | {first: without(instance[first], *rest)} if rest else kept


def test_it_differs_from_one_machine_in_two_things() -> None:
    """Apart from the launcher, and how soon a run counts as lost, the rules are those of `dagster.yaml`."""
    runtime = ("run_monitoring", "max_runtime_seconds")
    here = without(without(INSTANCE, "run_launcher"), *runtime)
    assert here == without(read_yaml(ROOT / "dagster.yaml"), *runtime)


def test_a_lost_machine_is_noticed_sooner() -> None:
    """Nothing else ends the runs of a machine that is gone, so their limit is shorter than on one machine."""
    single = read_yaml(ROOT / "dagster.yaml")["run_monitoring"]["max_runtime_seconds"]
    assert INSTANCE["run_monitoring"]["max_runtime_seconds"] < single


def test_dagster_accepts_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster's own reading of an instance finds every key known, and each URL with a password in the environment."""
    for name in ("DAGSTER_POSTGRES_URL", "LAC_DAGSTER_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(FILE.read_text())
    config, _ = dagster_instance_config(str(tmp_path))
    assert config["run_launcher"]["class"] == "CeleryRunLauncher"
    assert all(value.keys() == {"env"} for value in config["run_launcher"]["config"].values())


@no_celery
def test_an_instance_with_this_launcher_can_be_opened(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster makes the launcher from the file, with the URLs of the environment."""
    url = engine.url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    for name, value in {**URLS, "DAGSTER_POSTGRES_URL": url, "LAC_DAGSTER_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "dagster.yaml").write_text(FILE.read_text())
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        launcher = instance.run_launcher
        assert type(launcher).__name__ == "CeleryRunLauncher"
        assert launcher.broker == os.environ["CELERY_BROKER_URL"]  # type: ignore[attr-defined]
