-- One row per ad account and month. Accounts keep their own currency, so the rows of two currencies are not added.
select
    account_id,
    account_name,
    currency,
    date_trunc('month', date)::date as month,
    sum(impressions) as impressions,
    sum(clicks) as clicks,
    sum(cost_in_local_currency) as spend,
    sum(one_click_leads) as leads,
    sum(cost_in_local_currency) / nullif(sum(clicks), 0) as cost_per_click
from {{ source('linkedin_ads', 'campaign_performance') }}
group by 1, 2, 3, 4
