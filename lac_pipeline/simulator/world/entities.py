"""The entities of the simulated world: LinkedIn's own records, and beside them what decides their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lac_pipeline.linkedin import urn

Record = dict[str, Any]

ACCOUNTS = "adAccounts"
GROUPS = "adCampaignGroups"
CAMPAIGNS = "adCampaigns"
CREATIVES = "creatives"
USERS = "adAccountUsers"
CONVERSIONS = "conversions"
LEAD_FORMS = "leadForms"
KINDS = (ACCOUNTS, GROUPS, CAMPAIGNS, CREATIVES)
"""What has numbers of its own."""
TRACKING = "adTrackingParameters"
_LISTED = (*KINDS, USERS, CONVERSIONS, LEAD_FORMS, TRACKING)

URN_KIND = {
    ACCOUNTS: urn.ACCOUNT,
    GROUPS: urn.CAMPAIGN_GROUP,
    CAMPAIGNS: urn.CAMPAIGN,
    CREATIVES: urn.CREATIVE,
}

EVERY_MONTH = 0b1111_1111_1111


@dataclass(frozen=True, slots=True)
class Delivery:
    """What decides a creative's numbers; never on the wire.

    Attributes:
        level: impressions on an ordinary weekday.
        cpm: cost of a thousand impressions, in account currency.
        first: ordinal of the first day with activity.
        last: ordinal of the last day with activity; None while it runs on.
        months: bit 0 is January; the creative rests in the other months.
        chance: how likely a day in its run has activity at all.
        tags: what kind of ad it is (`video`, `leads`, ...), which decides the metrics that it can have.
        market: whose members see it, such as `EMEA`; empty for members of no place in particular.
        appeal: how much more or less readily than others members click on an ad of this kind.
    """

    level: float
    cpm: float
    first: int
    last: int | None = None
    months: int = EVERY_MONTH
    chance: float = 1.0
    tags: frozenset[str] = frozenset()
    market: str = ""
    appeal: float = 1.0


@dataclass(frozen=True, slots=True)
class AdCopy:
    """What an ad says.

    Attributes:
        name: what the advertiser calls it.
        headline: of the post, article or message.
        intro: the text of the post or message.
        button: the label of a message's button.
        audience: whom a text ad names under its headline.
    """

    name: str
    headline: str
    intro: str
    button: str
    audience: str


@dataclass(slots=True)
class Entity:
    """One account, campaign group, campaign, creative, conversion rule or lead form, or a user's role on an account.

    Attributes:
        kind: the endpoint that lists it.
        id: its number; creatives, too, have one behind their URN, and a user's role has one that no record shows.
        account_id: the ad account it is in.
        parent_id: group of a campaign, campaign of a creative; otherwise the account.
        record: what LinkedIn's finder gives.
        delivery: for creatives only.
        gone: no finder lists it any more, though its numbers stay in adAnalytics.
        copy: what a creative says, where that was written for it.
    """

    kind: str
    id: int
    account_id: int
    parent_id: int
    record: Record
    delivery: Delivery | None = None
    gone: bool = False
    copy: AdCopy | None = None

    @property
    def urn(self) -> str:
        """The URN by which other records name it."""
        return urn.urn(URN_KIND[self.kind], self.id)


@dataclass(slots=True)
class Entities:
    """All entities, by kind and id; `revision` moves with every change."""

    by_kind: dict[str, dict[int, Entity]] = field(default_factory=lambda: {kind: {} for kind in _LISTED})
    revision: int = 0

    def add(self, entity: Entity) -> Entity:
        """Take an entity in."""
        self.by_kind[entity.kind][entity.id] = entity
        self.revision += 1
        return entity

    def get(self, kind: str, entity_id: int) -> Entity:
        """Give one entity, also one that is gone.

        Raises:
            KeyError: there never was one.
        """
        return self.by_kind[kind][entity_id]

    def accounts(self) -> Iterator[Entity]:
        """Every account that the finder lists."""
        return self.listed(ACCOUNTS, None)

    def listed(self, kind: str, account_id: int | None) -> Iterator[Entity]:
        """What a finder lists, by id; None means in every account."""
        return (day for day in self.every(kind, account_id) if not day.gone)

    def every(self, kind: str, account_id: int | None) -> Iterator[Entity]:
        """The same with what is gone."""
        ordered: Iterable[Entity] = sorted(self.by_kind[kind].values(), key=lambda entity: entity.id)
        return (record for record in ordered if account_id is None or record.account_id == account_id)
