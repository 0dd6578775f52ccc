"""LinkedIn's throttles: calls per endpoint and UTC day, short windows, and metric values in five minutes.

Sources: LinkedIn's Rate Limits and Ads Reporting pages; the wording of the daily refusal was recorded in production.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from lac_pipeline.simulator.replies import RestError

DATA_WINDOW = timedelta(minutes=5)
_SHORT = {"MINUTE": timedelta(minutes=1), "SECOND": timedelta(seconds=1)}


@dataclass(frozen=True, slots=True)
class Quota:
    """The calls an endpoint allows; None is without a limit."""

    application_day: int | None = None
    member_day: int | None = None
    minute: int | None = None
    second: int | None = None


@dataclass(slots=True)
class Quotas:
    """Quotas by endpoint, and what was spent of them."""

    by_endpoint: dict[str, Quota] = field(default_factory=dict)
    day: date | None = None
    spent: Counter[tuple[str, str]] = field(default_factory=Counter)
    recent: dict[str, deque[datetime]] = field(default_factory=dict)
    values: deque[tuple[datetime, int]] = field(default_factory=deque)

    def limit(
        self,
        endpoint: str,
        *,
        application_day: int | None = None,
        member_day: int | None = None,
        minute: int | None = None,
        second: int | None = None,
    ) -> None:
        """Set the quotas of an endpoint."""
        self.by_endpoint[endpoint] = Quota(application_day, member_day, minute, second)

    def spend_call(self, endpoint: str, *, member: str, now: datetime, retry_after: int | None) -> None:
        """Count a call.

        Raises:
            RestError: 429, when a quota is spent; a refused call does not count.
        """
        quota = self.by_endpoint.get(endpoint)
        if now.date() != self.day:
            self.day, self.spent = now.date(), Counter()
        if quota is not None:
            self._check_day(quota, endpoint, member=member, retry_after=retry_after)
            self._check_short(quota, endpoint, now=now, retry_after=retry_after)
            self.recent.setdefault(endpoint, deque()).append(now)
        self.spent[endpoint, ""] += 1
        self.spent[endpoint, member] += 1

    def _check_day(self, quota: Quota, endpoint: str, *, member: str, retry_after: int | None) -> None:
        for limit, who in ((quota.application_day, ""), (quota.member_day, member)):
            if limit is not None and self.spent[endpoint, who] >= limit:
                raise throttled("APPLICATION_AND_MEMBER DAY", retry_after=retry_after)

    def _check_short(self, quota: Quota, endpoint: str, *, now: datetime, retry_after: int | None) -> None:
        calls = self.recent.setdefault(endpoint, deque())
        while calls and now - calls[0] >= _SHORT["MINUTE"]:
            calls.popleft()
        for name, limit in (("MINUTE", quota.minute), ("SECOND", quota.second)):
            if limit is not None and sum(now - call < _SHORT[name] for call in calls) >= limit:
                raise throttled(f"APPLICATION_AND_MEMBER {name}", retry_after=retry_after)

    def spend_values(self, count: int, *, limit: int, now: datetime, retry_after: int | None) -> None:
        """Count metric values of adAnalytics.

        Raises:
            RestError: 429, when more than the limit were requested in five minutes.
        """
        while self.values and now - self.values[0][0] >= DATA_WINDOW:
            self.values.popleft()
        if sum(values for _, values in self.values) + count > limit:
            message = (
                "The data request limit is reached. More than 45 million metric values were requested in a "
                "5-minute window."
            )
            raise RestError(429, "TOO_MANY_REQUESTS", message, headers=_after(retry_after))
        self.values.append((now, count))


def throttled(window: str, *, retry_after: int | None) -> RestError:
    """The refusal of a spent quota."""
    message = f"Resource level throttle {window} limit for calls to this resource is reached."
    return RestError(429, "TOO_MANY_REQUESTS", message, service_code=101, gateway=True, headers=_after(retry_after))


def _after(seconds: int | None) -> dict[str, str]:
    return {} if seconds is None else {"retry-after": str(seconds)}
