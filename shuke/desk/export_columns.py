"""What the list's own rows add to exported lists: value, stage, purchases."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from shuke.customers.ports import ExportColumn
from shuke.desk import rules
from shuke.desk.forms import GROUP_WORDS, LEVEL_WORDS, STAGE_WORDS
from shuke.desk.queries.listing import FAR, NEVER
from shuke.desk.queries.rows import rows_by_id
from shuke.team.queries import Actor

RIGHT = "value.view"
COLUMNS = (
    ExportColumn("value_level", _("价值"), is_usual=True, permission=RIGHT),
    ExportColumn("value_group", _("分群"), is_usual=True, permission=RIGHT),
    ExportColumn("stage", _("阶段"), is_usual=True, permission=RIGHT),
    ExportColumn("purchases", _("消费次数"), "number", is_usual=True, permission=RIGHT),
    ExportColumn("spent", _("累计消费"), "money", is_usual=True, permission=RIGHT),
    ExportColumn("last_on", _("最近消费"), "date", is_usual=True, permission=RIGHT),
    ExportColumn("next_expected_on", _("下次预计"), "date", permission=RIGHT),
    ExportColumn("clv_year", _("未来一年价值"), "money", permission=RIGHT),
    ExportColumn("quality", _("资料完整度"), "number"),
)


class RowColumns:
    """Value and behaviour, from the read model of the list."""

    def columns(self, actor: Actor) -> Iterable[ExportColumn]:
        return COLUMNS

    def read(self, actor: Actor, customer_ids: list[int], codes: list[str]) -> dict[int, dict[str, Any]]:
        """One query for a chunk."""
        rows = rows_by_id(actor, customer_ids)
        return {pk: {code: _value(row, code) for code in codes} for pk, row in rows.items()}


def _value(row: dict[str, Any], code: str) -> Any:
    match code:
        case "value_level":
            return str(LEVEL_WORDS.get(rules.LEVELS[row["level"]], ""))
        case "value_group":
            return str(GROUP_WORDS.get(rules.GROUPS[row["group"]], ""))
        case "stage":
            return str(STAGE_WORDS.get(rules.STAGES[row["stage"]], ""))
        case "spent":
            return row["spent_fen"]
        case "clv_year":
            return row["clv_year_fen"]
        case "last_on":
            return None if row["last_on"] == NEVER else row["last_on"]
        case "next_expected_on":
            return None if row["next_expected_on"] == FAR else row["next_expected_on"]
        case _:
            return row[code]
