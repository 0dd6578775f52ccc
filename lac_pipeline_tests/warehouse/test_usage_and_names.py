"""The ledger of requests, and the names of URNs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from lac_pipeline.linkedin.records import NoName
from lac_pipeline.warehouse.load.urn_names import REFRESH_AFTER, RETRY_AFTER, UrnNames
from lac_pipeline.warehouse.query.usage import ApiUsage

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


def test_requests_are_counted_by_day_endpoint_and_account(engine: Engine) -> None:
    """Calls about no account in particular have a row of their own."""
    usage = ApiUsage(engine)
    for endpoint, account in (("adAnalytics", 1), ("adAnalytics", 1), ("adAnalytics", 2), ("adAccounts", None)):
        usage.record_call(endpoint, account, at=NOW)
    usage.record_call("adAnalytics", 1, at=NOW - timedelta(days=1))
    found = [
        (calls.day.day, calls.endpoint, calls.account_id, calls.calls)
        for calls in usage.usage(since=date(2026, 11, 20))
    ]
    assert found == [(21, "adAccounts", None, 1), (21, "adAnalytics", 1, 2), (21, "adAnalytics", 2, 1),
                     (20, "adAnalytics", 1, 1)]  # fmt: skip


def test_no_request_is_lost_among_many(engine: Engine) -> None:
    """Ten writers at once count every call."""
    usage = ApiUsage(engine)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: usage.record_call("creatives", 1, at=NOW), range(50)))
    assert [calls.calls for calls in usage.usage(since=NOW.date())] == [50]


def test_a_spent_quota_is_remembered_until_the_day_ends(engine: Engine) -> None:
    """Any process sees it, only for that endpoint, and not a moment longer; what is not sent is not counted."""
    ApiUsage(engine).record_call("adAnalytics", None, at=NOW)
    ApiUsage(engine).mark_spent("adAnalytics", until=MIDNIGHT)
    ApiUsage(engine).mark_spent("adAnalytics", until=MIDNIGHT)
    usage = ApiUsage(engine)
    assert usage.record_call("adAnalytics", None, at=NOW) == MIDNIGHT
    assert usage.record_call("creatives", None, at=NOW) is None
    assert usage.record_call("adAnalytics", None, at=MIDNIGHT) is None
    [row] = [row for row in usage.usage(since=NOW.date()) if row.quota_spent_until is not None]
    assert (row.endpoint, row.calls, row.quota_spent_until) == ("adAnalytics", 1, MIDNIGHT)


def test_names_are_kept_and_not_requested_again(engine: Engine) -> None:
    """What LinkedIn returned is known; what was never requested is due."""
    names = UrnNames(engine)
    names.keep({"urn:li:geo:1": "Rome", "urn:li:geo:2": "Oslo"}, at=NOW)
    urns = ["urn:li:geo:2", "urn:li:geo:3", "urn:li:geo:1", "urn:li:geo:3"]
    assert names.known(urns) == {"urn:li:geo:1": "Rome", "urn:li:geo:2": "Oslo"}
    assert names.due(urns, at=NOW) == ["urn:li:geo:3"]


def test_old_names_are_requested_again(engine: Engine) -> None:
    """A name is looked up again after a month, and stays known meanwhile, also when LinkedIn then returns none."""
    names = UrnNames(engine)
    names.keep({"urn:li:title:1": "Clerk"}, at=NOW)
    later = NOW + REFRESH_AFTER
    assert names.due(["urn:li:title:1"], at=later - timedelta(seconds=1)) == []
    assert names.due(["urn:li:title:1"], at=later) == ["urn:li:title:1"]
    names.keep({"urn:li:title:1": NoName.NOT_FOUND}, at=later)
    assert names.known(["urn:li:title:1"]) == {"urn:li:title:1": "Clerk"}


def test_names_that_linkedin_does_not_return_are_tried_ever_more_rarely(engine: Engine) -> None:
    """After a miss the next look-up is due in a day, then two, four, ... but at most a month later."""
    names, at, waits = UrnNames(engine), NOW, []
    for _ in range(8):
        names.keep({"urn:li:company:1": NoName.REFUSED}, at=at)
        days = next(n for n in range(1, 99) if names.due(["urn:li:company:1"], at=at + timedelta(days=n)))
        waits.append(days)
        at += timedelta(days=days)
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_what_the_last_lookups_gave_is_counted_until_it_is_due(engine: Engine) -> None:
    """Names and reasons count by URN, each until it is to be looked up again."""
    names, urns = UrnNames(engine), [f"urn:li:share:{n}" for n in range(5)]
    names.keep({urns[0]: "Autumn", urns[1]: NoName.FORBIDDEN, urns[2]: NoName.FORBIDDEN}, at=NOW)
    names.keep({urns[3]: NoName.UNNAMED}, at=NOW)
    assert names.settled(urns, at=NOW) == {None: 1, NoName.FORBIDDEN: 2, NoName.UNNAMED: 1}
    assert names.settled(urns, at=NOW + RETRY_AFTER) == {None: 1}


def test_a_name_that_was_missed_is_no_miss_any_more(engine: Engine) -> None:
    """Once LinkedIn gives a name, it counts as long as any other, and the reason is gone."""
    names = UrnNames(engine)
    names.keep({"urn:li:share:1": NoName.FORBIDDEN}, at=NOW)
    names.keep({"urn:li:share:1": "Autumn"}, at=NOW + RETRY_AFTER)
    assert names.settled(["urn:li:share:1"], at=NOW + REFRESH_AFTER) == {None: 1}
    assert names.due(["urn:li:share:1"], at=NOW + RETRY_AFTER + REFRESH_AFTER) == ["urn:li:share:1"]


def test_a_name_from_the_future_is_looked_up_again(engine: Engine) -> None:
    """A clock that was a year ahead does not keep a name from being looked up for a year."""
    names = UrnNames(engine)
    names.keep({"urn:li:geo:1": "Rome"}, at=NOW + timedelta(days=365))
    assert names.due(["urn:li:geo:1"], at=NOW) == ["urn:li:geo:1"]
    names.keep({"urn:li:geo:1": "Roma"}, at=NOW)
    assert names.due(["urn:li:geo:1"], at=NOW) == []


def test_nothing_to_keep_is_no_error(engine: Engine) -> None:
    """A response without names changes nothing."""
    UrnNames(engine).keep({}, at=NOW)
    assert UrnNames(engine).known([]) == {}
