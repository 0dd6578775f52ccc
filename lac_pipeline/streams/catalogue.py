"""All streams, in the order in which people read them: parents first."""

from __future__ import annotations

from lac_pipeline.linkedin.resource import Resource
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY, CREATIVE_DAILY
from lac_pipeline.streams.entities import ACCOUNTS, CAMPAIGN_GROUPS, CAMPAIGNS, CREATIVES
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Report, Stream

STREAMS: tuple[Stream, ...] = (
    ACCOUNTS,
    CAMPAIGN_GROUPS,
    CAMPAIGNS,
    CREATIVES,
    CAMPAIGN_DAILY,
    CREATIVE_DAILY,
    AUDIENCE_DEMOGRAPHICS,
)

_BY_NAME = {stream.name: stream for stream in STREAMS}


def stream_of(name: str) -> Stream:
    """Return the stream of this name.

    Raises:
        KeyError: there is none.
    """
    return _BY_NAME[name]


def report_of(name: str) -> Report:
    """Return the report that the stream of this name is.

    Raises:
        KeyError: there is no such stream, or it is no report.
    """
    report = stream_of(name).report
    if report is None:
        raise KeyError(name)
    return report


def resource_of(name: str) -> Resource:
    """Return the resource that the stream of this name lists.

    Raises:
        KeyError: there is no such stream, or it is a report.
    """
    resource = stream_of(name).resource
    if resource is None:
        raise KeyError(name)
    return resource


def streams_in(group: AssetGroup) -> tuple[Stream, ...]:
    """The streams of an asset group, in the catalogue's order."""
    return tuple(stream for stream in STREAMS if stream.group is group)


def partitioning_of(group: AssetGroup) -> Partitioning:
    """How the streams of an asset group are cut: all in the same way, as one run fills them together."""
    return streams_in(group)[0].partitioning
