-- One row per ad account and landing page: what the creatives that lead there cost and brought.
select
    metrics.account_id,
    content.landing_page_host as host,
    content.landing_page_path as path,
    count(distinct metrics.creative_id) as creatives,
    sum(metrics.impressions) as impressions,
    sum(metrics.clicks) as clicks,
    sum(metrics.cost_in_local_currency) as spend
from {{ source('linkedin_ads', 'creative_daily_metrics') }} as metrics
left join {{ source('linkedin_ads', 'creative_content') }} as content
    on content.creative_id = metrics.creative_id
group by 1, 2, 3
