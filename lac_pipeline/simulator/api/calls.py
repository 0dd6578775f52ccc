"""One call of the REST API, after the gate has read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lac_pipeline.simulator.api.query import Query
from lac_pipeline.simulator.replies import Json, RestError, not_found
from lac_pipeline.simulator.world.faults import CODES
from lac_pipeline.simulator.world.identity import AccessToken
from lac_pipeline.simulator.world.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """What a resource needs to know of a request.

    Attributes:
        world: the simulated world.
        path: the decoded path after `/rest/`, in parts.
        url_path: the same as it was sent, from `/rest/` on.
        query: the parameters.
        version: the `LinkedIn-Version`, without a revision.
        restli_method: the `X-RestLi-Method` header.
        protocol2: whether Rest.li 2.0.0 was announced.
        token: of the caller.
    """

    world: World
    path: tuple[str, ...]
    url_path: str
    query: Query
    version: str
    restli_method: str | None
    protocol2: bool
    token: AccessToken

    def account_id(self) -> int:
        """The ad account in the path.

        Raises:
            RestError: 400 when it is not a number, 404 when the token may not see it.
        """
        account_id = numeric_key(self.path[1])
        if account_id in self.world.visible_accounts(self.token):
            return account_id
        if self.world.switches.forbidden_instead_of_not_found:
            raise RestError(403, "NO_PERMISSION_ON_ENTITY", f"No permission on entity adAccount {account_id}")
        raise not_found(f"adAccount {account_id}")

    def refuse_ordered(self, urn: str) -> None:
        """Refuse one URN where that was ordered.

        Raises:
            RestError: with the ordered status.
        """
        status = self.world.refused.get(urn)
        if status is not None:
            raise RestError(status, CODES.get(status), f"{urn} is not served")

    def each(self, keys: Iterable[str], read: Callable[[str], Json]) -> Json:
        """Respond to a batch: what can be read in `results`, what cannot in `errors`, with the status of both."""
        results: Json = {}
        errors: Json = {}
        statuses: Json = {}
        for key in keys:
            try:
                results[key] = read(key)
                statuses[key] = 200
            except RestError as refusal:
                errors[key] = refusal.payload()
                statuses[key] = refusal.status
        return {"results": results, "statuses": statuses, "errors": errors}


def numeric_key(text: str) -> int:
    """A key in the path that has to be a number."""
    if text.isascii() and text.isdigit():
        return int(text)
    message = f"Path key '{text}' must be of type 'java.lang.Long'"
    raise RestError(400, "PARAM_INVALID", message)
