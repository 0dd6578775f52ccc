"""Campaigns by calendar month."""

from lac_pipeline.warehouse.schema.campaign_periods import view_of_periods

VIEW = view_of_periods("campaign_performance_monthly", "month", "First day of the month (UTC).")
