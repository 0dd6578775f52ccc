"""Conversions: the rules by which LinkedIn counts what members do after an ad.

Source: LinkedIn's page on conversion tracking. Its list states no total, and a rule is disabled, never deleted.
"""

from __future__ import annotations

from lac_pipeline.linkedin.resource import Paging, Resource
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Stream

CONVERSIONS = Stream(
    "conversions",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource(
        "conversions",
        "/rest/conversions",
        "conversion",
        {"q": "account", "account": "{account}"},
        page_size=500,
        paging=Paging.INDEX,
    ),
    parent="accounts",
    history=True,
    spared=True,
)
