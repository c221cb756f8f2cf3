"""What the imports room offers to others at start-up."""

from django.utils.translation import gettext_lazy as _

from shuke.team.ports import register_audit_words
from shuke.ui.navigation import NavItem, register
from shuke.ui.palette import Action
from shuke.ui.palette import register as register_action

register(
    NavItem(
        key="imports",
        label=_("导入"),
        url_name="imports:list",
        icon="file-import",
        permission="imports.run",
        group="foot",
        order=80,
        phone_order=3,
        match=("/imports/",),
        keys="daoru dr import csv excel",
    )
)
register_audit_words(
    {
        "import_received": _("上传了导入文件"),
        "import_discarded": _("丢掉了导入文件"),
        "import_started": _("开始导入"),
        "import_finished": _("导入完成"),
        "import_undo_started": _("开始撤销导入"),
        "import_undone": _("撤销了导入"),
    }
)
register_action(
    Action(
        "import",
        _("导入文件"),
        "imports:new",
        "file-import",
        permission="imports.run",
        keys="daoru dr daojinru djr import upload 导入 导进来 上传",
        order=50,
    )
)
