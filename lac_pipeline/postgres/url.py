"""URLs of databases: checked, read, written, and made from parts, always by SQLAlchemy's own `URL`."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SCHEMES = ("postgresql://", "postgresql+", "postgres://")
WRITTEN = "postgresql://user:password@host:5432/database"
ENCODING = "in a user or password write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F and % as %25"

_SOCKETS = ("/", "@")  # a host that begins so is the folder of a Unix socket, or a socket without a file


def read_url(text: str) -> URL:
    """Read a database's URL; unlike SQLAlchemy, decode its name too, and take `?dbname=` for the name, as libpq does.

    Raises:
        ValueError: the text is no URL; it is not quoted, for it may hold a password.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError("is not a URL") from None
    query = dict(url.query)
    named = query.pop("dbname", None) or unquote(url.database or "")
    return url.set(database=str(named) or None, query=query)


def write_url(url: URL) -> str:
    """Write the URL, password included, so that libpq, SQLAlchemy and `read_url` read the same from it.

    SQLAlchemy does not decode the name in a URL's path; one that has to be encoded therefore goes behind the `?`.
    """
    name, query = url.database or "", dict(url.query)
    plain = quote(name, safe="") == name
    if not plain:
        query["dbname"] = name
    base = url.set(database=name if plain else "", query={}).render_as_string(hide_password=False)
    base = base.replace(" ", "%20")  # SQLAlchemy leaves a space as it is, which libpq does not take
    options = urlencode(query, doseq=True, safe="/", quote_via=quote)
    return f"{base}?{options}" if options else base


def server_url(*, host: str, port: int, user: str, password: str | None, database: str) -> URL:
    """Make the URL of a database from its parts; the host may be the folder of a Unix socket.

    Args:
        host: a name, an address, or the path of a folder.
        port: the server's port, also a part of its socket's name.
        user: the role.
        password: the role's password.
        database: the database's name.
    """
    if host.startswith(_SOCKETS):
        place = {"host": host, "port": str(port)}
        return URL.create("postgresql", user, password, database=database, query=place)
    return URL.create("postgresql", user, password, host.strip("[]"), port, database)


def checked_database_url(text: str) -> str:
    """Return the URL when it can only be read in one way, and names a database.

    Raises:
        ValueError: why not, and how to write it; neither the user nor the password is quoted.
    """
    if not text.startswith(SCHEMES):
        raise ValueError(f"must begin with postgresql://, as in {WRITTEN}")
    parts = _split(text)
    if (character := _ends_login_early(parts)) is not None:
        raise ValueError(f"the password, or the user, seems to hold {character}: {ENCODING}")
    if not _has_port_number(parts):
        hint = "" if "@" in parts.netloc else "; if these are a user and a password, an @ has to follow them"
        raise ValueError(f"after the host's : a port number must follow, as in {WRITTEN}{hint}")
    if not read_url(text).database:
        raise ValueError(f"names no database: it must end in /database, as in {WRITTEN}")
    return text


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text, allow_fragments=False)
    except ValueError:  # a bracket that is not an address's, or a character that looks like one of / ? # @ :
        raise ValueError(f"cannot be read; {ENCODING}, and any other unusual character likewise") from None


def _ends_login_early(parts: SplitResult) -> str | None:
    """The character of a password that was taken for the end of the login, so that the rest of it stands elsewhere."""
    if "@" in (parts.username or "") + (parts.password or ""):
        return "@"
    if "@" in parts.path:
        return "/"
    options = all("=" in option for option in parts.query.split("&"))
    return "?" if "@" in parts.query and not options else None


def _has_port_number(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port >= 0
    except ValueError:
        return False
