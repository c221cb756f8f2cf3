"""Which encoding a text file has, found by looking; and the same text as UTF-8."""

import codecs
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from shuke.imports.reading.kinds import Unusable

BLOCK = 4 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMON_CHINESE = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们到作地于出就分对成会可主发年月日号单订时间金额数量商品名称客户姓手机会员店实付价格编状态支付退款渠道"
)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _is_utf8(path: Path) -> bool:
    """As `_decodes` as UTF-8, line by line and without making text of it."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            end = block.rfind(b"\n") + 1 if len(block) == BLOCK else len(block)
            if end == 0:
                return _decodes(path, "utf-8")
            if not _is_utf8_text(memoryview(block)[:end]):
                return False
            file.seek(end - len(block), 1)
    return True


def _is_utf8_text(text: memoryview) -> bool:
    ends = pa.py_buffer(np.array([0, len(text)], dtype=np.int64))
    cell = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(text)])
    try:
        cell.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def encoding_of(path: Path, head: bytes) -> str:
    """The encoding: BOM, else UTF-16 by its zero bytes, else strict UTF-8, else GB18030. Raises Unusable("binary")."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    guess = _wide(head)
    if guess:
        return guess
    if _looks_binary(head):
        raise Unusable("binary")
    if _is_utf8(path):
        return "utf-8"
    return _old_encoding(path, head)


def _old_encoding(path: Path, head: bytes) -> str:
    for encoding in ("gb18030", "big5"):
        if _reads_like_chinese(head, encoding) and _decodes(path, encoding):
            return encoding
    if _decodes(path, "gb18030"):
        return "gb18030"
    # One broken byte in a big file must not cost the file: the better fit, with marks where it broke.
    broken = {name: head.decode(name, "replace").count("\ufffd") for name in ("utf-8", "gb18030")}
    best = min(broken, key=lambda name: broken[name])
    if broken[best] > max(8, len(head) // 50):
        raise Unusable("binary")
    return best


def _reads_like_chinese(head: bytes, encoding: str) -> bool:
    text = head.decode(encoding, "ignore")
    han = [character for character in text if "\u4e00" <= character <= "\u9fff"]
    if not han:
        return False
    return sum(character in _COMMON_CHINESE for character in han) / len(han) > 0.02


def _wide(head: bytes) -> str:
    """UTF-16 without BOM: every ASCII character brings a zero byte on one side; line ends show which."""
    sample = head[: len(head) // 2 * 2]
    if len(sample) < 4:
        return ""
    pairs = np.frombuffer(sample, dtype="<u2")
    newlines = {
        "utf-16-le": int((pairs == ord("\n")).sum()),
        "utf-16-be": int((pairs == ord("\n") << 8).sum()),
    }
    best = max(newlines, key=lambda name: newlines[name])
    zeros = sample.count(0)
    if newlines[best] == 0 or zeros < len(sample) // 40:
        return ""
    text = sample.decode(best, "replace")
    odd = sum(character in "\x00\ufffd" or "\ue000" <= character <= "\uf8ff" for character in text)
    return best if odd * 50 < len(text) else ""


def _looks_binary(head: bytes) -> bool:
    control = sum(head.count(bytes([code])) for code in range(32) if code not in (0, 9, 10, 11, 12, 13, 27))
    return control > max(16, len(head) // 100) or head.count(0) > len(head) // 10


def write_utf8(path: Path, encoding: str, target: Path) -> None:
    """The same text as UTF-8 without BOM, streamed. A broken byte becomes \ufffd."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with target.open("wb") as out:
        is_first = True
        for block in _blocks(path):
            text = decoder.decode(block)
            if is_first:
                text, is_first = text.removeprefix("\ufeff"), False
            out.write(text.encode("utf-8", "replace"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
