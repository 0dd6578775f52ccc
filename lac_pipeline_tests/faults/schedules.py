"""Seeded histories of an account: what changes at LinkedIn between syncs, and what goes wrong while one reads.

Every failure is one that differs from a right response: what LinkedIn returns in its own form, however false, no
program can tell.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow

Json = dict[str, Any]
Change = Callable[[Json, random.Random], None]

LISTS = ("adCampaignGroups", "adCampaigns", "creatives")
ENDPOINTS = (*LISTS, "adAccounts", "adAnalytics", "adAnalytics", "adAnalytics", "posts", "adTargetingEntities")
WAITS = ("", "1", "soon", "-5", "9" * 40, "Thu, 99 Nov 2026 00:00:00 GMT", "1.5")
STATUSES = (400, 403, 404, 408, 429, 429, 500, 502, 503, 504)
COST = "costInLocalCurrency"
TEXTS = ("name", "status", "intendedStatus")
HUGE = 2**70
NONSENSE: tuple[Any, ...] = (-5, "text", [], {}, [None], {"a": {"b": None}}, True, "nul\0", HUGE, [[[[[[]]]]]])
"""What no metric and no id can be."""


def _elements(body: Json) -> list[Any]:
    elements = body.get("elements")
    return elements if isinstance(elements, list) else []


def _one(body: Json, draw: random.Random) -> Json | None:
    records = [element for element in _elements(body) if isinstance(element, dict)]
    return draw.choice(records) if records else None


def another_form(body: Json, draw: random.Random) -> None:
    """Records that are none, beside the others or in the place of one."""
    others: tuple[Any, ...] = (None, "text", 5, [], {}, [None])
    other = draw.choice(others)
    elements = _elements(body)
    if elements and draw.random() < 0.5:
        elements[draw.randrange(len(elements))] = other
    else:
        elements.append(other)


def a_spoilt_field(body: Json, draw: random.Random) -> None:
    """A field of a record with a value that is not of its type."""
    record = _one(body, draw)
    if record is not None:
        spoilable = ("id", "name", "status", "intendedStatus", "account", "impressions", "clicks", COST)
        names = [name for name in spoilable if name in record]
        if names:
            name = draw.choice(names)
            values = [value for value in NONSENSE if not isinstance(value, bool)]
            if name == COST:  # any number is of LinkedIn's own form; a check names what lies below zero
                values = [value for value in values if not isinstance(value, int)]
            elif name in TEXTS:  # LinkedIn adds statuses, and a name may be any text
                values.remove("text")
            record[name] = draw.choice(values)


def a_missing_key(body: Json, draw: random.Random) -> None:
    """A record without what tells which one it is."""
    record = _one(body, draw)
    if record is not None:
        for name in draw.sample(("id", "dateRange", "pivotValues"), k=3):
            if name in record:
                record[name] = draw.choice((None, "text", {}, [], [None], [{}], {"start": {"year": "x"}, "end": None}))
                return


def two_values(body: Json, draw: random.Random) -> None:
    """A row with two pivot values."""
    record = _one(body, draw)
    if record is not None and isinstance(record.get("pivotValues"), list):
        record["pivotValues"] = [*record["pivotValues"], "urn:li:sponsoredCampaign:1"]


def a_row_twice(body: Json, draw: random.Random) -> None:
    """A row again, with other numbers."""
    record = _one(body, draw)
    if record is not None and "pivotValues" in record:
        _elements(body).append(copy.deepcopy(record) | {"impressions": draw.randrange(10**6, 10**7)})


def a_row_of_another_day(body: Json, draw: random.Random) -> None:
    """A row of a day that was not requested."""
    record = _one(body, draw)
    if record is not None and "dateRange" in record:
        day = {"year": draw.choice((1999, 2031)), "month": 2, "day": draw.choice((1, 30))}
        _elements(body).append(copy.deepcopy(record) | {"dateRange": {"start": day, "end": day}})


def odd_metadata(body: Json, draw: random.Random) -> None:
    """Paging that leads nowhere, or round in a circle."""
    odd: tuple[Any, ...] = (
        None,
        [],
        "text",
        5,
        {"nextPageToken": 5},
        {"nextPageToken": {}},
        {"nextPageToken": "the same"},
    )
    body["metadata"] = draw.choice(odd)
    body["paging"] = draw.choice((None, 5, [], {"count": "ten", "links": {}}))


def no_list(body: Json, draw: random.Random) -> None:
    """Something else in the place of the list."""
    if "elements" in body:
        body["elements"] = draw.choice((None, "text", 5, {}, {"elements": []}))


CHANGES: tuple[Change, ...] = (
    another_form,
    a_spoilt_field,
    a_spoilt_field,
    a_missing_key,
    two_values,
    a_row_twice,
    a_row_of_another_day,
    odd_metadata,
    no_list,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure on order: how many calls of the endpoint from now, and the arguments of `Faults.add`."""

    endpoint: str
    ahead: int
    order: dict[str, Any]


@dataclass(slots=True)
class Round:
    """One sync: what was changed at LinkedIn before, and what goes wrong in it; by name, for the report of a test."""

    edits: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def order(self, world: World) -> None:
        """Order the failures of the calls to come."""
        world.faults.clear()
        for failure in self.failures:
            world.faults.add(failure.endpoint, call=world.calls[failure.endpoint] + failure.ahead, **failure.order)


class Schedule:
    """A history drawn from a seed.

    Args:
        seed: the same seed draws the same history.
        world: what it happens to.
        account: the ad account.
        today: the last day.
    """

    def __init__(self, seed: int, world: World, *, account: int, today: date) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - a history, not a secret
        self._world = world
        self._account = account
        self._today = today
        self._new = 0

    def next(self, *, troubled: bool = True) -> Round:
        """Change the world a little, and draw what goes wrong in the next sync."""
        draw = self._draw
        edits = [self._edit(draw.choice(LISTS)) for _ in range(draw.randrange(3))]
        failures = [self._failure() for _ in range(draw.randrange(1, 5))] if troubled else []
        return Round([edit for edit in edits if edit], failures)

    def _edit(self, kind: str) -> str:
        world, draw = self._world, self._draw
        entities = list(world.entities.listed(kind, self._account))
        if len(entities) < 2:
            return ""
        entity = draw.choice(entities)
        action = draw.choice(("rename", "remove", "vanish", "restate"))
        if action == "rename":
            world.edit.set_field(kind, entity.id, "name", f"renamed {draw.randrange(1000)} Ω")
        elif action == "remove":
            world.edit.remove(kind, entity.id)
        elif action == "vanish":
            first = self._today - timedelta(days=draw.randrange(20))
            world.edit.vanish(kind, entity.id, DateWindow(first, first + timedelta(days=1 + draw.randrange(4))))
        else:
            world.edit.undo_rows()
        return f"{action} {kind} {entity.id}"

    def _failure(self) -> Failure:
        draw = self._draw
        endpoint = draw.choice(ENDPOINTS)
        kind = draw.choice(("status", "html", "cut_json", "empty", "drop", "gzip", *["altered"] * 6))
        order: dict[str, Any] = {"kind": kind}
        if kind == "status":
            order |= {"status": draw.choice(STATUSES), "headers": {"retry-after": draw.choice(WAITS)}}
        elif kind == "gzip":
            order = {"kind": "status", "status": 200, "body": "no gzip", "headers": {"content-encoding": "gzip"}}
        elif kind == "altered":
            order |= {"alter": _altering(draw.choice(CHANGES), seed=draw.randrange(2**32))}
        return Failure(endpoint, draw.randrange(1, 5 if endpoint != "adAnalytics" else 9), order)


def _altering(change: Change, *, seed: int) -> Callable[[bytes], bytes]:
    def alter(content: bytes) -> bytes:
        body = json.loads(content)
        if isinstance(body, dict):
            change(body, random.Random(seed))  # noqa: S311 - a choice, not a secret
        return json.dumps(body).encode()

    alter.__name__ = change.__name__
    return alter
