"""The shape of the code: sizes, the direction of imports, and who may read the environment."""

from __future__ import annotations

import ast
import gc
import socket
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from lac_pipeline.cli.app import app
from lac_pipeline.linkedin.pivots import PIVOTS
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.schema.tables import Base
from lac_pipeline_tests.unit import guarded

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "lac_pipeline"
LONGEST_FUNCTION = 60
LONGEST_MODULE = 350
LONGEST_TEST_MODULE = 500


def modules(folder: Path) -> list[Path]:
    """The Python modules below a folder."""
    return sorted(folder.rglob("*.py"))


@pytest.fixture(scope="module", autouse=True)
def kept_trees() -> Iterator[None]:
    """The code of all modules is half a million objects, which Python's collector would pass over again and again."""
    gc.disable()
    yield
    nodes.cache_clear()
    gc.enable()


@cache
def nodes(module: Path) -> list[ast.AST]:
    """A module's code, the module first, and every node in it."""
    return list(ast.walk(ast.parse(module.read_text())))


def functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, methods and inner ones too."""
    for node in nodes(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines a function takes, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_functions_are_small() -> None:
    """No function is longer than a screen; ruff bounds its branches."""
    sizes = {
        f"{module.name}::{function.name}": lines_of(function)
        for module in modules(PACKAGE)
        for function in functions(module)
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def test_a_unit_test_opens_no_socket(request: pytest.FixtureRequest) -> None:
    """Where only unit tests run, listening is an error; this test itself is known to be none, by what it calls."""
    assert request.node.get_closest_marker("unit") is None
    with socket.socket() as listener, guarded(), pytest.raises(RuntimeError, match="a unit test opens a socket"):
        listener.bind(("127.0.0.1", 0))


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
        for node in nodes(module)
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


def test_every_test_has_a_docstring() -> None:
    """A test's docstring states the behaviour in a sentence."""
    silent = [
        f"{module.name}::{function.name}"
        for module in modules(PROJECT / "lac_pipeline_tests")
        for function in functions(module)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []


@pytest.mark.parametrize(("room", "shared"), [("cli", {"app", "terminal"}), ("commands", {"session", "stack"})])
def test_commands_and_what_prints_them_are_paired_by_name(room: str, shared: set[str]) -> None:
    """Each command has a module that computes and one that prints, both of its name, and nothing else is there."""
    named = {name.replace("-", "_") for name in cast("TyperGroup", get_command(app)).commands}
    found = {path.stem for path in (PACKAGE / room).iterdir() if path.suffix == ".py"}
    found |= {path.parent.stem for path in (PACKAGE / room).glob("*/__init__.py")}
    assert found - {"__init__"} == named | shared


MODELS = {model.__name__ for model in Base.__subclasses__()}
LISTED = (
    {stream.name for stream in STREAMS}
    | {table.name for table in Base.metadata.tables.values()}
    | {pivot.name for pivot in PIVOTS}
)


def listed_names(nodes: Sequence[ast.AST | None]) -> set[str]:
    """The streams, tables, table models and pivots that these expressions name."""
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (texts & LISTED) | ({node.id for node in nodes if isinstance(node, ast.Name)} & MODELS)


def registries(nodes: Iterable[ast.AST]) -> list[str]:
    """The displays, match statements and functions that tell two or more streams, tables or pivots apart by name."""
    found: list[str] = []
    for node in nodes:
        names: set[str] = set()
        if isinstance(node, ast.Dict):
            names = listed_names(node.keys)
        elif isinstance(node, ast.Set | ast.Tuple | ast.List):
            names = listed_names(node.elts)
        elif isinstance(node, ast.Match):
            names = listed_names(
                [case.pattern.value for case in node.cases if isinstance(case.pattern, ast.MatchValue)]
            )
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            compared = [comparison for comparison in ast.walk(node) if isinstance(comparison, ast.Compare)]
            names = listed_names(
                [side for comparison in compared for side in (comparison.left, *comparison.comparators)]
            )
        if len(names) > 1:
            found.append(f"{type(node).__name__}: {', '.join(sorted(names))}")
    return found


@pytest.mark.parametrize(
    "source",
    [
        "PAGES = {'campaigns': 1000, 'creatives': 100}",
        "DAILY = frozenset({'CAMPAIGN', 'CREATIVE'})",
        "FACTS = ('campaign_daily_metrics', 'creative_daily_metrics')",
        "SOURCES = (Campaign, Creative)",
        "def f(a):\n if a == 'accounts': return 1\n elif a == 'campaigns': return 2",
        "match a:\n case 'accounts': pass\n case 'campaigns': pass",
    ],
)
def test_a_second_list_of_streams_is_found(source: str) -> None:
    """A dictionary, a display, a chain of comparisons and a match on names are seen as what they are."""
    assert len(registries(ast.walk(ast.parse(source)))) == 1


def test_only_the_catalogue_lists_streams() -> None:
    """No other module tells streams, tables or pivots apart by their names: what differs is declared on the stream."""
    found = {
        str(module.relative_to(PACKAGE)): registries(nodes(module))
        for module in modules(PACKAGE)
        if module.relative_to(PACKAGE).parts[0] not in ("streams", "simulator")
    }
    assert {name: lists for name, lists in found.items() if lists} == {}


ROOMS_OF_WORDS = ("cli", "commands", "defs")
TEXTS = {"description", "detail", "fix", "found", "meaning", "message", "reason", "summary", "warning"}
"""What holds text that is made for people, by the name of the variable or attribute."""
CUTS = {"endswith", "partition", "removeprefix", "removesuffix", "rpartition", "rsplit", "split", "startswith"}


def reads_words(node: ast.AST) -> bool:
    """Whether an expression decides or cuts by the words of a text that is made for people, or by a class's name."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=("partition" | "rpartition" | "split" | "rsplit"))):
            return any(isinstance(each, ast.Constant) and each.value == ": " for each in node.args) or _is_text(value)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in CUTS | {"splitlines"}:
            return _is_text(value)
        case ast.Compare(left=left, comparators=others):
            if any(_is_name_of_class(each) for each in (left, *others)):
                return True
            return any(_is_text(each, TEXTS - {"found"}) for each in others)
    return False


def reads_by_rules(node: ast.AST) -> bool:
    """Whether an expression has rules on text at all, as commands and Dagster's parts should not."""
    match node:
        case ast.Import(names=names):
            return any(name.name == "re" for name in names)
        case ast.Compare(left=left, comparators=others):
            return any(
                isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Constant) and each.slice.value == "type"
                for each in (left, *others)
            )
    return False


def _is_name_of_class(side: ast.expr) -> bool:
    """Whether one side of a comparison is the name of a class, or of an exception."""
    match side:
        case ast.Constant(value=str(text)):
            return text.endswith(("Error", "Exception"))
        case ast.Attribute(value=ast.Call(func=ast.Name(id="type")), attr="__name__"):
            return True
    return False


def _is_text(value: ast.expr, names: Collection[str] = TEXTS) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="str"), args=[ast.expr() as argument]):
            return _is_text(argument, names) or (isinstance(argument, ast.Name) and argument.id == "error")
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in names
    return False


@pytest.mark.parametrize(
    "code",
    [
        "import re",
        "state, _, fix = ending.partition(': ')",
        "fresh = result.reason.startswith('data_fresh')",
        "lines = error.meaning.splitlines()",
        "shared = error['type'] in NAMES",
        "interrupted = 'InterruptedError' in str(failure)",
        "busy = 'starting up' in str(error)",
        "unset = 'Undefined' in type(value).__name__",
    ],
)
def test_a_rule_on_words_is_found(code: str) -> None:
    """The ways in which modules have read each other's sentences are known."""
    assert any(reads_words(node) or reads_by_rules(node) for node in ast.walk(ast.parse(code)))


def test_nothing_reads_what_is_written_for_people() -> None:
    """Decisions are made by data, so that any message can be reworded; commands and Dagster's parts have no regex."""
    readers = {
        str(module.relative_to(PACKAGE))
        for module in modules(PACKAGE)
        for node in nodes(module)
        if isinstance(node, ast.Call | ast.Compare | ast.Import)  # nearly a third of a million nodes are none
        if reads_words(node) or (module.relative_to(PACKAGE).parts[0] in ROOMS_OF_WORDS and reads_by_rules(node))
    }
    assert readers == set()
