"""What a resource of LinkedIn's is: where its records are read, and by what they are known. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from lac_pipeline.linkedin.restli import Value
from lac_pipeline.linkedin.urn import ACCOUNT, urn


class Paging(Enum):
    """How LinkedIn gives a list in pages: by a token that each page names, or from a start on."""

    CURSOR = "pageSize"
    INDEX = "count"


@dataclass(frozen=True, slots=True)
class OfEach:
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

    def parameters_of(self, account_id: int) -> dict[str, Value]:
        """The finder's parameters for an ad account."""
        account = urn(ACCOUNT, account_id)
        return {name: _filled(value, account) for name, value in self.parameters.items()}


def _filled(value: Value, account: str) -> Value:
    match value:
        case str():
            return value.replace("{account}", account)
        case Mapping():
            return {name: _filled(part, account) for name, part in value.items()}
        case list() | tuple():
            return [_filled(part, account) for part in value]
    return value
