"""The account structure as LinkedIn sends it: accounts, campaign groups, campaigns, creatives, account users.

A model's fields are the columns of its table, each with the path in LinkedIn's record that it is read from. Fields
without a path have LinkedIn's name in snake_case. Source: LinkedIn's pages on these resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Annotated, Any, ClassVar, get_type_hints

from pydantic import AliasPath, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo, model_validator
from pydantic.alias_generators import to_camel

from lac_pipeline.linkedin import urn
from lac_pipeline.linkedin.records import NameSource
from lac_pipeline.models.creative_names import name_of
from lac_pipeline.models.field_types import (
    AccountId,
    Amount,
    Flag,
    Instant,
    JsonList,
    JsonObject,
    Text,
    entity_id,
    refusal,
)
from lac_pipeline.models.keys import KeyReader
from lac_pipeline.streams import Stream
from lac_pipeline.streams.entities import (
    ACCOUNT_USERS,
    ACCOUNTS,
    CAMPAIGN_GROUPS,
    CAMPAIGN_TRACKING_PARAMETERS,
    CAMPAIGNS,
    CREATIVES,
)

GroupId = Annotated[int, PlainValidator(partial(entity_id, kind=urn.CAMPAIGN_GROUP))]
CampaignId = Annotated[int, PlainValidator(partial(entity_id, kind=urn.CAMPAIGN))]
CreativeId = Annotated[int, PlainValidator(partial(entity_id, kind=urn.CREATIVE))]


NOTIFIERS = (
    "notifiedOnCampaignOptimization",
    "notifiedOnCreativeApproval",
    "notifiedOnCreativeRejection",
    "notifiedOnEndOfCampaign",
    "notifiedOnNewFeaturesEnabled",
)


def at(*path: str) -> Any:  # noqa: ANN401 - what pydantic's own Field() returns
    """A field that may be missing, at this path of LinkedIn's record."""
    return Field(default=None, validation_alias=AliasPath(*path))


def _required(name: str) -> Any:  # noqa: ANN401 - what pydantic's own Field() returns
    return Field(validation_alias=name)


_MODELS: dict[str, type[Entity]] = {}


class Entity(BaseModel):
    """A record of LinkedIn's that becomes a row of a table; each model names the stream that it is for."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, alias_generator=to_camel, defer_build=True)

    derived_from: ClassVar[frozenset[str]] = frozenset()
    """LinkedIn's fields that are read beside those that a column names."""

    key: ClassVar[tuple[str, ...]]
    """The key columns of the stream's records."""

    def __init_subclass__(cls, *, stream: Stream) -> None:
        """Make this the model of the stream's records."""
        super().__init_subclass__()
        if stream.resource is None:
            raise TypeError(f"{stream.name} is no resource")
        cls.key = stream.resource.key
        _MODELS[stream.name] = cls

    @model_validator(mode="before")
    @classmethod
    def _nested_objects(cls, record: object) -> object:
        """Refuse a text where an object is expected: looking below it would find nothing, silently."""
        if isinstance(record, Mapping):
            for path in nested_paths(cls):
                _descend(record, path)
        return record

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """LinkedIn's top-level fields that are read."""
        return cls.derived_from | {path[0] for path in _paths(cls)}

    @classmethod
    @cache
    def key_reader(cls) -> KeyReader:
        """What reads the columns of the key, also from a record that is refused."""
        hints = get_type_hints(cls, include_extras=True)
        aliases = {name: cls.model_fields[name].validation_alias for name in cls.key}
        return KeyReader.of({name: Annotated[hints[name], Field(validation_alias=aliases[name])] for name in cls.key})

    @classmethod
    def identify(cls, record: Mapping[str, Any]) -> str:
        """Write the id of a record for people, as far as it can be read: the last parts of its key's URNs."""
        values = [record.get(str(cls.model_fields[name].validation_alias), "") for name in cls.key]
        return "|".join(str(value).rpartition(":")[2] for value in values)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The table's columns, in the order of `row`."""
        return tuple(cls.model_fields)

    def row(self) -> tuple[object, ...]:
        """The values of `columns`."""
        return tuple([getattr(self, column) for column in self.columns()])


class LinkedInAccount(Entity, stream=ACCOUNTS):
    """An ad account."""

    derived_from: ClassVar[frozenset[str]] = frozenset(NOTIFIERS)

    id: AccountId
    name: Text
    currency: Text
    type: Text | None = None
    status: Text
    serving_statuses: JsonList | None = None
    reference: Text | None = None
    reference_info: JsonObject | None = None
    test: Flag | None = None
    total_budget_amount: Amount | None = at("totalBudget", "amount")
    total_budget_currency: Text | None = at("totalBudget", "currencyCode")
    total_budget_ends_at: Instant | None = None
    notifications: JsonObject | None = None
    version_tag: Text | None = at("version", "versionTag")
    linkedin_created_at: Instant | None = at("changeAuditStamps", "created", "time")
    linkedin_last_modified_at: Instant | None = at("changeAuditStamps", "lastModified", "time")

    @model_validator(mode="before")
    @classmethod
    def _gather_notifications(cls, record: object) -> object:
        if not isinstance(record, Mapping):
            return record
        return {**record, "notifications": {name: record[name] for name in NOTIFIERS if name in record}}


class LinkedInCampaignGroup(Entity, stream=CAMPAIGN_GROUPS):
    """A campaign group, which Campaign Manager shows as a campaign since October 2025."""

    id: GroupId
    account_id: AccountId = _required("account")
    name: Text
    status: Text
    serving_statuses: JsonList | None = None
    run_schedule_start: Instant | None = at("runSchedule", "start")
    run_schedule_end: Instant | None = at("runSchedule", "end")
    total_budget_amount: Amount | None = at("totalBudget", "amount")
    total_budget_currency: Text | None = at("totalBudget", "currencyCode")
    daily_budget_amount: Amount | None = at("dailyBudget", "amount")
    daily_budget_currency: Text | None = at("dailyBudget", "currencyCode")
    objective_type: Text | None = None
    budget_optimization: JsonObject | None = None
    allowed_campaign_types: JsonList | None = None
    backfilled: Flag | None = None
    test: Flag | None = None
    linkedin_created_at: Instant | None = at("changeAuditStamps", "created", "time")
    linkedin_last_modified_at: Instant | None = at("changeAuditStamps", "lastModified", "time")


class LinkedInCampaign(Entity, stream=CAMPAIGNS):
    """A campaign, which Campaign Manager shows as an ad set since October 2025."""

    id: CampaignId
    account_id: AccountId = _required("account")
    campaign_group_id: GroupId | None = at("campaignGroup")
    associated_entity: Text | None = None
    name: Text
    type: Text | None = None
    format: Text | None = None
    objective_type: Text | None = None
    optimization_target_type: Text | None = None
    status: Text
    serving_statuses: JsonList | None = None
    cost_type: Text | None = None
    unit_cost_amount: Amount | None = at("unitCost", "amount")
    unit_cost_currency: Text | None = at("unitCost", "currencyCode")
    daily_budget_amount: Amount | None = at("dailyBudget", "amount")
    daily_budget_currency: Text | None = at("dailyBudget", "currencyCode")
    total_budget_amount: Amount | None = at("totalBudget", "amount")
    total_budget_currency: Text | None = at("totalBudget", "currencyCode")
    pacing_strategy: Text | None = None
    creative_selection: Text | None = None
    audience_expansion_enabled: Flag | None = None
    offsite_delivery_enabled: Flag | None = None
    story_delivery_enabled: Flag | None = None
    connected_television_only: Flag | None = None
    political_intent: Text | None = None
    locale_country: Text | None = at("locale", "country")
    locale_language: Text | None = at("locale", "language")
    run_schedule_start: Instant | None = at("runSchedule", "start")
    run_schedule_end: Instant | None = at("runSchedule", "end")
    targeting_criteria: JsonObject | None = None
    offsite_preferences: JsonObject | None = None
    test: Flag | None = None
    version_tag: Text | None = at("version", "versionTag")
    linkedin_created_at: Instant | None = at("changeAuditStamps", "created", "time")
    linkedin_last_modified_at: Instant | None = at("changeAuditStamps", "lastModified", "time")


class LinkedInAccountUser(Entity, stream=ACCOUNT_USERS):
    """A member's role on an ad account. It has no id, and LinkedIn gives no name of the member.

    A token of a member who does not manage the account gets that member's own role alone.
    """

    account_id: AccountId = _required("account")
    user_urn: Text = _required("user")
    role: Text
    version_tag: Text | None = at("version", "versionTag")
    linkedin_created_at: Instant | None = at("changeAuditStamps", "created", "time")
    linkedin_last_modified_at: Instant | None = at("changeAuditStamps", "lastModified", "time")


class LinkedInTrackingParameters(Entity, stream=CAMPAIGN_TRACKING_PARAMETERS):
    """What LinkedIn appends to the landing pages of an ad account or of a campaign.

    LinkedIn's record does not name what it belongs to, nor the account: both are in the request.
    """

    ad_entity: Text
    account_id: AccountId = _required("account")
    campaign_id: CampaignId | None = at("campaign")
    dynamic_value_parameters: JsonObject | None = None
    custom_value_parameters: JsonObject | None = None


class LinkedInCreative(Entity, stream=CREATIVES):
    """A creative: one ad of a campaign.

    Unlike the other entities its id is a URN, and its times are not in audit stamps. Without a name of its own it
    gets one from its content, or its post's or message's if the validation context holds `content_names` by URN.
    """

    id: CreativeId
    account_id: AccountId = _required("account")
    campaign_id: CampaignId = _required("campaign")
    name: Text
    name_source: NameSource
    content_kind: Text | None = None
    content_reference: Text | None = at("content", "reference")
    content: JsonObject | None = None
    intended_status: Text
    is_serving: Flag | None = None
    serving_hold_reasons: JsonList | None = None
    review_status: Text | None = at("review", "status")
    rejection_reasons: JsonList | None = at("review", "rejectionReasons")
    is_test: Flag | None = None
    leadgen_call_to_action: JsonObject | None = None
    linkedin_created_at: Instant | None = at("createdAt")
    created_by: Text | None = None
    linkedin_last_modified_at: Instant | None = at("lastModifiedAt")
    last_modified_by: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, record: object, info: ValidationInfo) -> object:
        if not isinstance(record, Mapping):
            return record
        content = record.get("content")
        content = content if isinstance(content, Mapping) else {}
        kind = next(iter(content), None)
        if not isinstance(record.get("name"), str | None):
            return {**record, "nameSource": "creative", "contentKind": kind}
        reference = content.get("reference")
        names = (info.context or {}).get("content_names", {})
        name, source = name_of(record, content_name=names.get(reference) if isinstance(reference, str) else None)
        return {**record, "name": name, "nameSource": source, "contentKind": kind}


def model_of(stream: Stream) -> type[Entity]:
    """Return the model of a stream's records.

    Raises:
        KeyError: the stream has none, as it is a report.
    """
    return _MODELS[stream.name]


@cache
def _paths(model: type[Entity]) -> tuple[tuple[str, ...], ...]:
    """Where in LinkedIn's record each column is read from."""
    aliases = [field.validation_alias for field in model.model_fields.values()]
    return tuple(tuple(map(str, alias.path)) if isinstance(alias, AliasPath) else (str(alias),) for alias in aliases)


@cache
def nested_paths(model: type[Entity]) -> tuple[tuple[str, ...], ...]:
    """The paths of LinkedIn's record that have to be objects where they are present."""
    paths = _paths(model)
    return tuple(dict.fromkeys(path[:depth] for path in paths for depth in range(1, len(path))))


def _descend(record: Mapping[str, object], path: tuple[str, ...]) -> None:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is not None and not isinstance(value, Mapping):
        raise refusal("an object is expected", below=path)
