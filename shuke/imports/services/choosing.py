"""Questions that every kind of file is asked on the page where it is checked."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shuke.imports.ports import Choice, Setting, Text
from shuke.imports.rules.winning import BLANKS, FILE, OURS

BOTH, CREATE, UPDATE = "both", "create", "update"


def mode_of(setting: Setting) -> str:
    """Whether the run may create, update, or both."""
    return str(setting.options.get("mode") or BOTH)


def mode_choice(setting: Setting) -> Choice:
    """Only new ones, only known ones, or both."""
    answers = (
        (BOTH, _("新增，也更新")), (CREATE, _("只新增，已有的不动")), (UPDATE, _("只更新，没有的不新增")),
    )  # fmt: skip
    return Choice("mode", _("新增还是更新"), answers, mode_of(setting))


def wins_choice(setting: Setting, more: Sequence[tuple[str, Text]] = (), hint: Text | None = None) -> Choice:
    """Who wins where the file and a record differ; `more` are answers beside the usual three."""
    answers = (
        (FILE, _("以文件为准")), (BLANKS, _("只补我们空着的")), *more, (OURS, _("保留我们的")),
    )  # fmt: skip
    hint = _("下面每一列还可以单独选。") if hint is None else hint
    return Choice("wins", _("和我们的不一样时"), answers, str(setting.options.get("wins") or FILE), hint)
