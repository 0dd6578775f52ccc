"""Columns and joins that several views have in common."""

from __future__ import annotations

from lac_pipeline.linkedin.metrics import BY_NAME, CORE
from lac_pipeline.linkedin.objectives import LEAD_GENERATION
from lac_pipeline.linkedin.vocabulary import CREATIVE_STATUSES, listed
from lac_pipeline.ratios import PLACES
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.view import ViewColumn

CORE_METRICS = tuple(BY_NAME[name].column for name in CORE)
CORE_METRICS_OF_MEMBERS = tuple(BY_NAME[name].column for name in CORE if BY_NAME[name].members)

ACCOUNT_NAME = ViewColumn("account_name", "a.name", "Name of the account.")
CAMPAIGN_GROUP_NAME = ViewColumn("campaign_group_name", "g.name", "Name of the campaign group.")
CAMPAIGN_NAME_COMMENT = "Name of the campaign; its id where it is unknown."
CAMPAIGN_STATUS_COMMENT = "Status of the campaign."
CREATIVE_NAME = ViewColumn(
    "creative_name",
    "COALESCE(r.name, m.creative_id::text)",
    "Best name known of the creative; its id where it is unknown.",
)
CREATIVE_STATUS_COMMENT = f"Status that the advertiser set for the creative: {listed(CREATIVE_STATUSES)}."
WEEK_AND_MONTH = (
    ViewColumn("week", "date_trunc('week', m.date)::date", "Monday of the day's week (UTC)."),
    ViewColumn("month", "date_trunc('month', m.date)::date", "First day of the month (UTC)."),
)


LEAD_FORM_ID = r"substring(r.leadgen_call_to_action ->> 'destination' FROM '^urn:li:[A-Za-z]+:(\d{1,18})$')::bigint"
"""The lead form that a creative, `r`, opens; NULL where it opens none."""


def quotient(part: str, whole: str) -> str:
    """Divide as PostgreSQL rounds, and as `lac_pipeline.ratios.ratio` does; NULL where it would divide by zero."""
    return f"round({part} / NULLIF({whole}, 0), {PLACES})"


LEAD_COST = quotient("m.cost_in_local_currency", "m.one_click_leads")
CPL_OF_A_CAMPAIGN = f"CASE WHEN c.objective_type = '{LEAD_GENERATION}' THEN {LEAD_COST} END"
SPEND_PER_LEAD = ViewColumn(
    "spend_per_lead",
    LEAD_COST,
    "Cost of the row divided by its leads, whatever the campaigns are for, in the account's currency; "
    "this is not CPL. NULL without leads.",
)


def ratios(cpl: str) -> tuple[ViewColumn, ...]:
    """Quotients of the row's metrics; CPL has the given SQL, which depends on the objective of the campaigns."""
    return (
        ViewColumn(
            "ctr",
            quotient("m.clicks::numeric", "m.impressions"),
            "Clicks per impression; NULL without impressions.",
        ),
        ViewColumn(
            "cpc",
            quotient("m.cost_in_local_currency", "m.clicks"),
            "Cost of a click in the account's currency; NULL without clicks.",
        ),
        ViewColumn(
            "cpm",
            quotient("1000 * m.cost_in_local_currency", "m.impressions"),
            "Cost of a thousand impressions in the account's currency; NULL without impressions.",
        ),
        ViewColumn(
            "cpl",
            cpl,
            f"CPL, cost per lead: what campaigns with the objective {LEAD_GENERATION} cost, divided by their leads, in "
            "the account's currency. NULL for other campaigns, without leads, and for segments, which have no "
            "objective.",
        ),
    )


_FETCHED_AT = """(
        SELECT s.started_at
        FROM {schema}.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = '{asset}'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.{day}
          AND s.partition_end > m.{day}
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    )"""


def fetched_at(asset: str, day: str = "date") -> ViewColumn:
    """Look up when the row was last fetched, from the log of syncs of its asset."""
    return ViewColumn(
        "fetched_at",
        _FETCHED_AT.format(schema=SCHEMA, asset=asset, day=day),
        "Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn's "
        "record of the row is refused.",
    )


HISTORY_KNOWN_COMMENT = "Whether names and status are of that day; else they are the oldest known."
END_OF_DAY = "CROSS JOIN LATERAL (SELECT (m.date + 1)::timestamp AT TIME ZONE 'UTC' AS ends) day"
_VERSION_OF_THE_DAY = """LEFT JOIN LATERAL (
    SELECT {columns}, h.valid_from < day.ends AS known
    FROM {schema}.{history} h
    WHERE h.id = {id}
    ORDER BY (h.valid_from < day.ends) DESC, abs(extract(epoch FROM h.valid_from - day.ends))
    LIMIT 1
) {alias} ON true"""


def version_of_the_day(history: str, alias: str, entity_id: str, *columns: str) -> str:
    """Join the version of an entity at the end of the row's day, else the oldest known, under an alias."""
    listed_columns = ", ".join(f"h.{name}" for name in columns)
    return _VERSION_OF_THE_DAY.format(columns=listed_columns, schema=SCHEMA, history=history, id=entity_id, alias=alias)


def status_of_the_day(alias: str, status: str = "status") -> str:
    """The status of a version, or REMOVED where LinkedIn no longer returned the entity."""
    return f"CASE WHEN {alias}.removed THEN 'REMOVED' ELSE {alias}.{status} END"
