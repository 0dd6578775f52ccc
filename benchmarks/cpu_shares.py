"""What a command's CPU goes to: `python -m benchmarks.cpu_shares FILE MODULE [ARGUMENT ...]`.

Runs a module as `python -m` does, samples its main thread by the process's CPU time (not by the clock, so that a busy
machine and a wait change nothing), and writes a JSON object to the file: CPU seconds, peak memory in MB, and the share
of each purpose. A sample belongs to the first purpose below that any frame of its stack serves.
"""

from __future__ import annotations

import json
import resource
import runpy
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType

INTERVAL = 0.004  # CPU seconds between samples
OTHER = "other"
PURPOSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("imports", ("<frozen importlib",)),
    ("plots, previews, metadata", ("/defs/metadata.py", "/reporting/")),
    ("checks", ("/defs/checks/", "/defs/assets/left_behind.py")),
    ("COPY", ("/load/spool.py", "/postgres/copy_text.py", "/load/staging.py")),
    ("upsert and logs", ("/warehouse/load/",)),
    ("decode", ("/lac_pipeline/models/", "/linkedin/analytics/decoded_rows.py", "/linkedin/bodies.py")),
    ("archive", ("/lac_pipeline/archive/",)),
    ("HTTP", ("/lac_pipeline/linkedin/", "/httpx/", "/httpcore/", "/h11/")),
    ("warehouse queries", ("/lac_pipeline/warehouse/",)),
    ("Dagster's storage", ("/dagster/_core/storage/", "/dagster_postgres/")),
    ("definitions", ("/lac_pipeline/definitions.py",)),
    ("settings", ("/lac_pipeline/settings.py",)),
    ("Dagster", ("/dagster/", "/dagster_shared/")),
    ("databases, schema", ("/commands/stack/", "/lac_pipeline/postgres/")),
)
"""Each purpose with parts of the paths of the files that serve it."""


def purpose_of(frame: FrameType | None) -> str:
    """The first purpose that the stack of a frame serves."""
    place = len(PURPOSES)
    while frame is not None:
        place = min(place, _place_of(frame.f_code.co_filename))
        frame = frame.f_back
    return OTHER if place == len(PURPOSES) else PURPOSES[place][0]


@cache
def _place_of(file: str) -> int:
    """The first purpose that a file serves; what is behind the last one where there is none."""
    served = (place for place, (_, parts) in enumerate(PURPOSES) if any(part in file for part in parts))
    return next(served, len(PURPOSES))


class Sampler:
    """Adds up the CPU seconds of each purpose while the program runs."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._before = time.process_time()

    def start(self) -> None:
        """Begin; a long call into C ends before its sample is taken, and counts as a whole."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        now = time.process_time()
        self.seconds[purpose_of(frame)] += now - self._before  # type: ignore[assignment]
        self._before = now

    def stop(self) -> None:
        """End; what is left counts as other."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        self.seconds[OTHER] += time.process_time() - self._before  # type: ignore[assignment]


def peak_megabytes() -> float:
    """The most memory that this program has used; `ru_maxrss` includes what was before it in its place."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


@contextmanager
def sampled(file: Path) -> Iterator[None]:
    """Write what the process takes within the context, or took before it, to the file."""
    sampler = Sampler()
    sampler.start()
    try:
        yield
    finally:
        sampler.stop()
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = sum(usage.ru_utime + usage.ru_stime for usage in (own, children))
        taken = {"cpu": cpu, "megabytes": peak_megabytes(), "shares": dict(sampler.seconds)}
        file.write_text(json.dumps(taken))


def main() -> None:
    """Run the module and write what it took."""
    file, module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    with sampled(Path(file)):
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
