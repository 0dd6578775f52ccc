"""Lead forms, with every version of each.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TIME = sa.DateTime(timezone=True)
COLUMNS: tuple[tuple[str, Any, str], ...] = (
    ("account_id", sa.BigInteger, "Ad account that owns it (accounts.id)."),
    ("name", sa.Text, "Name of the form, which members do not see."),
    ("state", sa.Text, "DRAFT, PUBLISHED or ARCHIVED."),
    ("version_id", sa.BigInteger, "Number of the form's current version, from 1."),
    ("locale_country", sa.Text, "Country of the form's locale, such as SE."),
    ("locale_language", sa.Text, "Language of the form's locale, such as sv."),
    ("headline", sa.Text, "Headline of the form."),
    ("description", sa.Text, "Text above the questions."),
    ("thank_you_message", sa.Text, "What a member reads who has sent the form."),
    ("call_to_action", sa.Text, "Label of the button after that, such as VISIT_COMPANY_WEBSITE."),
    ("landing_page", sa.Text, "URL that this button leads to, as the advertiser wrote it."),
    ("landing_page_host", sa.Text, "Host of the landing page, in lower case; NULL where it has none."),
    ("landing_page_path", sa.Text, "Path of the landing page, without parameters."),
    ("utm_source", sa.Text, "The landing page's parameter utm_source, decoded."),
    ("utm_medium", sa.Text, "The landing page's parameter utm_medium, decoded."),
    ("utm_campaign", sa.Text, "The landing page's parameter utm_campaign, decoded."),
    ("utm_term", sa.Text, "The landing page's parameter utm_term, decoded."),
    ("utm_content", sa.Text, "The landing page's parameter utm_content, decoded."),
    ("utm_id", sa.Text, "The landing page's parameter utm_id, decoded."),
    ("questions", JSONB, "The questions as LinkedIn has them; lead_form_questions takes them apart."),
    ("hidden_fields", JSONB, "Names and values that every response carries, unseen by members."),
    ("privacy_policy_url", sa.Text, "URL of the advertiser's privacy policy."),
    ("legal_disclaimer", sa.Text, "The advertiser's own legal text."),
    ("consents", JSONB, "Boxes that members tick, as LinkedIn has them, with their texts."),
    ("review_status", sa.Text, "What LinkedIn's review decided, such as APPROVED or NEEDS_REVIEW."),
    ("rejection_reasons", JSONB, "Why LinkedIn's review rejected it."),
    ("reviewed_at", TIME, "When the review last changed."),
    ("linkedin_created_at", TIME, "When it was created at LinkedIn."),
    ("linkedin_last_modified_at", TIME, "When it was last modified at LinkedIn."),
)


def upgrade() -> None:
    op.create_table(
        "lead_forms",
        _id(),
        *_columns(),
        _time("created_at", "When the row was first loaded; never moves."),
        _time("updated_at", "When a value of the row last changed."),
        _time("fetched_at", "Start of the last fetch that loaded LinkedIn's record of the row."),
        sa.Column("removed_at", TIME, comment="Since when LinkedIn no longer returns the row; NULL while it does."),
        sa.Column(
            "stale_since",
            TIME,
            comment="Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), "
            "so that the row stayed as it was; NULL while it is as LinkedIn last returned it.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_forms")),
        schema=SCHEMA,
        comment="One row per lead form of an ad account. Texts are in the form's own locale. What members fill in is "
        "not here.",
    )
    op.create_index(op.f("ix_lead_forms_account_id"), "lead_forms", ["account_id"], schema=SCHEMA)
    op.create_table(
        "lead_form_history",
        _id(),
        sa.Column(
            "valid_from",
            TIME,
            nullable=False,
            comment="Since when it is so: LinkedIn's last modification, else the fetch that saw it first.",
        ),
        sa.Column("valid_to", TIME, comment="When the next version began; NULL while it is so."),
        *_columns(),
        sa.Column("removed", sa.Boolean, nullable=False, comment="Whether LinkedIn no longer returned it."),
        sa.PrimaryKeyConstraint("id", "valid_from", name=op.f("pk_lead_form_history")),
        schema=SCHEMA,
        comment="One row per lead form and version of it; exactly one, the current one, has no valid_to.",
    )
    op.create_index(
        "uq_lead_form_history_open",
        "lead_form_history",
        ["id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.column("valid_to").is_(None),
    )


def downgrade() -> None:
    op.drop_table("lead_form_history", schema=SCHEMA)
    op.drop_table("lead_forms", schema=SCHEMA)


def _id() -> sa.Column[int]:
    comment = "LinkedIn's id of the lead form."
    return sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False, comment=comment)


def _columns() -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=name != "account_id", comment=comment) for name, kind, comment in COLUMNS]


def _time(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
