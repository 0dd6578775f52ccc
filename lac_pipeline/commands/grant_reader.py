"""`lac grant-reader`: a role that may read, and what to do with it next."""

from __future__ import annotations

from lac_pipeline.commands.stack.address import server_address
from lac_pipeline.postgres.url import write_url
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.roles import Reader

TRY = "try:             SELECT campaign_name, sum(cost_in_local_currency) FROM campaign_performance GROUP BY 1;"
DBT_NEXT = "dbt:             name it and a schema of its own, such as analytics, in profiles.yml (docs/dbt.md)"


def next_steps(reader: Reader, settings: Settings) -> list[str]:
    """Describe how to give the role a password, how to connect, and what to try; never a password."""
    url = server_address(settings).set(username=reader.name)
    password = f"set a password:  `lac psql '\\password \"{reader.name}\"'`"
    return [
        *([password] if reader.created else []),
        f'connect:         psql "{write_url(url)}"',
        DBT_NEXT if reader.builds else TRY,
    ]
