"""`lac raw prune`: the upkeep of the raw archive."""

from __future__ import annotations

from datetime import timedelta

from lac_pipeline.archive.store import Pruned, RawArchive
from lac_pipeline.clock import utc_now
from lac_pipeline.settings import Settings


def prune(settings: Settings, older_than: timedelta) -> Pruned:
    """Remove what the archive keeps of whole UTC days that ended longer ago than this.

    Raises:
        ArchiveError: something cannot be removed.
    """
    return RawArchive(settings.raw_url, run_id="prune", clock=utc_now).prune(older_than)
