"""Jobs of this room, where procrastinate looks for them."""

from shuke.connectors.mail.jobs import poll_account, poll_mail, send_letter

__all__ = ["poll_account", "poll_mail", "send_letter"]
