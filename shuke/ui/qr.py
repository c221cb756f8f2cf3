"""QR codes of short texts as SVG: byte mode, error correction M, versions 1 to 10 (ISO/IEC 18004). Pure.

Enough for an address (213 bytes); a longer text raises ValueError. It is drawn inline, so that no script
and no second request is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

QUIET = 4
_PADS = (0xEC, 0x11)


@dataclass(frozen=True)
class _Version:
    """What a version holds: correction words a block, data words of each block, centres of alignment marks."""

    number: int
    correction: int
    blocks: tuple[int, ...]
    centres: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        return 17 + 4 * self.number

    @property
    def capacity(self) -> int:
        """Bytes of text: what is left of the data after mode and length."""
        return sum(self.blocks) - (2 if self.number < 10 else 3)


_VERSIONS = (
    _Version(1, 10, (16,)),
    _Version(2, 16, (28,), (6, 18)),
    _Version(3, 26, (44,), (6, 22)),
    _Version(4, 18, (32,) * 2, (6, 26)),
    _Version(5, 24, (43,) * 2, (6, 30)),
    _Version(6, 16, (27,) * 4, (6, 34)),
    _Version(7, 18, (31,) * 4, (6, 22, 38)),
    _Version(8, 22, (38, 38, 39, 39), (6, 24, 42)),
    _Version(9, 22, (36, 36, 36, 37, 37), (6, 26, 46)),
    _Version(10, 26, (43, 43, 43, 43, 44), (6, 28, 50)),
)
_MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)


def qr_path(text: str) -> tuple[int, str]:
    """The side of the picture in modules, quiet zone included, and the `d` of one SVG path that draws the dark ones."""
    rows = qr_modules(text)
    steps = "".join(
        f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _runs(row)
    )
    return len(rows) + 2 * QUIET, steps


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None


def qr_modules(text: str) -> list[list[bool]]:
    """The modules of the code, row by row, dark ones True. Raises ValueError for a text that is too long."""
    data = text.encode()
    version = next((one for one in _VERSIONS if one.capacity >= len(data)), None)
    if version is None:
        raise ValueError("too long for a QR code")
    bits = [word >> shift & 1 for word in _words(version, data) for shift in range(7, -1, -1)]
    drawn = [_drawn(version, bits, mask) for mask in range(len(_MASKS))]
    return min(drawn, key=_penalty)


# --- words ---


def _words(version: _Version, data: bytes) -> list[int]:
    """Data and correction words in the order in which they are drawn."""
    length = 8 if version.number < 10 else 16
    stream = f"{0b0100:04b}{len(data):0{length}b}" + "".join(f"{byte:08b}" for byte in data)
    room = sum(version.blocks) * 8
    stream += "0" * min(4, room - len(stream))
    stream += "0" * (-len(stream) % 8)
    words = [int(stream[at : at + 8], 2) for at in range(0, len(stream), 8)]
    words += [_PADS[n % 2] for n in range(sum(version.blocks) - len(words))]
    blocks, at = [], 0
    for size in version.blocks:
        blocks.append(words[at : at + size])
        at += size
    checks = [_correction(block, version.correction) for block in blocks]
    return [*_interleaved(blocks), *_interleaved(checks)]


def _interleaved(blocks: list[list[int]]) -> Iterator[int]:
    for place in range(max(map(len, blocks))):
        yield from (block[place] for block in blocks if place < len(block))


@cache
def _powers() -> tuple[list[int], list[int]]:
    """Powers of 2 in the field of 256, and their logarithms."""
    powers, logs, value = [0] * 512, [0] * 256, 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return powers, logs


def _times(one: int, other: int) -> int:
    powers, logs = _powers()
    return powers[logs[one] + logs[other]] if one and other else 0


@cache
def _generator(degree: int) -> list[int]:
    found = [1]
    for exponent in range(degree):
        factor = _powers()[0][exponent]
        longer = [*found, 0]
        for place, value in enumerate(found):
            longer[place + 1] ^= _times(value, factor)
        found = longer
    return found


def _correction(block: list[int], degree: int) -> list[int]:
    """The remainder of the block by the generator: its Reed–Solomon words."""
    rest = [*block, *[0] * degree]
    for place in range(len(block)):
        lead = rest[place]
        for offset, value in enumerate(_generator(degree)):
            rest[place + offset] ^= _times(value, lead)
    return rest[len(block) :]


# --- drawing ---


@dataclass
class _Grid:
    """Modules as far as they are drawn; what is not fixed is for the data."""

    size: int
    dark: list[list[bool]] = field(init=False)
    fixed: list[list[bool]] = field(init=False)

    def __post_init__(self) -> None:
        self.dark = [[False] * self.size for _row in range(self.size)]
        self.fixed = [[False] * self.size for _row in range(self.size)]

    def put(self, y: int, x: int, dark: object) -> None:
        if 0 <= y < self.size and 0 <= x < self.size:
            self.dark[y][x], self.fixed[y][x] = bool(dark), True


def _drawn(version: _Version, bits: list[int], mask: int) -> list[list[bool]]:
    grid = _Grid(version.size)
    _draw_marks(grid, version)
    _draw_format(grid, mask)
    if version.number >= 7:
        _draw_version(grid, version.number)
    stream = iter(bits)
    for y, x in _path(grid):
        grid.dark[y][x] = bool(next(stream, 0)) ^ _MASKS[mask](y, x)
    return grid.dark


def _draw_marks(grid: _Grid, version: _Version) -> None:
    end = grid.size - 7
    for top, left in ((0, 0), (0, end), (end, 0)):
        for y in range(-1, 8):
            for x in range(-1, 8):
                ring = max(abs(y - 3), abs(x - 3))
                grid.put(top + y, left + x, ring != 2 and ring <= 3)
    for at in range(8, grid.size - 8):
        grid.put(6, at, at % 2 == 0)
        grid.put(at, 6, at % 2 == 0)
    corners = {(6, 6), (6, end), (end, 6)}
    for y in version.centres:
        for x in version.centres:
            if (y, x) not in corners:
                _draw_alignment(grid, y, x)


def _draw_alignment(grid: _Grid, y: int, x: int) -> None:
    for down in range(-2, 3):
        for right in range(-2, 3):
            grid.put(y + down, x + right, max(abs(down), abs(right)) != 1)


def _remainder(value: int, degree: int, generator: int) -> int:
    rest = value << degree
    while rest.bit_length() > degree:
        rest ^= generator << rest.bit_length() - degree - 1
    return value << degree | rest


def _draw_format(grid: _Grid, mask: int) -> None:
    """Correction level M (00) and the mask, twice; and the module that is always dark."""
    bits = _remainder(mask, 10, 0b10100110111) ^ 0b101010000010010
    last = grid.size - 1
    for n in range(15):
        dark = bits >> n & 1
        column = n if n < 6 else n + 1 if n < 8 else grid.size - 15 + n
        row = last - n if n < 8 else 7 if n == 8 else 14 - n
        grid.put(column, 8, dark)
        grid.put(8, row, dark)
    grid.put(grid.size - 8, 8, dark=True)


def _draw_version(grid: _Grid, number: int) -> None:
    bits = _remainder(number, 12, 0b1111100100101)
    for n in range(18):
        far, near = grid.size - 11 + n % 3, n // 3
        grid.put(far, near, bits >> n & 1)
        grid.put(near, far, bits >> n & 1)


def _path(grid: _Grid) -> Iterator[tuple[int, int]]:
    """The free modules from the lower right corner, two columns at a time, up and down."""
    right, goes_up = grid.size - 1, True
    while right > 0:
        right -= right == 6
        for step in range(grid.size):
            y = grid.size - 1 - step if goes_up else step
            for x in (right, right - 1):
                if not grid.fixed[y][x]:
                    yield y, x
        right, goes_up = right - 2, not goes_up


def _penalty(rows: list[list[bool]]) -> int:
    """How hard a drawing is to read: long runs, blocks, what looks like a corner mark, too much of one colour."""
    total = 0
    for lines in (rows, [list(column) for column in zip(*rows, strict=True)]):
        for line in lines:
            text = "".join("1" if dark else "0" for dark in line)
            total += sum(len(run) - 2 for run in _equal_runs(text) if len(run) >= 5)
            total += 40 * sum(
                text[at : at + 11] in ("10111010000", "00001011101") for at in range(len(text) - 10)
            )
    size = len(rows)
    total += 3 * sum(
        rows[y][x] == rows[y][x + 1] == rows[y + 1][x] == rows[y + 1][x + 1]
        for y in range(size - 1)
        for x in range(size - 1)
    )
    share = 100 * sum(map(sum, rows)) / size**2
    return total + 10 * int(abs(share - 50) / 5)


def _equal_runs(text: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or text[at] != text[start]:
            yield text[start:at]
            start = at
