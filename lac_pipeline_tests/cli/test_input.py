"""What a person types: days in several forms, and what makes no sense refused at once with exit code 2."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime
from typing import Annotated, Literal, cast, get_args, get_origin, get_type_hints

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from lac_pipeline.cli.app import PANELS, app
from lac_pipeline.cli.terminal.days import first_day, last_day
from lac_pipeline.clock import MovableClock
from lac_pipeline.commands.session.day_names import days_named
from lac_pipeline.reference.command_pages import commands
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.cli.conftest import run_lac

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-21", date(2026, 11, 21), date(2026, 11, 21)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("today", TODAY, TODAY),
        (" Yesterday", date(2026, 2, 28), date(2026, 2, 28)),
        ("7d", date(2026, 2, 22), date(2026, 2, 22)),
        ("0d", TODAY, TODAY),
    ],
)
def test_a_day_is_named_by_date_month_name_or_distance(text: str, first: date, last: date) -> None:
    """Each form names a UTC day, or the days of a month."""
    assert days_named(text, today=TODAY) == DateWindow.inclusive(first, last)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026", "2026-13", "2026-02-30", "26-01-01", "21.11.2026", "2026-11-21T10:00", "-7d", "7", "99999d"],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    """No other form is guessed at."""
    with pytest.raises(typer.BadParameter, match="is no day: write 2026-11-21"):
        first_day(text)


def test_a_month_ends_with_its_last_day_or_today(clock: MovableClock) -> None:
    """`--until` of a month that is over means its last day, and of the running month today."""
    clock.set(datetime(2026, 3, 17, 23, 59, tzinfo=UTC))
    assert (first_day("2024-02"), last_day("2024-02")) == (date(2024, 2, 1), date(2024, 2, 29))
    assert (first_day("2026-03"), last_day("2026-03")) == (date(2026, 3, 1), date(2026, 3, 17))


@pytest.mark.parametrize(
    "line",
    [
        "sync --account all --since soon",
        "plan --account all --until 2026-02-30",
        "launch --account 1 --since 2026-02-02 --until 2026-02-01",
        "launch --account 1 --since 2999-01-01",
        "replay --account all --since 2026-13",
        "raw prune --older-than 3weeks",
        "usage --days 0",
        "usage --days 99999999",
        "demo --port 99999",
        "up --port 0",
        "simulator --port 70000",
    ],
)
def test_senseless_input_is_refused_before_anything_starts(line: str) -> None:
    """Wrong days, ports and ages end the command with 2 and a word on what is wrong; no setting is needed for that."""
    result = run_lac(*line.split())
    assert result.code == 2
    assert result.error
    assert "Traceback" not in result.error


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("up --port abc", "'--port': 'abc' is not a whole number from 1 to 65535"),
        ("demo --port 99999", "'--port': '99999' is not a whole number from 1 to 65535"),
        ("metrics --port -1", "'--port': '-1' is not a whole number from 1 to 65535"),
        ("usage --days 1.5", "'--days': '1.5' is not a whole number from 1 to 36500"),
        ("runs --limit 201", "'--limit': '201' is not a whole number from 1 to 200"),
        ("auth login --timeout nan", "'--timeout': 'nan' is not a number of at least 1"),
        ("simulator --seed x", "'--seed': 'x' is not a whole number"),
        (f"simulator --seed {'9' * 5000}", "'--seed': a value of 5000 characters is not a whole number"),
    ],
)
def test_a_number_is_refused_with_what_is_allowed(line: str, refused: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the option, the value and the limits."""
    monkeypatch.setenv("COLUMNS", "200")
    result = run_lac(*line.split())
    assert result.code == 2
    assert f"Invalid value for {refused} " in result.error


def numbers_and_choices() -> list[tuple[str, str, object]]:
    """The options and arguments that take a number or one of some values: the command, the name, what is declared."""
    found = []
    for name, command in commands():
        assert command.callback is not None
        for parameter, hint in get_type_hints(inspect.unwrap(command.callback), include_extras=True).items():
            kind, *declared = get_args(hint) if get_origin(hint) is Annotated else (hint,)
            kinds = {kind, *get_args(kind)}
            if kinds & {int, float} or any(get_origin(each) is Literal for each in kinds):
                found.append((name, parameter, declared[0]))
    return found


def test_every_number_is_read_by_a_parser_of_ours() -> None:
    """No option leaves the refusal of a number to the words of a library."""
    found = numbers_and_choices()
    assert {("lac up", "port"), ("lac usage", "days"), ("lac auth login", "timeout")} <= {each[:2] for each in found}
    assert [each[:2] for each in found if getattr(each[2], "parser", None) is None] == []


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_help_names_no_type_of_a_flag(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that takes no value shows none."""
    monkeypatch.setenv("COLUMNS", "80")
    shown = run_lac(*name.split()[1:], "--help").out
    assert "--help" in shown
    assert "<bool>" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_help_groups_the_commands() -> None:
    """Every command stands in one of the panels of `lac --help`, in their order."""
    shown = run_lac("--help").out
    panels = [shown.index(f" {panel} ") for panel in PANELS]
    assert panels == sorted(panels)
    assert " Commands " not in shown
    assert all(f" {name} " in shown for name in cast("TyperGroup", get_command(app)).commands)
