"""Words out of mail: odd charsets, HTML, quotations. What comes out is plain text, to be shown escaped."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from html.parser import HTMLParser

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "us-ascii": ""}
_WIDER |= {"ascii": "", "unknown-8bit": "", "default": "", "8bit": "", "utf8": "utf-8", "big5": "big5hkscs"}
_BLOCKS = frozenset(
    "p div tr li ul ol table h1 h2 h3 h4 h5 h6 blockquote section article header footer pre hr".split()
)
_SILENT = frozenset("script style head title template noscript svg math object iframe".split())
_QUOTES = re.compile(
    r"^\s*(?:-{2,}\s*(?:原始邮件|Original Message|回复的原邮件|转发邮件)"
    r"|-{5,}\s*$"
    r"|On\s.{5,120}\swrote:\s*$"
    r"|(?:在\s*)?\d{4}[-年/]\d{1,2}[-月/]\d{1,2}.{0,120}(?:写道|wrote)[:\uff1a]\s*$"
    r"|(?:发件人|From|寄件者)\s*[:\uff1a].{0,200}$"
    r"|>)",
    re.IGNORECASE,
)


def decoded(raw: bytes, charset: str | None = None) -> str:
    """Text by the charset that is named, else UTF-8, else GB18030; never fails."""
    named = (charset or "").strip().strip("\"'").lower()
    named = _WIDER.get(named, named)
    for candidate in (named, "utf-8", "gb18030"):
        if not candidate:
            continue
        try:
            return raw.decode(candidate)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return raw.decode(named if named in ("gb18030", "big5hkscs") else "utf-8", "replace")


def header_text(value: object) -> str:
    """A header in one clean line: encoded words, bare bytes in any charset, none at all."""
    if value is None:
        return ""
    text = str(value)
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError, IndexError, AssertionError):
        return one_line(_bare(text))
    words = []
    for part, charset in parts:
        if isinstance(part, bytes):
            words.append(decoded(part, charset) if charset else _bare(part.decode("latin-1")))
        else:
            words.append(_bare(part))
    return one_line("".join(words))


def _bare(text: str) -> str:
    """Bytes that stood in a header without saying in which charset."""
    if text.isascii():
        return text
    try:
        raw = text.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        try:
            raw = text.encode("latin-1")
        except UnicodeEncodeError:
            return text
    return decoded(raw)


def one_line(text: str) -> str:
    """Without control and direction characters, spaces squeezed."""
    return re.sub(r"\s+", " ", _CONTROL.sub("", text.replace("\r", " ").replace("\n", " "))).strip()


def many_lines(text: str) -> str:
    """Lines without control and direction characters, no more than two empty ones in a row."""
    even = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    even = "\n".join(line.rstrip() for line in even.split("\n"))
    return re.sub(r"\n{4,}", "\n\n\n", even).strip()


class _Plain(HTMLParser):
    """Keeps what a reader would see; nothing of what is marked up, hidden in scripts or styled away."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "br" or tag in _BLOCKS:
            self.words.append("\n")
        elif tag == "td":
            self.words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent and self._silent.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"[ \t\r\n]+", " ", data))


def plain_text_of(html: str) -> str:
    """The words of an HTML letter: no tag, script or picture survives."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    text = "".join(reader.words)
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", text)
    return many_lines(re.sub(r"\n{3,}", "\n\n", text))


def excerpt(text: str) -> str:
    """What the writer added, without signature and empty lines: for a line in a list."""
    words = re.split(r"^-- ?$", new_words(text), maxsplit=1, flags=re.MULTILINE)[0]
    return "\n".join(line.strip() for line in words.split("\n") if line.strip())


def new_words(text: str) -> str:
    """What the writer added: everything before the quotation of what they answer."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _QUOTES.match(line):
            return "\n".join(lines[:number]).strip() or text.strip()
    return text.strip()
