"""Comments of tables, columns and views in plain sentences.

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[1] / "views" / revision

COMMENTS = (
    (
        "When the row was first loaded; never moves.",
        "When the row was first loaded; never changes.",
    ),
    (
        (
            "Start of the first fetch that refused LinkedIn's record of the row (rejected_records says why), so that "
            "the row stayed as it was; NULL while it is as LinkedIn last returned it."
        ),
        (
            "Start of the first fetch whose record of this row failed validation (see rejected_records), so that the "
            "row stayed as it was; NULL while the row is as LinkedIn last returned it."
        ),
    ),
    (
        (
            "One row per report, account, day or month, and combination of pivot values. The view report_<name> of "
            "each report has its columns by name, with their types: read that. Rows of a report that is declared no "
            "more, or was split otherwise before, stay; `lac reports` lists them. Two reports may hold the same "
            "activity: never add them up."
        ),
        (
            "One row per report, account, day or month, and combination of pivot values. The view report_<name> of "
            "each report has its columns by name, with their types: read that. Rows of a report that is no longer "
            "declared, or had other pivots before, stay; `lac reports` lists them. Two reports may hold the same "
            "activity: never add them up."
        ),
    ),
    (
        (
            "One row per account, month, pivot type and segment. Do not sum over pivot types, which split the same "
            "activity again and again. LinkedIn leaves out segments under 3 events, so counts mostly add up to less "
            "than the account's, each within 3 of the truth. Months are whole, also that of LAC_START_DATE, of which "
            "the daily tables hold only the later days. A segment's cost is not adjusted for over-delivery and may "
            "add up to more than was spent: never take it for spend."
        ),
        (
            "One row per account, month, pivot type and segment. Do not sum over pivot types: each splits the same "
            "activity. LinkedIn leaves out segments under 3 events, so counts mostly add up to less than the "
            "account's, and each may differ from the true number by up to 3. Months are whole; of the month of "
            "LAC_START_DATE the daily tables may have only the later days. LinkedIn does not adjust a segment's cost "
            "for over-delivery, so the sum may exceed the spend: do not use it as spend."
        ),
    ),
    (
        (
            "First UTC day of the month. Months are whole, also that of LAC_START_DATE, of which the daily tables "
            "hold only the later days."
        ),
        (
            "First UTC day of the month. Months are whole; of the month of LAC_START_DATE the daily tables may have "
            "only the later days."
        ),
    ),
    (
        (
            "One row per campaign, month, pivot type and segment, for campaigns with at least 300 impressions in the "
            "month; LinkedIn returns nothing for others. Never sum it to a campaign or an account, nor over pivot "
            "types: LinkedIn adds noise to each metric, leaves out segments under 3 events, and does so for each "
            "campaign by itself, so sums differ from audience_demographics. Months are whole, also that of "
            "LAC_START_DATE, of which the daily tables hold only the later days. A segment's cost is not adjusted for"
            " over-delivery and may add up to more than was spent: never take it for spend."
        ),
        (
            "One row per campaign, month, pivot type and segment, for campaigns with at least 300 impressions in the "
            "month; LinkedIn returns nothing for others. Never sum it to a campaign or an account, nor over pivot "
            "types: LinkedIn adds noise to each metric, leaves out segments under 3 events, and does so for each "
            "campaign by itself, so sums differ from audience_demographics. Months are whole; of the month of "
            "LAC_START_DATE the daily tables may have only the later days. LinkedIn does not adjust a segment's cost "
            "for over-delivery, so the sum may exceed the spend: do not use it as spend."
        ),
    ),
    (
        (
            "One row per campaign, UTC day, breakdown and value with activity. Choose one breakdown before summing: "
            "each splits the same activity again. Devices add up to the campaign's day in campaign_daily_metrics "
            "(checked within 1 percent); of other breakdowns LinkedIn does not say so. A metric that LinkedIn does "
            "not give by the breakdown, such as conversions by device, is NULL."
        ),
        (
            "One row per campaign, UTC day, breakdown and value with activity. Choose one breakdown before summing: "
            "each splits the same activity again. Devices add up to the campaign's day in campaign_daily_metrics "
            "(checked within 1 percent); for others LinkedIn does not promise it. A metric that LinkedIn does not "
            "give by the breakdown, such as conversions by device, is NULL."
        ),
    ),
    (
        (
            "One row per creative, conversion rule and UTC day with conversions. They are those of "
            "creative_daily_metrics again, by rule: do not add the two. Days are those of the click or view that a "
            "conversion is credited to, so past days go on changing. Cost is of no rule, so there is none here."
        ),
        (
            "One row per creative, conversion rule and UTC day with conversions. They are the conversions of "
            "creative_daily_metrics, split by rule: do not add the two. Days are those of the click or view that a "
            "conversion is credited to, so past days keep changing. Cost does not belong to a rule, so there is none."
        ),
    ),
    (
        "When LinkedIn last received a signal for it; moves without a new version in the history.",
        "When LinkedIn last received a signal for it; a change makes no new version in the history.",
    ),
    (
        "When LinkedIn last received one with a first-party cookie; moves without a new version in the history.",
        "When LinkedIn last received one with a first-party cookie; a change makes no new version in the history.",
    ),
    (
        "What the advertiser wants: ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED.",
        "Status that the advertiser set: ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED.",
    ),
    (
        (
            "One row per ad account and member with a role on it. LinkedIn gives no names of members, and shows all "
            "of them to a token of an account manager alone; to others their own role."
        ),
        (
            "One row per ad account and member with a role on it. LinkedIn gives no names of members. The token of an"
            " account manager sees all roles, any other token only the role of its own member."
        ),
    ),
    (
        (
            "One row per ad account or campaign for which parameters such as utm_source are set, which LinkedIn "
            "appends to landing pages. Those of a campaign take the place of the account's and of what a creative's "
            "own link names. LinkedIn gives them for each campaign by itself, none for message ads."
        ),
        (
            "One row per ad account or campaign with parameters, such as utm_source, that LinkedIn appends to landing"
            " pages. Those of a campaign replace those of the account and of a creative's link. Campaigns with "
            "message ads have none."
        ),
    ),
    (
        "What a member reads who has sent the form.",
        "Text that a member sees after sending the form.",
    ),
    (
        "Names and values that every response carries, unseen by members.",
        "Names and values that every response contains and that members do not see.",
    ),
    (
        "Response (lead_form_responses.id); its answers go with it.",
        "Response (lead_form_responses.id); its answers are deleted with it.",
    ),
    (
        "When the form was sent; what its deletion counts from.",
        "When the form was sent; its answers are deleted LAC_LEAD_ANSWERS_DAYS days later.",
    ),
    (
        "Since when it is so: LinkedIn's last modification, else the fetch that saw it first.",
        "When this version began: LinkedIn's last modification, else the fetch that saw it first.",
    ),
    (
        "When the next version began; NULL while it is so.",
        "When the next version began; NULL for the current version.",
    ),
    (
        "What asked for it: scheduled, on_demand or backfill.",
        "What requested it: scheduled, on_demand or backfill.",
    ),
    (
        "Rows deleted (metrics) or marked removed (entities): LinkedIn had them no more.",
        "Rows deleted (metrics) or marked removed (entities), because LinkedIn no longer returned them.",
    ),
    (
        "Rows left out because a fetch begun later had loaded their day already.",
        "Rows left out because a fetch that began later had already loaded their day.",
    ),
    (
        (
            "What was asked for: columns of metrics, and member pivots; NULL for entities, for attempts that did not "
            "load, and where it is not known."
        ),
        (
            "What was requested: columns of metrics, and pivots; NULL for entities, for attempts that did not load, "
            "and where it is not known."
        ),
    ),
    (
        "One row per account and asset that was ever tried: since when it is up to date, and how it went.",
        "One row per account and asset with an attempt: its last sync, and how the last attempt ended.",
    ),
    (
        (
            "Start of the newest fetch that was loaded and reached its own UTC day; NULL if there is none, 2000-01-01"
            " if the only ones were stamped by a clock that ran ahead."
        ),
        (
            "Start of the newest fetch that was loaded and reached its own UTC day; NULL if there is none, 2000-01-01"
            " if a wrong clock put the only ones into the future."
        ),
    ),
    (
        "What that fetch asked for, as in sync_log.parts; NULL for entities, and if not known.",
        "What that fetch requested, as in sync_log.parts; NULL for entities, and if not known.",
    ),
    (
        (
            "One row per table that is requested entity by entity, account, entity and pivot: when it was last read, "
            "so that a sync goes on where the one before it stopped."
        ),
        (
            "One row per account, entity and pivot of a table that is requested for each entity: when it was last "
            "read, so that a sync continues where the one before it stopped."
        ),
    ),
    (
        "LinkedIn refused for the day: nothing is asked before this moment. Only on rows of account 0.",
        "LinkedIn's daily quota is spent: no request is sent before this time. Only on rows of account 0.",
    ),
    (
        (
            "One row per URN that LinkedIn answered about: companies, titles, industries, places, company sizes, and "
            "the posts and messages behind creatives."
        ),
        (
            "One row per URN that was looked up: companies, titles, industries, places, company sizes, and the posts "
            "and messages behind creatives."
        ),
    ),
    (
        "Its name in English; NULL while LinkedIn does not tell.",
        "Its name in English; NULL while LinkedIn gives none.",
    ),
    (
        (
            "One row per result of a check about an ad account that holds now: the newest, and each that failed and "
            "was not mended by a later evaluation of the same days."
        ),
        (
            "One row per current result of a check about an ad account: the newest one, and each failure whose days "
            "were not evaluated again since."
        ),
    ),
    (
        "When LinkedIn's totals were asked.",
        "When LinkedIn's totals were requested.",
    ),
    (
        "How far they may lie apart.",
        "The largest difference that is accepted.",
    ),
    (
        "Whether they lie as near.",
        "Whether the difference is within the tolerance.",
    ),
    (
        "The document; docs/snapshot.md tells what is in it.",
        "The document; docs/snapshot.md describes it.",
    ),
    (
        (
            "One row per account, month, level and entity with activity: LinkedIn's estimate of distinct members. "
            "Reach is never summed: a member whom two campaigns or two months reach counts in both, and once in the "
            "reach of the account or of a longer time. Choose the level that is meant; for longer times than a month "
            "there is none here. The month that still runs holds its days so far; reach_and_frequency says which."
        ),
        (
            "One row per account, month, level and entity with activity: LinkedIn's estimate of distinct members. "
            "Never sum reach: a member who is reached by two campaigns or in two months counts in both, but once in "
            "the reach of the account or of a longer period. Choose one level. For periods longer than a month there "
            "is no reach here. The current month contains only the days that were read; reach_and_frequency shows "
            "which."
        ),
    ),
)
"""Each comment before and after. A comment stands at every column of its meaning, so it is replaced wherever it is."""

COMMENTED = sa.text(
    """
    SELECT format('%I.%I', n.nspname, r.relname), a.attname, d.description
    FROM pg_description d
    JOIN pg_class r ON r.oid = d.objoid AND d.classoid = 'pg_class'::regclass
    JOIN pg_namespace n ON n.oid = r.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.objsubid AND d.objsubid > 0
    WHERE n.nspname = 'linkedin_ads' AND r.relkind = 'r'
    ORDER BY 1, d.objsubid
    """
)


def upgrade() -> None:
    _replace(dict(COMMENTS))
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    _replace({after: before for before, after in COMMENTS})


def _replace(texts: dict[str, str]) -> None:
    connection = op.get_bind()
    for table, column, comment in connection.execute(COMMENTED).all():
        if comment in texts:
            place = f"TABLE {table}" if column is None else f'COLUMN {table}."{column}"'
            text = texts[comment].replace("'", "''").replace(":", r"\:")
            op.execute(f"COMMENT ON {place} IS '{text}'")
