"""Changes to the world while it runs: what an advertiser does, what LinkedIn takes back, and what breaks on the way."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from lac_pipeline.linkedin.urn import urn
from lac_pipeline.simulator.world.altered_rows import RowChange
from lac_pipeline.simulator.world.entities import CREATIVES, URN_KIND, Entity
from lac_pipeline.simulator.world.numbers import Vanished
from lac_pipeline.simulator.world.state import WorldState
from lac_pipeline.windows import DateWindow


@dataclass(slots=True)
class Edits:
    """Changes to a world's truth; `kind` is the endpoint that lists an entity, such as `adCampaigns`."""

    world: WorldState

    def set_field(self, kind: str, entity_id: int, name: str, value: object) -> None:
        """Set a field of a record and move its last-modified stamp."""
        entity = self.world.entities.get(kind, entity_id)
        entity.record[name] = value
        self.touch(entity)

    def drop_field(self, kind: str, entity_id: int, name: str) -> None:
        """Take a field out of a record, such as the name of a campaign."""
        entity = self.world.entities.get(kind, entity_id)
        entity.record.pop(name, None)
        self.touch(entity)

    def refuse(self, urn: str, status: int | None) -> None:
        """Serve one post or message with this status, also within a batch; None serves it normally again."""
        self.world.refused.pop(urn, None)
        if status is not None:
            self.world.refused[urn] = status

    def touch(self, entity: Entity) -> None:
        """Move the last-modified stamp to now."""
        now = int(self.world.now().timestamp() * 1000)
        if "changeAuditStamps" in entity.record:
            entity.record["changeAuditStamps"]["lastModified"]["time"] = now
        for name in ("lastModifiedAt", "lastModified"):
            if name in entity.record:
                entity.record[name] = now
        self.world.entities.revision += 1

    def remove(self, kind: str, entity_id: int) -> None:
        """Let no finder give an entity any more; its numbers stay."""
        self.world.entities.get(kind, entity_id).gone = True
        self.world.entities.revision += 1

    def restore(self, kind: str, entity_id: int) -> None:
        """Let finders give an entity again."""
        self.world.entities.get(kind, entity_id).gone = False
        self.world.entities.revision += 1

    def add_like(
        self, kind: str, model_id: int, *, entity_id: int, parent_id: int | None = None, **fields: object
    ) -> Entity:
        """Add an entity made like another one.

        Args:
            kind: the endpoint that lists it.
            model_id: the entity to copy, its delivery too.
            entity_id: the number of the new one.
            parent_id: another group or campaign than the model's.
            fields: fields of the record that differ.
        """
        model = self.world.entities.get(kind, model_id)
        own = urn(URN_KIND[kind], entity_id) if kind == CREATIVES else entity_id
        parent = model.parent_id if parent_id is None else parent_id
        record = {**copy.deepcopy(model.record), "id": own, **_parent_field(kind, parent), **fields}
        return self.world.entities.add(
            Entity(kind, entity_id, model.account_id, parent, record, delivery=model.delivery)
        )

    def vanish(self, kind: str, entity_id: int, window: DateWindow) -> None:
        """Take the numbers of an entity, and of all below it, away for some days."""
        self.world.altered.vanished.append(Vanished(kind, urn(URN_KIND[kind], entity_id), window))

    def lose_rows(self, pivot: str, window: DateWindow, *, value: str | None = None) -> None:
        """Leave rows out of responses with this pivot only, without a sign, as a lossy back end does."""
        self.world.altered.changes.append(RowChange(pivot, value, window, None, None))

    def break_rows(
        self, pivot: str, window: DateWindow, *, name: str, replacement: object, value: str | None = None
    ) -> None:
        """Return nonsense in one field of the rows of this pivot."""
        self.world.altered.changes.append(RowChange(pivot, value, window, name, replacement))

    def withdraw_response(self, response_id: str) -> None:
        """Let a lead form's response be gone, as when a member has it deleted."""
        self.world.withdrawn_responses.add(response_id)

    def alter_response(self, response_id: str, **fields: object) -> None:
        """Return a lead form's response with other fields."""
        self.world.altered_responses.setdefault(response_id, {}).update(fields)

    def revoke(self, token: str) -> None:
        """Let a member take back an access token, or a refresh token with all made from it."""
        identities = self.world.identities
        if token in identities.refresh:
            identities.refresh[token].revoked = True
        else:
            identities.access[token].revoked = True

    def expire(self, token: str) -> None:
        """Let an access or refresh token end now."""
        identities, now = self.world.identities, self.world.now()
        if token in identities.refresh:
            identities.refresh[token].refresh_expires_at = now
        else:
            identities.access[token].expires_at = now

    def forbid(self, account_id: int, *, token: str | None = None) -> None:
        """Take a member's role on an account away; for the world's own token when none is named."""
        self.world.identities.access[token or self.world.token].forbidden_accounts.add(account_id)

    def allow(self, account_id: int, *, token: str | None = None) -> None:
        """Give the role back."""
        self.world.identities.access[token or self.world.token].forbidden_accounts.discard(account_id)

    def undo_rows(self) -> None:
        """Make lost, broken and vanished rows whole again."""
        self.world.altered.changes.clear()
        self.world.altered.vanished.clear()


def _parent_field(kind: str, parent_id: int) -> dict[str, str]:
    if kind == "adCampaigns":
        return {"campaignGroup": urn("sponsoredCampaignGroup", parent_id)}
    return {"campaign": urn("sponsoredCampaign", parent_id)} if kind == CREATIVES else {}
