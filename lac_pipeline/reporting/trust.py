"""The parts of the snapshot document that show how far its numbers can be trusted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from lac_pipeline.reporting.document_parts import Part


class ScopeFreshness(Part):
    """How fresh one scope of the data is. Compare `stale_at` with the time at which you read this."""

    scope: str = Field(description="entities, metrics or demographics.")
    synced_at: datetime | None = Field(description="When the sync began that last brought it up to date.")
    stale_at: datetime | None = Field(description="When it should be synced again.")
    last_status: str | None = Field(description="How the last attempt ended, or running.")
    failed_attempts: int = Field(description="Failed attempts since it was last synced.")


class QualityNote(Part):
    """Something to know before trusting a number."""

    code: Literal[
        "rejected_records",
        "partial_sync",
        "failed_sync",
        "failed_check",
        "shrink_guard",
        "days_not_loaded",
        "currency_unknown",
    ] = Field(description="What kind of note this is.")
    asset: str | None = Field(description="The table that it is about.")
    count: int = Field(description="How many records, rows, totals, syncs or days.")
    message: str = Field(description="What it means, and what to do.")
