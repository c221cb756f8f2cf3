"""Single cells of communications and follow-ups: what kind it was, which way it went, what it said. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from shuke.customers.importing.words import EXTRAS

_KINDS = (
    ("email", ("e-mail", "email", "邮件", "mail")),
    ("sms", ("sms", "短信", "text message")),
    ("wechat", ("wechat", "微信", "企微", "whatsapp", "qq")),
    ("meeting", ("meeting", "event", "会议", "见面", "面谈", "会面")),
    ("visit", ("visit", "拜访", "上门", "外勤", "走访", "到店")),
    ("gift", ("gift", "礼物", "礼品", "赠送")),
    ("call", ("call", "电话", "通话", "外呼", "来电", "phone")),
    ("note", ("note", "备注", "记录", "笔记", "其他")),
)
_IN = ("inbound", "incoming", "missed", "呼入", "来电", "客户联系", "接听", "收到", "received", "in")
_DONE = frozenset("已完成 完成 done completed closed finished 已结束 关闭".split())
_CANCELLED = frozenset("已取消 取消 作废 cancelled canceled 不做了".split())
BODY_LENGTH = 20_000


def kind_of(text: str) -> str:
    """The kind of touch a word names; empty when it names none."""
    word = text.strip().lower()
    return next((kind for kind, marks in _KINDS if word and any(mark in word for mark in marks)), "")


def direction_of(text: str) -> str:
    """in or out."""
    word = text.strip().lower()
    return "in" if word and any(word == mark or (len(mark) > 2 and mark in word) for mark in _IN) else "out"


def state_of(text: str, *, is_done: bool) -> str:
    """open, done or cancelled."""
    word = re.sub(r"\s+", "", text).lower()
    if word in _CANCELLED:
        return "cancelled"
    return "done" if is_done or word in _DONE else "open"


def purpose_of(purpose: str, note: str) -> str:
    """What to do, in one line of the length there is; what explains it follows as far as it fits."""
    first = " ".join(purpose.split())[:120]
    more = " ".join(note.split())
    return f"{first}：{more}"[:120] if more and len(first) < 100 else first


def body_of(row: Mapping[str, Any], labels: Mapping[str, str], source: str) -> str:
    """What was said: title, words, how long it took, a result too long for its column, what else was known."""
    parts = [row["title"] or "", row["body"] or ""]
    parts = [part for i, part in enumerate(parts) if part and part not in parts[:i]]
    more = [f"{labels['duration']}：{row['duration']}"] if row["duration"] else []
    if row["result"] and len(row["result"]) > 40:
        more.append(f"{labels['result']}：{row['result']}")
    if row["extras"]:
        more.append(f"【{EXTRAS} · {source}】\n{row['extras']}")
    return "\n".join([*parts, *more])[:BODY_LENGTH]
