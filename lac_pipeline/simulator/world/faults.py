"""Failures that a test chooses: which call of which endpoint fails, and how; always the same for the same choice."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from lac_pipeline.simulator.hashing import chance
from lac_pipeline.simulator.replies import Reply

FaultKind = Literal["status", "html", "cut_json", "empty", "drop", "delay", "altered"]
Alter = Callable[[bytes], bytes]

CODES = {
    400: "ILLEGAL_ARGUMENT",
    403: "ACCESS_DENIED",
    404: "NOT_FOUND",
    408: "REQUEST_TIMEOUT",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_ERROR",
    503: "UNDER_MAINTENANCE",
    504: "GATEWAY_TIMEOUT",
}
"""LinkedIn's `code` of the statuses that are ordered most."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    Attributes:
        kind: `status` returns a JSON error, `html` an edge proxy's page, `cut_json` half a response, `empty` no body,
            `drop` closes the connection within the response, `delay` responds late, `altered` returns the response
            with a body that `alter` makes of it.
        status: the HTTP status; `empty` and `cut_json` are 200 and `html` 504 when it is not given.
        body: text instead of the usual body.
        headers: more response headers.
        seconds: how late a `delay` is.
        alter: makes the body of an `altered` response out of the real one.
    """

    kind: FaultKind
    status: int | None = None
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    alter: Alter | None = None

    def reply(self) -> Reply | None:
        """The response instead of the real one; None where the real one is still needed."""
        if self.kind == "status":
            status = self.status or 500
            payload = {"status": status, "code": CODES.get(status, "INTERNAL_ERROR"), "message": "Injected fault"}
            return self._as(Reply.of(payload, status=status, headers={"x-restli-error-response": "true"}))
        if self.kind == "html":
            page = b"<html><head><title>Gateway Timeout</title></head><body>Error 504</body></html>"
            return self._as(Reply(self.status or 504, page, content_type="text/html"))
        if self.kind == "empty":
            return self._as(Reply(self.status or 200, b""))
        return None

    def _as(self, reply: Reply) -> Reply:
        body = reply.body if self.body is None else self.body.encode()
        return Reply(reply.status, body, {**reply.headers, **self.headers}, reply.content_type)


@dataclass(frozen=True, slots=True)
class _Order:
    endpoint: str
    calls: Container[int]
    about: str
    fault: Fault


@dataclass(slots=True)
class Faults:
    """The failures on order; calls of an endpoint are numbered from 1, since the world began."""

    seed: int
    orders: list[_Order] = field(default_factory=list)
    share: float = 0.0
    chaos_seed: int = 0

    def add(
        self,
        endpoint: str,
        *,
        kind: FaultKind,
        call: int | None = None,
        calls: Container[int] | None = None,
        about: str = "",
        status: int | None = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = 0.0,
        alter: Alter | None = None,
    ) -> None:
        """Order a failure.

        Args:
            endpoint: such as `adAnalytics`; `*` is every endpoint.
            kind: how to fail.
            call: the number of the call that fails, from 1.
            calls: several of them, such as `range(1, 4)`; every call when neither is given.
            about: only calls with this text in their decoded path and query, such as `pivot=MEMBER_COMPANY`.
            status: the HTTP status.
            body: text instead of the usual body.
            headers: more response headers.
            seconds: how late a `delay` is.
            alter: makes the body of an `altered` response out of the real one.
        """
        if (kind == "altered") is (alter is None):
            raise ValueError("an altered response needs `alter`, and no other kind does")
        if kind not in get_args(FaultKind):
            raise ValueError(f"{kind!r} is not one of {', '.join(get_args(FaultKind))}")
        calls_hit = range(call, call + 1) if call is not None else range(1, 2**62) if calls is None else calls
        fault = Fault(kind, status, body, dict(headers or {}), seconds, alter)
        self.orders.append(_Order(endpoint, calls_hit, about, fault))

    def chaos(self, share: float, *, seed: int = 0) -> None:
        """Let a share of all calls fail in mixed ways, drawn from the seed, the endpoint and the call's number."""
        self.share, self.chaos_seed = share, seed

    def clear(self) -> None:
        """Take all orders back."""
        self.orders.clear()
        self.share = 0.0

    def of_call(self, endpoint: str, number: int, target: str = "") -> Fault | None:
        """The failure that this call meets; `target` is its decoded path and query."""
        for order in self.orders:
            if order.endpoint in (endpoint, "*") and number in order.calls and order.about in target:
                return order.fault
        if chance(self.seed, self.chaos_seed, endpoint, number) >= self.share:
            return None
        draw = int(chance(self.seed, self.chaos_seed, endpoint, number, 1) * len(_CHAOS))
        return _CHAOS[draw]


_CHAOS = (
    Fault("status", 500),
    Fault("status", 503),
    Fault("html"),
    Fault("cut_json"),
    Fault("empty"),
    Fault("drop"),
    Fault("delay", seconds=0.05),
)
