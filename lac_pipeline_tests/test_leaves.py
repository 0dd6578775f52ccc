"""The leaves that everything stands on: URNs, metrics, scopes, errors, run tags, API versions."""

from __future__ import annotations

import re
from datetime import date
from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline import errors
from lac_pipeline.defs.run_tags import accounts_run, trigger_of
from lac_pipeline.errors import ConfigError, DateRangeError, LacError, UnexpectedPayloadError
from lac_pipeline.linkedin.api_versions import SUNSETS, sunset_of
from lac_pipeline.linkedin.metrics import BY_NAME, CATALOGUE, CORE, MAX_PER_CALL, allowed, parse_selection
from lac_pipeline.linkedin.urn import ACCOUNT, CAMPAIGN, id_of, urn
from lac_pipeline.postgres.unstorable import flaw_of, replaced
from lac_pipeline.ratios import change, ratio, total
from lac_pipeline.streams.sync_windows import month_window, refresh_window, requested_window
from lac_pipeline.warehouse.query.account_labels import LONGEST_NAME, AccountNames
from lac_pipeline.windows import DateWindow

BRANCH = re.compile(r"^(?P<indent>[│ ]*)[├└]── (?P<name>\w+)", re.MULTILINE)
TODAY = date(2026, 11, 21)


@given(st.integers(0, 2**63 - 1))
def test_an_id_survives_its_urn(number: int) -> None:
    """Writing a URN and reading its tail gives the number back; a bare number passes through."""
    assert id_of(urn(CAMPAIGN, number), kind=CAMPAIGN) == number
    assert id_of(number) == number


@pytest.mark.parametrize("text", ["urn:li:sponsoredCampaign:", "urn:li:sponsoredCampaign:x1", "", "urn:li:share:7"])
def test_a_urn_of_another_kind_or_without_a_number_is_refused(text: str) -> None:
    """What is not a numbered URN of the expected kind is named in the error."""
    with pytest.raises(UnexpectedPayloadError, match="is not the URN of a sponsoredCampaign"):
        id_of(text, kind=CAMPAIGN)


def test_metric_names_become_snake_case_columns() -> None:
    """Columns are LinkedIn's names, spelled as PostgreSQL spells, each once."""
    columns = {metric.name: metric.column for metric in CATALOGUE}
    assert columns["costInLocalCurrency"] == "cost_in_local_currency"
    assert columns["eventViewsOver15Seconds"] == "event_views_over_15_seconds"
    assert len(set(columns.values())) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("likes", "Likes of the ad (a count, may be summed, in every API version, in the set core)."),
        ("viralLikes", "After a member shared the ad, free of charge: likes of the ad (a count, may be summed, in"),
        ("costInUsd", "What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version"),
        ("costPerEventView", "(the account's currency, must not be summed, since API version 202601, not in"),
        ("averageDwellTime", "(seconds, must not be summed, since API version 202411, not in the set core)."),
        ("approximateMemberReach", "(members, must not be summed"),
    ],
)
def test_a_metric_describes_itself(name: str, says: str) -> None:
    """Its sentence has what is counted, the unit, whether it sums, since when, and whether `core` holds it."""
    assert says in BY_NAME[name].description


def test_no_two_metrics_mean_the_same() -> None:
    """Each has a meaning of its own, written as the begin of one sentence."""
    meanings = [metric.meaning for metric in CATALOGUE]
    assert len(set(meanings)) == len(meanings)
    assert [meaning for meaning in meanings if not meaning[0].isupper() or meaning.endswith(".")] == []


def test_core_metrics_fit_one_call() -> None:
    """The default selection never needs a second call for its metrics."""
    assert len(parse_selection("core")) == len(CORE) == MAX_PER_CALL


def test_a_misspelled_metric_is_refused_with_a_suggestion() -> None:
    """The error names the wrong metric and the nearest right one."""
    with pytest.raises(ConfigError, match="costInLocalCurency: did you mean costInLocalCurrency") as caught:
        parse_selection("impressions, costInLocalCurency")
    assert "LAC_METRICS" in str(caught.value)


def test_metrics_that_linkedin_refuses_are_left_out_of_a_call() -> None:
    """Version-gated, pivot-refused and range-limited metrics are not requested where LinkedIn would return 400."""

    def names(*pivots: str, version: str = "202609", days: int = 1) -> set[str]:
        return {metric.name for metric in allowed(CATALOGUE, pivots=pivots, version=version, days=days)}

    assert "videoWatchTime" not in names("CAMPAIGN", version="202511")
    assert "videoWatchTime" in names("CAMPAIGN", version="202601.01")
    assert "appointmentsScheduled" not in names("CAMPAIGN", version="202604")
    assert "appointmentsScheduled" in names("CAMPAIGN", version="202605")
    assert {"approximateMemberReach", "cardClicks", "conversionValueInLocalCurrency"}.isdisjoint(
        names("MEMBER_INDUSTRY")
    )
    assert {"approximateMemberReach", "audiencePenetration"}.isdisjoint(names("CAMPAIGN", days=93))
    pivots = ("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE", "CONVERSION", "MEMBER_INDUSTRY")
    assert [pivot for pivot in pivots if "audiencePenetration" in names(pivot, days=92)] == list(pivots[:3])
    assert "audiencePenetration" in names("CAMPAIGN_GROUP", "PLACEMENT_NAME", days=92)
    assert "audiencePenetration" not in names("CAMPAIGN", "IMPRESSION_DEVICE_TYPE", days=92)
    assert "audiencePenetration" not in names("CREATIVE", "PLACEMENT_NAME", days=92)


def test_a_refresh_reads_the_last_days_and_today() -> None:
    """Three days back and today, but nothing before the first day that is loaded at all."""
    assert refresh_window(start=date(2026, 1, 1), today=TODAY, lookback_days=3) == DateWindow.inclusive(
        date(2026, 11, 18), TODAY
    )
    assert refresh_window(start=date(2026, 11, 20), today=TODAY, lookback_days=3).start == date(2026, 11, 20)


def test_a_refresh_after_a_pause_leaves_no_day_out() -> None:
    """The days are counted back from the sync before it; a clock that ran ahead does not move them into the future."""
    paused = refresh_window(start=date(2026, 1, 1), today=TODAY, lookback_days=3, synced_on=date(2026, 11, 2))
    assert paused == DateWindow.inclusive(date(2026, 10, 30), TODAY)
    ahead = refresh_window(start=date(2026, 1, 1), today=TODAY, lookback_days=3, synced_on=date(2027, 1, 1))
    assert ahead == DateWindow.inclusive(date(2026, 11, 18), TODAY)
    assert refresh_window(start=date(2027, 1, 1), today=TODAY, lookback_days=3).days == 1


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        (date(2026, 11, 20), date(2026, 11, 1), "is after --until"),
        (date(2026, 11, 20), date(2026, 11, 22), "is in the future"),
        (date(2016, 11, 1), TODAY, "more than 10 years ago"),
        (date(2025, 12, 31), TODAY, "LAC_START_DATE=2025-12-31"),
    ],
)
def test_days_that_make_no_sense_are_refused(since: date, until: date, says: str) -> None:
    """Wrong order, the future, LinkedIn's horizon and the partitions' first day each have their own message."""
    with pytest.raises(DateRangeError, match=says):
        requested_window(since, until, start=date(2026, 1, 1), today=TODAY)


def test_demographics_cover_whole_months() -> None:
    """Days become the whole months they touch, from the month of the first day loaded."""
    days = DateWindow.inclusive(date(2026, 8, 23), TODAY)
    assert month_window(days, start=date(2026, 8, 23), today=TODAY) == DateWindow(date(2026, 8, 1), date(2026, 12, 1))
    october = DateWindow.inclusive(date(2026, 10, 5), date(2026, 10, 6))
    assert month_window(october, start=date(2026, 8, 23), today=TODAY) == DateWindow(
        date(2026, 10, 1), date(2026, 11, 1)
    )


def test_months_that_linkedin_has_dropped_are_not_requested() -> None:
    """LinkedIn keeps demographics for two years; an empty response for an older month would erase what we hold."""
    days = DateWindow.inclusive(date(2023, 1, 1), TODAY)
    window = month_window(days, start=date(2023, 1, 1), today=TODAY)
    assert window is not None
    assert window.start == date(2024, 12, 1)
    assert (
        month_window(DateWindow.inclusive(date(2023, 1, 1), date(2023, 2, 1)), start=date(2023, 1, 1), today=TODAY)
        is None
    )


def test_an_error_shows_its_four_parts() -> None:
    """Summary, detail, meaning and fix stand on a line each."""
    error = LacError("it failed", detail="code 7", meaning="a thing", fix="run `lac doctor`")
    assert str(error).splitlines() == [
        "it failed",
        "  detail: code 7",
        "  why:    a thing",
        "  fix:    run `lac doctor`",
    ]


@pytest.mark.parametrize(
    ("tags", "trigger"),
    [
        ({"lac/trigger": "backfill", "dagster/sensor_name": "freshness_sensor"}, "backfill"),
        ({"dagster/backfill": "abc"}, "backfill"),
        ({"dagster/sensor_name": "freshness_sensor"}, "scheduled"),
        ({"dagster/schedule_name": "nightly_restatement"}, "scheduled"),
        ({"dagster/from_ui": "true"}, "on_demand"),
    ],
)
def test_a_run_names_its_trigger(tags: dict[str, str], trigger: str) -> None:
    """Our own tag counts first; otherwise Dagster's tags tell."""
    assert trigger_of(tags) == trigger


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Acme DACH", "Acme DACH (7)"),
        ("Acme\n\x1b[2J\u202e", r"Acme\n\x1b[2J\u202e (7)"),
        ("A" * (LONGEST_NAME + 1), f"{'A' * (LONGEST_NAME - 1)}… (7)"),
        ("", "7"),
        (None, "7"),
    ],
)
def test_an_account_is_named_beside_its_id(name: str | None, title: str) -> None:
    """A name is made safe to show, and a long one is cut; without a name the id stands alone."""
    assert AccountNames({7: name}).title(7) == title


def test_a_run_names_its_first_accounts_and_counts_the_others() -> None:
    """Several accounts of a run are named for people in one tag; it is absent as long as no name is known."""
    names = AccountNames({1: "Acme", 2: "Globex"})
    assert (
        accounts_run([1, 2, 3, 4, 5], "metrics", "scheduled", names)["account"] == "Acme (1), Globex (2), 3 and 2 more"
    )
    assert "account" not in accounts_run([3], "metrics", "scheduled", names)


def test_sunsets_are_known_by_version_and_revision() -> None:
    """A revision shares its version's sunset; an unknown version has none."""
    assert sunset_of("202601.01") == SUNSETS["202601"] == date(2027, 1, 15)
    assert sunset_of("202512") is None


def test_account_urns_are_linkedins() -> None:
    """The URN of an ad account is spelled as LinkedIn spells it."""
    assert urn(ACCOUNT, 510000001) == "urn:li:sponsoredAccount:510000001"


def below(kind: type[LacError]) -> set[tuple[str, str]]:
    """The error classes of the module below one, each as a pair with its base."""
    ours = [child for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    return {(kind.__name__, child.__name__) for child in ours}.union(*map(below, ours))


def test_the_drawing_of_the_errors_is_their_tree() -> None:
    """The page that groups the errors shows each class of the module below its base."""
    drawn, path = set(), [LacError.__name__]
    for branch in BRANCH.finditer(errors.__doc__ or ""):
        depth = len(branch["indent"]) // 4 + 1
        path[depth:] = [branch["name"]]
        drawn.add((path[depth - 1], branch["name"]))
    assert drawn == below(LacError)


@pytest.mark.parametrize(
    ("part", "whole", "times", "expected"),
    [
        (1, 128, 1, "0.007813"),
        (Decimal("-0.0000005"), 1, 1, "-0.000001"),
        (Decimal("0.0000004999"), 1, 1, "0"),
        (2, 3, 1000, "666.666667"),
        (Decimal("1E+30"), Decimal("1E+3"), 1, "1E+27"),
        (0, 5, 1, "0"),
        (5, 0, 1, None),
        (None, 5, 1, None),
        (5, None, 1, None),
    ],
)
def test_a_ratio_rounds_half_away_from_zero(
    part: Decimal | int | None, whole: Decimal | int | None, times: int, expected: str | None
) -> None:
    """Six places, as PostgreSQL's round() gives them; nothing where a number is missing or would divide by zero."""
    assert ratio(part, whole, times) == (None if expected is None else Decimal(expected))


def test_a_change_is_a_share_of_what_was_before() -> None:
    """Four places, rounded as ratios are; none without a before."""
    assert change(Decimal("1.00005"), 1) == Decimal("0.0001")
    assert change(150, 100) == Decimal("0.5")
    assert (change(1, 0), change(1, None), change(None, 1)) == (None, None, None)


@given(st.lists(st.integers(-(10**60), 10**60)), st.integers(0, 20))
def test_a_total_has_all_its_digits(units: list[int], places: int) -> None:
    """However long the numbers are, their sum is exact."""
    assert int(total(Decimal(f"{unit}E-{places}") for unit in units).scaleb(places, Context(prec=200))) == sum(units)


@given(st.text(st.characters(), max_size=20) | st.text(max_size=20))
def test_what_is_refused_is_what_would_be_replaced(text: str) -> None:
    """Models and warehouse agree on what PostgreSQL cannot hold, and what was replaced can be stored."""
    assert (flaw_of(text) is None) == (replaced(text) == text)
    assert flaw_of(replaced(text)) is None
    assert "\0" not in replaced(text)
    assert replaced(text).encode("utf-8").decode("utf-8") == replaced(text)


def test_a_logged_error_is_found_by_the_name_of_its_class() -> None:
    """What is in the log of syncs tells whether other accounts would fail alike; Python's own errors tell nothing."""
    assert errors.error_class("UnreachableError") is errors.UnreachableError
    assert errors.error_class("KeyError") is None
    shared = {kind for kind in (errors.ConfigError, errors.SettingsError, errors.ReauthorizeError) if kind.shared}
    assert shared == {errors.ConfigError, errors.SettingsError, errors.ReauthorizeError}
    assert not errors.RetryableError.shared
    assert not errors.NotFoundError.shared
