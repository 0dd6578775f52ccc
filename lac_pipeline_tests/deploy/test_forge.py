"""What a forge runs for us: the checks at each change, and the audit of the dependencies every week."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from lac_pipeline_tests.deploy.deployment import ROOT, locked_version

WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
CONTENT: dict[Any, Any] = yaml.safe_load(WORKFLOW.read_text())
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
WRITTEN = ("lac_pipeline", "lac_pipeline_tests", "migrations", "benchmarks", "deploy", "docs", ".github")
STEPS = [step for job in CONTENT["jobs"].values() for step in job["steps"]]
BAD = "starlette"
"""The package that the advisories of these tests are about."""


@pytest.mark.parametrize("schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"])
def test_the_workflow_is_valid(schema: str) -> None:
    """The published schema of workflow files finds nothing wrong, and every job ends in finite time."""
    assert_valid(schema, WORKFLOW)


def test_dependabots_file_is_valid() -> None:
    """The published schema finds nothing wrong in the file that asks for updates."""
    assert_valid("vendor.dependabot", ROOT / ".github" / "dependabot.yml")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_issue_forms_are_valid(form: Path) -> None:
    """The published schemas find nothing wrong in what a person fills in to report something."""
    assert_valid("vendor.github-issue-config" if form.stem == "config" else "vendor.github-issue-forms", form)


def test_owned_paths_exist() -> None:
    """Each path that CODEOWNERS gives an owner is there."""
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    paths = [line.split()[0] for line in lines if line.startswith("/")]
    assert paths
    assert [path for path in paths if not (ROOT / path.strip("/")).exists()] == []


def test_zizmor_finds_nothing() -> None:
    """Its rules about the security of workflows, those that need no network, are kept."""
    command: list[str | Path] = [
        Path(sys.executable).with_name("zizmor"),
        "--offline",
        "--no-progress",
        ROOT / ".github",
    ]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_words_are_spelled_right() -> None:
    """Codespell knows no correction for any word of the code and the documents."""
    texts = [*ROOT.glob("*.md"), *(ROOT / name for name in WRITTEN)]
    command: list[str | Path] = [Path(sys.executable).with_name("codespell"), "--skip", "*.png,*/__pycache__/*", *texts]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_it_runs_what_a_person_runs() -> None:
    """Each command of the workflow, and each target that `.ci/run` makes, is there to be run."""
    commands = [step["run"] for step in STEPS if "run" in step]
    scripts = [ROOT / command for command in commands if not command.startswith("make ")]
    assert all(os.access(script, os.X_OK) for script in scripts)
    lines = [*commands, *(line for script in scripts for line in script.read_text().splitlines())]
    targets = {line.split()[-1] for line in lines if line.startswith("make ")}
    assert targets
    for target in targets:
        assert would_run(target).returncode == 0, target


def test_every_python_that_is_promised_is_checked() -> None:
    """The versions of the matrix are those of the package's classifiers."""
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert CONTENT["jobs"]["checks"]["strategy"]["matrix"]["python"] == promised


def test_actions_are_pinned_by_commit() -> None:
    """A tag of somebody else's can be moved; a commit cannot."""
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in used)


def test_the_workflow_has_no_secret_and_may_write_nothing() -> None:
    """It reads the repository, keeps no credentials in the checkout, and names no secret."""
    assert CONTENT["permissions"] == {"contents": "read"}
    assert "secrets." not in WORKFLOW.read_text()
    checkouts = [step["with"] for step in STEPS if "checkout" in step.get("uses", "")]
    assert checkouts == [{"persist-credentials": False}] * len(CONTENT["jobs"])


class Advisories(BaseHTTPRequestHandler):
    """A service that knows one advisory, in the form of osv.dev."""

    known = False

    def do_POST(self) -> None:
        """Respond with the advisories for the requested package."""
        requested = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self.known and requested["package"]["name"] == BAD
        advisory = {
            "id": "PYSEC-0000-1",
            "modified": "2026-01-01T00:00:00Z",
            "published": "2026-01-01T00:00:00Z",
            "summary": "An advisory of this test.",
            "affected": [
                {"package": {"name": BAD, "ecosystem": "PyPI"}, "ranges": [], "versions": [requested["version"]]}
            ],
        }
        body = json.dumps({"vulns": [advisory]} if found else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def advisories(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an advisory service of this test's own."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(Advisories, "known", False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        server.shutdown()


def audit(url: str) -> subprocess.CompletedProcess[str]:
    """What `make audit` runs, against this service."""
    program = {"PIP_AUDIT": str(Path(sys.executable).with_name("pip-audit"))}
    command = [str(ROOT / "deploy" / "audit.sh"), "--vulnerability-service", "osv", "--osv-url", url]
    return subprocess.run(command, env=os.environ | program, capture_output=True, text=True, check=False)


def test_the_audit_passes_when_no_advisory_is_known(advisories: str) -> None:
    """All versions were compared, none is bad: one line, and success."""
    audited = audit(advisories)
    assert (audited.returncode, audited.stderr) == (0, "No known vulnerabilities found\n")


def test_the_audit_fails_and_names_what_is_bad(advisories: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An advisory for a locked version is printed with package, version and number, and is a failure."""
    monkeypatch.setattr(Advisories, "known", True)
    audited = audit(advisories)
    assert audited.returncode == 1
    assert re.search(rf"{BAD}\s+{re.escape(locked_version(BAD))}\s+PYSEC-0000-1", audited.stdout)


def test_an_audit_without_a_service_fails_in_words() -> None:
    """Without the service nothing is known: another exit status, a sentence with the fix, and no traceback."""
    audited = audit("http://127.0.0.1:9/v1/query")
    assert audited.returncode == 2
    assert "were not compared with the advisories" in audited.stderr
    assert "HTTPS_PROXY" in audited.stderr
    assert "Traceback" not in audited.stdout + audited.stderr


def test_make_audit_runs_this_script() -> None:
    """`make audit` is the script that these tests run, in the environment that `make install` fills."""
    assert would_run("audit").stdout.splitlines()[-1] == "deploy/audit.sh"


def assert_valid(schema: str, file: Path) -> None:
    """Check a file against a schema that check-jsonschema brings."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def would_run(target: str) -> subprocess.CompletedProcess[str]:
    """What `make` would run for a target."""
    command = ["make", "--dry-run", "--no-print-directory", target]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
