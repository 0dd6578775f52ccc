"""The example project of `integrations/dbt`, run by dbt on a synced warehouse. It needs `dbt` with dbt-postgres."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from lac_pipeline.postgres.clients import libpq_variables
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.postgres.url import read_url
from lac_pipeline_tests.cli.conftest import (  # noqa: F401 - fixtures
    Lac,
    lac,
    redirect_uri,
    settings_given,
    signed_in,
    simulator,
    synced,
    world,
)
from lac_pipeline_tests.deploy.deployment import ROOT

DBT = shutil.which("dbt")
MARTS = {"monthly_spend_by_account", "landing_page_performance"}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(DBT is None, reason="dbt is not in the lock: `pip install dbt-postgres` in a venv of its own"),
]


def run_dbt(project: Path, url: str, *command: str) -> dict[str, Any]:
    """Run a command of dbt, and return its results by the name of what they are about."""
    environment = {**os.environ, **libpq_variables(read_url(url)), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    folder = ["--project-dir", str(project), "--profiles-dir", str(project)]
    done = subprocess.run(
        [str(DBT), *command, *folder], env=environment, cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    file = "sources.json" if command[0] == "source" else "run_results.json"
    results = json.loads((project / "target" / file).read_text())["results"]
    return {result["unique_id"]: result["status"] for result in results}


def test_sources_are_tested_fresh_and_built_on(synced: Lac, warehouse_url: str, tmp_path: Path) -> None:  # noqa: F811
    """All tests of the sources pass, every loaded source is fresh, and the marts hold the tables' sums."""
    project = tmp_path / "dbt"
    shutil.copytree(ROOT / "integrations" / "dbt", project)
    built = run_dbt(project, warehouse_url, "build")
    assert set(built.values()) == {"success", "pass"}
    assert {name.rsplit(".", 1)[1] for name in built if name.startswith("model.")} == MARTS
    assert sum(name.startswith("test.") for name in built) > 50
    assert {*run_dbt(project, warehouse_url, "source", "freshness").values()} == {"pass"}
    engine = make_engine(warehouse_url)
    with engine.connect() as connection:
        loaded = connection.scalar(text("SELECT sum(cost_in_local_currency) FROM linkedin_ads.campaign_daily_metrics"))
        for mart in sorted(MARTS):
            spend = connection.scalar(text(f"SELECT sum(spend) FROM analytics.{mart}"))  # noqa: S608 - names above
            assert spend == loaded
    engine.dispose()
