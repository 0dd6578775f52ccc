"""Where the database is, for people and their programs."""

from __future__ import annotations

from sqlalchemy import URL

from lac_pipeline.postgres.embedded.cluster import Cluster
from lac_pipeline.postgres.embedded.place import place_of
from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline.settings import Settings

_LOGIN = {"user", "password", "passfile", "sslcert", "sslkey", "sslpassword", "options"}
"""Parts of a URL about the user and the application, not about the server."""


def server_address(settings: Settings) -> URL:
    """The URL of the warehouse's database without user and password; of the embedded server, by 127.0.0.1.

    Its socket lies in a folder that only the user of the server may enter.

    Args:
        settings: as they are once the databases run.
    """
    url = read_url(str(settings.warehouse_url))
    place = {name: value for name, value in url.query.items() if name not in _LOGIN}
    state = Cluster(place_of(settings.home)).state()
    if "socket" in state and url.query.get("host") == state["socket"]:
        return URL.create("postgresql", host="127.0.0.1", port=int(state["port"]), database=url.database)
    return url.set(drivername="postgresql", username=None, password=None, query=place)


def shown_address(settings: Settings) -> str:
    """The same with the user who loads, for a person to read."""
    user = read_url(str(settings.warehouse_url)).username
    return write_url(server_address(settings).set(username=user))
