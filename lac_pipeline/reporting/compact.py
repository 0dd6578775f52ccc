"""The snapshot for a language model: without days and nulls, and cut to a size."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lac_pipeline.reporting.snapshot_document import AccountSnapshot, Change, Metrics

Document = dict[str, Any]

BY_DAY = "days"
"""The part that holds a row for each of ninety days: a model reads it from the tables where it needs it."""

LEFT_OUT = "left_out"
"""The part of a shortened document that lists what was cut."""

_WHOLE = frozenset({"schema_version", "as_of", "summary", "account", "periods", "performance", "freshness"})
"""The parts that are never cut, only left out as a whole where nothing else helps."""
_CORE = ("schema_version", "as_of", "summary", "account")
_CAPS = (1000, 50, 30, 20, 14, 10, 7, 5, 4, 3, 2, 1)
"""Items of each list, tried in this order."""


def compact(document: Document) -> Document:
    """Leave the days of the account and every null out of a snapshot; a part that is absent is unknown, not zero.

    An empty list stays: no quality note is something else than a document without notes.
    """
    return {name: _known(value) for name, value in document.items() if name != BY_DAY and value is not None}


def fitted(document: Document, most_bytes: int) -> Document:
    """Make the compact document small enough: fewer periods and settings first, then fewer items of each list.

    Args:
        document: a snapshot of this schema.
        most_bytes: of its JSON in UTF-8, without spaces.

    Returns:
        The largest one that fits; `left_out` lists what was cut, so that it is not taken for unknown. Where nothing
        fits, the summary alone.
    """
    known = compact(document)
    whole = {name: known[name] for name in AccountSnapshot.model_fields if name in known}  # JSONB forgets the order
    if size_of(whole) <= most_bytes:
        return whole
    lean, notes = _lean(whole)
    for most in _CAPS:
        caps = {name: most for name in lean if name not in _WHOLE}
        if size_of(_shortened(lean, caps, notes)) <= most_bytes:
            break
    else:
        core = {name: whole[name] for name in _CORE if name in whole}
        return core | {LEFT_OUT: [name for name in whole if name not in core]}
    for name in sorted(caps, key=lambda name: not _has_performance(lean[name])):
        wider = ({**caps, name: most} for most in _CAPS if most > caps[name])
        caps = next((each for each in wider if size_of(_shortened(lean, each, notes)) <= most_bytes), caps)
    return _shortened(lean, caps, notes)


def _shortened(lean: Document, caps: Mapping[str, int], notes: Sequence[str]) -> Document:
    cut: list[str] = []
    shortened = {name: _capped(part, caps[name], name, cut) if name in caps else part for name, part in lean.items()}
    return shortened | {LEFT_OUT: [*notes, *cut]}


def size_of(document: Document) -> int:
    """The bytes of a document's JSON in UTF-8, without spaces."""
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def _known(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return {name: _known(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_known(part) for part in value]
    return value


def _lean(document: Document) -> tuple[Document, list[str]]:
    """Keep one period of campaigns, groups and drivers, the metrics that have a change, and no settings."""
    period = document["summary"]["period"]
    lean = {name: part if name in _CORE else _slim(part) for name, part in document.items()}
    for name in [name for name, part in lean.items() if _has_performance(part)]:
        lean[name] = [_one_period(entry, period) for entry in lean[name]]
    lean["drivers"] = [driver for driver in lean["drivers"] if driver["period"] == period]
    return lean, [
        f"campaigns, campaign_groups, drivers: the periods other than {period}",
        "campaigns: settings other than objective_type",
        f"metrics other than {', '.join(name for name in Metrics.model_fields if name in Change.model_fields)}",
        *sorted(_SLIMMED),
    ]


def _has_performance(part: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    """Whether a part lists what delivered, as campaigns and their groups; its items come first where there is room."""
    return isinstance(part, list) and any("performance" in entry for entry in part if isinstance(entry, dict))


_SLIMMED = frozenset({"lead_generation", "spend_per_lead", "segment", "serving_statuses", "attribution_type"})
"""Fields that matter least to a reader without room."""


def _slim(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        return [_slim(part) for part in value]
    if not isinstance(value, dict):
        return value
    slim = {name: _slim(part) for name, part in value.items() if name not in _SLIMMED}
    if "metrics" in slim:
        slim["metrics"] = {name: part for name, part in slim["metrics"].items() if name in Change.model_fields}
    return slim


def _one_period(entry: Document, period: str) -> Document:
    kept = dict(entry)
    if "performance" in entry:
        kept["performance"] = {period: entry["performance"][period]}
    if "settings" in entry:
        kept["settings"] = {name: value for name, value in entry["settings"].items() if name == "objective_type"}
    return kept


def _capped(value: Any, most: int, place: str, cut: list[str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Keep the first items of each list, however deep, and note how many were cut where."""
    if isinstance(value, dict):
        return {name: _capped(part, most, f"{place}.{name}", cut) for name, part in value.items()}
    if isinstance(value, list):
        kept = value[:most]
        note = f"{place}: {len(value) - len(kept)} of {len(value)}"
        if len(kept) < len(value) and note not in cut:
            cut.append(note)
        return [_capped(part, most, place, cut) for part in kept]
    return value
