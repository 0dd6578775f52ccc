"""The environment of the templates in `templates/`: what holds for every page and picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lac_pipeline.printable import printable
from lac_pipeline.reporting.charts import bar_width

if TYPE_CHECKING:
    from jinja2 import Environment


def template_environment() -> Environment:
    """Make an environment: every value is escaped; an undefined name and a value that is None are errors."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  few processes render a template

    made = Environment(
        loader=PackageLoader("lac_pipeline.reporting"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["bar_width"] = bar_width
    return made


def _finalize(value: object) -> object:
    """Show control characters, and those that reverse the direction of a line, as text; markup of ours stays."""
    if value is None:
        raise ValueError("a template writes a value that is None")
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
