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
