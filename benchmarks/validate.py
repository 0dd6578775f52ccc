"""How fast pages of adAnalytics become rows: `python benchmarks/validate.py [ROWS]`.

Prints rows per second of processor time for the core metrics and for all of them, from parsed JSON to tuples, as the
best of five rounds; for a page in which one count comes as text, which costs a second, lenient model; and for a page in
which one record is bad, which costs a look at each record.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from typing import Any

from lac_pipeline.linkedin.metrics import BY_NAME, CATALOGUE, CORE, Kind, Metric
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY

CAMPAIGNS = 500


def page_of(rows: int, metrics: tuple[Metric, ...]) -> list[dict[str, Any]]:
    """A page as the client parses it: counts as integers, money as decimal text."""
    page = [
        {
            "dateRange": {
                "start": {"year": 2026, "month": 10, "day": n % 28 + 1},
                "end": {"year": 2026, "month": 10, "day": n % 28 + 1},
            },
            "pivotValues": [f"urn:li:sponsoredCampaign:{337643194 + n % CAMPAIGNS}"],
            **{metric.name: n if metric.kind is Kind.COUNT else f"{n}.42000000000002" for metric in metrics},
        }
        for n in range(rows)
    ]
    parsed: list[dict[str, Any]] = json.loads(json.dumps(page), parse_float=Decimal)
    return parsed


def rows_per_second(page: list[dict[str, Any]], metrics: tuple[Metric, ...]) -> float:
    """The best of five rounds."""
    validator = validator_of(CAMPAIGN_DAILY, 510000001, metrics=metrics)
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        validator.validate(page)
        rounds.append(time.process_time() - begun)
    return len(page) / min(rounds)


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 15_000
    core = tuple(BY_NAME[name] for name in CORE)
    for name, metrics in (("core", core), ("all", CATALOGUE)):
        page = page_of(rows, metrics)
        print(f"{name:>4}  {len(metrics):>3} metrics  all good  {rows_per_second(page, metrics):>9,.0f} rows/s")
        for what, value in (("one text", "3120"), ("one bad", "many")):
            page[rows // 2]["impressions"] = value
            print(f"{name:>4}  {len(metrics):>3} metrics  {what:<8}  {rows_per_second(page, metrics):>9,.0f} rows/s")


if __name__ == "__main__":
    main()
