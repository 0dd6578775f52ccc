"""The documents as a site: every page has its place, every link and anchor leads somewhere, and search knows them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lac_pipeline_tests.deploy.deployment import ROOT


def build(project: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a project as `make site` does, into another folder."""
    command = [Path(sys.executable).with_name("mkdocs"), "build", "--strict", "--site-dir", site]
    config = project / "deploy" / "site" / "mkdocs.yml"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        [*map(str, command), "--config-file", str(config)], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once."""
    folder = tmp_path_factory.mktemp("site")
    built = build(ROOT, folder)
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_is_on_the_site(site: Path) -> None:
    """The README is the first page, and each document has one that is named like it."""
    pages = {page.relative_to(ROOT / "docs").with_suffix("").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    built = {page.relative_to(site).with_suffix("").as_posix() for page in site.rglob("*.html")}
    expected = {page.replace("README", "index") for page in pages} | {"index", "CONTRIBUTING", "SECURITY", "CHANGELOG"}
    assert expected <= built


def test_linked_files_of_the_project_are_copied(site: Path) -> None:
    """A page that links to a file outside `docs/` finds it on the site."""
    assert (site / "project" / "deploy" / "kubernetes" / "values.yaml").is_file()
    assert "project/deploy/kubernetes/values.yaml" in (site / "scaling.html").read_text()


def test_search_knows_the_pages(site: Path) -> None:
    """The index of the search holds the words of the documents."""
    index = json.loads((site / "search" / "search_index.json").read_text())
    assert any("shrink_guard" in entry["text"] for entry in index["docs"])


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No page loads a script, style or font of another host."""
    first = (site / "index.html").read_text()
    assert 'src="https://' not in first
    assert 'rel="stylesheet" href="https://' not in first


@pytest.mark.parametrize("link", ["nowhere.md", "operations.md#no-such-heading", "../deploy/none.yaml"])
def test_a_link_that_leads_nowhere_fails(tmp_path: Path, link: str) -> None:
    """A missing page, heading or file is an error with its name."""
    project = tmp_path / "project"
    shutil.copytree(ROOT / "docs", project / "docs")
    shutil.copytree(ROOT / "deploy", project / "deploy")
    for page in ROOT.glob("*.md"):
        shutil.copy(page, project / page.name)
    scaling = project / "docs" / "scaling.md"
    scaling.write_text(f"{scaling.read_text()}\n[broken]({link})\n")
    built = build(project, tmp_path / "site")
    assert built.returncode != 0
    assert link.removeprefix("../") in built.stderr
