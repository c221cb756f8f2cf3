"""Private to this room: others see its pages."""

from shuke.connectors.models.mail import (
    MailAccount,
    MailAttachment,
    MailFolder,
    MailGap,
    MailMessage,
)

__all__ = ["MailAccount", "MailAttachment", "MailFolder", "MailGap", "MailMessage"]
