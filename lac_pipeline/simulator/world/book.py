"""The creatives of the world as columns, so that numbers are made for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lac_pipeline.simulator.hashing import Floats, Ints, Masks, mix, salt, uniform
from lac_pipeline.simulator.world.conversion_rules import rules_of, worth_of
from lac_pipeline.simulator.world.entities import CAMPAIGNS, CREATIVES, Delivery, Entities, Entity

FOREVER = 4_000_000
Money = tuple[int, int]

CURRENCIES: dict[str, Money] = {"EUR": (10_000, 1_083_700), "USD": (10_000, 1_000_000), "JPY": (1_000_000, 6_710)}
"""Per currency: the smallest amount in millionths of a unit, and dollars for a million units."""


@dataclass(frozen=True, slots=True)
class Book:
    """One entry per creative with a delivery, in every column.

    Attributes:
        ids: creative numbers.
        keys: for each pivot over entities (`CAMPAIGN`, ...), the URN that the creative is counted under.
        level: impressions on an ordinary weekday.
        cpm: cost of a thousand impressions, in account currency.
        quantum: smallest amount of the account currency, in millionths.
        dollars: dollars for a million units of the account currency.
        first: first day with activity, as an ordinal.
        last: last day with activity.
        months: months in which it runs, bit 0 is January.
        chance: how likely a day has activity.
        tags: the kinds of ad.
        markets: whose members see them.
        appeal: how readily members click on them, around 1.
        rules: the conversion rules that each counts under, with their weights.
        worth: what a conversion by each rule is worth, in millionths of the account currency.
    """

    ids: Ints
    keys: dict[str, list[str]]
    level: Floats
    cpm: Floats
    quantum: Ints
    dollars: Ints
    first: Ints
    last: Ints
    months: Ints
    chance: Floats
    tags: list[frozenset[str]]
    markets: list[str]
    appeal: Floats
    rules: list[Mapping[int, float]]
    worth: Mapping[int, int]

    @property
    def rule_ids(self) -> list[int]:
        """The conversion rules that any of the creatives counts under."""
        return sorted({rule for rules in self.rules for rule in rules})

    def rule_shares(self, seed: int) -> Floats:
        """How a creative's conversions fall to the rules: creatives down, `rule_ids` across."""
        ids = self.rule_ids
        weights = np.array([[rules.get(rule, 0.0) for rule in ids] for rules in self.rules], dtype=np.float64)
        weights = weights.reshape(len(self.ids), len(ids))
        bend = 0.5 + uniform(mix(seed, salt("rules"), self.ids[:, None], _ints(ids)[None, :]))
        bent: Floats = weights * bend
        shares: Floats = bent / np.maximum(bent.sum(axis=1, keepdims=True), 1e-9)
        return shares

    def select(self, selected: Masks) -> Book:
        """The creatives of a mask."""
        rows = np.flatnonzero(selected)
        return Book(
            ids=self.ids[rows],
            keys={pivot: [urns[row] for row in rows] for pivot, urns in self.keys.items()},
            level=self.level[rows],
            cpm=self.cpm[rows],
            quantum=self.quantum[rows],
            dollars=self.dollars[rows],
            first=self.first[rows],
            last=self.last[rows],
            months=self.months[rows],
            chance=self.chance[rows],
            tags=[self.tags[row] for row in rows],
            markets=[self.markets[row] for row in rows],
            appeal=self.appeal[rows],
            rules=[self.rules[row] for row in rows],
            worth=self.worth,
        )

    def among(self, pivot: str, urns: set[str]) -> Masks:
        """The mask of the creatives counted under any of these URNs."""
        return np.array([urn in urns for urn in self.keys[pivot]], dtype=bool)

    def tagged(self, tags: frozenset[str]) -> Masks:
        """The mask of the creatives with any of these tags; all when there are none."""
        return np.array([not tags or bool(tags & own) for own in self.tags], dtype=bool)


def compile_book(entities: Entities) -> Book:
    """Lay all creatives that ever delivered out as columns, gone ones too."""
    rows = [day for day in entities.every(CREATIVES, None) if day.delivery is not None]
    deliveries = [row.delivery for row in rows if row.delivery is not None]
    money = [_money(entities, row) for row in rows]
    return Book(
        ids=_ints([row.id for row in rows]),
        keys={pivot: [key(entities, row) for row in rows] for pivot, key in ENTITY_PIVOTS.items()},
        level=_floats(deliveries, "level"),
        cpm=_floats(deliveries, "cpm"),
        quantum=_ints([quantum for quantum, _ in money]),
        dollars=_ints([dollars for _, dollars in money]),
        first=_ints([delivery.first for delivery in deliveries]),
        last=_ints([FOREVER if delivery.last is None else delivery.last for delivery in deliveries]),
        months=_ints([delivery.months for delivery in deliveries]),
        chance=_floats(deliveries, "chance"),
        tags=[delivery.tags for delivery in deliveries],
        markets=[delivery.market for delivery in deliveries],
        appeal=_floats(deliveries, "appeal"),
        rules=_rules(entities, rows),
        worth=worth_of(entities),
    )


def _rules(entities: Entities, creatives: Sequence[Entity]) -> list[Mapping[int, float]]:
    """The rules of each creative, read once for each campaign."""
    of_campaign = {creative.parent_id: creative for creative in creatives}
    known = {campaign: rules_of(entities, creative) for campaign, creative in of_campaign.items()}
    return [known[creative.parent_id] for creative in creatives]


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _floats(deliveries: Sequence[Delivery], name: str) -> Floats:
    return np.array([getattr(delivery, name) for delivery in deliveries], dtype=np.float64)


def _money(entities: Entities, creative: Entity) -> Money:
    currency = entities.get("adAccounts", creative.account_id).record.get("currency")
    return CURRENCIES.get(str(currency), CURRENCIES["USD"])


def _of_campaign(field: str) -> Callable[[Entities, Entity], str]:
    def read(entities: Entities, creative: Entity) -> str:
        record: dict[str, Any] = entities.get(CAMPAIGNS, creative.parent_id).record
        return str(record.get(field, ""))

    return read


def _account(_: Entities, creative: Entity) -> str:
    return f"urn:li:sponsoredAccount:{creative.account_id}"


def _group(entities: Entities, creative: Entity) -> str:
    return f"urn:li:sponsoredCampaignGroup:{entities.get(CAMPAIGNS, creative.parent_id).parent_id}"


def _campaign(_: Entities, creative: Entity) -> str:
    return f"urn:li:sponsoredCampaign:{creative.parent_id}"


def _share(_: Entities, creative: Entity) -> str:
    return str(creative.record.get("content", {}).get("reference", f"urn:li:share:{creative.id}0"))


ENTITY_PIVOTS: dict[str, Callable[[Entities, Entity], str]] = {
    "ACCOUNT": _account,
    "CAMPAIGN_GROUP": _group,
    "CAMPAIGN": _campaign,
    "CREATIVE": lambda _, creative: creative.urn,
    "SHARE": _share,
    "COMPANY": _of_campaign("associatedEntity"),
    "OBJECTIVE_TYPE": _of_campaign("objectiveType"),
    "CAMPAIGN_TYPE": _of_campaign("type"),
}
"""Pivots under which each creative counts as a whole; the last two serve only as filters."""
