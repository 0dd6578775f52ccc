"""Comments that said too little of audiences, and left out a status.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
AUDIENCES = "audience_demographics"
BREAKDOWN = "audience_breakdown"
MONTHS = "Months are whole, also that of LAC_START_DATE, of which the daily tables hold only the later days."
COST = (
    "A segment's cost is not adjusted for over-delivery and may add up to more than was spent: never take it for spend."
)
TABLE = (
    "One row per account, month, pivot type and segment. Do not sum over pivot types, which split the same activity "
    "again and again. LinkedIn leaves out segments under 3 events, so counts mostly add up to less than the account's, "
    f"each within 3 of the truth. {MONTHS} {COST}"
)
TABLE_BEFORE = (
    "One row per account, month, pivot type and segment. Do not sum over pivot types, which split the same activity "
    "again and again; LinkedIn leaves out segments under 3 events, so sums lie below the account's totals."
)
VIEW_BEFORE = (
    "One row per account, month, pivot type and segment. Do not sum over pivot types: each splits the same activity."
)
VIEW = f"{VIEW_BEFORE} {MONTHS} {COST}"
MONTH_BEFORE = "First UTC day of the month."
CAMPAIGN = "ACTIVE, ARCHIVED, CANCELED, COMPLETED, DRAFT, PAUSED, PENDING_DELETION or REMOVED."
CAMPAIGN_BEFORE = "ACTIVE, ARCHIVED, CANCELED, COMPLETED, DRAFT, PAUSED or REMOVED."
STATUSES = "ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED."
STATUSES_BEFORE = "ACTIVE, PAUSED, ARCHIVED and so on."
COLUMNS = (
    (AUDIENCES, "month", f"{MONTH_BEFORE} {MONTHS}", MONTH_BEFORE),
    ("campaigns", "status", CAMPAIGN, CAMPAIGN_BEFORE),
    ("campaign_history", "status", CAMPAIGN, CAMPAIGN_BEFORE),
    *(
        (
            table,
            "intended_status",
            f"What the advertiser wants: {STATUSES}",
            f"What the advertiser wants: {STATUSES_BEFORE}",
        )
        for table in ("creatives", "creative_history")
    ),
    *(
        (
            view,
            "creative_status",
            f"What the advertiser wants of the creative: {STATUSES}",
            f"What the advertiser wants of the creative: {STATUSES_BEFORE}",
        )
        for view in ("creative_performance", "creative_days")
    ),
)
"""Tables and views, a column of each, what its comment says now, and what it said."""


def upgrade() -> None:
    _comment("TABLE", AUDIENCES, TABLE)
    _comment("VIEW", BREAKDOWN, VIEW)
    for relation, column, comment, _ in COLUMNS:
        _comment("COLUMN", f"{relation}.{column}", comment)


def downgrade() -> None:
    _comment("TABLE", AUDIENCES, TABLE_BEFORE)
    _comment("VIEW", BREAKDOWN, VIEW_BEFORE)
    for relation, column, _, before in COLUMNS:
        _comment("COLUMN", f"{relation}.{column}", before)


def _comment(kind: str, name: str, comment: str) -> None:
    text = comment.replace("'", "''").replace(":", r"\:")
    op.execute(sa.text(f"COMMENT ON {kind} {SCHEMA}.{name} IS '{text}'"))
