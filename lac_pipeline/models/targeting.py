"""The values in targeting criteria: places, seniorities, company sizes and whatever else a campaign may be for."""

from __future__ import annotations

from collections.abc import Iterator


def targeted_values(criteria: object) -> Iterator[str]:
    """Go through the values of targeting criteria, included and excluded, in whatever shape they come.

    Source: LinkedIn's page on targeting criteria: objects and lists whose innermost texts are the values.
    """
    parts = [criteria]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list):
            parts += part
