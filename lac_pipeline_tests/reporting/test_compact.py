"""The snapshot for a language model: what is left out, and its size."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lac_pipeline.reporting.compact import LEFT_OUT, compact, fitted, size_of
from lac_pipeline_tests.reporting.account_rows import Rows, campaign, segment, snapshot_of, spent


def document(campaigns: int) -> dict[str, Any]:
    """The document of an account with so many campaigns."""
    rows = Rows(
        campaigns=[campaign(n, objective_type="WEBSITE_VISIT") for n in range(campaigns)],
        campaign_sums=[row for n in range(campaigns) for row in spent(n, f"{n}.5", impressions=9, clicks=1)],
        segment_sums=[segment(f"urn:li:industry:{n}", n) for n in range(1, 9)],
    )
    return dict(json.loads(snapshot_of(rows).model_dump_json()))


def test_nulls_and_days_are_left_out_and_nothing_else() -> None:
    """What is unknown is absent; zeros, empty lists and everything else stay."""
    whole = document(2)
    small = compact(whole)
    assert set(whole) - set(small) == {"days"} | {name for name, part in whole.items() if part is None}
    assert "null" not in json.dumps(small)
    assert small["quality_notes"] == []
    assert small["performance"]["last_7_days"]["metrics"]["one_click_leads"] == 0


@pytest.mark.parametrize("campaigns", [0, 3, 150])
@pytest.mark.parametrize("most", [4_000, 12_000, 60_000])
def test_the_document_fits(campaigns: int, most: int) -> None:
    """Its JSON has no more bytes than were requested, and always begins with the whole summary."""
    whole = document(campaigns)
    small = fitted(whole, most)
    text = json.dumps(small, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode()) == size_of(small) <= most
    assert small["summary"] == compact(whole)["summary"]


def test_what_was_cut_is_listed() -> None:
    """A reader does not take for unknown what only had no room."""
    whole = document(150)
    small = fitted(whole, 12_000)
    shown = len(small["campaigns"])
    assert 0 < shown < 150
    assert f"campaigns: {150 - shown} of 150" in small[LEFT_OUT]
    assert [entry["id"] for entry in small["campaigns"]] == [entry["id"] for entry in whole["campaigns"]][:shown]


def test_more_room_shows_more() -> None:
    """With room for everything, nothing is cut and nothing is listed as cut."""
    whole = document(3)
    assert fitted(whole, 10**6) == compact(whole)
    assert LEFT_OUT not in fitted(whole, 10**6)
