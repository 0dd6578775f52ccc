"""The simulator's own API under `/control/`, for people and tests in other processes; JSON in, JSON out.

| path | |
|---|---|
| GET /control/state | clock, seed, switches, calls by endpoint |
| GET /control/credentials | a valid client, access token and refresh token |
| POST /control/clock | `{"advance_seconds": 86400}` or `{"now": "2026-11-20T12:00:00+00:00"}` |
| POST /control/switches | the switches to change, by name |
| POST, DELETE /control/faults | the arguments of `Faults.add`, or `{"chaos": 0.1}`; DELETE takes all back |
| POST /control/quotas | `{"endpoint": "adAnalytics", "member_day": 100}` |
| GET, DELETE /control/requests | what arrived; DELETE starts counting again |
| POST /control/edits | `{"edit": "set_field", "kind": "adCampaigns", ...}`: the methods of `Edits` |
| GET /control/truth/{what} | `accounts`; `campaign_groups`, `campaigns`, `creatives`, `lead_forms` with `?account=` |
| GET /control/truth/analytics | rows: `?account=`, `pivot`, `granularity`, `since`, `until`, `metrics` |
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lac_pipeline.simulator.world.switches import Switches
from lac_pipeline.simulator.world.truth import Truth
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow

Arguments = dict[str, Any]
Action = Callable[[World, Arguments], object]

_EDITS = frozenset(
    "set_field drop_field remove restore add_like vanish lose_rows break_rows undo_rows "
    "revoke expire forbid allow refuse".split()
)


def control_routes(world: World) -> list[Route]:
    """The routes below `/control`."""
    return [
        Route("/state", _responding(world, _state), methods=["GET"]),
        Route("/credentials", _responding(world, _credentials), methods=["GET"]),
        Route("/clock", _responding(world, _clock), methods=["POST"]),
        Route("/switches", _responding(world, _switches), methods=["POST"]),
        Route("/faults", _responding(world, _faults), methods=["POST"]),
        Route("/faults", _responding(world, _no_faults), methods=["DELETE"]),
        Route("/quotas", _responding(world, _quotas), methods=["POST"]),
        Route("/requests", _responding(world, _requests), methods=["GET"]),
        Route("/requests", _responding(world, _forget), methods=["DELETE"]),
        Route("/edits", _responding(world, _edit), methods=["POST"]),
        Route("/truth/{what}", _responding(world, _truth), methods=["GET"]),
    ]


def _responding(world: World, action: Action) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await request.body()
            arguments = {**request.query_params, **request.path_params, **(json.loads(body) if body else {})}
            return JSONResponse(action(world, arguments))
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            return JSONResponse({"error": f"{type(wrong).__name__}: {wrong}"}, status_code=400)

    return endpoint


def _state(world: World, _: Arguments) -> object:
    return {
        "now": world.now().isoformat(),
        "seed": world.seed,
        "switches": asdict(world.switches),
        "calls": dict(world.calls),
    }


def _credentials(world: World, _: Arguments) -> object:
    return {
        "client_id": world.client_id,
        "client_secret": world.client_secret,
        "access_token": world.token,
        "refresh_token": world.refresh_token,
    }


def _clock(world: World, arguments: Arguments) -> object:
    if "now" in arguments:
        moment = datetime.fromisoformat(arguments["now"])
        if moment.tzinfo is None:
            raise ValueError("`now` needs a time zone")
        world.set_now(moment)
    else:
        world.advance(timedelta(seconds=float(arguments["advance_seconds"])))
    return {"now": world.now().isoformat()}


def _switches(world: World, arguments: Arguments) -> object:
    known = asdict(Switches())
    for name, value in arguments.items():
        if name not in known:
            raise KeyError(f"{name} is not one of {', '.join(known)}")
        setattr(world.switches, name, value)
    return asdict(world.switches)


def _faults(world: World, arguments: Arguments) -> object:
    if "chaos" in arguments:
        world.faults.chaos(float(arguments["chaos"]), seed=int(arguments.get("seed", 0)))
    else:
        world.faults.add(**arguments)
    return {"orders": len(world.faults.orders)}


def _no_faults(world: World, _: Arguments) -> object:
    world.faults.clear()
    return {"orders": 0}


def _quotas(world: World, arguments: Arguments) -> object:
    world.quotas.limit(**arguments)
    return {name: asdict(quota) for name, quota in world.quotas.by_endpoint.items()}


def _requests(world: World, _: Arguments) -> object:
    return [{**asdict(request), "at": request.at.isoformat()} for request in world.requests]


def _forget(world: World, _: Arguments) -> object:
    world.calls.clear()
    world.requests.clear()
    return {}


def _edit(world: World, arguments: Arguments) -> object:
    name = arguments.pop("edit")
    if name not in _EDITS:
        raise KeyError(f"{name} is not one of {', '.join(sorted(_EDITS))}")
    if {"since", "until"} & set(arguments):
        arguments["window"] = _window(arguments)
    getattr(world.edit, name)(**arguments)
    return {}


def _window(arguments: Arguments) -> DateWindow:
    """The days from `since` through `until`."""
    return DateWindow.inclusive(date.fromisoformat(arguments.pop("since")), date.fromisoformat(arguments.pop("until")))


def _truth(world: World, arguments: Arguments) -> object:
    what, truth = arguments["what"], world.truth
    if what == "accounts":
        return truth.accounts()
    account_id = int(arguments["account"])
    if what == "analytics":
        metrics = arguments["metrics"].split(",")
        return truth.analytics(account_id, arguments["pivot"], arguments["granularity"], _window(arguments), metrics)
    listed = {
        "campaign_groups": Truth.campaign_groups,
        "campaigns": Truth.campaigns,
        "creatives": Truth.creatives,
        "lead_forms": Truth.lead_forms,
    }
    return listed[what](truth, account_id)
