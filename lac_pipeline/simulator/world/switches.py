"""The behaviours of LinkedIn that sources disagree about, or that differ from app to app, each as one switch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Switches:
    """What the simulator does where LinkedIn is known to do one thing or another; all may be set at any time.

    Attributes:
        analytics_cap: the most elements an adAnalytics response holds; the rest is cut without a sign.
        analytics_page_of_10: cut adAnalytics to `count` rows, 10 when not sent, as one client reports.
        metric_values_limit: metric values that may be requested in five minutes.
        url_limit: the longest query string of a GET, in characters.
        ragged_pages: cursor walks hold a short and an empty page that are not the last.
        drift_during_walks: an entity already served is edited when a walk goes on to its next page.
        accounts_page_of_10: adAccounts pages hold 10 elements when pageSize is not sent.
        refuse_search_with_page_token: adAccounts refuses `search` beside `pageToken`, as one client claims.
        finder_header_required: the creatives finder requires `X-RestLi-Method: FINDER`.
        forbidden_instead_of_not_found: accounts not shared with the token return 403, not 404.
        retry_after_seconds: send Retry-After with a 429; according to its documentation LinkedIn does not.
        refuse_unsupported_metrics: 400 for a metric that the pivot or the range does not have, instead of no value.
        whole_lead_responses: return every field of lead form responses, whatever `fields` names.
        loose_counts: send counts as integers, decimals and text in turn, as some metrics come.
        company_size_urns: spelling of MEMBER_COMPANY_SIZE values: `SIZE`, `staffCountRange` or `companySize`.
        bare_conversion_ids: adAnalytics gives conversion rules as numbers, not as URNs of another namespace.
        unnamed_device: a device that was not detected comes as empty text, as one client reports.
        buttons_without_message: message buttons come as their index alone, all messages together.
        empty_tracking_parameters: return an empty record, not 404, where no tracking parameters are set.
        creatives_500_above: creatives pages larger than this fail with 500, as under load; None never.
        new_token_delay_seconds: how long a token from a sign-in or a refresh gets 401, as if revoked.
        programmatic_refresh: whether the app is approved for refresh tokens.
        deny_consent: the member refuses on the consent page.
        app_scopes: the OAuth scopes that the products of the app open; empty for all.
    """

    analytics_cap: int = 15_000
    analytics_page_of_10: bool = False
    metric_values_limit: int = 45_000_000
    url_limit: int = 4096
    ragged_pages: bool = True
    drift_during_walks: bool = False
    accounts_page_of_10: bool = False
    refuse_search_with_page_token: bool = False
    finder_header_required: bool = False
    forbidden_instead_of_not_found: bool = False
    retry_after_seconds: int | None = None
    refuse_unsupported_metrics: bool = False
    whole_lead_responses: bool = False
    loose_counts: bool = False
    company_size_urns: str = "SIZE"
    bare_conversion_ids: bool = False
    unnamed_device: bool = False
    buttons_without_message: bool = False
    empty_tracking_parameters: bool = False
    creatives_500_above: int | None = None
    new_token_delay_seconds: int = 0
    programmatic_refresh: bool = True
    deny_consent: bool = False
    app_scopes: tuple[str, ...] = ()
