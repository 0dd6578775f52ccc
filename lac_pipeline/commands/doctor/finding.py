"""What an examination found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lac_pipeline.errors import LacError

State = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what was looked at.
        state: `failed` makes `lac doctor` exit 1; `skipped` could not be looked at because of another failure.
        found: what it is, or what is wrong with it; never a secret.
        fix: the command or setting that fixes it.
        is_default: whether it is a setting that was left as it is.
    """

    subject: str
    state: State
    found: str
    fix: str | None = None
    is_default: bool = False

    def as_dict(self) -> dict[str, str | None]:
        """The finding as JSON has it."""
        return {"subject": self.subject, "state": self.state, "found": self.found, "fix": self.fix}


Examination = Callable[[], Iterable[Finding]]


def examined(subject: str, examination: Examination) -> Iterator[Finding]:
    """Look at one thing; whatever goes wrong is a finding, so that the next thing is looked at too."""
    try:
        yield from examination()
    except LacError as error:
        found = "; ".join(part for part in (error.summary, error.detail, error.meaning) if part)
        yield Finding(subject, "failed", found, error.fix)
    except Exception as error:  # noqa: BLE001 - a broken installation can raise anything, and that is the finding
        yield Finding(subject, "failed", f"{type(error).__name__}: {error}", "report it, with `lac --debug doctor`")
