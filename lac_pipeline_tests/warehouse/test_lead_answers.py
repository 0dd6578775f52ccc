"""What members filled in: apart, hidden from readers, gone with its response, and never older than it may be."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import Engine, make_url, select, text

from lac_pipeline.clock import utc_now
from lac_pipeline.models.lead_responses import LeadAnswer, LeadAnswers
from lac_pipeline.models.validation import validator_of
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.streams.leads import LEAD_FORM_RESPONSES
from lac_pipeline.warehouse.load.attempts import Load, LoadResult
from lac_pipeline.warehouse.load.lead_answers import LeadAnswersOfLoad
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.migrate import _config
from lac_pipeline.warehouse.roles import RoleStatement, grant_reader
from lac_pipeline.warehouse.schema.tables import LeadAnswerRow, LeadFormResponse
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

ACCOUNT = 508774356
YEAR = timedelta(days=365)
BEFORE = "0032"
"""The revision before the table of answers."""
_numbers = itertools.count()


def today() -> date:
    """The UTC day."""
    return utc_now().date()


def load(
    warehouse: Warehouse, days_ago: dict[str, int], answers: dict[str, str | None] | None = None, *, window: int = 5
) -> LoadResult:
    """Load a response for each id, sent so many days ago; with an answer for some."""
    columns = validator_of(LEAD_FORM_RESPONSES, ACCOUNT).columns
    span = DateWindow.inclusive(today() - timedelta(days=window), today())
    attempt = warehouse.begin("lead_form_responses", ACCOUNT, run_id="run", trigger="on_demand", window=span)
    sent = {
        name: datetime.combine(today() - timedelta(days=days), datetime.min.time(), UTC)
        for name, days in days_ago.items()
    }
    read = LeadAnswers(
        tuple(answers or ()),
        tuple(
            LeadAnswer(name, "question", 1, answer, None, None, sent[name])
            for name, answer in (answers or {}).items()
            if answer
        ),
    )
    with CopySpool(columns) as spool:
        for name, at in sent.items():
            known = {"id": name, "date": at.date(), "account_id": ACCOUNT, "submitted_at": at}
            spool.extend([tuple(known.get(column) for column in columns)])
        return warehouse.load(Load(attempt, spool, (), len(sent), 1, lead_answers=LeadAnswersOfLoad(read, YEAR)))


def answers_of(engine: Engine) -> dict[str, str | None]:
    """The answer of each response."""
    with engine.connect() as connection:
        return dict(connection.execute(select(LeadAnswerRow.response_id, LeadAnswerRow.answer)).tuples().all())


def responses_of(engine: Engine) -> set[str]:
    """The responses that are stored."""
    with engine.connect() as connection:
        return set(connection.scalars(select(LeadFormResponse.id)))


def test_answers_go_with_their_response(engine: Engine, warehouse: Warehouse) -> None:
    """What LinkedIn no longer returns is deleted, with what was filled in."""
    load(warehouse, {"a": 1, "b": 2}, {"a": "Anna", "b": "Ben"})
    assert answers_of(engine) == {"a": "Anna", "b": "Ben"}
    load(warehouse, {"a": 1}, {"a": "Anne"})
    assert (responses_of(engine), answers_of(engine)) == ({"a"}, {"a": "Anne"})


def test_responses_without_answers_take_none_away(engine: Engine, warehouse: Warehouse) -> None:
    """A load that brings no answers, as one from an archive without them, leaves those that are there."""
    load(warehouse, {"a": 1}, {"a": "Anna"})
    load(warehouse, {"a": 1, "b": 1})
    assert (responses_of(engine), answers_of(engine)) == ({"a", "b"}, {"a": "Anna"})


def test_answers_are_those_that_came_last(engine: Engine, warehouse: Warehouse) -> None:
    """A response whose answers came as none has none any more."""
    load(warehouse, {"a": 1, "b": 1}, {"a": "Anna", "b": "Ben"})
    load(warehouse, {"a": 1, "b": 1}, {"a": None, "b": "Ben"})
    assert answers_of(engine) == {"b": "Ben"}


def test_answers_are_deleted_in_time(engine: Engine, warehouse: Warehouse) -> None:
    """Housekeeping of a later day deletes them, by when they were sent; the responses stay."""
    load(warehouse, {"old": 5, "new": 1}, {"old": "Anna", "new": "Ben"})
    in_a_year = utc_now() + YEAR - timedelta(days=3)
    assert Warehouse(engine, clock=lambda: in_a_year).drop_lead_answers(YEAR) == 1
    assert (answers_of(engine), responses_of(engine)) == ({"new": "Ben"}, {"old", "new"})


def test_a_load_keeps_no_answer_that_is_too_old(engine: Engine, warehouse: Warehouse) -> None:
    """What was sent longer ago than may be kept is not stored in the first place."""
    load(warehouse, {"old": 366, "new": 1}, {"old": "Anna", "new": "Ben"}, window=400)
    assert (answers_of(engine), responses_of(engine)) == ({"new": "Ben"}, {"old", "new"})


def test_what_linkedin_forgot_stays(engine: Engine, warehouse: Warehouse) -> None:
    """LinkedIn returns no response after 365 days, so an older one that does not come is not gone."""
    load(warehouse, {"old": 380, "recent": 200, "new": 1}, window=400)
    load(warehouse, {"new": 1}, window=400)
    assert responses_of(engine) == {"old", "new"}


def test_what_was_deleted_goes_beside_what_linkedin_may_forget(engine: Engine, warehouse: Warehouse) -> None:
    """A response of the last days that LinkedIn keeps makes up for none that was deleted since."""
    load(warehouse, {"oldest": 364, "deleted": 2, "new": 1}, window=400)
    assert load(warehouse, {"oldest": 364, "new": 1}, window=400).pruned == 1
    assert responses_of(engine) == {"oldest", "new"}


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    """A role that no other test has; roles belong to the whole server."""
    name = f"leads {os.getpid()}.{next(_numbers)}"
    yield name
    with engine.begin() as connection:
        connection.execute(RoleStatement("DROP OWNED BY {role}", name))
        connection.execute(RoleStatement("DROP ROLE {role}", name))


def may_read(warehouse_url: str, name: str) -> bool:
    """Whether the role may read the answers, as it may read the responses."""
    reading = make_engine(make_url(warehouse_url).set(username=name).render_as_string(hide_password=False))
    try:
        with reading.connect() as connection:
            connection.scalar(text("SELECT count(*) FROM lead_form_responses"))
            return bool(connection.scalar(text("SELECT has_table_privilege('lead_answers', 'SELECT')")))
    finally:
        reading.dispose()


def test_a_reader_sees_answers_only_if_granted(engine: Engine, warehouse_url: str, name: str) -> None:
    """The option gives them, and without it the next grant takes them back."""
    seen = []
    for personal in (False, True, False):
        grant_reader(engine, name, personal=personal)
        seen.append(may_read(warehouse_url, name))
    assert seen == [False, True, False]


def test_a_reader_from_before_does_not_see_them(database_url: str, name: str) -> None:
    """Who may read every later table by default privileges gets no right to the answers when their table is made."""
    config = _config(database_url)
    command.upgrade(config, BEFORE)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(RoleStatement("CREATE ROLE {role} LOGIN", name))
        connection.execute(RoleStatement("GRANT USAGE ON SCHEMA {schema} TO {role}", name))
        connection.execute(RoleStatement("ALTER ROLE {role} SET search_path = linkedin_ads", name))
        later = "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}"
        connection.execute(RoleStatement(later, name))
    command.upgrade(config, "head")
    assert not may_read(database_url, name)
    with engine.begin() as connection:
        connection.execute(RoleStatement("DROP OWNED BY {role}", name))
    engine.dispose()
