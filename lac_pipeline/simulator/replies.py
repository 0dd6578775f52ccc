"""What the simulator returns: bodies, refusals in LinkedIn's shapes, and the headers of every response."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

DETAIL_TYPE = "com.linkedin.common.error.BadRequest"

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """One response before it becomes HTTP."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    @classmethod
    def of(cls, payload: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """Encode a JSON response."""
        return cls(status, msgspec.json.encode(payload), headers or {})


class RestError(Exception):
    """A refusal in the shape of LinkedIn's error responses.

    Args:
        status: the HTTP status.
        code: LinkedIn's code; None where LinkedIn sends none.
        message: the text; it never holds a token.
        service_code: `serviceErrorCode`, where LinkedIn sends one.
        path: the request's field that is wrong; adds `errorDetails`.
        gateway: whether the gateway refused, before the resource saw the request.
        headers: headers beside the usual ones.
    """

    def __init__(
        self,
        status: int,
        code: str | None,
        message: str,
        *,
        service_code: int | None = None,
        path: str | None = None,
        gateway: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.service_code = service_code
        self.path = path
        self.gateway = gateway
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        """Write the refusal as LinkedIn does."""
        marker = "x-restli-gateway-error" if self.gateway else "x-restli-error-response"
        return Reply.of(self.payload(), status=self.status, headers={marker: "true", **self.headers})

    def payload(self) -> Json:
        """The JSON body of the refusal."""
        body: Json = {"status": self.status}
        if self.service_code is not None:
            body["serviceErrorCode"] = self.service_code
        if self.code is not None:
            body["code"] = self.code
        if self.path is None or self.code is None:
            return {**body, "message": self.message}
        problem = {"description": self.message, "code": self.code, "input": {"inputPath": {"fieldPath": self.path}}}
        summary = f"{self.code.replace('_', ' ').capitalize()}. Please see errorDetails for more information."
        return {
            **body,
            "message": summary,
            "errorDetailType": DETAIL_TYPE,
            "errorDetails": {"inputErrors": [problem]},
        }


def param_invalid(path: str, why: str = "Invalid value for param; wrong type or other syntax error") -> RestError:
    """A parameter whose value cannot be read."""
    return RestError(400, "PARAM_INVALID", why, path=path)


def field_invalid(path: str, why: str) -> RestError:
    """A search key, pivot or field name that LinkedIn does not know there."""
    return RestError(400, "FIELD_INVALID", why, path=path)


def illegal_argument(why: str) -> RestError:
    """A request that reads well and makes no sense."""
    return RestError(400, "ILLEGAL_ARGUMENT", why)


def not_found(what: str) -> RestError:
    """An entity that does not exist, or that this token must not see."""
    return RestError(404, "NOT_FOUND", f"{what} was not found")


def no_permission(resource: str, method: str, version: str) -> RestError:
    """A missing scope or product."""
    month = version.partition(".")[0]
    message = f"Not enough permissions to access: {resource}.{method}.{month}01"
    return RestError(403, "ACCESS_DENIED", message, service_code=100, gateway=True)


def li_headers(seed: int, number: int) -> dict[str, str]:
    """The tracing headers that LinkedIn's support needs; never a rate-limit header."""
    digest = hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()
    return {
        "x-li-uuid": digest[:32].upper(),
        "x-li-fabric": "prod-sim1",
        "x-li-request-id": digest[32:48],
        "x-li-pop": "sim-prod",
        "x-li-proto": "http/1.1",
        "x-restli-protocol-version": "2.0.0",
    }
