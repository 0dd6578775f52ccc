"""Our tables as Fivetran's connector for LinkedIn Ads lays them out, for dbt packages that are written for it.

Names and types are those that the packages fivetran/linkedin and fivetran/ad_reporting select. Times are timestamps
without zone, in UTC: the packages cast to that, and a cast of a time with zone would depend on the session's. dbt makes
views on these, so that they can be replaced with columns added last, but never dropped.
"""

from __future__ import annotations

from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran import (
    account_history,
    analytics,
    campaign_group_history,
    campaign_history,
    conversions,
    creative_history,
    geo,
    member_analytics,
)
from lac_pipeline.warehouse.schema.fivetran.layout import FIVETRAN_SCHEMA
from lac_pipeline.warehouse.schema.view import View

__all__ = ["FIVETRAN_SCHEMA", "FIVETRAN_VIEWS", "SCHEMAS"]

SCHEMAS = (SCHEMA, FIVETRAN_SCHEMA)
"""The schemas that migrations make."""

FIVETRAN_VIEWS: tuple[View, ...] = (
    account_history.VIEW,
    campaign_group_history.VIEW,
    campaign_history.VIEW,
    creative_history.VIEW,
    *analytics.VIEWS,
    geo.VIEW,
    *member_analytics.VIEWS,
    *conversions.VIEWS,
)
"""All of them."""
