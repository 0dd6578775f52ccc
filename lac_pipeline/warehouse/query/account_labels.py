"""What people know ad accounts by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from lac_pipeline.printable import one_line

LONGEST_NAME = 60
"""Characters of a name; a name of more is cut where it stands beside its id."""
NAMED = 3
"""So many accounts are named where a text is about several; the others are counted."""


def title_of(account_id: int, name: str | None) -> str:
    """An ad account's name and id, or the id alone.

    LinkedIn's names may contain any character, so control characters and changes of direction are written as text.
    """
    line = one_line(name or "")
    shown = line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"
    return f"{shown} ({account_id})" if shown else f"{account_id}"


class AccountLabels(Struct, frozen=True):
    """What people know an ad account by; name and currency are None before it was synced."""

    account_id: int
    name: str | None
    currency: str | None

    @property
    def title(self) -> str:
        """Its name and id, or the id alone."""
        return title_of(self.account_id, self.name)

    @property
    def money(self) -> str:
        """Its currency, or words for it."""
        return self.currency or "local currency"


@dataclass(frozen=True, slots=True)
class AccountNames:
    """The names of ad accounts, for texts that name them beside their ids.

    Attributes:
        names: by id; None, or no entry, for an account that was not loaded yet.
    """

    names: Mapping[int, str | None] = field(default_factory=dict)

    def knows(self, account_ids: Sequence[int]) -> bool:
        """Whether one of these accounts has a name."""
        return any(self.names.get(account_id) for account_id in account_ids)

    def title(self, account_id: int) -> str:
        """The account's name and id, or the id alone."""
        return title_of(account_id, self.names.get(account_id))

    def titles(self, account_ids: Sequence[int]) -> str:
        """The names and ids of the first accounts, and how many others there are."""
        more = len(account_ids) - NAMED
        named = ", ".join(map(self.title, account_ids[:NAMED]))
        return f"{named} and {more} more" if more > 0 else named


NAMELESS = AccountNames()
"""The names of accounts where none is known."""
