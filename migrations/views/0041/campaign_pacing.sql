CREATE OR REPLACE VIEW linkedin_ads.campaign_pacing AS
SELECT
    c.account_id,
    a.name AS account_name,
    a.currency,
    c.campaign_group_id,
    g.name AS campaign_group_name,
    c.id AS campaign_id,
    c.name AS campaign_name,
    c.status AS campaign_status,
    c.objective_type,
    c.removed_at,
    c.run_schedule_start,
    c.run_schedule_end,
    c.daily_budget_amount,
    c.daily_budget_currency,
    c.total_budget_amount,
    c.total_budget_currency,
    t.synced_at AS as_of,
    (SELECT lower(part) FROM unnest(loaded.days) part WHERE part @> run.today - 1) AS loaded_from,
    spend.complete AS spend_complete,
    spent.to_date AS spend_to_date,
    spend.known AS spend_loaded,
    round(run.elapsed, 6) AS days_elapsed,
    round(run.elapsed / NULLIF(run.days, 0), 6) AS share_of_time,
    spend.expected AS expected_spend,
    round(spent.to_date / NULLIF(spend.expected, 0), 6) AS pacing,
    round(spent.to_date / NULLIF(run.total_budget, 0), 6) AS share_of_budget,
    run.total_budget - spent.to_date AS budget_left
FROM linkedin_ads.campaigns c
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = c.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = c.account_id
LEFT JOIN (
    SELECT s.account_id, range_agg(daterange(s.partition_start, LEAST(s.partition_end, s.began))) AS days
    FROM (
        SELECT account_id, partition_start, partition_end, (started_at AT TIME ZONE 'UTC')::date AS began
        FROM linkedin_ads.sync_log
        WHERE asset = 'campaign_daily_metrics'
          AND status IN ('success', 'partial')
          AND (parts IS NULL OR 'cost_in_local_currency' = ANY (parts))
    ) s
    WHERE s.partition_start < s.began
    GROUP BY s.account_id
) loaded ON loaded.account_id = c.account_id
LEFT JOIN linkedin_ads.stream_state t ON t.account_id = c.account_id
    AND t.asset = 'campaign_daily_metrics'
    AND t.synced_at > TIMESTAMPTZ '2000-01-01 00:00:00+00'
CROSS JOIN LATERAL (
    SELECT
        (t.synced_at AT TIME ZONE 'UTC')::date AS today,
        (c.run_schedule_start AT TIME ZONE 'UTC')::date AS first_day,
        (c.run_schedule_end AT TIME ZONE 'UTC')::date AS last_day,
        extract(epoch FROM c.run_schedule_end - c.run_schedule_start) / 86400 AS days,
        CASE WHEN t.synced_at IS NOT NULL AND c.run_schedule_start IS NOT NULL THEN
            extract(epoch FROM GREATEST(LEAST(t.synced_at, c.run_schedule_end) - c.run_schedule_start, INTERVAL '0'))
            / 86400
        END AS elapsed,
        CASE WHEN c.daily_budget_currency = a.currency THEN c.daily_budget_amount END AS daily_budget,
        CASE WHEN c.total_budget_currency = a.currency THEN c.total_budget_amount END AS total_budget
) run
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN run.first_day IS NOT NULL AND (loaded.days IS NOT NULL OR run.today IS NOT NULL)
            THEN COALESCE(known.cost, 0)
        END AS known,
        COALESCE(
            run.first_day >= run.today
                OR loaded.days @> daterange(run.first_day, GREATEST(run.first_day, LEAST(run.today, run.last_day + 1))),
            false
        )
        AND run.today IS NOT NULL
        AND known.unread = 0
        AND NOT EXISTS (
            SELECT
            FROM linkedin_ads.rejected_records j
            WHERE j.account_id = c.account_id
              AND j.asset = 'campaign_daily_metrics'
              AND j.closed_at IS NULL
              AND (j.partition_end IS NULL OR j.partition_end > run.first_day)
        ) AS complete,
        round(
            LEAST(
                run.daily_budget * run.elapsed,
                CASE
                    WHEN run.days > 0 THEN run.total_budget * run.elapsed / run.days
                    WHEN run.daily_budget IS NOT NULL AND run.elapsed IS NOT NULL THEN run.total_budget
                END
            ),
            6
        ) AS expected
    FROM (
        SELECT sum(d.cost_in_local_currency) AS cost, count(*) - count(d.cost_in_local_currency) AS unread
        FROM linkedin_ads.campaign_daily_metrics d
        WHERE d.campaign_id = c.id
          AND d.date >= run.first_day
    ) known
) spend
CROSS JOIN LATERAL (
    SELECT CASE WHEN spend.complete THEN spend.known END AS to_date
) spent;
COMMENT ON VIEW linkedin_ads.campaign_pacing IS 'One row per campaign: its budget, what it cost since its start, and what it would have cost at an even pace, as of the last sync of its account; money in the account''s currency. What was spent on days that are not loaded, such as those before LAC_START_DATE, is unknown and not zero.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.account_id IS 'Ad account that owns it (accounts.id).';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.campaign_group_id IS 'Campaign group it is in (campaign_groups.id).';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.campaign_group_name IS 'Name of the campaign group.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.campaign_id IS 'LinkedIn''s id of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.campaign_name IS 'Name of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.campaign_status IS 'Status of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.objective_type IS 'Objective, such as WEBSITE_VISIT.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.removed_at IS 'Since when LinkedIn no longer returns the row; NULL while it does.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.run_schedule_start IS 'When delivery may start.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.run_schedule_end IS 'When delivery ends; NULL when it is open.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.daily_budget_amount IS 'Budget of a day, in daily_budget_currency.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.daily_budget_currency IS 'ISO 4217 currency of daily_budget_amount.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.total_budget_amount IS 'Budget over the campaign''s life, in total_budget_currency.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.total_budget_currency IS 'ISO 4217 currency of total_budget_amount.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.as_of IS 'Start of the newest fetch of the account''s campaign metrics: spend and shares are as of then. NULL before the first one.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.loaded_from IS 'First UTC day from which on no day up to as_of is missing; NULL where the day before as_of is.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.spend_complete IS 'Whether every day from the campaign''s start to as_of was read, with its cost and without a refused record. False also where the start is not known.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.spend_to_date IS 'What the campaign cost from its start to as_of; NULL, which means unknown, unless spend_complete.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.spend_loaded IS 'Cost of the loaded days since the campaign''s start: at least so much was spent. NULL before any load.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.days_elapsed IS 'Days of 24 hours from the campaign''s start to as_of, or to its end if that was first; 0 before the start, NULL where the start is not known.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.share_of_time IS 'Part of the time from start to end that has passed, from 0 to 1; NULL for a campaign without an end.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.expected_spend IS 'What an even pace would have spent by as_of: the total budget by share_of_time, or the daily budget by days_elapsed, the smaller one of both; days on which the campaign was paused count. NULL without a budget, as where the campaign group has it, for a total budget alone without an end, and for budgets in another currency than the account''s.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.pacing IS 'spend_to_date divided by expected_spend: 1 is on pace, less is behind. NULL where one of them is unknown.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.share_of_budget IS 'spend_to_date divided by the total budget; NULL without one, and where the spend is unknown.';
COMMENT ON COLUMN linkedin_ads.campaign_pacing.budget_left IS 'The total budget less spend_to_date, below 0 after over-delivery; NULL as share_of_budget.';
