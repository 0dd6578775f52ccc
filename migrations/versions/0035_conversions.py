"""Conversion rules with every version of them, and a view of the campaigns that they count for.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
VIEWS = Path(__file__).parents[1] / "views" / revision
TIME = sa.DateTime(timezone=True)
SETTINGS: dict[str, tuple[Any, str]] = {
    "name": (sa.Text, "Name of the rule."),
    "type": (sa.Text, "What it counts, such as LEAD, SIGN_UP, PURCHASE or KEY_PAGE_VIEW."),
    "enabled": (sa.Boolean, "Whether it counts conversions now."),
    "attribution_type": (
        sa.Text,
        (
            "LAST_TOUCH_BY_CAMPAIGN: an action counts once for each campaign whose ad came before it, so campaigns may "
            "add up to more than the actions. LAST_TOUCH_BY_CONVERSION: it counts once for the rule."
        ),
    ),
    "conversion_method": (
        sa.Text,
        "How LinkedIn learns of it: INSIGHT_TAG_URL_MATCH_RULES, INSIGHT_TAG_JAVASCRIPT_EVENT or CONVERSIONS_API.",
    ),
    "ownership_type": (sa.Text, "OWNED or SHARED; NULL in API versions without it."),
    "post_click_attribution_window_size": (
        sa.BigInteger,
        "Days after a click within which an action is credited to it.",
    ),
    "view_through_attribution_window_size": (
        sa.BigInteger,
        "Days after a view without a click within which an action is credited to it.",
    ),
    "value_amount": (sa.Numeric, "What the advertiser says one conversion is worth; NULL where no value is set."),
    "value_currency": (sa.Text, "ISO 4217 code of value_amount."),
    "url_rules": (JSONB, "Pages that count, as LinkedIn had them before."),
    "url_match_rule_expression": (
        JSONB,
        "Pages that count: a list of alternatives, each of matches that all have to hold.",
    ),
    "campaigns": (JSONB, "URNs of the campaigns that it counts for."),
    "associated_campaigns": (
        JSONB,
        "The same campaigns, each with when it was associated. The view conversion_campaigns has both as rows.",
    ),
}
CALLBACKS = {
    "last_callback_at": "When LinkedIn last received a signal for it; moves without a new version in the history.",
    "latest_first_party_callback_at": "When LinkedIn last received one with a first-party cookie; moves without a new "
    "version in the history.",
}
STAMPS = {
    "linkedin_created_at": "When it was created at LinkedIn.",
    "linkedin_last_modified_at": "When it was last modified at LinkedIn.",
}


def upgrade() -> None:
    op.create_table(
        "conversions",
        _id(),
        _account(),
        *_settings(),
        *_times(CALLBACKS),
        *_times(STAMPS),
        _own_time("created_at", "When the row was first loaded; never moves."),
        _own_time("updated_at", "When a value of the row last changed."),
        _own_time("fetched_at", "Start of the last fetch that loaded LinkedIn's record of the row."),
        sa.Column("removed_at", TIME, comment="Since when LinkedIn no longer returns the row; NULL while it does."),
        sa.Column(
            "stale_since",
            TIME,
            comment="Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), "
            "so that the row stayed as it was; NULL while it is as LinkedIn last returned it.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversions")),
        schema=SCHEMA,
        comment="One row per conversion rule of an ad account. LinkedIn deletes no rule: enabled is false where one no "
        "longer counts, and removed_at only says that LinkedIn's list lacks it.",
    )
    op.create_index(op.f("ix_conversions_account_id"), "conversions", ["account_id"], schema=SCHEMA)
    op.create_table(
        "conversion_history",
        _id(),
        sa.Column(
            "valid_from",
            TIME,
            nullable=False,
            comment="Since when it is so: LinkedIn's last modification, else the fetch that saw it first.",
        ),
        sa.Column("valid_to", TIME, comment="When the next version began; NULL while it is so."),
        _account(),
        *_settings(),
        *_times(STAMPS),
        sa.Column("removed", sa.Boolean, nullable=False, comment="Whether LinkedIn no longer returned it."),
        sa.PrimaryKeyConstraint("id", "valid_from", name=op.f("pk_conversion_history")),
        schema=SCHEMA,
        comment="One row per conversion and version of it; exactly one, the current one, has no valid_to.",
    )
    op.create_index(
        "uq_conversion_history_open",
        "conversion_history",
        ["id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.column("valid_to").is_(None),
    )
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    op.drop_table("conversion_history", schema=SCHEMA)
    op.drop_table("conversions", schema=SCHEMA)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False, comment="LinkedIn's id of the rule.")


def _account() -> sa.Column[int]:
    return sa.Column("account_id", sa.BigInteger, nullable=False, comment="Ad account (accounts.id).")


def _settings() -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, comment=comment) for name, (kind, comment) in SETTINGS.items()]


def _times(named: dict[str, str]) -> list[sa.Column[Any]]:
    return [sa.Column(name, TIME, comment=comment) for name, comment in named.items()]


def _own_time(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
