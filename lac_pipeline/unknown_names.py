"""Names that a person types: refused where nothing bears them, with the nearest that something does."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from lac_pipeline.errors import UnknownNameError

LISTED = 20
"""So many known names are listed at most."""


def unknown_name(kind: str, name: str, known: Collection[str], *, fix: str | None = None) -> UnknownNameError:
    """Describe that nothing has this name, and which name was probably meant.

    Args:
        kind: what is named, such as `asset`.
        name: as it was typed.
        known: the names that there are.
        fix: what to do where none of them is near.
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = [by_lower[match] for match in difflib.get_close_matches(name.lower(), by_lower, n=2)]
    listed = sorted(known)[:LISTED] + ([f"and {len(known) - LISTED} more"] if len(known) > LISTED else [])
    return UnknownNameError(
        f"unknown {kind}: {name}",
        meaning=f"known: {', '.join(listed) or 'none'}",
        fix=f"did you mean {' or '.join(near)}?" if near else fix or "use one of these",
    )
