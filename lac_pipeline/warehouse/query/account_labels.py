"""What people know an ad account by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountLabels:
    """What people know an ad account by; name and currency are None before it was synced."""

    account_id: int
    name: str | None
    currency: str | None

    @property
    def title(self) -> str:
        """Its name and id, or the id alone."""
        return f"{self.name} ({self.account_id})" if self.name else f"{self.account_id}"

    @property
    def money(self) -> str:
        """Its currency, or words for it."""
        return self.currency or "local currency"
