"""The kinds of value in LinkedIn's JSON, each accepted only in the form that LinkedIn documents.

Nothing is converted loosely: a fraction for a count, an infinite amount, or a time out of range is refused with a
reason for a person. Statuses, objectives and types stay open text, because LinkedIn adds to them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin import urn
from lac_pipeline.postgres.unstorable import flaw_of

BIGINT = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MILLISECOND = 253_402_300_799_999  # the end of the year 9999, where Python's and most tools' calendars end
EXACT_TEXT = r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_EXACT_TEXT = re.compile(EXACT_TEXT)
UNKNOWN_VALUE = "(unknown)"
"""Stands for the empty text that LinkedIn was seen to send for a device."""
NUMERIC_DIGITS = 1000  # in front of the point or behind it; NUMERIC holds far more, money never needs them


def refusal(reason: str, *, below: tuple[str, ...] = ()) -> PydanticCustomError:
    """Write a reason for a person, kept with the rejected record word by word; `below` leads on to the wrong value."""
    return PydanticCustomError("refused", "{reason}", {"reason": reason, "below": below})


def refuse_unstorable(text: str) -> str:
    """Refuse what a PostgreSQL text cannot hold."""
    flaw = flaw_of(text)
    if flaw is not None:
        raise refusal(flaw)
    return text


def refuse_unstorable_json(value: object) -> object:
    """Refuse what a PostgreSQL JSONB cannot hold, at any depth."""
    if isinstance(value, str):
        refuse_unstorable(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            refuse_unstorable(key)
            refuse_unstorable_json(item)
    elif isinstance(value, list):
        for item in value:
            refuse_unstorable_json(item)
    elif isinstance(value, float) and not math.isfinite(value):
        raise refusal(f"{value} is not a JSON number")
    return value


def entity_id(value: object, *, kind: str) -> int:
    """Read an id, sent as a number or as a URN of this kind; it has to fit a BIGINT."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise refusal(f"the id or URN of a {kind} is expected")
    try:
        number = urn.id_of(value, kind=kind)
    except UnexpectedPayloadError:
        raise refusal(f"not the id or URN of a {kind}") from None
    except ValueError:  # Python refuses to read thousands of digits
        number = BIGINT + 1
    if not 0 < number <= BIGINT:
        raise refusal("an id has to be positive and fit 64 bits")
    return number


def account_of(element: object) -> tuple[int, Mapping[str, Any]] | None:
    """Read the ad account id of an element of adAccounts, and its record; None where the id is missing."""
    if not isinstance(element, Mapping):
        return None
    try:
        return entity_id(element.get("id"), kind=urn.ACCOUNT), element
    except PydanticCustomError:
        return None


def own_account_id(value: object, info: ValidationInfo) -> int:
    """Read an account id and refuse any but the requested account's."""
    number = entity_id(value, kind=urn.ACCOUNT)
    requested = (info.context or {}).get("account_id", number)
    if number != requested:
        raise refusal(f"belongs to ad account {number}, and {requested} was requested")
    return number


def instant(value: object) -> datetime:
    """Read milliseconds since 1970 (UTC)."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise refusal("a time in whole milliseconds since 1970 is expected")
    if not 0 <= value <= _LAST_MILLISECOND:
        raise refusal("a time outside the years 1970 to 9999")
    return _EPOCH + timedelta(milliseconds=value)


def _exact_number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refusal("an exact decimal number is expected")
    number = Decimal(value)
    if not number.is_finite():
        raise refusal("a finite number is expected")
    exponent = number.as_tuple().exponent
    if number.adjusted() >= NUMERIC_DIGITS or (isinstance(exponent, int) and -exponent > NUMERIC_DIGITS):
        raise refusal(f"a number of more than {NUMERIC_DIGITS} digits")
    return number


def _count(value: object) -> int:
    """Read a count that does not come as a plain JSON integer: `3.0`, `"3"`, `"3.0"`, never a fraction."""
    if isinstance(value, str) and len(value) <= NUMERIC_DIGITS and _EXACT_TEXT.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refusal("a whole number is expected")
    number = Decimal(value)
    if not number.is_finite():
        raise refusal("a whole number is expected")
    if number < 0:
        raise refusal("a count cannot be negative")
    if number > BIGINT:
        raise refusal("a count has to fit 64 bits")
    if number != number.to_integral_value():
        raise refusal("a whole number is expected, without a fraction")
    return int(number)


def _day(value: object) -> date:
    try:
        year, month, day = value["year"], value["month"], value["day"]  # type: ignore[index]
    except (KeyError, TypeError):
        raise refusal("a date of year, month and day is expected") from None
    if not (type(year) is type(month) is type(day) is int):
        raise refusal("a date of the whole numbers year, month and day is expected")
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise refusal("a date that no calendar has") from None


def one_day(value: object) -> date:
    """Read the `dateRange` of a daily row: one UTC day."""
    try:
        start, end = value["start"], value["end"]  # type: ignore[index]
    except (KeyError, TypeError):
        raise refusal("a date range with start and end is expected") from None
    if start != end:
        raise refusal("a daily row has to be about one day")
    return _day(start)


def one_month(value: object) -> date:
    """Read the `dateRange` of a monthly row, which may cover a part of the month, as the month's first day."""
    try:
        first, last = _day(value["start"]), _day(value["end"])  # type: ignore[index]
    except (KeyError, TypeError):
        raise refusal("a date range with start and end is expected") from None
    if last < first or (first.year, first.month) != (last.year, last.month):
        raise refusal("a monthly row has to lie in one month")
    return first.replace(day=1)


def only_pivot_value(value: object) -> str:
    """Read the `pivotValues` of a row with one pivot."""
    if type(value) is list and len(value) == 1 and value[0] and type(value[0]) is str:
        return value[0]
    raise refusal("exactly one pivot value is expected")


AccountId = Annotated[int, PlainValidator(own_account_id)]
Instant = Annotated[datetime, PlainValidator(instant)]
Text = Annotated[str, StringConstraints(strict=True), AfterValidator(refuse_unstorable)]
Flag = Annotated[bool, Field(strict=True)]
JsonObject = Annotated[dict[str, Any], Field(strict=True), AfterValidator(refuse_unstorable_json)]
JsonList = Annotated[list[Any], Field(strict=True), AfterValidator(refuse_unstorable_json)]
JsonSet = Annotated[JsonList, AfterValidator(partial(sorted, key=repr))]
"""A list whose order means nothing, in an order that is the same each time."""
PlainCount = Annotated[int, Field(strict=True, ge=0, le=BIGINT)]
Count = Annotated[PlainCount | Annotated[int, PlainValidator(_count)], Field(union_mode="left_to_right")]
"""A count as LinkedIn sends it: mostly a JSON integer, but some metrics are decimals in its schema (Reporting schema
page), and come as `3.0` or as text on one page and as integers on the next."""
ExactText = Annotated[str, StringConstraints(strict=True, max_length=NUMERIC_DIGITS, pattern=f"^{EXACT_TEXT}$")]
Exact = Annotated[ExactText | Annotated[Decimal, PlainValidator(_exact_number)], Field(union_mode="left_to_right")]
"""An exact number as LinkedIn sends it: decimal text of any scale, or a JSON number that was parsed as Decimal."""
Amount = Annotated[Exact, AfterValidator(Decimal)]
