"""No response, however odd, ends in an exception of Python's: records are loaded or refused, or one error tells why."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.records import RecordSource
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import LacError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.metrics import CATALOGUE, Kind, Metric
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.postgres.copy_text import to_json
from lac_pipeline.streams import stream_of
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY, CREATIVE_DAILY
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.faults.alterations import Altered, alterations, written
from lac_pipeline_tests.linkedin.doubles import NOW, Bench, Clock, Script
from lac_pipeline_tests.models.copied_rows import rows_of
from lac_pipeline_tests.models.linkedin_records import ACCOUNT_ID, campaign, campaign_group, creative

pytestmark = pytest.mark.anyio

ACCOUNT = ACCOUNT_ID
QUIET = logging.getLogger("quiet")
LISTED: dict[str, tuple[Callable[..., dict[str, Any]], str, Callable[[int], object]]] = {
    "campaign_groups": (campaign_group, "adCampaignGroups", int),
    "campaigns": (campaign, "adCampaigns", int),
    "creatives": (creative, "creatives", "urn:li:sponsoredCreative:{}".format),
}
WHOLE, LATER = pytest.mark.whole, ("campaigns", "creatives")
"""The dearest, left to `make test-whole`: more fields, altered in the same ways."""
WINDOW = DateWindow(NOW.date() - timedelta(days=1), NOW.date())
FEW: tuple[Metric, ...] = tuple(metric for metric in CATALOGUE if metric.members)[:5]
MANY = CATALOGUE[:20]
"""More than a call may request, so that rows come in parts."""


class Repeating(Script):
    """A network that returns the same response again and again."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Give it, with the headers of JSON; posts and names are not known."""
        if request.url.path.startswith("/rest/posts/"):
            return httpx.Response(404, json={"status": 404})
        if request.url.path == "/rest/adTargetingEntities":
            return httpx.Response(200, json={"elements": [], "metadata": {}})
        return httpx.Response(200, content=self.body, headers={"content-type": "application/json"})


@dataclass
class Outcome:
    """What became of a response: the rows and the refused records, or the error."""

    rows: list[tuple[object, ...]]
    rejected: int = 0
    error: LacError | None = None


Read = Callable[[LinkedInClient], AsyncIterator[Batch]]


async def outcome_of(altered: Altered, read: Read) -> Outcome:
    """Read the response as an asset does, down to what PostgreSQL is sent."""
    at = Bench(Repeating(altered.body), clock=Clock(NOW))
    outcome = Outcome([])
    try:
        async with at.client() as client:
            async for batch in read(client):
                if batch.decoded is not None:
                    outcome.rows += rows_of(batch.validator.columns, batch.decoded.text)
                page = batch.validator.validate(batch.records)
                CopySpool(batch.validator.columns).extend(page.rows)
                outcome.rows += page.rows
                outcome.rejected += len(page.rejected)
                for record in page.rejected:
                    assert json.loads(to_json(record.raw)) is not None
    except LacError as error:
        outcome.error = error
    return outcome


async def problem_of(altered: Altered, read: Read, *, good: list[tuple[object, ...]], endpoint: str) -> str | None:
    """What is wrong with what became of an altered response."""
    try:
        outcome = await outcome_of(altered, read)
    except Exception as error:  # noqa: BLE001 - that there is none is what the tests show
        return f"{altered.name}: {type(error).__name__}: {error}"
    if outcome.error is not None:
        failure = outcome.error
        named = f"{endpoint} of account {ACCOUNT}" in failure.summary and "memory/" in (failure.detail or "")
        return None if named and failure.meaning and failure.fix else f"{altered.name}: {failure}"
    if altered.elements is None:
        return None
    whole = len(outcome.rows) + outcome.rejected == altered.elements
    missing = [row for row in good[1:] if row not in outcome.rows]
    return None if whole and not missing else f"{altered.name}: {len(outcome.rows)} + {outcome.rejected}, no {missing}"


async def problems(body: dict[str, Any], read: Read, *, endpoint: str) -> list[str]:
    """What is wrong with any altered form of the response."""
    good = (await outcome_of(Altered("nothing", written(body), None), read)).rows
    assert len(good) == len(body["elements"])
    found = [await problem_of(altered, read, good=good, endpoint=endpoint) for altered in alterations(body)]
    return [problem for problem in found if problem is not None]


def body_of(records: list[Any]) -> dict[str, Any]:
    """A response with these records."""
    return {"elements": json.loads(json.dumps(records)), "metadata": {}}


def row(pivot: str, number: int) -> dict[str, Any]:
    """A row of adAnalytics."""
    day = {"year": WINDOW.start.year, "month": WINDOW.start.month, "day": WINDOW.start.day}
    kind = {"CAMPAIGN": "sponsoredCampaign", "CREATIVE": "sponsoredCreative"}.get(pivot, "industry")
    numbers: dict[str, object] = {metric.name: "12.50" if metric.kind is Kind.MONEY else 7 for metric in FEW}
    return {"dateRange": {"start": day, "end": day}, "pivotValues": [f"urn:li:{kind}:{number}"], **numbers}


@pytest.mark.parametrize("name", ["campaign_groups", *(pytest.param(name, marks=WHOLE) for name in LATER)])
async def test_altered_lists(engine: Engine, name: str) -> None:
    """A list of entities with any one thing altered: the others load, and the altered one is loaded or refused."""
    record, endpoint, key = LISTED[name]
    body = body_of([record(id=key(number)) for number in (101, 102)])

    async def read(client: LinkedInClient) -> AsyncIterator[Batch]:
        naming = Naming(client, UrnNames(engine), AdContents(engine), QUIET)
        window = AccountWindow(ACCOUNT, None, (str(ACCOUNT),))
        async for batch in RecordSource(stream_of(name)).batches(client, window, naming):
            yield batch

    assert await problems(body, read, endpoint=endpoint) == []


@pytest.mark.parametrize(
    ("pivot", "granularity", "metrics"),
    [
        ("CAMPAIGN", "DAILY", FEW),
        pytest.param("CREATIVE", "DAILY", FEW, marks=WHOLE),
        ("CREATIVE", "DAILY", MANY),
        pytest.param("MEMBER_INDUSTRY", "MONTHLY", FEW, marks=WHOLE),
    ],
    ids=["campaigns", "creatives", "creatives in parts", "industries"],
)
async def test_altered_rows(pivot: str, granularity: str, metrics: tuple[Metric, ...]) -> None:
    """Rows of adAnalytics with any one thing altered: the others load, and nothing is added up wrongly."""
    body = body_of([row(pivot, number) for number in (101, 102)])
    validators: dict[str, Callable[[], RecordValidator]] = {
        "CAMPAIGN": lambda: validator_of(CAMPAIGN_DAILY, ACCOUNT, metrics=metrics),
        "CREATIVE": lambda: validator_of(CREATIVE_DAILY, ACCOUNT, metrics=metrics),
        "MEMBER_INDUSTRY": lambda: validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT, pivot=pivot, metrics=metrics),
    }

    async def read(client: LinkedInClient) -> AsyncIterator[Batch]:
        validator = validators[pivot]()
        pages = client.analytics(
            ACCOUNT,
            pivot=pivot,
            granularity=granularity,
            window=WINDOW,
            metrics=metrics,
            decoder=validator.decoder,
        )
        async for page in pages:
            yield Batch(page.elements, validator, page.sources, page.decoded)

    assert await problems(body, read, endpoint="adAnalytics") == []
