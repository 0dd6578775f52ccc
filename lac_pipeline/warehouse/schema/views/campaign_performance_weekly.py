"""Campaigns by ISO week."""

from lac_pipeline.warehouse.schema.campaign_periods import view_of_periods

VIEW = view_of_periods("campaign_performance_weekly", "week", "Monday of the ISO week (UTC).")
