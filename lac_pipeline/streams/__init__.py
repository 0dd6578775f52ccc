"""The catalogue of streams: every asset that LinkedIn fills, declared once.

A stream is one asset, and the table of its name. Everything that has to know which streams there are (assets, checks,
freshness, schedules, plan, replay, history, documents) reads them here; no other module lists them by name.
"""

from __future__ import annotations

from lac_pipeline.linkedin.resource import Resource
from lac_pipeline.streams.catalogue import (
    STREAMS,
    Catalogue,
    declare,
    every_stream,
    partitioning_of,
    report_of,
    reports_chosen_by,
    resource_of,
    stream_of,
)
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import (
    AddsUpTo,
    AssetGroup,
    OneByOne,
    Partitioning,
    PivotColumn,
    PivotSetting,
    Report,
    Stream,
    Subject,
)

__all__ = [
    "STREAMS",
    "AddsUpTo",
    "AssetGroup",
    "Catalogue",
    "OneByOne",
    "Overview",
    "Partitioning",
    "PivotColumn",
    "PivotSetting",
    "Report",
    "Resource",
    "Stream",
    "Subject",
    "declare",
    "every_stream",
    "partitioning_of",
    "report_of",
    "reports_chosen_by",
    "resource_of",
    "stream_of",
]
