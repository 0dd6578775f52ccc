"""Lead generation: the forms that ads open.

Source: LinkedIn's page on lead forms. `r_ads` reads the forms, not what members fill in.
"""

from __future__ import annotations

from lac_pipeline.linkedin.resource import Paging, Resource
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Stream

LEAD_FORMS = Stream(
    "lead_forms",
    AssetGroup.ENTITIES,
    Partitioning.ACCOUNT,
    Resource(
        "leadForms",
        "/rest/leadForms",
        "lead form",
        {"q": "owner", "owner": {"sponsoredAccount": "{account}"}},
        page_size=100,
        paging=Paging.INDEX,
    ),
    parent="accounts",
    history=True,
    spared=True,
)
