"""`bin/check`: everything that can be known without running the product. Each step is told with its time."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
TYPED = ("rules", "services", "queries", "events", "ports")
TYPED_ROOMS = ("analytics", "zh", "kernel", "config")


@dataclass(frozen=True)
class Step:
    """One check: what it is called and the command that fails when something is wrong."""

    name: str
    command: list[str]


def typed_paths() -> list[str]:
    """What mypy reads strictly; everything else is read through its imports."""
    rooms = [path for path in (CHECKOUT / "shuke").iterdir() if (path / "__init__.py").exists()]
    found = [room for room in rooms if room.name in TYPED_ROOMS]
    for room in set(rooms) - set(found):
        found += [room / f"{part}.py" for part in TYPED] + [room / part for part in TYPED]
    return sorted(str(path.relative_to(CHECKOUT)) for path in found if path.exists())


def steps() -> list[Step]:
    """Every check there is."""
    python = sys.executable
    manage = [python, "manage.py"]
    found = [
        Step("类型 mypy --strict", [python, "-m", "mypy", *typed_paths()]),
        Step("代码 ruff check", [python, "-m", "ruff", "check", "."]),
        Step("格式 ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        Step(
            "分层 import-linter",
            [python, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        ),
        Step("迁移 makemigrations --check", [*manage, "makemigrations", "--check", "--dry-run"]),
        Step("配置 manage.py check", [*manage, "check", "--fail-level", "WARNING"]),
        Step("模板 templates", [python, "bin/_templates.py"]),
        Step("用语 wording", [python, "bin/_wording.py"]),
    ]
    if any((CHECKOUT / "shuke" / "config").glob("translations*")):
        found.append(Step("翻译 translations", [python, "-m", "shuke.config.translations", "check"]))
    return found


def run(step: Step) -> bool:
    """Run one step; print its words only when it fails."""
    began = time.monotonic()
    environment = os.environ | {
        "SHUKE_DATA": str(CHECKOUT / ".cache" / "check-data"),
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUTF8": "1",
    }
    environment.pop("DATABASE_URL", None)
    result = subprocess.run(
        step.command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    sign = "✓" if result.returncode == 0 else "✗"
    print(f"{sign} {step.name}  {time.monotonic() - began:.1f}s", flush=True)
    if result.returncode != 0:
        print((result.stdout + result.stderr).rstrip()[:6000], flush=True)
    return result.returncode == 0


def main(arguments: list[str]) -> int:
    """Run all steps, or those whose names contain a word given; 1 when any fails."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    wanted = [step for step in steps() if not arguments or any(word in step.name for word in arguments)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(run, wanted))
    print(f"{sum(outcomes)}/{len(outcomes)} 项通过", flush=True)
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
