"""The documents say what is so: commands, settings, assets and tables are in them, and every link leads somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lac_pipeline.reference.dbt_sources import sources
from lac_pipeline.reference.pages import PAGES
from lac_pipeline.settings import Settings
from lac_pipeline.streams import STREAMS

PROJECT = Path(__file__).parents[1]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", sorted(PAGES))
def test_reference_pages_are_up_to_date(page: str) -> None:
    """What `make docs` would write is what stands there."""
    assert (PROJECT / "docs" / page).read_text() == PAGES[page](), "run `make docs`"


def test_dbts_sources_are_up_to_date() -> None:
    """The same holds for the tables and views that are described for dbt."""
    written = (PROJECT / "integrations" / "dbt" / "models" / "sources.yml").read_text(encoding="utf-8")
    assert written == sources(), "run `make docs`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link and picture of a document exists."""
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_decisions_name_tests_that_exist() -> None:
    """Each test that a decision is kept by is there, so that a decision cannot lose its test unnoticed."""
    tests = sorted((PROJECT / "lac_pipeline_tests").rglob("test_*.py"))
    known = {file.stem for file in tests} | set(
        re.findall(r"def (test_\w+)", "".join(file.read_text() for file in tests))
    )
    for page in (PROJECT / "docs" / "decisions").glob("[0-9]*.md"):
        assert set(re.findall(r"test_\w+", page.read_text())) <= known, page.name


def test_every_decision_is_listed() -> None:
    """The list of decisions links each page, and each says why, what it costs and what keeps it."""
    folder = PROJECT / "docs" / "decisions"
    pages = {page.name for page in folder.glob("[0-9]*.md")}
    assert set(re.findall(r"\]\(([0-9][^)]*)\)", (folder / "README.md").read_text())) == pages
    for name in pages:
        assert re.findall(r"^\*\*(\w+)", (folder / name).read_text(), re.MULTILINE)[:4] == [
            "Decision",
            "Why",
            "What",
            "Kept",
        ]


def test_readme_is_short_and_names_every_table() -> None:
    """The first page fits in 130 lines and knows every asset's table."""
    readme = (PROJECT / "README.md").read_text()
    assert readme.count("\n") <= 130
    assert [name for name in STREAMS.chosen("default").names if f"`{name}`" not in readme] == []


def test_the_example_settings_exist() -> None:
    """Each variable of .env.example is a setting, and those that must be set are there."""
    names = set(re.findall(r"^(?:# )?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    assert {name.lower() for name in names} <= set(Settings.model_fields)
    assert {name.upper() for name, field in Settings.model_fields.items() if field.is_required()} <= names


def test_readme_commands_exist() -> None:
    """Every `make` target and `lac` command that README.md types is there."""
    readme = (PROJECT / "README.md").read_text()
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.findall(r"^\$ make (\S+)", readme, re.MULTILINE))
    assert {target for target in targets if f"\n{target}: " not in makefile} == set()
    commands = {
        " ".join(words)
        for words in re.findall(r"lac (auth \w+|[a-z]+)\b", " ".join(re.findall(r"^\$ .*", readme, re.MULTILINE)))
        for words in [words.split()]
    }
    known = (PROJECT / "docs" / "commands.md").read_text()
    assert {command for command in commands if f"lac {command}" not in known} == set()


def test_recipes_name_what_is_there() -> None:
    """Each file and folder that a recipe of CONTRIBUTING.md names exists."""
    recipes = (PROJECT / "CONTRIBUTING.md").read_text().split("## Recipes")[1]
    named = set(re.findall(r"(?:lac_pipeline(?:_tests)?|migrations|docs)/[\w./]*", recipes))
    assert named
    assert [name for name in named if "NAME" not in name and "0050" not in name and not (PROJECT / name).exists()] == []


def test_recipes_name_commits_of_this_project() -> None:
    """Each commit that a recipe shows as its example is in the history, where there is one."""
    git = shutil.which("git")
    if git is None or not (PROJECT / ".git").exists():
        pytest.skip("this is no checkout")
    known = subprocess.run([git, "log", "--format=%h"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    commits = re.findall(r"Commit ([0-9a-f]{7})", (PROJECT / "CONTRIBUTING.md").read_text())
    assert commits
    if len(known.split()) > 1:  # a shallow clone has no history
        assert [commit for commit in commits if not any(name.startswith(commit) for name in known.split())] == []
