"""Lead forms with what the ads that open them brought: opens, leads, and how many of the opened forms were sent."""

from lac_pipeline.warehouse.schema.tables import Account, CreativeDailyMetric, LeadForm
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import ACCOUNT_NAME, LEAD_FORM_ID, quotient
from lac_pipeline.warehouse.schema.view_sums import whole_sum

_METRICS = ("impressions", "cost_in_local_currency", "one_click_lead_form_opens", "one_click_leads")
_DAYS = " FILTER (WHERE d.creative_id IS NOT NULL)"
_SUMS = "".join(f",\n        {whole_sum(metric, _DAYS)} AS {metric}" for metric in _METRICS)
_ROWS = """
FROM (
    SELECT account_id, id FROM linkedin_ads.lead_forms
    UNION
    SELECT r.account_id, {form} FROM linkedin_ads.creatives r WHERE {form} IS NOT NULL
) m (account_id, lead_form_id)
LEFT JOIN linkedin_ads.lead_forms f ON f.id = m.lead_form_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT r.id) AS creatives,
        min(d.date) AS first_date,
        max(d.date) AS last_date{sums}
    FROM linkedin_ads.creatives r
    LEFT JOIN linkedin_ads.creative_daily_metrics d ON d.creative_id = r.id
    WHERE r.account_id = m.account_id AND {form} = m.lead_form_id
) s
"""

VIEW = View(
    name="lead_form_performance",
    grain="One row per lead form: what the creatives that open it now brought on all days that are loaded; money in "
    "the account's currency. A form that creatives name has a row also where lead_forms has none.",
    columns=(
        ViewColumn("account_id", "m.account_id", "Ad account that owns the form (accounts.id)."),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        ViewColumn("lead_form_id", "m.lead_form_id", "Lead form (lead_forms.id)."),
        ViewColumn("lead_form_name", "f.name", "Name of the form; NULL where the form itself is not loaded."),
        ViewColumn("lead_form_state", "f.state", "DRAFT, PUBLISHED or ARCHIVED."),
        *columns_of(LeadForm, "f", "review_status"),
        ViewColumn("creatives", "s.creatives", "Creatives that open the form now, removed ones too."),
        ViewColumn("first_date", "s.first_date", "First UTC day with activity of one of them that is loaded."),
        ViewColumn("last_date", "s.last_date", "Last UTC day with activity of one of them that is loaded."),
        *columns_of(CreativeDailyMetric, "s", *_METRICS),
        ViewColumn(
            "completion_rate",
            quotient("s.one_click_leads::numeric", "s.one_click_lead_form_opens"),
            "Leads per opened form; NULL where no form was opened, or where the number of either is not known.",
        ),
        ViewColumn(
            "spend_per_lead",
            quotient("s.cost_in_local_currency", "s.one_click_leads"),
            "Cost of the creatives divided by their leads, in the account's currency; NULL without leads.",
        ),
    ),
    rows=_ROWS.format(form=LEAD_FORM_ID, sums=_SUMS),
)
