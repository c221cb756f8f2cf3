"""`bin/bench value_engine`: ten million orders to everybody's values, what is written back, and one order at once.

`--quick` stops at a million orders. Peers run in an environment of their own under .cache.
"""

import json
import os
import resource
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from bench import _engine_rows
from bench._engine_cold import seconds_of_run
from bench._engine_shop import AS_OF, facts_of
from bench.report import Report

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / ".cache" / "bench-facts"
PEER = CHECKOUT / ".cache" / "bench-lifetimes"
COLD_SECONDS, TIMES_LIFETIMES = 8.0, 12.0
PEER_NEEDS = ("lifetimes==0.11.3", "pandas<3", "numpy<2", "scipy<1.14")


def main(argv: list[str]) -> int:
    """Run all parts and print them against their bars."""
    report = Report("Value engine")
    most = 1_000_000 if "--quick" in argv else 10_000_000
    sizes = [size for size in (100_000, 1_000_000, 10_000_000) if size <= most]
    for size in sizes:
        facts_of(size, CACHE)
    _cold(report, most)
    warm = _growth(report, sizes)
    _beside_lifetimes(report, most, warm[most])
    report.note("memory of the largest run", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
    _engine_rows.measure(report, customers=most // 10)
    return report.finish(argv)


def _cold(report: Report, orders: int) -> None:
    command = [sys.executable, "-m", "bench._engine_cold", str(CACHE), str(orders)]
    found = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True, cwd=CHECKOUT).stdout
    )
    report.at_most(
        f"{orders:,} orders → all scored, cold", found["imports"] + found["all"], COLD_SECONDS, "s"
    )
    for step in ("imports", "read and net", "choose", "learn", "score", "processor"):
        report.note(f"  {step}", found[step], "s")


def _growth(report: Report, sizes: list[int]) -> dict[int, float]:
    warm = {}
    for size in sizes:
        rounds = [seconds_of_run(CACHE, size)["all"] for _ in range(3 if size <= 1_000_000 else 2)]
        warm[size] = min(rounds)
        report.note(f"{size:,} orders, warm", warm[size], "s")
    for small, large in pairwise(sizes):
        report.at_most(f"growth {small:,} → {large:,}", warm[large] / warm[small], large / small, "×")
    return warm


def _beside_lifetimes(report: Report, orders: int, warm: float) -> None:
    """The same orders (returns left out: the package knows none) by the package, warm: its imports are not counted."""
    store, manifest = facts_of(orders, CACHE)
    path = CACHE / f"lifetimes-{orders}.npz"  # plain arrays: its old NumPy goes with no new pyarrow
    if not path.exists():
        columns = ("customer", "day", "sold_fen")
        rows = store.read(manifest, list(columns))
        sold = rows["sold_fen"].to_numpy() > 0
        np.savez(path, **{name: rows[name].to_numpy()[sold] for name in columns})
    job = CHECKOUT / "bench" / "_lifetimes_job.py"
    command = [str(_peer_python()), str(job), str(path), str(AS_OF)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    total = sum(found["seconds"].values())
    for step, seconds in found["seconds"].items():
        report.note(f"  lifetimes: {step}", seconds, "s")
    report.at_least("lifetimes / warm run", total / warm, TIMES_LIFETIMES, "×")


def _peer_python() -> Path:
    python = PEER / "bin" / "python"
    if not (PEER / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", PEER], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEER_NEEDS], check=True)
        (PEER / "ready").write_text("")
    return python


if __name__ == "__main__":
    began = time.perf_counter()
    sys.exit(main(sys.argv[1:]))
