"""The results of the checks of each ad account, as data; `check_wording` writes them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from lac_pipeline.windows import DateWindow

SHOWN = 20
"""So many findings are kept with a result; their number is always that of all."""

ERROR_ACCOUNTS = "error_accounts"
"""The metadata of a check in Dagster that names the accounts for which it is an error."""


class Severity(StrEnum):
    """How bad a failed check is."""

    ERROR = "error"
    """The numbers are wrong, or may be."""
    WARNING = "warning"
    """It may be right after all."""


class Check(StrEnum):
    """The checks whose result is kept for each ad account; the value is the name in Dagster and in `check_states`."""

    REJECTED_SHARE = "rejected_share"
    SHRINK_GUARD = "shrink_guard"
    RECONCILIATION = "reconciliation"
    PIVOTS_LOADED = "pivots_loaded"
    PARTS_READ = "chosen_metrics_read"
    STREAM_READABLE = "stream_readable"
    ENTITIES_READ = "entities_read"
    UNIQUE_KEYS = "unique_keys"
    ACCOUNT_LISTED = "account_listed"
    NO_FUTURE_FACTS = "no_future_facts"
    NO_NEGATIVE_NUMBERS = "no_negative_numbers"
    FACTS_HAVE_ENTITIES = "facts_have_entities"
    LAST_DAY_COMPLETE = "last_day_complete"
    CURRENCY_KNOWN = "currency_known"
    PARTS_ADD_UP = "parts_add_up"
    ADDS_UP = "adds_up"
    REACH_LEVELS = "reach_levels_agree"


SEVERITY_OF: Mapping[Check, Severity] = dict.fromkeys(Check, Severity.ERROR) | dict.fromkeys(
    (
        Check.FACTS_HAVE_ENTITIES,
        Check.LAST_DAY_COMPLETE,
        Check.CURRENCY_KNOWN,
        Check.PARTS_ADD_UP,
        Check.ADDS_UP,
        Check.REACH_LEVELS,
        Check.PARTS_READ,
        Check.STREAM_READABLE,
        Check.ENTITIES_READ,
    ),
    Severity.WARNING,
)


@dataclass(frozen=True, slots=True)
class RejectedShare:
    """How many records of a fetch failed validation."""

    rejected: int
    fetched: int

    @property
    def share(self) -> float:
        """The share, from 0 to 1."""
        return self.rejected / self.fetched if self.fetched else 0.0


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """How many rows were stored, and how many of them LinkedIn did not return."""

    stored: int
    missing: int


@dataclass(frozen=True, slots=True)
class UnreadPivot:
    """A pivot of a report that could not be read, and LinkedIn's error; the rows that were loaded before stay."""

    pivot: str
    detail: str


@dataclass(frozen=True, slots=True)
class UnreadPivots:
    """The pivots of a report that could not be read, while others were."""

    unread: tuple[UnreadPivot, ...]


@dataclass(frozen=True, slots=True)
class UnreadEntity:
    """An entity and a pivot of which a report could not be read, and LinkedIn's error; the rows of before stay."""

    entity_id: int
    pivot: str
    detail: str


@dataclass(frozen=True, slots=True)
class EntitiesRead:
    """How far a report has come that is requested entity by entity.

    Attributes:
        entities_read: the entities whose rows are up to date.
        entities: those that LinkedIn has rows for.
        failed: what LinkedIn failed on.
        goes_on_at: when the rest is read, as the day's requests were used up; aware UTC. None where nothing is left.
    """

    entities_read: int
    entities: int
    failed: tuple[UnreadEntity, ...] = ()
    goes_on_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MissingParts:
    """The columns of metrics, and the pivots, that are chosen now and were not read when the days were loaded."""

    missing_parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A total that differs from LinkedIn's; `day` is None for the whole window."""

    day: date | None
    metric: str
    linkedin: Decimal
    ours: Decimal


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many totals were compared, how many of them differ, and the first of those, single days first.

    `refused` counts the records in quarantine that are about the days that differ: what they hold is in no row.
    """

    compared: int
    differing: int = 0
    differences: tuple[Difference, ...] = ()
    refused: int = 0


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Why a window could not be compared with LinkedIn's totals."""

    reason: str


@dataclass(frozen=True, slots=True)
class RowFindings:
    """How many rows were found that should not be so, and the first of them; and what is worth a note and no fault."""

    total: int
    rows: tuple[dict[str, str | int | None], ...] = ()
    notes: tuple[dict[str, str | int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """The columns that should be the table's primary key."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Readable:
    """Whether LinkedIn lets the token read a stream: the OAuth scopes that do, and its error where it does not."""

    oauth_scopes: tuple[str, ...]
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """How many ad accounts LinkedIn lists for the token."""

    listed: int


Facts = (
    RejectedShare
    | Shrinkage
    | UnreadPivots
    | EntitiesRead
    | MissingParts
    | Reconciliation
    | NotCompared
    | RowFindings
    | PrimaryKey
    | Readable
    | Listing
)
"""The numbers behind a result; each class stands for itself in `check_states`."""


@dataclass(frozen=True, slots=True)
class CheckState:
    """The newest result of a check about one ad account, or an older one that failed and was not resolved since.

    Attributes:
        check: which check.
        asset: the table that it is about.
        account_id: ad account; None for what is about the table or the list of accounts as a whole.
        passed: None where it could not be evaluated.
        facts: the numbers behind the result.
        window: the UTC days that it is about; None for all that is stored.
        run_id: Dagster run that evaluated it.
        evaluated_at: when, by PostgreSQL's clock; None before it is stored.
        id: its number in `check_states`; None before it is stored.
    """

    check: Check
    asset: str
    account_id: int | None
    passed: bool | None
    facts: Facts
    window: DateWindow | None
    run_id: str
    evaluated_at: datetime | None = None
    id: int | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is; what could not be evaluated is a warning."""
        return Severity.WARNING if self.passed is None else SEVERITY_OF[self.check]

    @property
    def is_error(self) -> bool:
        """Whether it failed and makes the numbers wrong."""
        return self.passed is False and self.severity is Severity.ERROR


def count_of(facts: Facts) -> int:
    """How many records, rows or totals a failed check found; 1 where it counts nothing."""
    match facts:
        case RejectedShare(count, _) | Shrinkage(_, count) | Reconciliation(_, count) | RowFindings(count):
            return count
        case UnreadPivots(parts) | MissingParts(parts):
            return len(parts)
        case EntitiesRead(entities_read, entities):
            return entities - entities_read
    return 1


def errors_in(states: Iterable[CheckState]) -> list[CheckState]:
    """Return the failed checks that make a command exit 1."""
    return [state for state in states if state.is_error]
