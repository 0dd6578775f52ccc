"""Names of countries and regions."""

from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran.layout import FIVETRAN_SCHEMA, SYNCED
from lac_pipeline.warehouse.schema.view import View, ViewColumn

VIEW = View(
    name="geo",
    schema=FIVETRAN_SCHEMA,
    grain="One row per country or region whose name was looked up.",
    columns=(
        ViewColumn("id", r"substring(n.urn FROM ':(\d{1,18})$')::bigint", "LinkedIn's id of the place."),
        ViewColumn("value", "n.name", "Its name in English."),
        ViewColumn(SYNCED, "n.checked_at", "When it was last looked up."),
    ),
    rows=rf"""
FROM {SCHEMA}.urn_names n
WHERE n.urn ~ '^urn:li:geo:\d{{1,18}}$' AND n.name IS NOT NULL
""",
)
