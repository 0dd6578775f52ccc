"""The files of deploy/monitoring: valid, and about metrics that the pipeline exports with labels that these have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import dagster as dg
import promql_parser
import pytest
import yaml
from prometheus_client.core import Metric
from sqlalchemy import Engine

from lac_pipeline.commands.metrics import PipelineCollector
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.deploy.deployment import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
EXPRESSIONS = {rule["alert"]: rule["expr"] for rule in RULES} | {
    panel["title"]: target["expr"].replace("$account", "1") for panel in PANELS for target in panel["targets"]
}
LABELS = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


def selectors(expression: str) -> Iterator[promql_parser.VectorSelector]:
    """The metrics that an expression selects.

    Raises:
        ValueError: it is no PromQL.
    """

    def within(node: object) -> Iterator[promql_parser.VectorSelector]:
        if isinstance(node, promql_parser.VectorSelector):
            yield node
        for name in ("expr", "lhs", "rhs", "args", "vector_selector"):
            child = getattr(node, name, None)
            for each in child if isinstance(child, list) else [child]:
                if each is not None:
                    yield from within(each)

    return within(promql_parser.parse(expression))


@pytest.fixture(scope="module")
def exported(module_engine: Engine) -> dict[str, Metric]:
    """What an empty warehouse exports: every metric, most of them without a value."""
    settings = Settings(linkedin_client_id="id", linkedin_client_secret="secret")
    with dg.instance_for_test() as instance:
        return {
            metric.name: metric for metric in PipelineCollector(settings, Warehouse(module_engine), instance).collect()
        }


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_rules_and_panels_select_metrics_that_are_exported(expression: str, exported: dict[str, Metric]) -> None:
    """Each expression is PromQL, and names metrics of the pipeline and labels that these have."""
    selected = list(selectors(expression))
    assert selected
    for selector in selected:
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= {*getattr(exported[str(selector.name)], "_labelnames")}  # noqa: B009


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alerts_name_labels_of_their_metric_and_a_next_step(rule: dict[str, Any], exported: dict[str, Metric]) -> None:
    """An alert has a severity, a summary, and a description; the labels in them are those of its metric."""
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    text = rule["annotations"]["summary"] + rule["annotations"]["description"]
    (first, *_) = selectors(rule["expr"])
    assert {*LABELS.findall(text)} <= {*getattr(exported[str(first.name)], "_labelnames")}  # noqa: B009


def test_panels_do_not_overlap() -> None:
    """Each panel has a number and a place of its own on the dashboard's grid of 24 columns."""
    places = [panel["gridPos"] for panel in PANELS]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
