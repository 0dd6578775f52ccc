CREATE OR REPLACE VIEW linkedin_ads_fivetran.ad_analytics_by_creative AS
SELECT
    m.creative_id,
    m.date::timestamp AS day,
    COALESCE(CASE WHEN m.stale_since IS NULL THEN f.synced_at ELSE (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'creative_daily_metrics'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.date
          AND s.partition_end > m.date
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) END, m.updated_at) AS _fivetran_synced,
    m.creative_id || '|' || to_char(m.date, 'YYYY-MM-DD') AS _fivetran_id,
    m.impressions,
    m.clicks,
    m.landing_page_clicks,
    m.total_engagements,
    m.other_engagements,
    m.action_clicks,
    m.ad_unit_clicks,
    m.text_url_clicks,
    m.company_page_clicks,
    m.follows,
    m.likes,
    m.comments,
    m.comment_likes,
    m.shares,
    m.reactions,
    m.full_screen_plays,
    m.headline_clicks,
    m.headline_impressions,
    m.subscription_clicks,
    m.external_website_conversions,
    m.external_website_post_click_conversions,
    m.external_website_post_view_conversions,
    m.registrations,
    m.post_click_registrations,
    m.post_view_registrations,
    m.job_applications,
    m.job_apply_clicks,
    m.post_click_job_applications,
    m.post_click_job_apply_clicks,
    m.post_view_job_applications,
    m.post_view_job_apply_clicks,
    m.talent_leads,
    m.one_click_leads,
    m.one_click_lead_form_opens,
    m.lead_generation_mail_contact_info_shares,
    m.lead_generation_mail_interested_clicks,
    m.qualified_leads,
    m.valid_work_email_leads,
    m.sends,
    m.opens,
    m.document_completions,
    m.document_first_quartile_completions,
    m.document_midpoint_completions,
    m.document_third_quartile_completions,
    m.download_clicks,
    m.video_starts,
    m.video_views,
    m.video_first_quartile_completions,
    m.video_midpoint_completions,
    m.video_third_quartile_completions,
    m.video_completions,
    m.viral_impressions,
    m.viral_clicks,
    m.viral_landing_page_clicks,
    m.viral_likes,
    m.viral_comments,
    m.viral_comment_likes,
    m.viral_shares,
    m.viral_reactions,
    m.viral_follows,
    m.viral_total_engagements,
    m.viral_other_engagements,
    m.viral_company_page_clicks,
    m.viral_full_screen_plays,
    m.viral_one_click_leads,
    m.viral_one_click_lead_form_opens,
    m.viral_subscription_clicks,
    m.viral_external_website_conversions,
    m.viral_external_website_post_click_conversions,
    m.viral_external_website_post_view_conversions,
    m.viral_video_starts,
    m.viral_video_views,
    m.viral_video_first_quartile_completions,
    m.viral_video_midpoint_completions,
    m.viral_video_third_quartile_completions,
    m.viral_video_completions,
    m.viral_document_completions,
    m.viral_document_first_quartile_completions,
    m.viral_document_midpoint_completions,
    m.viral_document_third_quartile_completions,
    m.viral_download_clicks,
    m.viral_registrations,
    m.viral_post_click_registrations,
    m.viral_post_view_registrations,
    m.viral_post_click_job_applications,
    m.viral_post_click_job_apply_clicks,
    m.viral_post_view_job_applications,
    m.viral_post_view_job_apply_clicks,
    m.viral_job_applications,
    m.viral_job_apply_clicks,
    m.card_impressions,
    m.card_clicks,
    m.viral_card_impressions,
    m.viral_card_clicks,
    m.cost_in_local_currency,
    m.cost_in_usd,
    m.conversion_value_in_local_currency,
    m.cost_per_qualified_lead,
    m.approximate_member_reach,
    m.audience_penetration,
    m.average_dwell_time,
    m.appointments_scheduled,
    m.video_watch_time,
    m.average_video_watch_time,
    m.event_views,
    m.event_watch_time,
    m.average_event_watch_time,
    m.cost_per_event_view,
    m.event_views_over_15_seconds,
    m.event_views_over_30_seconds,
    m.event_views_over_2_minutes,
    m.average_event_watch_time_over_15_seconds,
    m.average_event_watch_time_over_30_seconds,
    m.average_event_watch_time_over_2_minutes,
    m.cost_per_event_view_over_15_seconds,
    m.cost_per_event_view_over_30_seconds,
    m.cost_per_event_view_over_2_minutes
FROM linkedin_ads.creative_daily_metrics m
LEFT JOIN (
    SELECT d.account_id, d.date, max(w.synced_at) AS synced_at
    FROM (SELECT DISTINCT t.account_id, t.date FROM linkedin_ads.creative_daily_metrics t) d
    JOIN (
        SELECT s.account_id, s.partition_start, s.partition_end, max(s.started_at) AS synced_at
        FROM linkedin_ads.sync_log s
        WHERE s.asset = 'creative_daily_metrics' AND s.status IN ('success', 'partial')
        GROUP BY s.account_id, s.partition_start, s.partition_end
    ) w ON w.account_id = d.account_id AND w.partition_start <= d.date AND w.partition_end > d.date
    GROUP BY d.account_id, d.date
) f ON f.account_id = m.account_id AND f.date = m.date;
COMMENT ON VIEW linkedin_ads_fivetran.ad_analytics_by_creative IS 'One row per creative and UTC day with activity. A metric that was not requested is NULL.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.creative_id IS 'Creative (creatives.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.day IS 'UTC day of the activity, as midnight without a zone.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative._fivetran_synced IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative._fivetran_id IS 'The key of the row as one text.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.other_engagements IS 'Interactions with the ad that no other metric counts (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.action_clicks IS 'Clicks on the button of a message ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.ad_unit_clicks IS 'Clicks on the banner beside a message ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.text_url_clicks IS 'Clicks on links in the text of a message ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.company_page_clicks IS 'Clicks that lead to the advertiser''s page on LinkedIn (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.comment_likes IS 'Likes of comments on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.reactions IS 'Positive reactions of every kind to the ad, likes among them (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.full_screen_plays IS 'Times members put the video on the full screen (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.headline_clicks IS 'Clicks on the headline of a conversation ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.headline_impressions IS 'Times the headline of a conversation ad was shown (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.subscription_clicks IS 'Clicks on the button that subscribes to a series, such as a newsletter (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.external_website_post_click_conversions IS 'Conversions by the account''s rules, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.external_website_post_view_conversions IS 'Conversions by the account''s rules, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.registrations IS 'Registrations for an event on LinkedIn, after a click on the ad or a view of it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.post_click_registrations IS 'Registrations for an event on LinkedIn, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.post_view_registrations IS 'Registrations for an event on LinkedIn, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.job_applications IS 'Job applications completed, after a click on the ad or a view of it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.job_apply_clicks IS 'Clicks on a job''s apply button, after a click on the ad or a view of it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.post_click_job_applications IS 'Job applications completed, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.post_click_job_apply_clicks IS 'Clicks on a job''s apply button, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.post_view_job_applications IS 'Job applications completed, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.post_view_job_apply_clicks IS 'Clicks on a job''s apply button, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.talent_leads IS 'Leads from campaigns that look for candidates (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.lead_generation_mail_contact_info_shares IS 'Times members gave their contact details through the form of a message ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.lead_generation_mail_interested_clicks IS 'Recipients of a message ad who clicked that they are interested (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.qualified_leads IS 'Leads that the advertiser reported to LinkedIn as qualified (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.valid_work_email_leads IS 'Leads with a work e-mail address, not one of a free provider (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.document_completions IS 'Times members reached the end of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.document_first_quartile_completions IS 'Times members reached a quarter of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.document_midpoint_completions IS 'Times members reached half of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.document_third_quartile_completions IS 'Times members reached three quarters of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.download_clicks IS 'Clicks on the icon that downloads the ad''s media, whether or not the download succeeded (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.video_starts IS 'Times the video began to play (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.video_first_quartile_completions IS 'Times the video played to a quarter of its length (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.video_midpoint_completions IS 'Times the video played to half of its length (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.video_third_quartile_completions IS 'Times the video played to three quarters of its length (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_impressions IS 'After a member shared the ad, free of charge: times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_clicks IS 'After a member shared the ad, free of charge: clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_landing_page_clicks IS 'After a member shared the ad, free of charge: clicks that lead to the landing page (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_likes IS 'After a member shared the ad, free of charge: likes of the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_comments IS 'After a member shared the ad, free of charge: comments on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_comment_likes IS 'After a member shared the ad, free of charge: likes of comments on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_shares IS 'After a member shared the ad, free of charge: times members shared the ad with their network (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_reactions IS 'After a member shared the ad, free of charge: positive reactions of every kind to the ad, likes among them (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_follows IS 'After a member shared the ad, free of charge: members who began to follow the advertiser''s page (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_total_engagements IS 'After a member shared the ad, free of charge: clicks and social actions of every kind on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_other_engagements IS 'After a member shared the ad, free of charge: interactions with the ad that no other metric counts (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_company_page_clicks IS 'After a member shared the ad, free of charge: clicks that lead to the advertiser''s page on LinkedIn (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_full_screen_plays IS 'After a member shared the ad, free of charge: times members put the video on the full screen (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_one_click_leads IS 'After a member shared the ad, free of charge: lead forms submitted (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_one_click_lead_form_opens IS 'After a member shared the ad, free of charge: lead forms opened (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_subscription_clicks IS 'After a member shared the ad, free of charge: clicks on the button that subscribes to a series, such as a newsletter (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_external_website_conversions IS 'After a member shared the ad, free of charge: conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_external_website_post_click_conversions IS 'After a member shared the ad, free of charge: conversions by the account''s rules, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_external_website_post_view_conversions IS 'After a member shared the ad, free of charge: conversions by the account''s rules, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_video_starts IS 'After a member shared the ad, free of charge: times the video began to play (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_video_views IS 'After a member shared the ad, free of charge: times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_video_first_quartile_completions IS 'After a member shared the ad, free of charge: times the video played to a quarter of its length (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_video_midpoint_completions IS 'After a member shared the ad, free of charge: times the video played to half of its length (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_video_third_quartile_completions IS 'After a member shared the ad, free of charge: times the video played to three quarters of its length (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_video_completions IS 'After a member shared the ad, free of charge: times the video played to 97 percent of its length or further (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_document_completions IS 'After a member shared the ad, free of charge: times members reached the end of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_document_first_quartile_completions IS 'After a member shared the ad, free of charge: times members reached a quarter of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_document_midpoint_completions IS 'After a member shared the ad, free of charge: times members reached half of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_document_third_quartile_completions IS 'After a member shared the ad, free of charge: times members reached three quarters of the document, also by skipping to it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_download_clicks IS 'After a member shared the ad, free of charge: clicks on the icon that downloads the ad''s media, whether or not the download succeeded (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_registrations IS 'After a member shared the ad, free of charge: registrations for an event on LinkedIn, after a click on the ad or a view of it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_post_click_registrations IS 'After a member shared the ad, free of charge: registrations for an event on LinkedIn, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_post_view_registrations IS 'After a member shared the ad, free of charge: registrations for an event on LinkedIn, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_post_click_job_applications IS 'After a member shared the ad, free of charge: job applications completed, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_post_click_job_apply_clicks IS 'After a member shared the ad, free of charge: clicks on a job''s apply button, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_post_view_job_applications IS 'After a member shared the ad, free of charge: job applications completed, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_post_view_job_apply_clicks IS 'After a member shared the ad, free of charge: clicks on a job''s apply button, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_job_applications IS 'After a member shared the ad, free of charge: job applications completed, after a click on the ad or a view of it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_job_apply_clicks IS 'After a member shared the ad, free of charge: clicks on a job''s apply button, after a click on the ad or a view of it (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.card_impressions IS 'Times a card of a carousel ad was shown (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.card_clicks IS 'Clicks on a card of a carousel ad, scrolling to it among them (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_card_impressions IS 'After a member shared the ad, free of charge: times a card of a carousel ad was shown (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.viral_card_clicks IS 'After a member shared the ad, free of charge: clicks on a card of a carousel ad, scrolling to it among them (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.cost_per_qualified_lead IS 'Cost divided by qualified leads (the account''s currency, must not be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.approximate_member_reach IS 'Distinct members who saw the ad, as LinkedIn estimates for ranges of at most 92 days (members, must not be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.audience_penetration IS 'Part of the target audience of an account, campaign group or campaign that saw the ad, as LinkedIn estimates for ranges of at most 92 days (a share from 0 to 1, must not be summed, since API version 202411, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.average_dwell_time IS 'How long at least half of the ad stayed in view, on average (seconds, must not be summed, since API version 202411, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.appointments_scheduled IS 'Appointments made through the ad (a count, may be summed, since API version 202605, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.video_watch_time IS 'How long the video was watched, all views together (probably seconds, may be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.average_video_watch_time IS 'How long a view of the video lasted, on average (probably seconds, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.event_views IS 'Times the event was watched (a count, may be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.event_watch_time IS 'How long the event was watched, all views together (probably seconds, may be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.average_event_watch_time IS 'How long a view of the event lasted, on average (probably seconds, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.cost_per_event_view IS 'Cost divided by views of the event (the account''s currency, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.event_views_over_15_seconds IS 'Times the event was watched for more than 15 seconds (a count, may be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.event_views_over_30_seconds IS 'Times the event was watched for more than 30 seconds (a count, may be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.event_views_over_2_minutes IS 'Times the event was watched for more than 2 minutes (a count, may be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.average_event_watch_time_over_15_seconds IS 'How long a view of the event of more than 15 seconds lasted, on average (probably seconds, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.average_event_watch_time_over_30_seconds IS 'How long a view of the event of more than 30 seconds lasted, on average (probably seconds, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.average_event_watch_time_over_2_minutes IS 'How long a view of the event of more than 2 minutes lasted, on average (probably seconds, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.cost_per_event_view_over_15_seconds IS 'Cost divided by views of the event of more than 15 seconds (the account''s currency, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.cost_per_event_view_over_30_seconds IS 'Cost divided by views of the event of more than 30 seconds (the account''s currency, must not be summed, since API version 202601, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative.cost_per_event_view_over_2_minutes IS 'Cost divided by views of the event of more than 2 minutes (the account''s currency, must not be summed, since API version 202601, not in the set core).';
