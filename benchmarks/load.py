"""How fast rows are loaded, as ratios within one run; every number is the median of its rounds.

Run it with `python -m benchmarks.load`; `--million` adds a million rows, some minutes. The floor is a plain COPY of the
same rows, encoded already, into the same empty table with its indexes. The promise: a first load takes at most 3.5
times the floor, a re-load with none or 5 % of the rows changed at most 3, with all of them changed at most 5. What is
"logged" changes days older than two days, each changed value of which becomes a row of `metric_restatements` as well.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx
from sqlalchemy import Engine, func, select

from benchmarks.freshness import GATE_LIMIT, freshness_seconds
from benchmarks.rivals import RIVALS, empty, plain_copy
from benchmarks.workload import ACCOUNT, ASSET, COLUMNS, METRICS, Rows, load, scratch_server, scratch_warehouse
from lac_pipeline.linkedin.bodies import parse
from lac_pipeline.models.validation import validator_of
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.streams.daily_metrics import CREATIVE_DAILY
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.warehouse import Warehouse

ROUNDS = 5
FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)  # all days are still to come, so no change is a restatement
LIMITS = {"first": 3.5, "0 % changed": 3.0, "5 % changed": 3.0, "100 % changed": 5.0, "5 % changed, logged": 3.0}
OF_COPY = 0.25
"""From bytes to committed rows at least a quarter of the rows that COPY alone makes in a second of processor time."""
RIVALS_ROWS = 2_000
STEPS_ROWS = 90_000  # six of LinkedIn's pages
MEMORY_ROWS = 1_000_000
MEMORY_LIMIT = 700  # MiB


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ratios(engine: Engine, count: int) -> dict[str, list[float]]:
    """Time the floor and each kind of load of so many rows, in turns; the floor comes under the name `COPY`."""
    young, settled = Warehouse(engine, clock=lambda: FIRST_MOMENT), Warehouse(engine)
    old, some, every = (Rows(count, changed).spool() for changed in (0.0, 0.05, 1.0))
    loads = {
        "first": (young, old),
        "0 % changed": (young, old),
        "5 % changed": (young, some),
        "100 % changed": (young, every),
    }
    if count < MEMORY_ROWS:
        loads |= {"100 % changed, logged": (settled, old), "5 % changed, logged": (settled, some)}
    taken: dict[str, list[float]] = {"COPY": [], **{name: [] for name in loads}}
    for _ in range(ROUNDS):
        empty(engine)
        taken["COPY"].append(seconds(lambda: plain_copy(engine, old)))
        empty(engine)
        for name, (warehouse, spool) in loads.items():
            taken[name].append(seconds(lambda to=warehouse, spool=spool: load(to, spool)))  # type: ignore[misc]
    return taken


def print_ratios(count: int, taken: dict[str, list[float]]) -> bool:
    """Print a line for each kind of load; False when one breaks its promise."""
    kept = True
    for name, rounds in taken.items():
        ratio = median(seconds / floor for seconds, floor in zip(rounds, taken["COPY"], strict=True))
        limit = LIMITS.get(name)
        kept = kept and (limit is None or ratio <= limit)
        promised = "" if limit is None else f"{limit:.1f}"
        each = median(rounds)
        print(
            f"| {count:,} | {name} | {each:.3f} | {count / each:,.0f} | {1e6 * each / count:.1f} | {ratio:.2f} "
            f"| {promised} |",
            flush=True,
        )
    return kept


def rivals(engine: Engine) -> None:
    """Print how long others take for a few rows, first load and re-load of the same."""
    warehouse, rows = Warehouse(engine), Rows(RIVALS_ROWS)
    spool = rows.spool()
    works: dict[str, Callable[[], object]] = {
        "this project": lambda: load(warehouse, spool),
        **{name: lambda rival=rival: rival(engine, rows) for name, rival in RIVALS.items()},  # type: ignore[misc]
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            empty(engine)
            taken[name].append((seconds(work), seconds(work)))
    ours = [median(rounds) for rounds in zip(*taken["this project"], strict=True)]
    for name, pairs in taken.items():
        first, again = (median(rounds) for rounds in zip(*pairs, strict=True))
        print(f"| {name} | {first:.3f} | {first / ours[0]:.1f} | {again:.3f} | {again / ours[1]:.1f} |")


def steps(engine: Engine, pages: Sequence[bytes]) -> dict[str, float]:
    """Time each step from LinkedIn's bytes to committed rows."""
    validator = validator_of(CREATIVE_DAILY, ACCOUNT, metrics=METRICS)
    decoder = validator.decoder
    assert decoder is not None
    with CopySpool(validator.columns) as spool:
        begun = time.perf_counter()
        for page in pages:
            decoded = decoder.decode(page)
            assert decoded is not None
            spool.write(decoder.lines(decoded).text, rows=len(decoded))
        decoding = time.perf_counter() - begun
        loaded = seconds(lambda: load(Warehouse(engine), spool))
    return {"decode to COPY text": decoding, "load and commit": loaded}


def slow_steps() -> dict[str, float]:
    """Time the way of a response that is looked at record by record, to COPY text."""
    validator = validator_of(CREATIVE_DAILY, ACCOUNT, metrics=METRICS)
    taken = dict.fromkeys(("parse JSON", "validate", "encode"), 0.0)
    with CopySpool(validator.columns) as spool:
        for page in Rows(STEPS_ROWS).pages():
            moments = [time.perf_counter()]
            elements = parse(httpx.Response(200, content=page), subject="the benchmark")["elements"]
            moments.append(time.perf_counter())
            validated = validator.validate(elements)
            moments.append(time.perf_counter())
            spool.extend(validated.rows)
            moments.append(time.perf_counter())
            for name, start, end in zip(taken, moments, moments[1:], strict=False):
                taken[name] += end - start
    return taken


def print_steps(taken: dict[str, float]) -> None:
    """Print the share of each step."""
    whole = sum(taken.values())
    for name, part in taken.items():
        print(f"| {name} | {part:.3f} | {part / whole:.0%} |")
    print(f"| in all | {whole:.3f} | {STEPS_ROWS / whole:,.0f} rows/s |", flush=True)


def processor_seconds(engine: Engine, work: Callable[[], object]) -> float:
    """Time one call in seconds of processor time, here and in the server: a busy machine only makes it wait longer."""
    server, begun = _of_backend(engine), time.process_time()
    work()
    return time.process_time() - begun + _of_backend(engine) - server


def _of_backend(engine: Engine) -> float:
    """The processor time of the only session that the engine has open, which each of its connections gets."""
    with engine.connect() as connection:
        pid = connection.scalar(select(func.pg_backend_pid()))
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def print_bytes_to_rows(engine: Engine) -> float:
    """Print the way from bytes to rows beside COPY alone and the slow way; return its speed as a share of COPY's."""
    spool, pages = Rows(STEPS_ROWS).spool(), list(Rows(STEPS_ROWS).pages())
    copied, loaded = [], []
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        empty(engine)
        copied.append(processor_seconds(engine, lambda: plain_copy(engine, spool)))
        empty(engine)
        loaded.append(processor_seconds(engine, lambda: rounds.append(steps(engine, pages))))
    fastest = min(rounds, key=lambda taken: sum(taken.values()))
    print(f"\nA row waits as {len(b''.join(spool.chunks())) / spool.rows:.0f} bytes of COPY text.")
    print(f"\n| {STEPS_ROWS:,} rows from LinkedIn's bytes | seconds | share |\n|---|---|---|")
    print_steps(fastest)
    print("\n| record by record, to COPY text | seconds | share |\n|---|---|---|")
    print_steps(slow_steps())
    for name, taken in {"bytes to committed rows": loaded, "COPY alone": copied}.items():
        print(f"{name}: {STEPS_ROWS / median(taken):,.0f} rows a second of processor time, client and server")
    return median(copied) / median(loaded)


def _load_streamed(url: str, peaks_read: multiprocessing.Queue[int]) -> None:
    engine = make_engine(url)
    load(Warehouse(engine), Rows(MEMORY_ROWS).spool())
    engine.dispose()
    peaks_read.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def peak_memory(url: str) -> int:
    """Load a million rows in a process of their own; return its peak in MiB."""
    context = multiprocessing.get_context("spawn")
    peaks_read: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=_load_streamed, args=(url, peaks_read))
    process.start()
    try:
        return peaks_read.get(timeout=1800)
    finally:
        process.join()


def measure(server: EmbeddedServer, sizes: list[int]) -> bool:
    """Measure everything; False when a promise is broken."""
    with scratch_warehouse(server, "bench") as engine:
        print(f"{len(COLUMNS)} columns of {ASSET}, medians of {ROUNDS} rounds\n")
        print("| rows | load | seconds | rows/s | us/row | times COPY | promised |\n|---|---|---|---|---|---|---|")
        promises = [print_ratios(size, ratios(engine, size)) for size in sizes]
        print(f"\n| {RIVALS_ROWS:,} rows | first load, s | times ours | again, s | times ours |\n|---|---|---|---|---|")
        rivals(engine)
        promises.append(print_bytes_to_rows(engine) >= OF_COPY)
        gate = freshness_seconds(engine, rounds=ROUNDS)
        print(f"\nfreshness of 1,000 accounts over 100,000 sync_log rows: {1000 * gate:.0f} ms (promised: 30)")
        if max(sizes) >= MEMORY_ROWS:
            empty(engine)
            peak = peak_memory(server.url("bench"))
            print(f"peak memory of a process that loads {MEMORY_ROWS:,} rows: {peak} MiB (promised: {MEMORY_LIMIT})")
            promises.append(peak <= MEMORY_LIMIT)
    return all((*promises, gate <= GATE_LIMIT))


def main() -> int:
    """Print the tables; exit 1 if a promise is broken."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--million", action="store_true", help="load a million rows too, and watch the memory")
    sizes = [10_000, 100_000, *([MEMORY_ROWS] if arguments.parse_args().million else [])]
    with scratch_server() as server:
        return 0 if measure(server, sizes) else 1


if __name__ == "__main__":
    sys.exit(main())
