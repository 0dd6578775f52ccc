"""The words for failed checks: the same in Dagster, at the terminal, in alerts, in snapshots and reports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import NamedTuple

from lac_pipeline.printable import counted
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.check_results import (
    Check,
    CheckState,
    Difference,
    EntitiesRead,
    Listing,
    MissingParts,
    NotCompared,
    PrimaryKey,
    Readable,
    Reconciliation,
    RejectedShare,
    RowFindings,
    Shrinkage,
    UnreadPivots,
)
from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames

DIFFERENCES_NAMED = 3
"""Dagster's UI joins the lines of a description, so only a few differences are named; a table shows the others."""


PARTS_NAMED = 5


class Words(NamedTuple):
    """What is wrong, with the numbers, and the next step."""

    problem: str
    fix: str


class _RowWords(NamedTuple):
    """What is wrong with one row, with several, and the next step."""

    single: str
    several: str
    fix: str


_ROWS: Mapping[Check, _RowWords] = {
    Check.NO_FUTURE_FACTS: _RowWords(
        "1 row is about a day to come",
        "{total} rows are about days to come",
        "compare this machine's clock with UTC, then load the account again: `lac sync --account {account} --force`",
    ),
    Check.NO_NEGATIVE_NUMBERS: _RowWords(
        "1 row has a metric below zero",
        "{total} rows have a metric below zero",
        "compare the days with Campaign Manager; if it shows them too, report them to LinkedIn; if not, `{again}`",
    ),
    Check.FACTS_HAVE_ENTITIES: _RowWords(
        "1 campaign or creative has metrics but no row of its own, so reports show its id",
        "{total} campaigns or creatives have metrics but no row of their own, so reports show their ids",
        "load the entities: materialize `campaigns` and `creatives`; after that, those that LinkedIn deleted are notes",
    ),
    Check.LAST_DAY_COMPLETE: _RowWords(
        "there is no row for yesterday, and there were some on each of the three days before",
        "there is no row for yesterday, and there were some on each of the three days before",
        "see in Campaign Manager whether the campaigns were stopped; if not, LinkedIn is late: the next sync reads it",
    ),
    Check.PARTS_ADD_UP: _RowWords(
        "on 1 campaign day the devices differ by more than 1 percent from the campaign's impressions or cost",
        "on {total} campaign days the devices differ by more than 1 percent from the campaign's impressions or cost",
        "load the days again: `{again}`; if it stays, compare devices with each other and not with the campaign",
    ),
    Check.ADDS_UP: _RowWords(
        "on 1 day of an entity its rows do not add up to what LinkedIn counts for the entity itself",
        "on {total} days of an entity its rows do not add up to what LinkedIn counts for the entity itself",
        "load the days again: `{again}`; if they still differ, take the entity's own number for the total",
    ),
    Check.REACH_LEVELS: _RowWords(
        "in 1 row the reach is above the impressions, above that of what it is a part of, or above its parts'",
        "in {total} rows the reach is above the impressions, above that of what it is a part of, or above its parts'",
        "load the months again: `{again}`; if it stays, use the reach of the account, and compare no levels",
    ),
    Check.CURRENCY_KNOWN: _RowWords(
        "the account has no currency, so its money has no unit",
        "the account has no currency, so its money has no unit",
        "materialize `accounts` of partition {account}",
    ),
}


def described(state: CheckState, names: AccountNames = NAMELESS) -> str:
    """Write where it is, what is wrong, with the numbers, and the next step, in one line."""
    problem, fix = words_of(state)
    return f"{place_of(state, names)}: {problem}; {fix}"


def place_of(state: CheckState, names: AccountNames = NAMELESS) -> str:
    """Name what the result is about: account, days where there are any, table and check."""
    return f"{subject_of(state, names)}, {state.asset}, {state.check}"


def subject_of(state: CheckState, names: AccountNames = NAMELESS) -> str:
    """Name the account that the result is about, and the days where there are any."""
    account = "all accounts" if state.account_id is None else f"account {names.title(state.account_id)}"
    return f"{account}, {state.window}" if state.window else account


def words_of(state: CheckState) -> Words:
    """Write what is wrong with the account's data, and the next step."""
    return _words(state.facts, state)


@singledispatch
def _words(facts: object, state: CheckState) -> Words:
    raise TypeError(f"no words for {type(facts).__name__} of {state.check}")


@_words.register
def _(facts: RejectedShare, state: CheckState) -> Words:
    return Words(
        f"{facts.rejected} of {counted(facts.fetched, 'record')} {_were(facts.rejected)} rejected: LinkedIn seems to "
        "send another form",
        f"`lac rejects --account {state.account_id} --asset {state.asset}` shows which field",
    )


@_words.register
def _(facts: Shrinkage, state: CheckState) -> Words:
    return Words(
        f"LinkedIn returned all but {facts.missing} of the {facts.stored} rows that are stored: access may have been "
        "lost, so nothing was pruned",
        "give the token's member the access back and sync again; if the rows are really gone: "
        f"`{_again(state)} --accept-shrink`",
    )


@_words.register
def _(facts: UnreadPivots, state: CheckState) -> Words:
    names = ", ".join(unread_pivot.pivot for unread_pivot in facts.unread)
    detail = "; ".join(dict.fromkeys(unread_pivot.detail for unread_pivot in facts.unread))
    return Words(
        f"{names} could not be read, so its rows are as they were before; the other pivots were loaded. LinkedIn "
        f"detail: {detail}",
        f"load the days again: `{_again(state)}`; if LinkedIn goes on refusing it, "
        f"{stream_of(state.asset).left_out_by(names)} before",
    )


@_words.register
def _(facts: EntitiesRead, state: CheckState) -> Words:
    are = "is" if facts.entities_read == 1 else "are"
    problem = f"{facts.entities_read} of {counted(facts.entities, 'campaign')} {are} up to date"
    if facts.goes_on_at is not None:
        problem += f"; the others follow after {facts.goes_on_at:%Y-%m-%d %H:%M} UTC, when requests are possible again"
    if facts.failed:
        named = ", ".join(f"{unread.entity_id} by {unread.pivot}" for unread in facts.failed[:PARTS_NAMED])
        more = len(facts.failed) - PARTS_NAMED
        detail = next(unread.detail for unread in facts.failed)
        problem += f"; LinkedIn failed on {named}{f' and {more} more' if more > 0 else ''}: {detail}"
    fix = "the next syncs read the rest; a larger budget makes fewer of them" if facts.goes_on_at else _again_of(state)
    return Words(problem, fix)


def _again_of(state: CheckState) -> str:
    return f"read them again: `lac sync --account {state.account_id} --force`"


@_words.register
def _(facts: MissingParts, state: CheckState) -> Words:
    named, more = facts.missing_parts[:PARTS_NAMED], len(facts.missing_parts) - PARTS_NAMED
    names = ", ".join(named) + (f" and {more} more" if more > 0 else "")
    days = "" if state.window is None else f" --since {state.window.start} --until {state.window.last}"
    return Words(
        f"{names} {_were(len(facts.missing_parts))} chosen after these days were loaded, so NULL there",
        f"load the days again: `lac sync --account {state.account_id}{days}`",
    )


@_words.register
def _(facts: Reconciliation, state: CheckState) -> Words:
    named = [_difference(difference, state.asset) for difference in facts.differences[:DIFFERENCES_NAMED]]
    more = facts.differing - len(named)
    named += [f"and {more} more, in linkedin_ads.reconciliations"] if more else []
    return Words(
        f"{facts.differing} of {counted(facts.compared, 'total')} {'differs' if facts.differing == 1 else 'differ'} "
        f"from LinkedIn's: {'; '.join(named)}",
        f"{_quarantined(facts.refused, state)}load the days again: `{_again(state)}`",
    )


def _quarantined(count: int, state: CheckState) -> str:
    if not count:
        return ""
    listed = f"`lac rejects --account {state.account_id} --asset {state.asset}`"
    are, them = ("is", "it") if count == 1 else ("are", "them")
    records = counted(count, "record")
    return f"{records} of these days {are} in quarantine, {listed} says why; when LinkedIn returns {them} valid, "


@_words.register
def _(facts: NotCompared, state: CheckState) -> Words:
    return Words(
        f"not compared with LinkedIn's totals: {facts.reason}",
        f"load the days again, which compares them: `{_again(state)}`",
    )


@_words.register
def _(facts: RowFindings, state: CheckState) -> Words:
    words = _ROWS[state.check]
    problem = words.single if facts.total == 1 else words.several.format(total=facts.total)
    fix = words.fix.format(account=state.account_id, again=_again(state))
    return Words(problem, fix)


@_words.register
def _(facts: PrimaryKey, state: CheckState) -> Words:
    return Words(
        f"the primary key is gone from linkedin_ads.{state.asset}, so a row can be there twice",
        f"restore it: ALTER TABLE linkedin_ads.{state.asset} ADD PRIMARY KEY ({', '.join(facts.columns)})",
    )


@_words.register
def _(facts: Readable, state: CheckState) -> Words:
    return Words(
        f"LinkedIn does not let this token read {state.asset}, so nothing of it is loaded, and rows of before stay. "
        f"LinkedIn returned: {facts.refusal}",
        f"sign in with the OAuth scope {' or '.join(facts.oauth_scopes)}: `lac auth login`; or leave {state.asset} out "
        "of LAC_STREAMS",
    )


@_words.register
def _(_facts: Listing, state: CheckState) -> Words:
    if state.account_id is None:
        return Words(
            "LinkedIn lists no ad account for this token; what was loaded before stays as it was",
            "give the member who signed in a role on the accounts in Campaign Manager, or `lac auth login`",
        )
    return Words(
        "LinkedIn does not list the account any more; its rows stay as they were, and `--account all` leaves it out",
        "give the token's member a role on it again in Campaign Manager; if it is gone for good, delete its "
        "partition of `linkedin_account` in the Dagster UI, or leave it out of LAC_ACCOUNT_IDS",
    )


def _difference(difference: Difference, asset: str) -> str:
    days = "all days together" if difference.day is None else str(difference.day)
    return f"{days}: {difference.metric} is {difference.linkedin} at LinkedIn, {difference.ours} in {asset}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _again(state: CheckState) -> str:
    days = "" if state.window is None else f" --since {state.window.start} --until {state.window.last}"
    return f"lac sync --account {state.account_id}{days} --force"
