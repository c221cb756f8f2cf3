"""The token sheet keeps its promises: contrast, and chart colours that colour-blind readers can tell apart."""

import math
import re
from itertools import combinations
from pathlib import Path

import pytest

SHEET = Path(__file__).resolve().parents[3] / "frontend" / "src" / "css" / "tokens.css"
SIGHTS = {
    "everyone": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}  # Machado, Oliveira and Fernandes 2009, severity 1
TEXT_ON_PAPER = [
    (text, ground)
    for text in ("ink", "ink-2", "ink-3", "accent", "rise", "fall", "warn", "wrong", "good")
    for ground in ("paper", "sheet")
]
TEXT_ON_TINT = [
    ("ink", "sunk"), ("ink-2", "sunk"), ("accent", "accent-soft"), ("warn", "warn-soft"), ("wrong", "wrong-soft"),
    ("good", "good-soft"), ("on-accent", "accent"), ("paper", "ink"),
]  # fmt: skip
SHAPES = [("field-line", "sheet"), ("focus", "paper"), *[(f"chart-{n}", "sheet") for n in range(1, 9)]]

pytestmark = pytest.mark.skipif(
    not SHEET.exists(), reason="the sources of the front end are not part of the wheel"
)


def _tokens(theme: str) -> dict[str, str]:
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", SHEET.read_text())
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", blocks[0][1]))
    if theme != "light":
        marker = '[data-theme="dark"] ' if theme == "dark" else ":not("
        dark = next(body for selector, body in blocks if marker in selector)
        found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", dark))
    return found


def _linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _lab(rgb: list[float]) -> tuple[float, float, float]:
    red, green, blue = (min(max(part, 0.0), 1.0) for part in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("theme", ["light", "dark", "by system"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_PAPER + TEXT_ON_TINT)
def test_text_has_the_contrast_of_wcag_aa(theme: str, text: str, ground: str) -> None:
    tokens = _tokens(theme)
    assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark", "by system"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_have_the_contrast_of_wcag_aa(theme: str, shape: str, ground: str) -> None:
    tokens = _tokens(theme)
    assert contrast(tokens[shape], tokens[ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_chart_hues_can_be_told_apart(theme: str, sight: str) -> None:
    tokens = _tokens(theme)
    seen = []
    for n in range(1, 9):
        linear = _linear(tokens[f"chart-{n}"])
        seen.append(_lab([sum(a * b for a, b in zip(row, linear, strict=True)) for row in SIGHTS[sight]]))
    assert min(math.dist(one, other) for one, other in combinations(seen, 2)) >= 15
