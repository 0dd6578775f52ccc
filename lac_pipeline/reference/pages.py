"""The reference pages of `docs/`, generated from the code: `make docs` writes, a test compares."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from lac_pipeline.linkedin.metrics import CATALOGUE, CORE
from lac_pipeline.reference.json_page import json_page
from lac_pipeline.reporting.snapshot_document import schema_text
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.schema.descriptions import describe_table, table_names
from lac_pipeline.warehouse.schema.fivetran import FIVETRAN_VIEWS
from lac_pipeline.warehouse.schema.views import VIEWS

SETTINGS_INTRO = """# Settings

A setting is read from the environment, or else from `.env` in the folder where `lac` is started; `LAC_ENV_FILE` names
another file. When a command starts, it checks all settings, and shows each one that is missing or wrong, with the fix.

| setting | default | what it is |
|---|---|---|
"""

TABLES_INTRO = """# Tables

All tables are in the schema `linkedin_ads`. Ids are BIGINT, money is NUMERIC in the account's currency, days are UTC
days. The database has the same texts as comments (`\\d+ linkedin_ads.campaigns` in psql).
"""

VIEWS_INTRO = """
# Views

The views are for people, dashboards and agents: they show names, currency and ratios beside the numbers. Filter by
`account_id` and `date` (or `month`), so that PostgreSQL can use the indexes. `lac grant-reader NAME` makes a role that
may read them.
"""

FIVETRAN_INTRO = """# Views in Fivetran's layout

All in schema `linkedin_ads_fivetran`: the tables of `linkedin_ads` under the names that dbt packages for Fivetran's
connector select ([dbt.md](dbt.md)). Times have no zone and are in UTC. For people and dashboards the views of
[tables.md](tables.md) are better: they have names, currency and ratios beside the numbers.
"""

METRICS_INTRO = """# Metrics

The {count} metrics of LinkedIn's ad analytics are columns of `campaign_daily_metrics` and `creative_daily_metrics`.
`audience_demographics` and `campaign_demographics` have those that LinkedIn splits by member; other tables have some of
them. The comments of the columns in the database are the same texts. Write the names of the second column into
`LAC_METRICS`. A column is NULL if the metric was not requested, or if LinkedIn did not give it. "In every API version"
means every version that LinkedIn still serves.

| column | LinkedIn's name | by member | what it is |
|---|---|---|---|
"""

METRICS_OUTRO = """
`LAC_METRICS=core` means these {count} metrics, which fit into one request: {core}. [metrics.md](metrics.md) and the
comments of the columns explain each metric.

If you choose more metrics or pivots later, they are loaded for the days of the next refresh. For older days,
`lac status` and `lac sync` show what is missing, with the command that loads it.
"""


def settings_page() -> str:
    """Write `docs/settings.md`."""
    rows = []
    for name, field in Settings.model_fields.items():
        required = field.default is PydanticUndefined
        shown = "required" if required else _default(field.default)
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    core = ", ".join(f"`{name}`" for name in CORE)
    return SETTINGS_INTRO + "\n".join(rows) + "\n" + METRICS_OUTRO.format(count=len(CORE), core=core)


def tables_page() -> str:
    """Write `docs/tables.md`."""
    parts = [TABLES_INTRO]
    for name in table_names():
        table = describe_table(name)
        parts.append(f"\n## {name}\n\n{table.comment}\n\n| column | type | what it is |\n|---|---|---|")
        parts += [f"| `{column.name}` | {column.type} | {column.comment} |" for column in table.columns]
    parts.append(VIEWS_INTRO)
    for view in VIEWS:
        parts.append(f"\n## {view.name}\n\n{view.grain}\n\n| column | what it is |\n|---|---|")
        parts += [f"| `{column.name}` | {column.comment} |" for column in view.columns]
    return "\n".join(parts) + "\n"


def fivetran_page() -> str:
    """Write `docs/fivetran.md`; the metrics of a view stand on a page of their own."""
    metrics, parts = {metric.column for metric in CATALOGUE}, [FIVETRAN_INTRO]
    for view in FIVETRAN_VIEWS:
        listed = [column for column in view.columns if column.name not in metrics]
        parts.append(f"\n## {view.name}\n\n{view.grain}\n\n| column | what it is |\n|---|---|")
        parts += [f"| `{column.name}` | {column.comment} |" for column in listed]
        if {column.name for column in view.columns} >= metrics:
            parts.append("| | Every metric of [metrics.md](metrics.md). |")
        else:
            parts += [f"| `{column.name}` | {column.comment} |" for column in view.columns if column not in listed]
    return "\n".join(parts) + "\n"


def metrics_page() -> str:
    """Write `docs/metrics.md`."""
    rows = [
        f"| `{metric.column}` | `{metric.name}` | {'yes' if metric.members else 'no'} | {metric.description} |"
        for metric in CATALOGUE
    ]
    return METRICS_INTRO.format(count=len(CATALOGUE)) + "\n".join(rows) + "\n"


PAGES = {
    "settings.md": settings_page,
    "tables.md": tables_page,
    "metrics.md": metrics_page,
    "fivetran.md": fivetran_page,
    "json.md": json_page,
    "account_snapshot.schema.json": schema_text,
}


def _default(value: object) -> str:
    if value is None or value == () or isinstance(value, SecretStr):
        return ""
    return f"`{value}`"


def main(folder: Path) -> None:
    """Write all pages into the folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
