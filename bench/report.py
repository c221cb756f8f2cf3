"""The figures of a benchmark: a table with the bar beside each figure, and JSON."""

import json
import os
import platform
import unicodedata
from dataclasses import asdict, dataclass, field
from pathlib import Path

Value = float | int | str


@dataclass(frozen=True)
class Figure:
    """One measured value; `bar` is what it must meet in words (empty: only reported), `ok` whether it does."""

    name: str
    value: Value
    unit: str = ""
    bar: str = ""
    ok: bool = True


@dataclass
class Report:
    """Collects figures; `finish` prints them, writes JSON, and gives the exit code."""

    title: str
    figures: list[Figure] = field(default_factory=list)

    def at_most(self, name: str, value: float, bar: float, unit: str = "") -> None:
        """A figure that must not be above its bar."""
        self.figures.append(Figure(name, round(value, 4), unit, f"≤ {bar:g}", value <= bar))

    def at_least(self, name: str, value: float, bar: float, unit: str = "") -> None:
        """A figure that must not be below its bar."""
        self.figures.append(Figure(name, round(value, 4), unit, f"≥ {bar:g}", value >= bar))

    def note(self, name: str, value: Value, unit: str = "") -> None:
        """A figure without a bar."""
        shown = round(value, 4) if isinstance(value, float) else value
        self.figures.append(Figure(name, shown, unit))

    def finish(self, argv: list[str]) -> int:
        """Print the table; with `--json FILE` in argv also write that file. 0 when every bar is met, else 1."""
        print(self.table(), flush=True)
        if "--json" in argv:
            document = {"figures": [asdict(figure) for figure in self.figures]}
            Path(argv[argv.index("--json") + 1]).write_text(
                json.dumps(document, ensure_ascii=False, indent=1)
            )
        return 0 if all(figure.ok for figure in self.figures) else 1

    def table(self) -> str:
        """The figures in columns that also line up in Chinese."""
        rows = [("", "figure", "value", "unit", "bar")]
        rows += [
            (
                "✓" if figure.ok and figure.bar else "" if figure.ok else "✗",
                figure.name,
                f"{figure.value:,}" if not isinstance(figure.value, str) else figure.value,
                figure.unit,
                figure.bar,
            )
            for figure in self.figures
        ]
        widths = [max(_width(row[column]) for row in rows) for column in range(5)]
        lines = [
            "  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows
        ]
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        return "\n".join([f"{self.title} ({machine})", *(line.rstrip() for line in lines)])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
