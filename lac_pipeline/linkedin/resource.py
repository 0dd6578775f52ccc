"""What a resource of LinkedIn's is: where its records are read, and by what they are known. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Resource:
    """Records that LinkedIn lists, or one that it gives by its id.

    Attributes:
        name: LinkedIn's resource, which has a quota of its own.
        path: where it is read; `{account_id}` stands for the ad account.
        parameters: of the finder; none where the path names the record itself.
        page_size: records in a page at most; None where the path names the record itself.
        headers: what the request needs beside the usual ones.
        singular: what a person calls one record.
        key: the columns by which a record is known.
        shows_content: whether a record without a name is called by the post or message that it shows.
    """

    name: str
    path: str
    singular: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    page_size: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ("id",)
    shows_content: bool = False
