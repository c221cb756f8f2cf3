"""`bin/nightly`: checks, the whole suite and every benchmark; figures are kept in .cache/nightly."""

import os
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
KEPT = CHECKOUT / ".cache" / "nightly"


def run(name: str, command: list[str]) -> bool:
    """Run one part with its output; say how it went and how long it took."""
    began = time.monotonic()
    print(f"→ {name}", flush=True)
    ended_well = subprocess.run(command, cwd=CHECKOUT, check=False).returncode == 0
    print(f"{'✓' if ended_well else '✗'} {name}  {time.monotonic() - began:.0f}s", flush=True)
    return ended_well


def main(arguments: list[str]) -> int:
    """Everything, or the benchmarks named; 1 when any part fails."""
    sys.path.insert(0, str(CHECKOUT))
    from bench.__main__ import names

    os.environ["SHUKE_NIGHTLY"] = "1"
    folder = KEPT / time.strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    python = sys.executable
    outcomes = []
    if not arguments:
        outcomes.append(run("check", [python, "bin/_check.py"]))
        outcomes.append(run("test", [python, "-m", "pytest", "-n", "2", "--dist", "loadscope"]))
    for name in arguments or names():
        figures = ["--json", str(folder / f"{name}.json")]
        outcomes.append(run(f"bench {name}", [python, "-m", "bench", name, *figures]))
    print(f"{sum(outcomes)}/{len(outcomes)} 项通过；数字在 {folder}", flush=True)
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
