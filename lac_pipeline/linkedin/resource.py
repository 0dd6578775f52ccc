"""The description of a resource of LinkedIn: where its records are read, and what their key is. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum

from msgspec import Struct

from lac_pipeline.linkedin.restli import Value, Verbatim
from lac_pipeline.linkedin.urn import ACCOUNT, urn
from lac_pipeline.windows import DateWindow


class Paging(Enum):
    """How LinkedIn gives a list in pages: by a token that each page names, or from a start on."""

    CURSOR = "pageSize"
    INDEX = "count"


class OfEach(Struct, frozen=True):
    """Records that LinkedIn gives one by one, for the records of another stream.

    Attributes:
        stream: of whose records each may have one.
        path: where it is read; `{id}` stands for the id of the other record.
        urn_kind: the kind of URN that names the other record.
        without: a column of the other stream's table and its value in records that cannot have one.
        account_since: the API version that gives one of the ad account itself too, as `YYYYMM`.
    """

    stream: str
    path: str
    urn_kind: str
    without: tuple[str, str]
    account_since: str


class Projection(Struct, frozen=True):
    """The fields of a record that are requested and taken; the others are dropped before a response is kept.

    Attributes:
        fields: what is always taken; nothing in them says who a member is.
        personal: what is taken too where a person allows it.
    """

    fields: tuple[str, ...]
    personal: tuple[str, ...]

    def taken(self, *, personal: bool) -> tuple[str, ...]:
        """The fields that are taken."""
        return (*self.fields, *self.personal) if personal else self.fields


@dataclass(frozen=True, slots=True)
class Resource:
    """Records that LinkedIn lists, or one that it gives by its id.

    Attributes:
        name: LinkedIn's resource, which has a quota of its own.
        path: where it is read; `{account_id}` stands for the ad account.
        parameters: of the finder; `{account}` in a text, at any depth, stands for the account's URN. None where the
            path names the record itself.
        page_size: records in a page at most; None where the path names the record itself.
        headers: what the request needs beside the usual ones.
        singular: what a person calls one record.
        key: the columns by which a record is known.
        shows_content: whether a record without a name is called by the post or message that it shows.
        holds_targeting: whether a record says whom it is for, by values whose names are looked up.
        paging: how it is given in pages.
        of_each: how the records beside that of the account are read, where LinkedIn does not list them.
        time_range: the parameter that names the time of the records, in milliseconds; empty where all are listed.
        projection: the fields that are taken; None for all.
        kept_days: for so many days LinkedIn keeps a record; None where it keeps it.
    """

    name: str
    path: str
    singular: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    page_size: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ("id",)
    shows_content: bool = False
    holds_targeting: bool = False
    paging: Paging = Paging.CURSOR
    of_each: OfEach | None = None
    time_range: str = ""
    projection: Projection | None = None
    kept_days: int | None = None

    def parameters_of(
        self, account_id: int, *, window: DateWindow | None = None, personal: bool = False
    ) -> dict[str, Value]:
        """The finder's parameters for an ad account: for these UTC days, and with personal data or without."""
        account = urn(ACCOUNT, account_id)
        parameters = {name: _filled(value, account) for name, value in self.parameters.items()}
        if self.time_range and window is not None:
            parameters[self.time_range] = {"start": _milliseconds(window.start), "end": _milliseconds(window.end)}
        if self.projection is not None:
            parameters["fields"] = Verbatim(",".join(self.projection.taken(personal=personal)))
        return parameters


def _milliseconds(day: date) -> int:
    """The beginning of a UTC day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _filled(value: Value, account: str) -> Value:
    match value:
        case str():
            return value.replace("{account}", account)
        case Mapping():
            return {name: _filled(part, account) for name, part in value.items()}
        case list() | tuple():
            return [_filled(part, account) for part in value]
    return value
