"""DATABASE_URL: whether it can be read as it was meant, and the URLs of other databases on the same server."""

from __future__ import annotations

from urllib.parse import quote

SCHEMES = ("postgresql://", "postgresql+", "postgres://")
WRITTEN = "postgresql://user:password@host:5432/database"
ENCODING = "in a user or password write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F and % as %25"


def checked_database_url(text: str) -> str:
    """Return the URL when it can only be read in one way, and names a database.

    Raises:
        ValueError: why not, and how to write it; neither the user nor the password is quoted.
    """
    if not text.startswith(SCHEMES):
        raise ValueError(f"must begin with postgresql://, as in {WRITTEN}")
    login, at, server = _without_options(text.partition("://")[2]).rpartition("@")
    if character := next((one for one in "@/?" if one in login), None):
        raise ValueError(f"the password, or the user, seems to hold {character}: {ENCODING}")
    host, slash, database = server.partition("/")
    if not _is_port(host.rpartition("]")[2].partition(":")[2]):
        hint = "" if at else "; if these are a user and a password, an @ has to follow them"
        raise ValueError(f"after the host's : a port number must follow, as in {WRITTEN}{hint}")
    if not (slash and database):
        raise ValueError(f"names no database: it must end in /database, as in {WRITTEN}")
    return text


def _without_options(address: str) -> str:
    """Cut `?name=value&...`; a ? that something else follows, and an @ after that, belongs to the password."""
    head, _, tail = address.partition("?")
    options = "/" in head and all("=" in one for one in tail.split("&"))
    return address if "@" in tail and not options else head


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and int(text) <= 65535)


def with_driver(url: str, driver: str) -> str:
    """The same URL for another of SQLAlchemy's drivers, such as `postgresql+psycopg`."""
    return f"{driver}://{url.partition('://')[2]}"


def beside(url: str, database: str) -> str:
    """The URL of another database on the same server, by the same login and with the same options."""
    base, question, options = url.partition("?")
    return f"{base.rpartition('/')[0]}/{quote(database)}{question}{options}"
