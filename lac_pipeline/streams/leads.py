"""Lead generation: the forms that ads open, and what became of them.

Sources: LinkedIn's pages on lead forms and on lead form responses. `r_ads` reads the forms, not what members fill in;
that is a program of its own, with a scope of its own. What says who a member is is requested only where
`LAC_LEAD_ANSWERS` allows it, and the member's URN (`submitter`) never.
"""

from __future__ import annotations

from lac_pipeline.linkedin.resource import Paging, Projection, Resource
from lac_pipeline.streams.overviews import Overview
from lac_pipeline.streams.stream import AssetGroup, Partitioning, Stream

RESPONSES_KEPT_DAYS = 365
"""For so many days LinkedIn keeps what members filled in, and at most so many what was loaded of it is kept here."""

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
    overview=Overview(
        "lead forms",
        by={"lead_form_name": "Lead form", "lead_form_state": "State"},
        sums=("one_click_leads", "one_click_lead_form_opens"),
        view="lead_form_performance",
    ),
)

LEAD_FORM_RESPONSES = Stream(
    "lead_form_responses",
    AssetGroup.LEADS,
    Partitioning.ACCOUNT_DAY,
    Resource(
        "leadFormResponses",
        "/rest/leadFormResponses",
        "lead form response",
        {
            "q": "owner",
            "owner": {"sponsoredAccount": "{account}"},
            "leadType": {"leadType": "SPONSORED"},
            "limitedToTestLeads": False,
        },
        page_size=100,
        paging=Paging.INDEX,
        time_range="submittedAtTimeRange",
        projection=Projection(
            (
                "id",
                "leadType",
                "submittedAt",
                "testLead",
                "owner",
                "versionedLeadGenFormUrn",
                "associatedEntity",
                "leadMetadata",
            ),
            personal=("formResponse",),
        ),
        kept_days=RESPONSES_KEPT_DAYS,
    ),
    parent="lead_forms",
    optional=True,
    spared=True,
    needs=("r_marketing_leadgen_automation",),
    overview=Overview(
        "lead form responses",
        by={"lead_form_id": "Lead form", "test_lead": "Test"},
        names={"lead_form_id": LEAD_FORMS.name},
        counted=True,
    ),
)
