"""What kind of file this is, by its content; names lie."""

from pathlib import Path

HEAD_BYTES = 256 * 1024

_IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM6", b"II*\x00", b"MM\x00*", b"RIFF")
_ARCHIVES = (b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_PROGRAMS = (b"\x7fELF", b"MZ\x90", b"\xca\xfe\xba\xbe", b"SQLite format 3", b"#!/")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Unusable(ValueError):
    """A file that cannot be imported; `code` says why (see imports.wording)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_head(path: Path, size: int = HEAD_BYTES) -> bytes:
    """The first bytes of a file."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except FileNotFoundError as error:
        raise Unusable("gone") from error


def kind_of(path: Path) -> str:
    """ "xlsx", "parquet" or "text". Raises Unusable for anything else, saying what it is."""
    head = read_head(path)
    if not head:
        raise Unusable("empty")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    _refuse_by_magic(head)
    if not head.strip(b"\x00"):
        raise Unusable("only_zeros")
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise Unusable("html")
    return "text"


def _refuse_by_magic(head: bytes) -> None:
    if head.startswith(_OLD_OFFICE):
        raise Unusable("old_excel")
    if head.startswith(b"%PDF"):
        raise Unusable("pdf")
    if head.startswith(_IMAGES):
        raise Unusable("image")
    if head.startswith(_ARCHIVES):
        raise Unusable("archive")
    if head.startswith(_PROGRAMS):
        raise Unusable("program")
