"""What a file really is, by its content; its name and what a browser says about it are only words. Pure."""

import zipfile
from dataclasses import dataclass
from typing import BinaryIO

HEAD = 4096
MOST_BYTES = 20 * 1024 * 1024
MOST_ENTRIES = 2_000


@dataclass(frozen=True)
class FileKind:
    """A kind of file that may be kept with a customer."""

    code: str
    endings: tuple[str, ...]
    icon: str


KINDS = {
    kind.code: kind
    for kind in (
        FileKind("jpeg", ("jpg", "jpeg"), "photo"),
        FileKind("png", ("png",), "photo"),
        FileKind("gif", ("gif",), "photo"),
        FileKind("webp", ("webp",), "photo"),
        FileKind("heic", ("heic", "heif"), "photo"),
        FileKind("pdf", ("pdf",), "file-text"),
        FileKind("docx", ("docx",), "file-text"),
        FileKind("xlsx", ("xlsx",), "file-spreadsheet"),
        FileKind("pptx", ("pptx",), "file-text"),
        FileKind("ole", ("doc", "xls", "ppt", "wps", "et"), "file-text"),
        FileKind("text", ("txt", "csv", "md"), "file-text"),
        FileKind("mp3", ("mp3",), "file-music"),
        FileKind("amr", ("amr",), "file-music"),
        FileKind("wav", ("wav",), "file-music"),
        FileKind("mp4", ("mp4", "m4a", "mov"), "video"),
    )
}
_STARTS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
    (b"\xff\xf3", "mp3"),
    (b"#!AMR", "amr"),
)
_OFFICE = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_MARKUP = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?xml", b"<?php", b"#!/", b"<body", b"<iframe")


def sniff(file: BinaryIO) -> FileKind | None:
    """The kind of a file by its content; None for everything that may not be kept (programs, pages, archives)."""
    file.seek(0)
    head = file.read(HEAD)
    for start, code in _STARTS:
        if head.startswith(start):
            return KINDS[code]
    if head[:4] == b"RIFF":
        return {b"WEBP": KINDS["webp"], b"WAVE": KINDS["wav"]}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return KINDS["heic"] if head[8:12] in (b"heic", b"heix", b"mif1", b"heif") else KINDS["mp4"]
    if head.startswith(b"PK\x03\x04"):
        return _office(file)
    return KINDS["text"] if _is_text(head) else None


def _office(file: BinaryIO) -> FileKind | None:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()[:MOST_ENTRIES]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        return None
    if "[Content_Types].xml" not in names or any("vbaProject" in name for name in names):
        return None
    return next((KINDS[code] for part, code in _OFFICE if any(name.startswith(part) for name in names)), None)


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    if any(mark in head.lower() for mark in _MARKUP):
        return False
    return any(_decodes(head, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    for cut in range(4):  # a character may be cut in two at the end
        try:
            text = head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(sign.isprintable() or sign in "\r\n\t\f\ufeff" for sign in text)
    return False


def tidy_file_name(name: str, kind: FileKind) -> str:
    """A name without folders and control characters, ending as its content says."""
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable())
    plain = "".join("_" if sign in '<>:"|?*;' else sign for sign in plain).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        stem, ending = plain, ""
    if ending.lower() not in kind.endings:
        stem, ending = plain, kind.endings[0]
    return f"{stem[:100].strip() or '文件'}.{ending}"
