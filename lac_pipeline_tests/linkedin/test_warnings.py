"""What is said while there is still time: sunsets and token ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import SecretStr

from lac_pipeline.linkedin.expiry import expiry_warnings, sunset_warning
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline_tests.linkedin.doubles import NOW

RENEWAL = "a sync renews it in its last minutes, `lac auth refresh` does now"
ACCESS, REFRESH = SecretStr("a"), SecretStr("r")


@pytest.mark.parametrize(
    ("today", "warning"),
    [
        (date(2026, 11, 30), None),
        (
            date(2026, 12, 1),
            "LinkedIn stops serving API version 202601 on 2027-01-15, in 45 days: set LINKEDIN_API_VERSION to 202609",
        ),
        (
            date(2027, 1, 14),
            "LinkedIn stops serving API version 202601 on 2027-01-15, in 1 day: set LINKEDIN_API_VERSION to 202609",
        ),
        (
            date(2027, 1, 15),
            "LinkedIn stopped serving API version 202601 on 2027-01-15: set LINKEDIN_API_VERSION to 202609",
        ),
    ],
)
def test_a_sunset_is_told_from_45_days_before(today: date, warning: str | None) -> None:
    """The warning names the version, the day, what is left and the setting."""
    assert sunset_warning("202601", today=today) == warning


def test_a_version_without_a_known_sunset_is_not_warned_of() -> None:
    """What is not known is not guessed."""
    assert sunset_warning("203001", today=date(2029, 1, 1)) is None


def test_the_newest_known_version_is_replaced_by_a_newer_one() -> None:
    """The advice never names the version that is about to end."""
    assert "to a newer version" in str(sunset_warning("202609", today=date(2027, 9, 1)))


@pytest.mark.parametrize(
    ("tokens", "warnings"),
    [
        (Tokens(ACCESS), []),
        (Tokens(ACCESS, access_expires_at=NOW + timedelta(days=15)), []),
        (
            Tokens(ACCESS, access_expires_at=NOW + timedelta(days=14)),
            ["the LinkedIn access token ends in 14 days (2026-12-04 12:00Z): run `lac auth login`"],
        ),
        (
            Tokens(ACCESS, access_expires_at=NOW - timedelta(days=1)),
            ["the LinkedIn access token has ended (2026-11-19 12:00Z): run `lac auth login`"],
        ),
        (
            Tokens(
                ACCESS,
                REFRESH,
                access_expires_at=NOW + timedelta(days=1),
                refresh_expires_at=NOW + timedelta(days=14),
            ),
            [
                f"the LinkedIn access token ends in 1 day (2026-11-21 12:00Z): {RENEWAL}",
                "the LinkedIn refresh token ends in 14 days (2026-12-04 12:00Z): run `lac auth login`",
            ],
        ),
    ],
)
def test_either_tokens_end_is_told_from_14_days_before(tokens: Tokens, warnings: list[str]) -> None:
    """An access token that can renew itself is said to; the end of a refresh token needs a person."""
    assert expiry_warnings(tokens, now=NOW) == warnings
