"""The values in targeting criteria."""

from __future__ import annotations

import pytest

from lac_pipeline.models.targeting import targeted_values

FACET = "urn:li:adTargetingFacet"


def test_included_and_excluded_values_are_found() -> None:
    """Facets are no values; each value is found wherever it stands."""
    include = {"and": [{"or": {f"{FACET}:locations": ["a", "b"]}}, {"or": {f"{FACET}:titles": ["c"]}}]}
    criteria = {"include": include, "exclude": {"or": {f"{FACET}:seniorities": ["d"]}}}
    assert sorted(targeted_values(criteria)) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("criteria", [None, {}, [], 7, {"include": {"and": [None, 1, {"or": {}}]}}])
def test_criteria_without_values_have_none(criteria: object) -> None:
    """Whatever else may stand there is passed over."""
    assert list(targeted_values(criteria)) == []


def test_criteria_of_any_depth_are_read() -> None:
    """Nesting beyond what Python's own stack holds is no fault."""
    criteria: object = "deep"
    for _ in range(5_000):
        criteria = [criteria]
    assert list(targeted_values(criteria)) == ["deep"]
