"""`docker-compose.yml`: valid, and as closed as docs/security.md promises."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from compose_spec import PyOptions

from lac_pipeline_tests.deploy.deployment import COMPOSE, PINNED, ROOT, compose_text, read_yaml, services

SERVICES = services()
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def test_the_file_follows_the_compose_specification() -> None:
    """Every key, value, port, duration and reference is one that the Compose specification knows."""
    parsed = PyOptions(apply_merge=True).from_yaml(compose_text())
    parsed.validate()
    assert sorted(parsed.service_names()) == sorted(SERVICES)


def test_the_file_is_valid_by_the_specifications_own_schema() -> None:
    """The JSON schema that the Compose specification publishes finds nothing wrong."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@each_service
def test_no_service_can_change_its_own_image_or_become_root(service: dict[str, Any]) -> None:
    """Each runs as a numbered user without capabilities, on a read-only root, and may gain no privileges."""
    user = str(service["user"]).split(":")[0]
    assert user.isdigit()
    assert int(user) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@each_service
def test_every_port_is_of_this_machine_only(service: dict[str, Any]) -> None:
    """No published port listens anywhere but on 127.0.0.1."""
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))


def test_postgresql_is_reached_by_the_other_services_alone() -> None:
    """The database has no published port, and only a network without a way out."""
    networks = read_yaml(COMPOSE)["networks"]
    assert "ports" not in SERVICES["postgres"]
    assert all(networks[name].get("internal") for name in SERVICES["postgres"]["networks"])


def test_images_of_others_are_pinned() -> None:
    """A foreign image names its version; ours is built here."""
    for name, service in SERVICES.items():
        if name not in OURS:
            assert PINNED.match(service["image"]), service["image"]


def test_long_running_services_have_a_health_check() -> None:
    """Every service but the migration, which ends, has a health check that gives up in finite time."""
    for name in SERVICES.keys() - {"migrate"}:
        check = SERVICES[name]["healthcheck"]
        assert check["test"][0] == "CMD", name
        assert {"interval", "timeout", "retries"} <= check.keys(), name


def test_nothing_of_ours_starts_on_an_old_schema() -> None:
    """All wait for the migration to succeed, and the migration for the database."""
    for name in OURS.keys() - {"migrate"}:
        assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert OURS["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_the_database_is_given_no_secret_of_linkedin() -> None:
    """Only our own services read `.env`; PostgreSQL and the proxy get what they need by name."""
    assert {name for name, service in SERVICES.items() if "env_file" in service} == set(OURS)


def test_the_file_holds_no_secret() -> None:
    """Every password in it is a reference to `.env`."""
    values = re.findall(r"^\s*\w*(?:PASSWORD|SECRET|TOKEN|KEY)\w*:\s*(.+)$", COMPOSE.read_text(), re.MULTILINE)
    assert values
    assert all(value.startswith("${") for value in values)


def test_every_file_that_is_mounted_is_in_the_project() -> None:
    """Bind mounts name files that a checkout has; the proxy's passwords are the reader's own and stay out of it."""
    mounts = [str(mount).split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    for mount in mounts:
        assert not mount.startswith(".") or (ROOT / mount).exists(), mount
    assert "deploy/proxy/users" in (ROOT / ".gitignore").read_text().splitlines()
