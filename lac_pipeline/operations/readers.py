"""`lac grant-reader`: a role that may read, and what to do with it next."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from lac_pipeline.settings import Settings
from lac_pipeline.storage.readers import Reader


def next_steps(reader: Reader, settings: Settings) -> list[str]:
    """Tell how to give the role a password, how to connect, and what to try; never a password."""
    where = urlsplit(settings.warehouse_url or "")
    place = f"{where.netloc.rpartition('@')[2]}{where.path}" + (f"?{where.query}" if where.query else "")
    password = f'set a password:  psql "$DATABASE_URL" -c \'\\password "{reader.name}"\''
    return [
        *([password] if reader.created else []),
        f'connect:         psql "postgresql://{quote(reader.name, safe="")}@{place}"',
        "try:             SELECT campaign_name, sum(cost_in_local_currency) FROM campaign_performance GROUP BY 1;",
    ]
