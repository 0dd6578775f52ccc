"""All of Dagster: assets, checks, sensors, schedules, resources and what they share."""
