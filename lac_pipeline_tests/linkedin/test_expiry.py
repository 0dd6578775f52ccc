"""What ends soon is known while there is still time: sunsets and token ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import SecretStr

from lac_pipeline.linkedin.expiry import TokenEnds, VersionEnds, tokens_end, version_ends
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline_tests.linkedin.doubles import NOW

ACCESS, REFRESH = SecretStr("a"), SecretStr("r")
SUNSET = date(2027, 1, 15)
DAY, FORTNIGHT = timedelta(days=1), timedelta(days=14)


@pytest.mark.parametrize(
    ("today", "left"),
    [(date(2026, 11, 30), None), (date(2026, 12, 1), 45), (date(2027, 1, 14), 1), (SUNSET, 0)],
)
def test_a_sunset_is_known_from_45_days_before(today: date, left: int | None) -> None:
    """It names the version, the day, what is left, and a version that is served longer."""
    ends = version_ends("202601", today=today)
    assert ends == (None if left is None else VersionEnds("202601", SUNSET, timedelta(days=left), "202609"))
    assert ends is None or ends.over == (today == SUNSET)


def test_a_version_without_a_known_sunset_is_not_warned_of() -> None:
    """What is not known is not guessed."""
    assert version_ends("203001", today=date(2029, 1, 1)) is None


def test_the_newest_known_version_is_replaced_by_a_newer_one() -> None:
    """The advice never names the version that is about to end."""
    ends = version_ends("202609", today=date(2027, 9, 1))
    assert ends is not None
    assert ends.newer is None


@pytest.mark.parametrize(
    ("tokens", "ends"),
    [
        (Tokens(ACCESS), []),
        (Tokens(ACCESS, access_expires_at=NOW + FORTNIGHT + DAY), []),
        (Tokens(ACCESS, access_expires_at=NOW + FORTNIGHT), [TokenEnds("access", NOW + FORTNIGHT, FORTNIGHT, False)]),
        (Tokens(ACCESS, access_expires_at=NOW - DAY), [TokenEnds("access", NOW - DAY, -DAY, False)]),
        (
            Tokens(ACCESS, REFRESH, access_expires_at=NOW + DAY, refresh_expires_at=NOW + FORTNIGHT),
            [TokenEnds("access", NOW + DAY, DAY, True), TokenEnds("refresh", NOW + FORTNIGHT, FORTNIGHT, False)],
        ),
    ],
)
def test_either_tokens_end_is_known_from_14_days_before(tokens: Tokens, ends: list[TokenEnds]) -> None:
    """An access token that can renew itself is known to; the end of a refresh token needs a person."""
    assert tokens_end(tokens, now=NOW) == ends
    assert [end.over for end in ends] == [end.left < timedelta(0) for end in ends]
