"""The shape of the code: sizes, the direction of imports, and who may read the environment."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "lac_pipeline"
LONGEST_FUNCTION = 60
LONGEST_MODULE = 350
LONGEST_TEST_MODULE = 500


def modules(folder: Path) -> list[Path]:
    """The Python modules below a folder."""
    return sorted(folder.rglob("*.py"))


def functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, methods and inner ones too."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines a function takes, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_functions_are_small() -> None:
    """The median function has at most ten lines, nine of ten at most thirty, and none more than sixty."""
    sizes = sorted(lines_of(function) for module in modules(PACKAGE) for function in functions(module))
    assert statistics.median(sizes) <= 10
    assert sizes[int(len(sizes) * 0.9)] <= 30
    assert sizes[-1] <= LONGEST_FUNCTION


@pytest.mark.parametrize(
    ("folder", "longest"), [(PACKAGE, LONGEST_MODULE), (PROJECT / "lac_pipeline_tests", LONGEST_TEST_MODULE)]
)
def test_modules_fit_on_a_few_screens(folder: Path, longest: int) -> None:
    """No module is longer than a reader keeps in mind."""
    sizes = {str(module.relative_to(PROJECT)): module.read_text().count("\n") for module in modules(folder)}
    assert {name: size for name, size in sizes.items() if size > longest} == {}


def test_only_settings_reads_the_environment() -> None:
    """What a person can set is in one place; nothing else looks into os.environ."""
    readers = {
        str(module.relative_to(PACKAGE))
        for module in modules(PACKAGE)
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers == {"settings.py"}


def test_imports_flow_one_way() -> None:
    """The layers that pyproject.toml declares hold."""
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_every_test_says_what_it_shows() -> None:
    """A test's docstring states the behaviour in a sentence."""
    silent = [
        f"{module.name}::{function.name}"
        for module in modules(PROJECT / "lac_pipeline_tests")
        for function in functions(module)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []
