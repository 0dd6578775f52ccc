"""Lead forms for people: their questions, what the ads that open them brought, and where creatives lead by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from lac_pipeline.ratios import ratio
from lac_pipeline.warehouse.schema.tables import Creative, CreativeDailyMetric, LeadForm
from lac_pipeline.warehouse.schema.view import View
from lac_pipeline.warehouse.schema.views import creative_content, lead_form_performance, lead_form_questions
from lac_pipeline_tests.warehouse import advertising

FORM = 7992706
BLUE, RED = 5, 6
TEXT = {"textQuestionDetails": {"maxResponseLength": 300}}
CHOICES = [{"id": 0, "text": "Now"}, {"id": 1, "text": "Later"}]
CHOICE = {"multipleChoiceQuestionDetails": {"options": CHOICES}}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection to a database with an account."""
    with engine.begin() as connection:
        advertising.account(connection, 1, "EUR")
        yield connection


def form(connection: Connection, form_id: int = FORM, **fields: Any) -> None:  # noqa: ANN401
    """Insert a form, with the columns that a test is about."""
    locale = {"locale_language": "sv", "locale_country": "SE"}
    advertising.put(connection, LeadForm, {"id": form_id, "account_id": 1, "name": "Guide", **locale, **fields})


def creative(connection: Connection, creative_id: int, destination: object = f"urn:li:adForm:{FORM}") -> None:
    """Insert a creative whose button opens a form."""
    action = {"destination": destination, "label": "DOWNLOAD"}
    row = {"id": creative_id, "account_id": 1, "name": str(creative_id), "leadgen_call_to_action": action}
    advertising.put(connection, Creative, row)


def day(connection: Connection, creative_id: int, number: int, opens: int | None, leads: int | None) -> None:
    """Insert what a creative brought on a day of November."""
    counts = {"one_click_lead_form_opens": opens, "one_click_leads": leads}
    key = {"creative_id": creative_id, "account_id": 1, "date": date(2026, 11, number)}
    row = {**key, **counts, "impressions": 1000, "cost_in_local_currency": Decimal("12.50")}
    advertising.put(connection, CreativeDailyMetric, row)


def only_row(connection: Connection, view: View) -> dict[str, Any]:
    """The only row of a view."""
    (row,) = advertising.rows_of(connection, view)
    return row


def questions(connection: Connection, *listed: object, **fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """The view's rows of a form with these questions."""
    form(connection, questions=list(listed), **fields)
    return advertising.rows_of(connection, lead_form_questions.VIEW, "position")


def test_questions_are_rows_in_the_forms_locale(connection: Connection) -> None:
    """Each has its place, field, text, kind and whether it has to be filled in."""
    first, second = questions(
        connection,
        {
            "questionId": 10107992706,
            "name": "First name",
            "predefinedField": "FIRST_NAME",
            "question": {"localized": {"en_US": "First name", "sv_SE": "Förnamn"}},
            "questionDetails": TEXT,
            "responseRequired": True,
        },
        {
            "questionId": 2,
            "question": {"localized": {"fr_FR": "Quand?"}},
            "questionDetails": CHOICE,
            "responseRequired": False,
        },
    )
    shown = ("position", "question_id", "predefined_field", "question", "question_type", "required", "options")
    assert [first[name] for name in shown] == [1, 10107992706, "FIRST_NAME", "Förnamn", "text", True, None]
    assert [second[name] for name in shown] == [2, 2, None, "Quand?", "multiple_choice", False, CHOICES]


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ({}, (None, None, None, None)),
        ("text", (None, None, None, None)),
        ({"questionId": "many", "question": "Why?"}, (None, "Why?", None, None)),
        ({"questionId": 10**30, "questionDetails": {"ratingDetails": 5}}, (None, None, "ratingDetails", None)),
        (
            {"question": {"localized": []}, "questionDetails": "text", "responseRequired": "yes"},
            (None, None, None, False),
        ),
    ],
)
def test_odd_questions_are_rows_too(connection: Connection, question: object, shown: tuple[object, ...]) -> None:
    """What cannot be read is NULL, another kind of question has LinkedIn's word for it, and no row breaks the view."""
    (row,) = questions(connection, question)
    assert (row["question_id"], row["question"], row["question_type"], row["required"]) == shown


def test_a_form_without_locale_shows_its_first_text(connection: Connection) -> None:
    """The locale decides only where it is known."""
    (row,) = questions(connection, {"question": {"localized": {"en_US": "Why?"}}}, locale_country=None)
    assert row["question"] == "Why?"


def test_completion_is_leads_per_opened_form(connection: Connection) -> None:
    """All days of all creatives that open the form count, and the quotient is rounded as everywhere else."""
    form(connection)
    creative(connection, BLUE)
    creative(connection, RED)
    day(connection, BLUE, 1, opens=20, leads=3)
    day(connection, BLUE, 2, opens=10, leads=2)
    day(connection, RED, 3, opens=0, leads=0)
    row = only_row(connection, lead_form_performance.VIEW)
    assert (row["creatives"], row["first_date"], row["last_date"]) == (2, date(2026, 11, 1), date(2026, 11, 3))
    assert (row["one_click_lead_form_opens"], row["one_click_leads"], row["impressions"]) == (30, 5, 3000)
    assert row["completion_rate"] == ratio(5, 30) == Decimal("0.166667")
    assert (row["spend_per_lead"], row["currency"], row["lead_form_name"]) == (Decimal("7.500000"), "EUR", "Guide")


def test_an_unknown_number_is_no_zero(connection: Connection) -> None:
    """A day without the number of opens, which was not read, leaves the sum and the rate unknown."""
    form(connection)
    creative(connection, BLUE)
    day(connection, BLUE, 1, opens=20, leads=3)
    day(connection, BLUE, 2, opens=None, leads=2)
    row = only_row(connection, lead_form_performance.VIEW)
    assert (row["one_click_leads"], row["one_click_lead_form_opens"], row["completion_rate"]) == (5, None, None)


def test_a_form_that_nothing_opens_has_a_row(connection: Connection) -> None:
    """Its creatives are none, its numbers unknown."""
    form(connection)
    row = only_row(connection, lead_form_performance.VIEW)
    assert (row["creatives"], row["one_click_leads"], row["completion_rate"], row["first_date"]) == (
        0,
        None,
        None,
        None,
    )


def test_a_creative_without_activity_takes_no_number_away(connection: Connection) -> None:
    """A second creative that never ran leaves the sums of the first as they are."""
    form(connection)
    creative(connection, BLUE)
    creative(connection, RED)
    day(connection, BLUE, 1, opens=4, leads=1)
    row = only_row(connection, lead_form_performance.VIEW)
    assert (row["creatives"], row["completion_rate"]) == (2, Decimal("0.250000"))


def test_forms_that_may_not_be_read_are_known_by_their_creatives(connection: Connection) -> None:
    """Without the form itself its completion is known all the same, under its id."""
    creative(connection, BLUE)
    creative(connection, RED, destination="https://northwind.example/not-a-form")
    day(connection, BLUE, 1, opens=4, leads=1)
    row = only_row(connection, lead_form_performance.VIEW)
    assert (row["lead_form_id"], row["lead_form_name"], row["completion_rate"]) == (FORM, None, Decimal("0.250000"))


def test_creatives_show_where_their_form_leads(connection: Connection) -> None:
    """The form's page stands beside the creative's own, which it has none of here."""
    page = {"landing_page": "https://northwind.example/thanks?utm_source=linkedin", "utm_source": "linkedin"}
    form(connection, FORM, **page, landing_page_host="northwind.example", landing_page_path="/thanks")
    creative(connection, BLUE)
    row = only_row(connection, creative_content.VIEW)
    assert (row["lead_form_id"], row["lead_form_name"], row["landing_page"]) == (FORM, "Guide", None)
    assert (row["lead_form_landing_page"], row["lead_form_utm_source"]) == (page["landing_page"], "linkedin")
    assert (row["lead_form_landing_page_host"], row["lead_form_landing_page_path"]) == ("northwind.example", "/thanks")
    assert row["lead_form_utm_medium"] is None
