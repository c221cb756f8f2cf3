"""One entry on a customer's timeline. Each room offers its own entries; desk lays them side by side."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TimelineEntry:
    """Something that touched a customer. Text fields are shown escaped: customers' own words are hostile."""

    happened_at: datetime
    kind: str  # note, call, sms, email, wechat, visit, meeting, gift, order, return, browse, search, click, change …
    title: str
    body: str = ""
    channel: str = ""
    direction: str = ""  # in, out or empty
    who: str = ""
    amount_fen: int | None = None
    currency: str = "CNY"
    url: str = ""
