"""How many examples Hypothesis tries: a quarter where a person waits for them, all of them in `.ci/run`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

ALL = 100
"""Hypothesis's own default."""
FEWEST = 5


def register_profiles() -> None:
    """Register the profiles `quick`, which is the default, and `thorough` (`--hypothesis-profile=thorough`).

    How long an example takes says nothing on a machine that does other things too; pytest shows what is slow.
    """
    for name, number in (("thorough", ALL), ("quick", ALL // 4)):
        too_slow = [HealthCheck.too_slow]
        settings.register_profile(name, max_examples=number, deadline=None, suppress_health_check=too_slow)
    settings.load_profile("quick")


def examples(number: int, *suppressed: HealthCheck) -> settings:
    """Try as many examples in the profile `thorough`, and the profile's share of them in another.

    Args:
        number: how many, where Hypothesis's own default is too many or too few.
        suppressed: what a test does that Hypothesis warns of.
    """
    few = max(FEWEST, number * settings().max_examples // ALL)
    return settings(max_examples=min(number, few), suppress_health_check=[HealthCheck.too_slow, *suppressed])
