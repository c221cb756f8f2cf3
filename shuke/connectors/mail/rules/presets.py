"""Mail services whose servers need not be typed."""

from dataclasses import dataclass


def _(message: str) -> str:
    """Marks a message for translation."""
    return message


@dataclass(frozen=True)
class Preset:
    """A service: its name, servers, the domains by which it is guessed, and where its password comes from."""

    code: str
    name: str
    smtp_host: str = ""
    smtp_port: int = 465
    smtp_tls: str = "implicit"
    imap_host: str = ""
    imap_port: int = 993
    domains: tuple[str, ...] = ()
    hint: str = ""
    needs_code: bool = False  # a code made on its pages takes the place of the password


PRESETS: dict[str, Preset] = {
    one.code: one
    for one in (
        Preset(
            "exmail",
            _("腾讯企业邮"),
            "smtp.exmail.qq.com",
            imap_host="imap.exmail.qq.com",
            hint=_("在企业邮网页 › 设置 › 客户端设置里打开 IMAP/SMTP，再生成「客户端专用密码」填在这里。"),
        ),
        Preset(
            "163",
            _("网易 163"),
            "smtp.163.com",
            imap_host="imap.163.com",
            domains=("163.com",),
            needs_code=True,
            hint=_("在 163 网页 › 设置 › POP3/SMTP/IMAP 里打开 IMAP/SMTP 服务后得到。"),
        ),
        Preset(
            "126",
            _("网易 126"),
            "smtp.126.com",
            imap_host="imap.126.com",
            domains=("126.com",),
            needs_code=True,
            hint=_("在 126 网页 › 设置 › POP3/SMTP/IMAP 里打开 IMAP/SMTP 服务后得到。"),
        ),
        Preset(
            "qq",
            _("QQ 邮箱"),
            "smtp.qq.com",
            imap_host="imap.qq.com",
            domains=("qq.com", "foxmail.com"),
            needs_code=True,
            hint=_("在 QQ 邮箱网页 › 设置 › 账号里打开 IMAP/SMTP 服务后得到。"),
        ),
        Preset(
            "aliyun",
            _("阿里企业邮箱"),
            "smtp.qiye.aliyun.com",
            imap_host="imap.qiye.aliyun.com",
            hint=_("填邮箱的登录密码；管理员若要求「三方客户端安全密码」，就填那个。"),
        ),
        Preset(
            "gmail",
            "Gmail",
            "smtp.gmail.com",
            imap_host="imap.gmail.com",
            domains=("gmail.com",),
            hint=_("先打开两步验证，再到 Google 账号 › 安全 › 应用专用密码生成 16 位密码填在这里。"),
        ),
        Preset(
            "outlook",
            "Outlook",
            "smtp-mail.outlook.com",
            587,
            "starttls",
            "outlook.office365.com",
            domains=("outlook.com", "hotmail.com"),
            hint=_("填应用密码。有的账号已被微软关掉密码登录，那样会提示密码不对。"),
        ),
        Preset("own", _("其他邮箱"), hint=_("服务器、端口和加密方式，请问邮箱的管理员。")),
    )
}


def preset_for(address: str) -> str:
    """The service of an address by its domain; `own` where it cannot be told."""
    domain = address.rpartition("@")[2].lower()
    return next((one.code for one in PRESETS.values() if domain in one.domains), "own")
