"""Records on their way from a response to the spool."""

from __future__ import annotations

from lac_pipeline.defs.assets.fetching import RECORDS_AT_ONCE, released


def test_records_are_let_go_as_they_are_taken() -> None:
    """All come, in order and some at a time, and the list that they came in no longer holds those that were taken."""
    elements: list[dict[str, object]] = [{"id": number} for number in range(2 * RECORDS_AT_ONCE + 1)]
    left, taken = [], []
    for records in released(elements):
        left.append(len(elements))
        taken += [record["id"] for record in records]
    assert taken == list(range(2 * RECORDS_AT_ONCE + 1))
    assert left == [RECORDS_AT_ONCE + 1, 1, 0]
