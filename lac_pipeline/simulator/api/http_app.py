"""The simulator as a Starlette application: REST, OAuth and control on one port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from lac_pipeline.simulator.api import oauth_routes as oauth
from lac_pipeline.simulator.api.gate import Sent, endpoint_of, response
from lac_pipeline.simulator.control.routes import control_routes
from lac_pipeline.simulator.replies import Reply, RestError, li_headers
from lac_pipeline.simulator.world.world import Recorded, World

FORM = "application/x-www-form-urlencoded"
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]


class _Dropped(Response):
    """A connection that ends within the response: Content-Length is larger than the body that is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"elements":[', "more_body": True})


def create_app(world: World) -> Starlette:
    """Serve a world."""

    async def rest(request: Request) -> Response:
        return await _exchange(world, request, endpoint_of(raw_path(request)), lambda body: _rest(world, request, body))

    async def token(request: Request) -> Response:
        return await _exchange(world, request, "accessToken", lambda body: _form(world, request, body, "accessToken"))

    async def introspection(request: Request) -> Response:
        return await _exchange(
            world, request, "introspectToken", lambda body: _form(world, request, body, "introspectToken")
        )

    async def consent(request: Request) -> Response:
        return await _exchange(world, request, "authorization", lambda _: oauth.authorization(world, request.url.query))

    return Starlette(
        routes=[
            Route("/rest/{path:path}", rest, methods=_METHODS),
            Route("/oauth/v2/accessToken", token, methods=_METHODS),
            Route("/oauth/v2/introspectToken", introspection, methods=_METHODS),
            Route("/oauth/v2/authorization", consent, methods=["GET"]),
            Mount("/control", routes=control_routes(world)),
        ]
    )


def raw_path(request: Request) -> str:
    """The path as it was sent."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.partition(b"?")[0].decode("latin-1")


async def _exchange(world: World, request: Request, endpoint: str, make: Callable[[str], Reply]) -> Response:
    """Count one request, let it fail where a fault was set, and respond."""
    body = (await request.body()).decode("latin-1")
    recorded = _recorded(world, request, endpoint, body)
    fault = world.faults.of_call(endpoint, world.record(recorded), unquote(f"{recorded.path}?{recorded.query}"))
    if fault is not None and fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    if fault is not None and fault.kind == "drop":
        return _Dropped()
    reply = (fault.reply() if fault is not None else None) or make(body)
    if fault is not None and fault.kind == "cut_json":
        reply = Reply(fault.status or reply.status, reply.body[: len(reply.body) // 2], reply.headers)
    if fault is not None and fault.alter is not None and reply.status == 200:
        reply = replace(reply, body=fault.alter(reply.body))
    headers = {**li_headers(world.seed, world.arrived), **reply.headers}
    return Response(reply.body, reply.status, headers, reply.content_type)


def _recorded(world: World, request: Request, endpoint: str, body: str) -> Recorded:
    tunnelled = request.method == "POST" and "x-http-method-override" in request.headers
    query = request.scope["query_string"].decode("latin-1")
    return Recorded(
        endpoint=endpoint,
        method=request.method,
        path=raw_path(request),
        query=body if tunnelled else "" if endpoint == "authorization" else query,
        tunnelled=tunnelled,
        version=request.headers.get("linkedin-version"),
        at=world.now(),
    )


def _rest(world: World, request: Request, body: str) -> Reply:
    try:
        query = _query(world, request, body)
        sent = Sent(request.method, raw_path(request), query, request.headers)
        return Reply.of(response(world, sent, endpoint_of(sent.path)))
    except RestError as refusal:
        return refusal.reply()


def _query(world: World, request: Request, body: str) -> str:
    """The query string of a GET, or of a GET that came in the body of a POST."""
    query: str = request.scope["query_string"].decode("latin-1")
    if request.method == "GET":
        if len(query) > world.switches.url_limit:
            raise RestError(414, "URI_TOO_LONG", "Request URI is too long", gateway=True)
        return query
    if request.method != "POST" or request.headers.get("x-http-method-override", "").upper() != "GET":
        raise RestError(405, "METHOD_NOT_ALLOWED", f"Method {request.method} is not supported here", gateway=True)
    if "content-length" not in request.headers:
        raise RestError(411, "LENGTH_REQUIRED", "A Content-Length is required", gateway=True)
    if request.headers.get("content-type", "").partition(";")[0] != FORM or query:
        raise RestError(400, "ILLEGAL_ARGUMENT", f"A tunnelled query is the body of a {FORM} POST", gateway=True)
    return body


def _form(world: World, request: Request, body: str, endpoint: str) -> Reply:
    try:
        form = _read_form(request, body)
        return (oauth.access_token if endpoint == "accessToken" else oauth.introspect)(world, form)
    except oauth.OAuthError as refusal:
        return refusal.reply()


def _read_form(request: Request, body: str) -> dict[str, str]:
    if request.method != "POST":
        raise oauth.OAuthError(405, "invalid_request", "Only POST is supported")
    if request.headers.get("content-type", "").partition(";")[0] != FORM:
        raise oauth.OAuthError(400, "invalid_request", f"The content type must be {FORM}")
    return dict(parse_qsl(body))
