"""Campaigns beside their budgets: what was spent, and what an even pace would have spent."""

from lac_pipeline.ratios import PLACES
from lac_pipeline.warehouse.schema.tables import Account, Campaign
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_GROUP_NAME,
    CAMPAIGN_STATUS_COMMENT,
    quotient,
)
from lac_pipeline.warehouse.schema.view_sums import LOADED_DAYS

_IN_CURRENCY = "CASE WHEN c.{budget}_budget_currency = a.currency THEN c.{budget}_budget_amount END"
_ROWS = """
FROM linkedin_ads.campaigns c
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = c.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = c.account_id
{loaded}
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
        {daily} AS daily_budget,
        {total} AS total_budget
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
            {places}
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
) spent"""

VIEW = View(
    name="campaign_pacing",
    grain="One row per campaign: its budget, what it cost since its start, and what it would have cost at an even "
    "pace, as of the last sync of its account; money in the account's currency. What was spent on days that are not "
    "loaded, such as those before LAC_START_DATE, is unknown and not zero.",
    columns=(
        *columns_of(Campaign, "c", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        *columns_of(Campaign, "c", "campaign_group_id"),
        CAMPAIGN_GROUP_NAME,
        ViewColumn("campaign_id", "c.id", "LinkedIn's id of the campaign."),
        ViewColumn("campaign_name", "c.name", "Name of the campaign."),
        ViewColumn("campaign_status", "c.status", CAMPAIGN_STATUS_COMMENT),
        *columns_of(
            Campaign,
            "c",
            "objective_type",
            "removed_at",
            "run_schedule_start",
            "run_schedule_end",
            "daily_budget_amount",
            "daily_budget_currency",
            "total_budget_amount",
            "total_budget_currency",
        ),
        ViewColumn(
            "as_of",
            "t.synced_at",
            "Start of the newest fetch of the account's campaign metrics: spend and shares are as of then. NULL before "
            "the first one.",
        ),
        ViewColumn(
            "loaded_from",
            "(SELECT lower(part) FROM unnest(loaded.days) part WHERE part @> run.today - 1)",
            "First UTC day from which on no day up to as_of is missing; NULL where the day before as_of is.",
        ),
        ViewColumn(
            "spend_complete",
            "spend.complete",
            "Whether every day from the campaign's start to as_of was read, with its cost and without a refused "
            "record. False also where the start is not known.",
        ),
        ViewColumn(
            "spend_to_date",
            "spent.to_date",
            "What the campaign cost from its start to as_of; NULL, which means unknown, unless spend_complete.",
        ),
        ViewColumn(
            "spend_loaded",
            "spend.known",
            "Cost of the loaded days since the campaign's start: at least so much was spent. NULL before any load.",
        ),
        ViewColumn(
            "days_elapsed",
            f"round(run.elapsed, {PLACES})",
            "Days of 24 hours from the campaign's start to as_of, or to its end if that was first; 0 before the start, "
            "NULL where the start is not known.",
        ),
        ViewColumn(
            "share_of_time",
            quotient("run.elapsed", "run.days"),
            "Part of the time from start to end that has passed, from 0 to 1; NULL for a campaign without an end.",
        ),
        ViewColumn(
            "expected_spend",
            "spend.expected",
            "What an even pace would have spent by as_of: the total budget by share_of_time, or the daily budget by "
            "days_elapsed, the smaller one of both; days on which the campaign was paused count. NULL without a "
            "budget, as where the campaign group has it, for a total budget alone without an end, and for budgets in "
            "another currency than the account's.",
        ),
        ViewColumn(
            "pacing",
            quotient("spent.to_date", "spend.expected"),
            "spend_to_date divided by expected_spend: 1 is on pace, less is behind. NULL where one of them is unknown.",
        ),
        ViewColumn(
            "share_of_budget",
            quotient("spent.to_date", "run.total_budget"),
            "spend_to_date divided by the total budget; NULL without one, and where the spend is unknown.",
        ),
        ViewColumn(
            "budget_left",
            "run.total_budget - spent.to_date",
            "The total budget less spend_to_date, below 0 after over-delivery; NULL as share_of_budget.",
        ),
    ),
    rows=_ROWS.format(
        loaded=LOADED_DAYS.format(account="c.account_id"),
        daily=_IN_CURRENCY.format(budget="daily"),
        total=_IN_CURRENCY.format(budget="total"),
        places=PLACES,
    ),
)
