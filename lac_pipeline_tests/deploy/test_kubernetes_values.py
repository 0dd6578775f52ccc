"""`deploy/kubernetes/values.yaml`: of one version with the lock, and by the same rules as `dagster.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from dagster._core.instance.config import dagster_instance_config

from lac_pipeline import __version__
from lac_pipeline.postgres.connecting import LIBPQ_ENVIRONMENT
from lac_pipeline_tests.deploy.deployment import ROOT, compose, locked_version, read_yaml

VALUES = read_yaml(ROOT / "deploy" / "kubernetes" / "values.yaml")
MIGRATION = read_yaml(ROOT / "deploy" / "kubernetes" / "migrate.yaml")
DAGSTER = read_yaml(ROOT / "dagster.yaml")
LAC: dict[str, Any] = VALUES["dagster-user-deployments"]["deployments"][0]


def test_dagsters_own_images_are_of_the_locked_version() -> None:
    """Webserver, daemon and chart speak the same version as the code server."""
    version = locked_version("dagster")
    assert VALUES["dagsterWebserver"]["image"]["tag"] == version
    assert VALUES["dagsterDaemon"]["image"]["tag"] == version
    assert f"--version {version} " in (ROOT / "deploy" / "kubernetes" / "values.yaml").read_text()


def test_the_image_can_start_runs_as_jobs() -> None:
    """A run's process reads the instance, which names the launcher, so its package is in the image."""
    assert VALUES["runLauncher"]["type"] == "K8sRunLauncher"
    assert locked_version("dagster-k8s") == locked_version("dagster-postgres")


def test_the_code_location_is_the_one_of_workspace_yaml() -> None:
    """The code server loads the same module under the same name, by which Dagster remembers which sensors are on."""
    (location,) = read_yaml(ROOT / "workspace.yaml")["load_from"]
    assert LAC["dagsterApiGrpcArgs"][-1] == location["python_module"]["module_name"]
    assert LAC["name"] == location["python_module"]["location_name"]
    (served,) = read_yaml(ROOT / "deploy" / "workspace.yaml")["load_from"]
    assert served["grpc_server"]["location_name"] == location["python_module"]["location_name"]


def test_the_queue_follows_the_rules_of_dagster_yaml() -> None:
    """One run per account at a time, hung runs are ended, lost workers tried again: as on one machine."""
    queue = VALUES["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    assert queue["tagConcurrencyLimits"] == DAGSTER["concurrency"]["runs"]["tag_concurrency_limits"]
    ours = VALUES["additionalInstanceConfig"]
    assert ours["run_retries"] == DAGSTER["run_retries"]
    assert ours["freshness"] == DAGSTER["freshness"]
    runtime = "max_runtime_seconds"
    assert ours["run_monitoring"][runtime] == DAGSTER["run_monitoring"][runtime]
    purge = DAGSTER["retention"]["sensor"]["purge_after_days"]
    assert VALUES["retention"]["sensor"]["purgeAfterDays"] == purge


def test_every_pod_connects_in_utc() -> None:
    """Webserver, daemon, code server and each run have the variables that `lac exec` exports elsewhere."""
    for pod in (VALUES["dagsterWebserver"], VALUES["dagsterDaemon"], LAC):
        assert LIBPQ_ENVIRONMENT.items() <= pod["env"].items()


def test_dagster_accepts_what_the_chart_passes_on(tmp_path: Path) -> None:
    """What goes into the instance as it is has no key that Dagster does not know, and nothing is set twice."""
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(VALUES["additionalInstanceConfig"]))
    config, _ = dagster_instance_config(str(tmp_path))
    assert config["run_monitoring"]["enabled"] is True
    assert VALUES["dagsterDaemon"]["runMonitoring"] == VALUES["dagsterDaemon"]["runRetries"] == {"enabled": False}


def test_the_schema_is_brought_up_to_date_by_the_same_image() -> None:
    """The migration is a job that runs to completion, in the image and with the settings of the code server."""
    assert MIGRATION["kind"] == "Job"
    (container,) = MIGRATION["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{LAC['image']['repository']}:{LAC['image']['tag']}"
    assert container["envFrom"] == [{"secretRef": {"name": secret["name"]}} for secret in LAC["envSecrets"]]
    assert container["command"] == ["lac", "migrate"]


def test_pods_of_ours_are_closed_like_the_containers() -> None:
    """The same user, a read-only root, no capabilities, no way to gain privileges."""
    pod = MIGRATION["spec"]["template"]["spec"]
    user = int(compose()["services"]["code"]["user"].split(":")[0])
    for pod_context, context in (
        (LAC["podSecurityContext"], LAC["securityContext"]),
        (pod["securityContext"], pod["containers"][0]["securityContext"]),
    ):
        assert pod_context["runAsNonRoot"] is True
        assert pod_context["runAsUser"] == user
        assert context == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_secrets_are_named_and_not_written() -> None:
    """The database's password comes from a Kubernetes secret; Dagster's own pods get none of ours."""
    assert VALUES["generatePostgresqlPasswordSecret"] is False
    assert "postgresqlPassword" not in VALUES["postgresql"]
    assert "envSecrets" not in VALUES["dagsterWebserver"]
    assert "envSecrets" not in VALUES["dagsterDaemon"]


def test_the_image_is_of_this_version() -> None:
    """The example names the version that it was written for."""
    assert LAC["image"]["tag"] == __version__
