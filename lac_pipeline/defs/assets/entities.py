"""The account structure: ad accounts, campaign groups, campaigns and creatives, one partition per ad account."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import dagster as dg

from lac_pipeline.defs.assets.fetching import Answer, Question, fetch
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.options import linkedin_asset
from lac_pipeline.defs.io_manager import Fetched
from lac_pipeline.defs.partitions import AccountWindow, account_partitions
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.paging import Page
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams import stream_of

Finder = Callable[[LinkedInClient, int], AsyncIterator[Page]]


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record in the account structure: how LinkedIn is asked for it.

    Attributes:
        name: the asset and its table.
        finder: the client's method that lists the records of an account.
        parent: the entity that its records name as theirs.
        shows_contents: whether its records are named by the posts or messages they show.
    """

    name: str
    finder: Finder
    parent: str | None = None
    shows_contents: bool = False

    def ask(self, client: LinkedInClient, partition: AccountWindow, naming: Naming) -> Question:
        """Ask for all of the account's records, in any status."""
        columns = validator_of(stream_of(self.name), partition.account_id).columns
        return Question(columns, self._each_once(client, partition.account_id, naming))

    async def _each_once(self, client: LinkedInClient, account_id: int, naming: Naming) -> AsyncIterator[Answer]:
        """Walk the finder to its end; a record edited during the walk may come twice, and its last form counts."""
        key = validator_of(stream_of(self.name), account_id).key
        latest: dict[object, Any] = {}
        sources: list[str] = []
        async for page in self.finder(client, account_id):
            for element in page.elements:
                # A record without a readable key is no later form of another: each goes on to be refused.
                latest[key.whole(element) or f"without a key, {len(latest)}"] = element
            sources += page.sources
        records = list(latest.values())
        content_names = await naming.contents(records) if self.shows_contents else {}
        yield Answer(
            records, validator_of(stream_of(self.name), account_id, content_names=content_names), tuple(sources)
        )


async def _account(client: LinkedInClient, account_id: int) -> AsyncIterator[Page]:
    yield await client.account(account_id)


ENTITIES = (
    Entity("accounts", _account),
    Entity("campaign_groups", LinkedInClient.campaign_groups, parent="accounts"),
    Entity("campaigns", LinkedInClient.campaigns, parent="campaign_groups"),
    Entity("creatives", LinkedInClient.creatives, parent="campaigns", shows_contents=True),
)


def entity_assets(freshness: dg.FreshnessPolicy) -> list[dg.AssetsDefinition]:
    """The four assets of the account structure, each downstream of the one that its records name as their parent."""
    return [_entity_asset(entity, freshness) for entity in ENTITIES]


def _entity_asset(entity: Entity, freshness: dg.FreshnessPolicy) -> dg.AssetsDefinition:
    @linkedin_asset(
        entity.name,
        group="entities",
        partitions=account_partitions,
        deps=[dg.AssetDep(entity.parent)] if entity.parent else [],
        freshness=freshness,
    )
    async def asset(
        context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource
    ) -> Fetched:
        return await fetch(context, linkedin, warehouse, ask=entity.ask)

    return asset
