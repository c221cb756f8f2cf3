"""The fields that every shop can filter by, in the order in which they are offered."""

from collections.abc import Iterable
from typing import Any

from shuke.desk.ports import FilterField, register_filter_fields
from shuke.desk.queries.filtering.care import CARING, trait_fields
from shuke.desk.queries.filtering.own import own_fields
from shuke.desk.queries.filtering.profile import IDENTITY
from shuke.desk.queries.filtering.purchases import BUYING
from shuke.desk.queries.filtering.quality import QUALITY
from shuke.desk.queries.filtering.worth import WORTH


def ready_fields(actor: Any) -> Iterable[FilterField]:
    """What the shop's own rows know."""
    yield from (*WORTH, *BUYING, *CARING, *trait_fields(actor), *IDENTITY, *QUALITY)


register_filter_fields(ready_fields)
register_filter_fields(own_fields)
