"""Tables of conversions: the rules by which LinkedIn counts them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Index

from lac_pipeline.warehouse.schema.base import Base, EntityTimes, Removable
from lac_pipeline.warehouse.schema.declaring import table_column


def _text(comment: str) -> Column[str | None]:
    return table_column(comment=comment)


def _time(comment: str) -> Column[datetime | None]:
    return table_column(comment=comment)


def _list(comment: str) -> Column[list[Any] | None]:
    return table_column(comment=comment)


class Conversion(EntityTimes, Removable, Base):
    """A conversion rule."""

    __tablename__ = "conversions"
    __table_args__ = (
        Index(None, "account_id"),
        {
            "comment": "One row per conversion rule of an ad account. LinkedIn deletes no rule: enabled is false where "
            "one no longer counts, and removed_at only says that LinkedIn's list lacks it."
        },
    )

    id: Column[int] = table_column(primary_key=True, autoincrement=False, comment="LinkedIn's id of the rule.")
    account_id: Column[int] = table_column(comment="Ad account (accounts.id).")
    name: Column[str | None] = _text("Name of the rule.")
    type: Column[str | None] = _text("What it counts, such as LEAD, SIGN_UP, PURCHASE or KEY_PAGE_VIEW.")
    enabled: Column[bool | None] = table_column(comment="Whether it counts conversions now.")
    attribution_type: Column[str | None] = _text(
        "LAST_TOUCH_BY_CAMPAIGN: an action counts once for each campaign whose ad came before it, so campaigns may "
        "add up to more than the actions. LAST_TOUCH_BY_CONVERSION: it counts once for the rule."
    )
    conversion_method: Column[str | None] = _text(
        "How LinkedIn learns of it: INSIGHT_TAG_URL_MATCH_RULES, INSIGHT_TAG_JAVASCRIPT_EVENT or CONVERSIONS_API."
    )
    ownership_type: Column[str | None] = _text("OWNED or SHARED; NULL in API versions without it.")
    post_click_attribution_window_size: Column[int | None] = table_column(
        comment="Days after a click within which an action is credited to it."
    )
    view_through_attribution_window_size: Column[int | None] = table_column(
        comment="Days after a view without a click within which an action is credited to it."
    )
    value_amount: Column[Decimal | None] = table_column(
        comment="What the advertiser says one conversion is worth; NULL where no value is set."
    )
    value_currency: Column[str | None] = _text("ISO 4217 code of value_amount.")
    url_rules: Column[list[Any] | None] = _list("Pages that count, as LinkedIn had them before.")
    url_match_rule_expression: Column[list[Any] | None] = _list(
        "Pages that count: a list of alternatives, each of matches that all have to hold."
    )
    campaigns: Column[list[Any] | None] = _list("URNs of the campaigns that it counts for.")
    associated_campaigns: Column[list[Any] | None] = _list(
        "The same campaigns, each with when it was associated. The view conversion_campaigns has both as rows."
    )
    last_callback_at: Column[datetime | None] = _time(
        "When LinkedIn last received a signal for it; a change makes no new version in the history."
    )
    latest_first_party_callback_at: Column[datetime | None] = _time(
        "When LinkedIn last received one with a first-party cookie; a change makes no new version in the history."
    )
    linkedin_created_at: Column[datetime | None] = _time("When it was created at LinkedIn.")
    linkedin_last_modified_at: Column[datetime | None] = _time("When it was last modified at LinkedIn.")
