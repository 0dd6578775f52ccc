"""Targeting criteria as rows: groups, facets and values, in every shape that LinkedIn may send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.schema.views.campaign_targeting import VIEW
from lac_pipeline_tests.warehouse import advertising

FACET = "urn:li:adTargetingFacet"
BERLIN, DIRECTOR, ENTRY = "urn:li:geo:106967730", "urn:li:seniority:6", "urn:li:seniority:3"
SIZE, LARGEST = "urn:li:staffCountRange:(201,500)", "urn:li:staffCountRange:(10001,2147483647)"
CRITERIA = {
    "include": {
        "and": [
            {"or": {f"{FACET}:profileLocations": [BERLIN]}},
            {"or": {f"{FACET}:staffCountRanges": [SIZE, LARGEST], f"{FACET}:seniorities": [DIRECTOR]}},
        ]
    },
    "exclude": {"or": {f"{FACET}:seniorities": [ENTRY]}},
}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection to a database that knows the names of a place and a seniority."""
    UrnNames(engine).keep({BERLIN: "Berlin", ENTRY: "Entry"}, at=datetime(2026, 11, 1, tzinfo=UTC))
    with engine.begin() as connection:
        yield connection


def targets(connection: Connection, criteria: object, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of the view of a campaign with these criteria."""
    advertising.campaign(connection, 7, 1, targeting_criteria=criteria)
    return [
        tuple(row[name] for name in columns)
        for row in advertising.rows_of(connection, VIEW, "rule", "group_number", "facet", "urn")
    ]


def test_criteria_become_rows_of_groups_and_facets(connection: Connection) -> None:
    """Groups that all have to match are numbered; facets within a group share its number; exclusions stand apart."""
    assert targets(connection, CRITERIA, "rule", "group_number", "facet", "urn") == [
        ("exclude", 1, "seniorities", ENTRY),
        ("include", 1, "profileLocations", BERLIN),
        ("include", 2, "seniorities", DIRECTOR),
        ("include", 2, "staffCountRanges", LARGEST),
        ("include", 2, "staffCountRanges", SIZE),
    ]


def test_values_have_names_where_they_are_known(connection: Connection) -> None:
    """A value without a known name is shown as LinkedIn has it."""
    named = dict(targets(connection, CRITERIA, "urn", "target_name"))
    assert named == {BERLIN: "Berlin", ENTRY: "Entry", DIRECTOR: DIRECTOR, SIZE: SIZE, LARGEST: LARGEST}


def test_ranges_are_taken_apart(connection: Connection) -> None:
    """A URN with a pair of numbers is a range, whose largest end means none; other URNs have no numbers."""
    found = {urn: (first, last) for urn, first, last in targets(connection, CRITERIA, "urn", "range_from", "range_to")}
    assert (found[SIZE], found[LARGEST], found[BERLIN]) == ((201, 500), (10001, None), (None, None))


@pytest.mark.parametrize(
    "criteria",
    [
        None,
        {},
        {"include": None, "exclude": None},
        {"include": {"and": []}, "exclude": {}},
        {"include": {"and": "urn:li:geo:1"}, "exclude": [1, "x"]},
        {"include": "everybody", "exclude": {"or": None}},
        {"include": {"and": [None, {"or": {}}, {"or": {"a": []}}, {"or": {"a": [None]}}]}},
    ],
    ids=str,
)
def test_criteria_without_values_have_no_rows(connection: Connection, criteria: object) -> None:
    """Shapes that hold no value, also such as LinkedIn does not document, leave the view readable."""
    assert targets(connection, criteria, "urn") == []


def test_a_single_value_needs_no_list(connection: Connection) -> None:
    """A value where a list is expected, and facets with unknown names, are shown all the same."""
    criteria = {"include": {"and": {"or": {"buyerGroups": "urn:li:buyerGroup:9"}}}, "exclude": {"or": {"x:y": [5]}}}
    assert targets(connection, criteria, "rule", "group_number", "facet", "facet_urn", "urn") == [
        ("exclude", 1, "y", "x:y", "5"),
        ("include", 1, "buyerGroups", "buyerGroups", "urn:li:buyerGroup:9"),
    ]


def test_campaigns_of_several_accounts_stay_apart(connection: Connection) -> None:
    """Each campaign's rows are its own, with its account."""
    advertising.account(connection, 2, "JPY")
    advertising.campaign(
        connection, 8, 2, targeting_criteria={"exclude": {"or": {f"{FACET}:titles": ["urn:li:title:1"]}}}
    )
    rows = targets(connection, CRITERIA, "account_id", "account_name", "campaign_id", "campaign_name")
    assert set(rows) == {(1, None, 7, "7"), (2, "Account 2", 8, "8")}
    assert len(rows) == 6
