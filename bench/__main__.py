"""`bin/bench NAME [--json FILE]`."""

import sys
from importlib import import_module
from pathlib import Path

NOT_BENCHMARKS = {"__init__", "__main__", "report"}


def names() -> list[str]:
    """Every benchmark there is."""
    folder = Path(__file__).parent
    found = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    return sorted(name for name in found - NOT_BENCHMARKS if not name.startswith("_"))


def main(argv: list[str]) -> int:
    """Run the named benchmark; its exit code says whether every bar was met."""
    if not argv or argv[0] not in names():
        print(f"用法 / Usage: bin/bench NAME [--json FILE]\n  {' '.join(names()) or '(none yet)'}")
        return 0 if argv in ([], ["--help"], ["-h"]) else 2
    return int(import_module(f"bench.{argv[0]}").main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
