"""Which tests need neither PostgreSQL nor a server nor a process, and a guard that holds them to it."""

from __future__ import annotations

import inspect
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import HTTPServer
from types import CodeType, FunctionType
from typing import Any

import pytest

_guarded_threads: set[int] = set()
_unit: dict[int, object] = {}
"""What is known to reach nothing outside, by its id; most tests name the same functions."""


@cache
def outside() -> tuple[object, ...]:
    """What starts a process or listens on a port; a test that reaches one of these is no unit test.

    Imported where tests are collected: xdist's controller, which collects none, starts in half the time.
    """
    from moto.server import ThreadedMotoServer

    from lac_pipeline.cli.app import main
    from lac_pipeline.commands.stack.processes import Processes, reserved_port
    from lac_pipeline.postgres.embedded.server import EmbeddedServer
    from lac_pipeline.simulator.api.http_server import SimulatorServer

    return (
        *(subprocess, socket, socketserver, HTTPServer),
        *(EmbeddedServer, SimulatorServer, Processes, reserved_port, ThreadedMotoServer),
        main,  # the commands look for a running Dagster
    )


def is_unit(item: pytest.Item) -> bool:
    """Whether nothing that the test calls, its fixtures included, starts a process or a server.

    Read from the code: the names that each function uses, followed through the modules of these tests and of the
    benchmarks, and the fixtures that it requests by name.
    """
    if not isinstance(item, pytest.Function) or any(item.get_closest_marker(name) for name in _LEFT_OUT):
        return False
    return not _reaches_outside([item.function, *_fixtures(item)])


_LEFT_OUT = ("browser", "slow", "whole")


def _fixtures(item: pytest.Function) -> Iterator[Callable[..., Any]]:
    """The fixtures that a test may use, those that it or they request while they run (`getfixturevalue`) included."""
    declared = [each.func for several in item._fixtureinfo.name2fixturedefs.values() for each in several]
    yield from declared
    left = [name for function in (item.function, *declared) for name in _requested(function)]
    seen: set[str] = set()
    while left:
        name = left.pop()
        for fixture in (item.session._fixturemanager.getfixturedefs(name, item) or ())[-1:]:
            if name not in seen:
                yield fixture.func
                left += [*fixture.argnames, *_requested(fixture.func)]
        seen.add(name)


def _requested(function: Callable[..., Any]) -> list[str]:
    """The texts in a function that requests fixtures by name."""
    code = inspect.unwrap(function).__code__
    return [text for text in code.co_consts if isinstance(text, str)] if "getfixturevalue" in code.co_names else []


def _reaches_outside(start: list[Any]) -> bool:
    """Whether one of these functions, or one that they name, uses something that is outside."""
    seen: dict[int, object] = {}
    left = list(start)
    while left:
        value = left.pop()
        if id(value) in seen or id(value) in _unit:
            continue
        seen[id(value)] = value
        if any(value is each for each in outside()) or _is_server(value):
            return True
        if not (getattr(value, "__module__", None) or "").startswith(("lac_pipeline_tests", "benchmarks")):
            continue
        value = inspect.unwrap(value) if callable(value) else value
        if inspect.isclass(value):
            left += [getattr(member, "__func__", getattr(member, "fget", member)) for member in vars(value).values()]
        elif isinstance(value, FunctionType):
            left += [value.__globals__[name] for name in _names(value.__code__) if name in value.__globals__]
    _unit.update(seen)
    return False


def _is_server(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, socketserver.BaseServer)


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function uses, those of its inner functions included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


@contextmanager
def guarded() -> Iterator[None]:
    """Refuse this thread every address of its own: a unit test that listens is an error."""
    thread = threading.get_ident()
    _guarded_threads.add(thread)
    try:
        yield
    finally:
        _guarded_threads.discard(thread)


def _refuse_addresses(event: str, _: tuple[Any, ...]) -> None:
    if event == "socket.bind" and threading.get_ident() in _guarded_threads:
        raise RuntimeError("a unit test opens a socket: name what it starts in lac_pipeline_tests/unit.py, outside()")


sys.addaudithook(_refuse_addresses)
