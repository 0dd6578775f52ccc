"""LinkedIn Ads data, loaded into PostgreSQL by a Dagster pipeline."""

import importlib

__version__ = "0.2.0"
__all__ = ["LinkedInAdsComponent", "__version__"]


def __getattr__(name: str) -> object:
    """Import the component where it is used: it loads Dagster, which `lac --help` has no time for."""
    if name == "LinkedInAdsComponent":
        return importlib.import_module("lac_pipeline.component").LinkedInAdsComponent
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What Dagster finds components in."""
    return [*globals(), "LinkedInAdsComponent"]
