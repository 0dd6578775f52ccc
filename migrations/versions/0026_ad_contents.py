"""What ads say and where they lead: a table of contents, and a view of creatives with theirs.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
CONTENTS = "ad_contents"
VIEWS = Path(__file__).parents[1] / "views" / revision
TEXTS = {
    "headline": "Headline of the ad, or the subject of a message.",
    "text": "Text of the ad, plain.",
    "call_to_action": "Label of its button: LinkedIn's, such as LEARN_MORE, or as the advertiser wrote it.",
    "landing_page": "URL that a click leads to, as the advertiser wrote it.",
    "landing_page_host": "Host of the landing page, in lower case; NULL where it has none.",
    "landing_page_path": "Path of the landing page, without parameters.",
    "utm_source": "The landing page's parameter utm_source, decoded.",
    "utm_medium": "The landing page's parameter utm_medium, decoded.",
    "utm_campaign": "The landing page's parameter utm_campaign, decoded.",
    "utm_term": "The landing page's parameter utm_term, decoded.",
    "utm_content": "The landing page's parameter utm_content, decoded.",
    "utm_id": "The landing page's parameter utm_id, decoded.",
}
TIMES = {
    "created_at": "When the row was first loaded; never moves.",
    "updated_at": "When a value of the row last changed.",
}


def upgrade() -> None:
    op.create_table(
        CONTENTS,
        sa.Column("urn", sa.Text(), nullable=False, comment="URN of the creative, post or message."),
        *(sa.Column(name, sa.Text(), nullable=True, comment=comment) for name, comment in TEXTS.items()),
        *(
            sa.Column(
                name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment=comment
            )
            for name, comment in TIMES.items()
        ),
        sa.PrimaryKeyConstraint("urn", name=op.f("pk_ad_contents")),
        schema=SCHEMA,
        comment="One row per creative with a content of its own, and per post or message that creatives show and that "
        "LinkedIn let be read. The view creative_content joins them.",
    )
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    op.drop_table(CONTENTS, schema=SCHEMA)
