"""What goes wrong with mail, in words that say what to do."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shuke.connectors.mail.rules import Trouble

Words = str | Promise

TROUBLE_WORDS: Mapping[str, Words] = {
    Trouble.PASSWORD: _("登录名或密码不对。多数邮箱要填「授权码」或应用密码，不是平时登录的密码。"),
    Trouble.SECRET: _("存着的密码读不出来了（钥匙文件换过），请重新填一次密码。"),
    Trouble.HOST: _("找不到这台服务器，请检查服务器地址有没有打错，再看网络通不通。"),
    Trouble.PRIVATE: _("这台服务器在内网，默认不许连接。确实要用，请管理员设置 SHUKE_MAIL_NEAR。"),
    Trouble.CONNECTION: _("连不上服务器，请检查端口；也可能是网络断了，或服务器在维护。"),
    Trouble.CERTIFICATE: _("服务器的证书不可信（过期、名字不符或自己签的），为了密码安全没有登录。"),
    Trouble.TIMEOUT: _("等了 10 秒服务器没有回答，请检查端口和加密方式，或稍后再试。"),
    Trouble.NO_STARTTLS: _("服务器不支持 STARTTLS，请改选 SSL/TLS。"),
    Trouble.PLAIN: _("不加密只能用在本机的服务器上，请改选 SSL/TLS 或 STARTTLS。"),
    Trouble.PROTOCOL: _(
        "服务器的回答看不懂，多半是端口和加密方式不配：465、993 配 SSL/TLS，587、143 配 STARTTLS。"
    ),
    Trouble.BUSY: _("服务器正忙，请稍后再试。"),
    Trouble.SENDER: _("服务器不让用这个地址发信，请检查邮箱地址和登录名是不是同一个。"),
    Trouble.RECIPIENT: _("对方的服务器不收这个地址的信，请和客户核对邮箱。"),
    Trouble.REFUSED: _("服务器拒绝了这封信，可能是当天发得太多，或内容被当作垃圾邮件。"),
    Trouble.TOO_LARGE: _("信太大，服务器不收。请减少附件。"),
    Trouble.CUT_OFF: _("交出这封信时断了线，不知道对方收到没有。"),
    Trouble.STOPPED: _("发这封信时程序停了，不知道对方收到没有。"),
    Trouble.BROKEN: _("这封信的附件找不到了，请重新写一封。"),
    Trouble.FOLDER: _("打不开收件箱，请在邮箱网页里确认 IMAP 已经打开。"),
}


def trouble_words(trouble: str) -> Words:
    """The words of a stored trouble; empty for none."""
    return TROUBLE_WORDS.get(trouble, "")
