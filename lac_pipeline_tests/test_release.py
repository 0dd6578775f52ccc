"""What must name the version that is to be tagged, so that a tag is all that a release needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lac_pipeline import __version__

ROOT = Path(__file__).resolve().parents[1]
MINOR = ".".join(__version__.split(".")[:2])
NAMED = {
    "deploy/kubernetes/migrate.yaml": r"lac-pipeline:(\S+)",
    "deploy/kubernetes/values.yaml": r"lac-pipeline:(\S+)",
    ".ci/wheel": r"lac_pipeline-(\d+\.\d+\.\d+)",
    ".github/ISSUE_TEMPLATE/defect.yml": r"\blac (\d+\.\d+\.\d+)",
}
"""Files that name the whole version, and what stands before it."""


@pytest.mark.parametrize(("file", "pattern"), NAMED.items(), ids=NAMED)
def test_each_file_names_this_version(file: str, pattern: str) -> None:
    """Images and examples are of the version that the package has."""
    assert set(re.findall(pattern, (ROOT / file).read_text())) == {__version__}


def test_the_changelog_begins_with_this_version() -> None:
    """Its first section has the version and a day, and says first how to upgrade, with a link to the steps."""
    _, newest, *_ = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    heading, *text = newest.splitlines()
    assert re.fullmatch(rf"\[{re.escape(__version__)}\] - \d{{4}}-\d\d-\d\d", heading)
    assert next(line for line in text if line) == "### Upgrade"
    [before] = re.findall(rf"docs/upgrading\.md#from-(\d+)-to-{MINOR.replace('.', '')}\b", newest)
    heading = f"## From {before[0]}.{before[1:]} to {MINOR}"
    assert heading in (ROOT / "docs" / "upgrading.md").read_text().splitlines()


def test_this_minor_version_alone_gets_corrections() -> None:
    """The table of SECURITY.md says so."""
    supported = re.findall(r"^\| (\d+\.\d+) \| yes \|$", (ROOT / "SECURITY.md").read_text(), re.MULTILINE)
    assert supported == [MINOR]
