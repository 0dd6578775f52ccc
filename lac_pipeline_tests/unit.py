"""Which tests need neither PostgreSQL nor a server nor a process, and a guard that holds them to it."""

from __future__ import annotations

import inspect
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from types import CodeType, FunctionType
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from lac_pipeline.cli.app import main
from lac_pipeline.commands.stack.processes import Processes
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.simulator.api.http_server import SimulatorServer

OUTSIDE: tuple[object, ...] = (
    *(subprocess, socket, socketserver, HTTPServer),
    *(EmbeddedServer, SimulatorServer, Processes, ThreadedMotoServer),
    main,  # the commands look for a running Dagster
)
"""What starts a process or listens on a port; a test that reaches one of these is no unit test."""

_guarded_threads: set[int] = set()


def is_unit(item: pytest.Item) -> bool:
    """Whether nothing that the test calls, its fixtures included, starts a process or a server.

    Read from the code: the names that each function uses, followed through the modules of these tests.
    """
    if not isinstance(item, pytest.Function) or any(item.iter_markers("slow")) or any(item.iter_markers("browser")):
        return False
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    return not _reaches_outside([item.function, *(fixture.func for several in fixtures for fixture in several)])


def _reaches_outside(start: list[Any]) -> bool:
    """Whether one of these functions, or one that they name, uses something of OUTSIDE."""
    seen: set[int] = set()
    left = list(start)
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if any(value is outside for outside in OUTSIDE) or _is_server(value):
            return True
        if not (getattr(value, "__module__", None) or "").startswith("lac_pipeline_tests"):
            continue
        value = inspect.unwrap(value) if callable(value) else value
        if inspect.isclass(value):
            left += [getattr(member, "__func__", getattr(member, "fget", member)) for member in vars(value).values()]
        elif isinstance(value, FunctionType):
            left += [value.__globals__[name] for name in _names(value.__code__) if name in value.__globals__]
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
        raise RuntimeError("a unit test opens a socket: name what it starts in lac_pipeline_tests/unit.py, OUTSIDE")


sys.addaudithook(_refuse_addresses)
