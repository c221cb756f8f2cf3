"""What this room offers to others at start."""

from django.utils.translation import gettext_lazy as _

from shuke.connectors.mail.handing import UnsentLetters
from shuke.connectors.mail.queries import mail_entries
from shuke.connectors.mail.services import forget_letters
from shuke.connectors.mail.services.plain import mail_customer, may_mail
from shuke.customers.ports import register_handover, register_letters, register_purge
from shuke.customers.services.merging import register_rows
from shuke.kernel.timeline import register_source
from shuke.team.ports import SettingsTab, register_audit_words, register_tab
from shuke.ui.navigation import NavItem, register

register_source("mail", mail_entries)
register_rows("connectors.MailMessage", words=_("邮件"))
register_purge("mail", forget_letters)
register_letters(may_mail, mail_customer)
register_handover("mail", UnsentLetters())
register_tab(SettingsTab("mail", _("邮箱"), "connectors:accounts", "mail.own", 60))
register(
    NavItem(
        "mail",
        _("邮件"),
        "connectors:inbox",
        "mail",
        permission="mail.view",
        order=60,
        match=("/mail/",),
        keys="youjian yj mail email laixin",
    )
)
register_audit_words(
    {
        "mail_account_added": _("添加邮箱"),
        "mail_account_changed": _("修改邮箱设置"),
        "mail_account_stopped": _("停用邮箱"),
        "mail_account_resumed": _("恢复邮箱"),
        "mail_written": _("写邮件"),
        "mail_sent_again": _("重发邮件"),
        "mail_confirmed": _("确认邮件已发出"),
        "mail_cancelled": _("不发这封邮件"),
        "mail_uncancelled": _("撤销「不发」"),
        "mail_claimed": _("认领来信"),
        "mail_unclaimed": _("撤回来信的归属"),
        "mail_ignored": _("忽略来信"),
    }
)
