"""LinkedIn Ads data, loaded into PostgreSQL by a Dagster pipeline."""

__version__ = "0.1.0"
