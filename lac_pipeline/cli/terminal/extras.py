"""Commands that need a package which is an extra of ours."""

from __future__ import annotations

from importlib.util import find_spec

from lac_pipeline.errors import ConfigError


def require_extra(extra: str, *, package: str, purpose: str) -> None:
    """Refuse to go on without a package.

    Args:
        extra: which of ours brings it.
        package: the name it is imported by.
        purpose: what it does, as in `it writes Parquet`.

    Raises:
        ConfigError: it is not installed.
    """
    if find_spec(package) is None:
        raise ConfigError(
            f"the package {package} is not installed",
            meaning=f"{purpose}, and is an extra, which is not installed",
            fix=f"pip install 'lac-pipeline[{extra}]'",
        )
