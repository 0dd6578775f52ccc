"""Everything that can go wrong, on one page, grouped by what happens next rather than by where it was seen.

LacError
├── ConfigError                 a setting is missing or wrong: stop before anything else happens
│   └── SettingsError           some settings at once, each with its reason and its fix
├── DateRangeError              the requested days are invalid
├── UnknownNameError            nothing bears the name that a command was given: exit code 2
├── PartitionError              the requested partition does not exist, or Dagster resolved too few keys
├── DefectError                 an exception of Python's where none should be: a fault of this program, to be reported
├── LinkedInError
│   ├── RetryableError          sent again, after `retry_after` when LinkedIn or a rule names a wait
│   │   └── UnreachableError    no connection at all: no other request would get through either
│   ├── QuotaSpentError         no request until `until`
│   ├── ReauthorizeError        a person must sign in again
│   ├── PermissionMissingError  this token may not read this account or resource: the account fails alone
│   ├── NotFoundError           it does not exist for LinkedIn, or is hidden: the account fails alone
│   ├── BadRequestError         the request is wrong: a bug of ours or a setting LinkedIn refuses
│   ├── VersionSunsetError      `LINKEDIN_API_VERSION` is dead: nothing works until it is changed
│   ├── UnexpectedPayloadError  a response that differs from LinkedIn's documentation
│   └── IncompleteResponseError  a truncated response that cannot be split any further
└── StorageError
    ├── DatabaseUnavailableError  PostgreSQL cannot be reached or refuses the login
    ├── UnsuitableDatabaseError   its encoding cannot hold the data, or its schema is another program's
    ├── SchemaOutdatedError       the schema is missing or older than the code
    ├── DatabaseBusyError         a lock or statement time-out: another process locks the rows
    ├── QueryRefusedError         a query of an agent is not run
    ├── EmbeddedServerError       the PostgreSQL that we start ourselves does not start
    ├── ArchiveError              the raw archive cannot be written or read
    └── ExportError               the files of an export cannot be written or read
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from lac_pipeline.printable import one_line, printable

_BELOW = "\n" + 10 * " "  # further lines of a part stand below its first


class LacError(Exception):
    """A failure described in four parts.

    Args:
        summary: what failed, in a sentence without a full stop.
        detail: what LinkedIn or PostgreSQL returned, with its code and request id; never a secret.
        meaning: what it means for the person who reads it.
        fix: the command or setting that resolves it.
    """

    exit_code: ClassVar[int] = 1
    """What `lac` exits with."""
    shared: ClassVar[bool] = False
    """Whether every other ad account would fail for the same reason."""

    def __init__(
        self, summary: str, *, detail: str | None = None, meaning: str | None = None, fix: str | None = None
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.meaning = meaning
        self.fix = fix

    def __str__(self) -> str:
        parts = (("detail:", self.detail), ("why:   ", self.meaning), ("fix:   ", self.fix))
        lines = (f"  {label} {printable(text)}".replace("\n", _BELOW) for label, text in parts if text)
        return "\n".join([one_line(self.summary), *lines])


class ConfigError(LacError):
    """A setting is missing or wrong."""

    shared = True


@dataclass(frozen=True, slots=True)
class SettingFault:
    """A setting that is missing or wrong: its name, why, and what to do."""

    name: str
    reason: str
    fix: str


class SettingsError(ConfigError):
    """Settings that are missing or wrong, all of them at once.

    Attributes:
        faults: each of them, with its own fix.
        common_fix: what fixes several of them; the last line of the fix.
    """

    def __init__(self, summary: str, *, faults: Sequence[SettingFault], fix: str | None = None) -> None:
        fixes = [*(fault.fix for fault in faults), *([fix] if fix else [])]
        super().__init__(summary, meaning="\n".join(fault.reason for fault in faults), fix="\n".join(fixes))
        self.faults = tuple(faults)
        self.common_fix = fix


class DateRangeError(LacError):
    """The requested days are in the wrong order, too old, or in the future."""

    exit_code = 2


class UnknownNameError(LacError):
    """A command was given a name that nothing bears: an ad account, an asset, a run."""

    exit_code = 2


class PartitionError(LacError):
    """A partition that does not exist, or a range that Dagster resolved to something else."""


class DefectError(LacError):
    """A fault of this program: an exception that should have been one of the others here."""


class LinkedInError(LacError):
    """LinkedIn refused, failed, or could not be reached."""


class RetryableError(LinkedInError):
    """A transient failure: the same request may succeed later."""

    def __init__(
        self,
        summary: str,
        *,
        detail: str | None = None,
        meaning: str | None = None,
        fix: str | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(summary, detail=detail, meaning=meaning, fix=fix)
        self.retry_after = retry_after


class UnreachableError(RetryableError):
    """No connection to LinkedIn can be made, so no other request would get through either."""

    shared = True


class QuotaSpentError(LinkedInError):
    """The day's quota is spent; `until` is the moment (UTC) from which LinkedIn accepts requests again."""

    def __init__(
        self,
        summary: str,
        *,
        until: datetime,
        detail: str | None = None,
        meaning: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(summary, detail=detail, meaning=meaning, fix=fix)
        self.until = until


class ReauthorizeError(LinkedInError):
    """The token is missing, expired beyond refresh, or revoked."""

    shared = True


class PermissionMissingError(LinkedInError):
    """The token lacks a scope, or the member lacks a role on the account."""


class NotFoundError(LinkedInError):
    """LinkedIn does not know the resource, or hides it from this token."""


class BadRequestError(LinkedInError):
    """LinkedIn calls the request wrong."""


class VersionSunsetError(LinkedInError):
    """The configured API version is not served any more."""

    shared = True


class UnexpectedPayloadError(LinkedInError):
    """A response whose form differs from LinkedIn's documentation."""


class IncompleteResponseError(LinkedInError):
    """A response at LinkedIn's element cap that cannot be split any further."""


class StorageError(LacError):
    """PostgreSQL or the raw archive failed."""


class DatabaseUnavailableError(StorageError):
    """PostgreSQL cannot be reached or refuses the login."""


class UnsuitableDatabaseError(StorageError):
    """The database cannot be ours: its encoding cannot hold the data, or its schema is another program's."""


class SchemaOutdatedError(StorageError):
    """The tables are missing or older than this code."""


class DatabaseBusyError(StorageError):
    """A lock or statement time-out."""


class QueryRefusedError(StorageError):
    """A query of an agent is no single SELECT, names what is not there, or takes too long."""


class EmbeddedServerError(StorageError):
    """The embedded PostgreSQL does not start or stop."""


class ArchiveError(StorageError):
    """The raw archive cannot be written or read."""


class ExportError(StorageError):
    """The files of an export cannot be written or read, or another export writes them."""


def error_class(name: str | None) -> type[LacError] | None:
    """Find the class of an error that was logged by the name of its class; None if it was none of these."""
    return next((kind for kind in _classes(LacError) if kind.__name__ == name), None)


def _classes(root: type[LacError]) -> Iterator[type[LacError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _classes(kind)
