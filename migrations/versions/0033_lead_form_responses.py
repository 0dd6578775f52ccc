"""That lead forms were sent, and apart, for those who may see it, what was filled in.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
TIME = sa.DateTime(timezone=True)
HIDE_FROM_READERS = """
DO $$
DECLARE reader regrole;
BEGIN
    FOR reader IN
        SELECT DISTINCT granted.grantee::regrole
        FROM pg_class relation
        CROSS JOIN aclexplode(relation.relacl) granted
        WHERE relation.oid = 'linkedin_ads.lead_answers'::regclass AND granted.grantee NOT IN (0, relation.relowner)
    LOOP
        EXECUTE format('REVOKE ALL ON linkedin_ads.lead_answers FROM %s', reader);
    END LOOP;
    REVOKE ALL ON linkedin_ads.lead_answers FROM PUBLIC;
END $$
"""
"""Take back what default privileges gave to roles that may read every table of the schema, later ones too."""


def upgrade() -> None:
    op.create_table(
        "lead_form_responses",
        sa.Column("id", sa.Text, nullable=False, comment="LinkedIn's id of the response."),
        sa.Column("date", sa.Date, nullable=False, comment="UTC day of submitted_at."),
        sa.Column("account_id", sa.BigInteger, nullable=False, comment="Ad account that owns the form (accounts.id)."),
        sa.Column("submitted_at", TIME, nullable=False, comment="When the form was sent."),
        sa.Column("lead_type", sa.Text, comment="SPONSORED: the form was opened from an ad."),
        sa.Column(
            "test_lead",
            sa.Boolean,
            comment="Whether the advertiser sent it to try the form out; no metric counts such a response.",
        ),
        sa.Column(
            "lead_form_id",
            sa.BigInteger,
            comment="Lead form (lead_forms.id); NULL where lead_form_urn names it in a way that is not known.",
        ),
        sa.Column("lead_form_version", sa.BigInteger, comment="The version of the form that was sent."),
        sa.Column("lead_form_urn", sa.Text, comment="The form and its version as LinkedIn names them."),
        sa.Column("campaign_id", sa.BigInteger, comment="Campaign of the ad (campaigns.id)."),
        sa.Column("creative_id", sa.BigInteger, comment="Creative that opened the form (creatives.id)."),
        *_times(),
        sa.Column(
            "stale_since",
            TIME,
            comment="Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), "
            "so that the row stayed as it was; NULL while it is as LinkedIn last returned it.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_form_responses")),
        schema=SCHEMA,
        comment="One row per lead form that a member sent: when, which form, from which ad. Nothing here says who the "
        "member is. LinkedIn keeps responses for 365 days; rows of older ones stay.",
    )
    op.create_index(
        op.f("ix_lead_form_responses_account_id_date"), "lead_form_responses", ["account_id", "date"], schema=SCHEMA
    )
    _create_answers()


def downgrade() -> None:
    op.drop_table("lead_answers", schema=SCHEMA)
    op.drop_table("lead_form_responses", schema=SCHEMA)


def _create_answers() -> None:
    op.create_table(
        "lead_answers",
        sa.Column(
            "response_id",
            sa.Text,
            sa.ForeignKey(
                f"{SCHEMA}.lead_form_responses.id",
                name="lead_answers_response_id_fkey",
                ondelete="CASCADE",
            ),
            nullable=False,
            comment="Response (lead_form_responses.id); its answers go with it.",
        ),
        sa.Column("kind", sa.Text, nullable=False, comment="question or consent."),
        sa.Column(
            "item_id",
            sa.BigInteger,
            autoincrement=False,
            nullable=False,
            comment="LinkedIn's id of the question (lead_form_questions.question_id) or of the consent.",
        ),
        sa.Column("answer", sa.Text, comment="What the member wrote; NULL for choices and consents."),
        sa.Column("options", JSONB, comment="Ids of the options that the member chose (lead_form_questions.options)."),
        sa.Column("accepted", sa.Boolean, comment="Whether the member gave the consent; NULL for questions."),
        sa.Column(
            "submitted_at",
            TIME,
            nullable=False,
            comment="When the form was sent; what its deletion counts from.",
        ),
        *_times(),
        sa.PrimaryKeyConstraint("response_id", "kind", "item_id", name=op.f("pk_lead_answers")),
        schema=SCHEMA,
        comment="One row per response and question or consent: personal data, loaded only with LAC_LEAD_ANSWERS=true, "
        "deleted LAC_LEAD_ANSWERS_DAYS days after it was sent, 365 at most. A reader sees it only after `lac "
        "grant-reader NAME --lead-answers`.",
    )
    op.create_index(op.f("ix_lead_answers_submitted_at"), "lead_answers", ["submitted_at"], schema=SCHEMA)
    op.execute(HIDE_FROM_READERS.replace(":", r"\:"))


def _times() -> list[sa.Column[object]]:
    return [
        _time("created_at", "When the row was first loaded; never moves."),
        _time("updated_at", "When a value of the row last changed."),
    ]


def _time(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, TIME, server_default=sa.func.now(), nullable=False, comment=comment)
