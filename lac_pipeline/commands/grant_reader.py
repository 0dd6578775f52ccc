"""`lac grant-reader`: a role that may read, and what to do with it next."""

from __future__ import annotations

from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.roles import Reader

_LOADERS_OWN = {"user", "password", "passfile", "sslcert", "sslkey", "sslpassword", "options"}
"""Parts of a URL about the user and the application, not about the server."""


def next_steps(reader: Reader, settings: Settings) -> list[str]:
    """Describe how to give the role a password, how to connect, and what to try; never a password."""
    loader = read_url(settings.warehouse_url or "postgresql://")
    place = {name: value for name, value in loader.query.items() if name not in _LOADERS_OWN}
    url = loader.set(drivername="postgresql", username=reader.name, password=None, query=place)
    password = f'set a password:  psql "$DATABASE_URL" -c \'\\password "{reader.name}"\''
    return [
        *([password] if reader.created else []),
        f'connect:         psql "{write_url(url)}"',
        "try:             SELECT campaign_name, sum(cost_in_local_currency) FROM campaign_performance GROUP BY 1;",
    ]
