"""The whole first schema: entities, metrics, demographics, the ledgers, and the views for people.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
VIEWS = ("account_performance", "account_syncs", "audience_breakdown", "campaign_performance", "creative_performance")
"""In views/0001; none reads another one."""

COUNTS = """
impressions clicks landingPageClicks totalEngagements otherEngagements actionClicks adUnitClicks textUrlClicks
companyPageClicks follows likes comments commentLikes shares reactions fullScreenPlays headlineClicks
headlineImpressions subscriptionClicks externalWebsiteConversions externalWebsitePostClickConversions
externalWebsitePostViewConversions registrations postClickRegistrations postViewRegistrations jobApplications
jobApplyClicks postClickJobApplications postClickJobApplyClicks postViewJobApplications postViewJobApplyClicks
talentLeads oneClickLeads oneClickLeadFormOpens leadGenerationMailContactInfoShares
leadGenerationMailInterestedClicks qualifiedLeads validWorkEmailLeads sends opens documentCompletions
documentFirstQuartileCompletions documentMidpointCompletions documentThirdQuartileCompletions downloadClicks
videoStarts videoViews videoFirstQuartileCompletions videoMidpointCompletions videoThirdQuartileCompletions
videoCompletions viralImpressions viralClicks viralLandingPageClicks viralLikes viralComments viralCommentLikes
viralShares viralReactions viralFollows viralTotalEngagements viralOtherEngagements viralCompanyPageClicks
viralFullScreenPlays viralOneClickLeads viralOneClickLeadFormOpens viralSubscriptionClicks
viralExternalWebsiteConversions viralExternalWebsitePostClickConversions viralExternalWebsitePostViewConversions
viralVideoStarts viralVideoViews viralVideoFirstQuartileCompletions viralVideoMidpointCompletions
viralVideoThirdQuartileCompletions viralVideoCompletions viralDocumentCompletions
viralDocumentFirstQuartileCompletions viralDocumentMidpointCompletions viralDocumentThirdQuartileCompletions
viralDownloadClicks viralRegistrations viralPostClickRegistrations viralPostViewRegistrations
viralPostClickJobApplications viralPostClickJobApplyClicks viralPostViewJobApplications viralPostViewJobApplyClicks
viralJobApplications viralJobApplyClicks cardImpressions cardClicks viralCardImpressions viralCardClicks
approximateMemberReach videoWatchTime eventViews eventWatchTime eventViewsOver15Seconds eventViewsOver30Seconds
eventViewsOver2Minutes
""".split()

MONEY = """
costInLocalCurrency costInUsd conversionValueInLocalCurrency costPerQualifiedLead costPerEventView
costPerEventViewOver15Seconds costPerEventViewOver30Seconds costPerEventViewOver2Minutes
""".split()

RATES = """
audiencePenetration averageDwellTime averageVideoWatchTime averageEventWatchTime averageEventWatchTimeOver15Seconds
averageEventWatchTimeOver30Seconds averageEventWatchTimeOver2Minutes
""".split()

METRICS = (*COUNTS, *MONEY, *RATES)

NOT_ADDITIVE = """
costPerQualifiedLead approximateMemberReach audiencePenetration averageDwellTime averageVideoWatchTime
averageEventWatchTime costPerEventView averageEventWatchTimeOver15Seconds averageEventWatchTimeOver30Seconds
averageEventWatchTimeOver2Minutes costPerEventViewOver15Seconds costPerEventViewOver30Seconds
costPerEventViewOver2Minutes
""".split()

NOT_FOR_MEMBERS = """
cardImpressions cardClicks viralCardImpressions viralCardClicks conversionValueInLocalCurrency
approximateMemberReach audiencePenetration
""".split()

MEMBER_METRICS = tuple(name for name in METRICS if name not in NOT_FOR_MEMBERS)


def upgrade() -> None:
    for create in TABLES.values():
        create()
    for view in VIEWS:
        op.execute((Path(__file__).parents[1] / "views" / revision / f"{view}.sql").read_text("utf-8"))


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW {SCHEMA}.{view}")
    for table in reversed(TABLES):
        op.drop_table(table, schema=SCHEMA)


def _big(name: str, comment: str, *, nullable: bool = True, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(
        name, sa.BigInteger(), autoincrement=False, nullable=nullable, server_default=default, comment=comment
    )


def _text(name: str, comment: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable, comment=comment)


def _number(name: str, comment: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Numeric(), nullable=nullable, comment=comment)


def _flag(name: str, comment: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=nullable, comment=comment)


def _day(name: str, comment: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _json(name: str, comment: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), nullable=nullable, comment=comment)


def _now(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), comment=comment)


def _row_times() -> Iterable[sa.Column[Any]]:
    yield _now("created_at", "When the row was first loaded; never moves.")
    yield _now("updated_at", "When a value of the row last changed.")


def _fetched_at() -> sa.Column[Any]:
    return _now("fetched_at", "Start of the last fetch in which LinkedIn returned the row.")


def _removed_at() -> sa.Column[Any]:
    return _time("removed_at", "Since when LinkedIn no longer returns the row; NULL while it does.")


def _metric_columns(names: Iterable[str]) -> Iterable[sa.Column[Any]]:
    for name in names:
        column = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])", "_", name).lower()
        sums = "; must not be summed" if name in NOT_ADDITIVE else ""
        if name in COUNTS:
            yield _big(column, f"LinkedIn's {name}. A count{sums}.")
        elif name in RATES:
            yield _number(column, f"LinkedIn's {name}. A rate{sums}.")
        else:
            currency = "US dollars" if name == "costInUsd" else "the account's currency"
            yield _number(column, f"LinkedIn's {name}. Money in {currency}{sums}.")


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        _big("id", "LinkedIn's id of the ad account.", nullable=False),
        _text("name", "Name of the account."),
        _text("currency", "ISO 4217 currency of every amount in local currency of this account."),
        _text("type", "BUSINESS or ENTERPRISE."),
        _text("status", "ACTIVE, CANCELED, DRAFT, PENDING_DELETION or REMOVED."),
        _json("serving_statuses", "RUNNABLE, or the reasons why nothing is delivered."),
        _text("reference", "URN of the organization or person that the account advertises for."),
        _json("reference_info", "LinkedIn's details of the reference."),
        _flag("test", "Whether it is a test account, which never delivers."),
        _number("total_budget_amount", "Budget over the account's life, in total_budget_currency."),
        _text("total_budget_currency", "ISO 4217 currency of total_budget_amount."),
        _time("total_budget_ends_at", "When the total budget ends."),
        _json("notifications", "The notifiedOn... switches of the account."),
        _text("version_tag", "LinkedIn's version of the record."),
        _time("linkedin_created_at", "When it was created at LinkedIn."),
        _time("linkedin_last_modified_at", "When it was last modified at LinkedIn."),
        *_row_times(),
        _fetched_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        comment="One row per ad account that was ever synced.",
        schema=SCHEMA,
    )


def _create_api_usage() -> None:
    op.create_table(
        "api_usage",
        _day("day", "UTC day, as LinkedIn counts quotas.", nullable=False),
        _text("endpoint", "LinkedIn's resource, such as adAnalytics.", nullable=False),
        _big("account_id", "Ad account; 0 for calls about none or several.", nullable=False),
        _big("calls", "Requests sent.", nullable=False, default="0"),
        _time(
            "quota_spent_until",
            "LinkedIn refused for the day: nothing is asked before this moment. Only on rows of account 0.",
        ),
        sa.PrimaryKeyConstraint("day", "endpoint", "account_id", name=op.f("pk_api_usage")),
        comment="One row per UTC day, endpoint and ad account: requests sent, retries included.",
        schema=SCHEMA,
    )


def _create_audience_demographics() -> None:
    op.create_table(
        "audience_demographics",
        _big("account_id", "Ad account (accounts.id), which names the currency.", nullable=False),
        _day("month", "First UTC day of the month.", nullable=False),
        _text("pivot_type", "What it is split by, such as MEMBER_INDUSTRY.", nullable=False),
        _text("segment", "The segment as LinkedIn sends it, mostly a URN.", nullable=False),
        *_metric_columns(MEMBER_METRICS),
        *_row_times(),
        sa.PrimaryKeyConstraint("account_id", "month", "pivot_type", "segment", name=op.f("pk_audience_demographics")),
        comment="One row per account, month, pivot type and segment. "
        "Do not sum over pivot types, which split the same activity again and again; "
        "LinkedIn leaves out segments under 3 events, "
        "so sums lie below the account's totals.",
        schema=SCHEMA,
    )


def _create_campaign_daily_metrics() -> None:
    op.create_table(
        "campaign_daily_metrics",
        _big("campaign_id", "Campaign (campaigns.id; it may be gone there).", nullable=False),
        _day("date", "UTC day of the activity.", nullable=False),
        _big("account_id", "Ad account (accounts.id), which names the currency.", nullable=False),
        *_metric_columns(METRICS),
        *_row_times(),
        sa.PrimaryKeyConstraint("campaign_id", "date", name=op.f("pk_campaign_daily_metrics")),
        comment="One row per campaign and UTC day with activity. "
        "Do not add to creative_daily_metrics, "
        "which holds the same activity again; reach, rates and averages must not be summed.",
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_campaign_daily_metrics_account_id_date"),
        "campaign_daily_metrics",
        ["account_id", "date"],
        schema=SCHEMA,
    )


def _create_campaign_groups() -> None:
    op.create_table(
        "campaign_groups",
        _big("id", "LinkedIn's id of the campaign group.", nullable=False),
        _big("account_id", "Ad account that owns it (accounts.id).", nullable=False),
        _text("name", "Name of the campaign group."),
        _text("status", "ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED."),
        _json("serving_statuses", "RUNNABLE, or the reasons why nothing is delivered."),
        _time("run_schedule_start", "When delivery may start."),
        _time("run_schedule_end", "When delivery ends; NULL when it is open."),
        _number("total_budget_amount", "Budget over the group's life, in total_budget_currency."),
        _text("total_budget_currency", "ISO 4217 currency of total_budget_amount."),
        _number("daily_budget_amount", "Budget of a day, in daily_budget_currency."),
        _text("daily_budget_currency", "ISO 4217 currency of daily_budget_amount."),
        _text("objective_type", "Objective shared by the group's campaigns, such as LEAD_GENERATION."),
        _json("budget_optimization", "How LinkedIn spreads the budget over campaigns."),
        _json("allowed_campaign_types", "Campaign types that the group admits."),
        _flag("backfilled", "Whether LinkedIn made the group itself for older campaigns."),
        _flag("test", "Whether it belongs to a test account."),
        _time("linkedin_created_at", "When it was created at LinkedIn."),
        _time("linkedin_last_modified_at", "When it was last modified at LinkedIn."),
        *_row_times(),
        _fetched_at(),
        _removed_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_groups")),
        comment="One row per campaign group. Campaign Manager calls it a campaign since October 2025.",
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_campaign_groups_account_id"), "campaign_groups", ["account_id"], schema=SCHEMA)


def _create_campaigns() -> None:
    op.create_table(
        "campaigns",
        _big("id", "LinkedIn's id of the campaign.", nullable=False),
        _big("account_id", "Ad account that owns it (accounts.id).", nullable=False),
        _big("campaign_group_id", "Campaign group it is in (campaign_groups.id)."),
        _text("associated_entity", "URN of the organization or person that it advertises for."),
        _text("name", "Name of the campaign."),
        _text("type", "TEXT_AD, SPONSORED_UPDATES, SPONSORED_INMAILS or DYNAMIC."),
        _text("format", "Ad format of its creatives, such as SINGLE_VIDEO; NULL before the first one."),
        _text("objective_type", "Objective, such as WEBSITE_VISIT."),
        _text("optimization_target_type", "What LinkedIn optimizes delivery for."),
        _text("status", "ACTIVE, ARCHIVED, CANCELED, COMPLETED, DRAFT, PAUSED or REMOVED."),
        _json("serving_statuses", "RUNNABLE, or the reasons why nothing is delivered."),
        _text("cost_type", "What is paid for: CPM, CPC or CPV."),
        _number("unit_cost_amount", "Bid or target cost of a unit, in unit_cost_currency."),
        _text("unit_cost_currency", "ISO 4217 currency of unit_cost_amount."),
        _number("daily_budget_amount", "Budget of a day, in daily_budget_currency."),
        _text("daily_budget_currency", "ISO 4217 currency of daily_budget_amount."),
        _number("total_budget_amount", "Budget over the campaign's life, in total_budget_currency."),
        _text("total_budget_currency", "ISO 4217 currency of total_budget_amount."),
        _text("pacing_strategy", "How the budget is paced over the day."),
        _text("creative_selection", "OPTIMIZED or ROUND_ROBIN."),
        _flag("audience_expansion_enabled", "Whether LinkedIn adds similar members to the audience."),
        _flag("offsite_delivery_enabled", "Whether it is delivered in the audience network too."),
        _flag("story_delivery_enabled", "Whether it is delivered in stories too."),
        _flag("connected_television_only", "Whether it is delivered on television only."),
        _text("political_intent", "The advertiser's declaration of political content."),
        _text("locale_country", "Country of the campaign's locale, such as US."),
        _text("locale_language", "Language of the campaign's locale, such as en."),
        _time("run_schedule_start", "When delivery may start."),
        _time("run_schedule_end", "When delivery ends; NULL when it is open."),
        _json("targeting_criteria", "Targeting, with its and/or structure as LinkedIn has it."),
        _json("offsite_preferences", "Where in the audience network it may appear."),
        _flag("test", "Whether it belongs to a test account."),
        _text("version_tag", "LinkedIn's version of the record."),
        _time("linkedin_created_at", "When it was created at LinkedIn."),
        _time("linkedin_last_modified_at", "When it was last modified at LinkedIn."),
        *_row_times(),
        _fetched_at(),
        _removed_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        comment="One row per campaign. Campaign Manager calls it an ad set since October 2025.",
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_campaigns_account_id"), "campaigns", ["account_id"], schema=SCHEMA)


def _create_creative_daily_metrics() -> None:
    op.create_table(
        "creative_daily_metrics",
        _big("creative_id", "Creative (creatives.id; it may be gone there).", nullable=False),
        _day("date", "UTC day of the activity.", nullable=False),
        _big("account_id", "Ad account (accounts.id), which names the currency.", nullable=False),
        *_metric_columns(METRICS),
        *_row_times(),
        sa.PrimaryKeyConstraint("creative_id", "date", name=op.f("pk_creative_daily_metrics")),
        comment="One row per creative and UTC day with activity. "
        "Do not add to campaign_daily_metrics, "
        "which holds the same activity again; reach, rates and averages must not be summed.",
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_creative_daily_metrics_account_id_date"),
        "creative_daily_metrics",
        ["account_id", "date"],
        schema=SCHEMA,
    )


def _create_creatives() -> None:
    op.create_table(
        "creatives",
        _big("id", "LinkedIn's id of the creative: the number at the tail of its URN.", nullable=False),
        _big("account_id", "Ad account that owns it (accounts.id).", nullable=False),
        _big("campaign_id", "Campaign it is in (campaigns.id)."),
        _text("name", "Best name known: its own, else its content's, else its id.", nullable=False),
        _text("name_source", "Where name comes from: creative, reference or id, for example."),
        _text("content_kind", "Kind of content: reference, textAd, spotlight and so on."),
        _text("content_reference", "URN of the post or message that it shows."),
        _json("content", "The content as LinkedIn has it."),
        _text("intended_status", "What the advertiser wants: ACTIVE, PAUSED, ARCHIVED and so on."),
        _flag("is_serving", "Whether it can be delivered now."),
        _json("serving_hold_reasons", "Why it cannot be delivered."),
        _text("review_status", "PENDING, APPROVED, REJECTED or NEEDS_REVIEW."),
        _json("rejection_reasons", "Why LinkedIn's review rejected it."),
        _flag("is_test", "Whether it belongs to a test account."),
        _json("leadgen_call_to_action", "Lead form and the label of its button."),
        _time("linkedin_created_at", "When it was created at LinkedIn."),
        _text("created_by", "URN of the person who created it."),
        _time("linkedin_last_modified_at", "When it was last modified at LinkedIn."),
        _text("last_modified_by", "URN of the person who last modified it."),
        *_row_times(),
        _fetched_at(),
        _removed_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creatives")),
        comment="One row per creative (ad).",
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_creatives_account_id"), "creatives", ["account_id"], schema=SCHEMA)


def _create_oauth_tokens() -> None:
    op.create_table(
        "oauth_tokens",
        _text("client_id", "LinkedIn's client id of the application.", nullable=False),
        _text("access_token", "Encrypted access token.", nullable=False),
        _text("refresh_token", "Encrypted refresh token; NULL when there is none."),
        _time("access_expires_at", "When the access token ends, if known."),
        _time("refresh_expires_at", "When the refresh token ends, if known."),
        _json("scopes", "What the member agreed to.", nullable=False),
        _time("updated_at", "When the tokens were last written.", nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_oauth_tokens")),
        comment="One row per LinkedIn application; the tokens are encrypted with LAC_SECRET_KEY.",
        schema=SCHEMA,
    )


def _create_rejected_records() -> None:
    op.create_table(
        "rejected_records",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Number of the rejection."),
        _text("asset", "Table that the record was meant for.", nullable=False),
        _big("account_id", "Ad account.", nullable=False),
        _day("partition_start", "First UTC day it belongs to; NULL for entities."),
        _day("partition_end", "UTC day after the last one; NULL for entities."),
        _text("record_id", "The record's own id or key, as far as it could be read.", nullable=False),
        _text("field", "Dotted path of the field that failed, in LinkedIn's spelling.", nullable=False),
        _text("value", "The value received, as JSON text.", nullable=False),
        _text("reason", "What is wrong with it.", nullable=False),
        _json("raw", "The record as LinkedIn sent it.", nullable=False),
        _text("run_id", "Dagster run that saw it last.", nullable=False),
        _time("first_seen", "Start of the fetch that saw it first.", nullable=False),
        _time("last_seen", "Start of the fetch that saw it last.", nullable=False),
        _time("closed_at", "Start of the fetch that found it valid, or gone; NULL while it is open."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected_records")),
        comment="One row per record and field that failed validation, from first seen until it validates again.",
        schema=SCHEMA,
    )
    op.create_index(
        op.f("uq_rejected_records_open"),
        "rejected_records",
        ["asset", "account_id", "record_id", "field"],
        schema=SCHEMA,
        unique=True,
        postgresql_where="closed_at IS NULL",
    )


def _create_sync_log() -> None:
    op.create_table(
        "sync_log",
        _big("account_id", "Ad account.", nullable=False),
        _text("asset", "Table that was synced, such as campaigns.", nullable=False),
        _time("started_at", "When the fetch began.", nullable=False),
        _time("finished_at", "When the attempt ended; NULL while it runs."),
        _text(
            "status",
            "running; success; partial (loaded, but records were rejected or nothing was pruned); failed; skipped.",
            nullable=False,
        ),
        _text("trigger", "What asked for it: scheduled, on_demand or backfill.", nullable=False),
        _text("reason", "Why it was done or skipped, such as data_fresh_37min."),
        _text("run_id", "Dagster run.", nullable=False),
        _day("partition_start", "First UTC day fetched; NULL for entities."),
        _day("partition_end", "UTC day after the last one fetched; NULL for entities."),
        _big("rows_fetched", "Records that LinkedIn returned.", nullable=False, default="0"),
        _big("rows_inserted", "Rows that were new.", nullable=False, default="0"),
        _big("rows_updated", "Rows of which a value changed.", nullable=False, default="0"),
        _big("rows_unchanged", "Rows that were equal already.", nullable=False, default="0"),
        _big(
            "rows_pruned",
            "Rows deleted (metrics) or marked removed (entities): LinkedIn had them no more.",
            nullable=False,
            default="0",
        ),
        _big("rows_rejected", "Records that went to rejected_records.", nullable=False, default="0"),
        _big(
            "rows_superseded",
            "Rows left out because a fetch begun later had loaded their day already.",
            nullable=False,
            default="0",
        ),
        _big("api_calls_made", "Requests sent to LinkedIn, retries too.", nullable=False, default="0"),
        _json("errors", "What failed: list of {type, what, said, means, fix}."),
        sa.PrimaryKeyConstraint("account_id", "asset", "started_at", name=op.f("pk_sync_log")),
        sa.CheckConstraint(
            "status IN ('running', 'success', 'partial', 'failed', 'skipped')",
            name=op.f("ck_sync_log_status"),
        ),
        sa.CheckConstraint("trigger IN ('scheduled', 'on_demand', 'backfill')", name=op.f("ck_sync_log_trigger")),
        comment="One row per attempt to sync an asset of an account, skipped and failed ones too.",
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_sync_log_confirmed"),
        "sync_log",
        ["account_id", "asset", "started_at"],
        schema=SCHEMA,
        postgresql_include=["partition_start", "partition_end", "status"],
        postgresql_where="status IN ('success', 'partial')",
    )
    op.create_index(op.f("ix_sync_log_run_id"), "sync_log", ["run_id"], schema=SCHEMA)
    op.create_index(
        op.f("ix_sync_log_running"), "sync_log", ["run_id"], schema=SCHEMA, postgresql_where="status = 'running'"
    )


def _create_urn_names() -> None:
    op.create_table(
        "urn_names",
        _text("urn", "The URN as analytics send it.", nullable=False),
        _text("name", "Its name in English; NULL while LinkedIn does not tell."),
        _time("first_seen", "When it was first looked up.", nullable=False),
        _time("checked_at", "When it was last looked up.", nullable=False),
        _big("misses", "Look-ups in a row without an answer.", nullable=False, default="0"),
        sa.PrimaryKeyConstraint("urn", name=op.f("pk_urn_names")),
        comment="One row per URN that was ever looked up: companies, titles, industries, places.",
        schema=SCHEMA,
    )


TABLES = {
    "accounts": _create_accounts,
    "api_usage": _create_api_usage,
    "audience_demographics": _create_audience_demographics,
    "campaign_daily_metrics": _create_campaign_daily_metrics,
    "campaign_groups": _create_campaign_groups,
    "campaigns": _create_campaigns,
    "creative_daily_metrics": _create_creative_daily_metrics,
    "creatives": _create_creatives,
    "oauth_tokens": _create_oauth_tokens,
    "rejected_records": _create_rejected_records,
    "sync_log": _create_sync_log,
    "urn_names": _create_urn_names,
}
