"""What is done with mail. One service is one user action: permission, lock, rule, save with audit."""

from shuke.connectors.mail.services.accounts import (
    AccountForm,
    add_account,
    change_account,
    try_reading,
    try_sending,
    turn_account,
)
from shuke.connectors.mail.services.filing import (
    claim_letter,
    file_all_known,
    file_known,
    file_known_among,
    forget_letters,
    ignore_letter,
    take_in,
    unclaim_letter,
    welcome_writer,
)
from shuke.connectors.mail.services.polling import accounts_to_poll, poll_account
from shuke.connectors.mail.services.sending import forget_stuck, send_letter
from shuke.connectors.mail.services.writing import (
    Held,
    NewFile,
    NewLetter,
    cancel_letter,
    confirm_sent,
    send_again,
    uncancel_letter,
    write_letter,
)

__all__ = [
    "AccountForm",
    "Held",
    "NewFile",
    "NewLetter",
    "accounts_to_poll",
    "add_account",
    "cancel_letter",
    "change_account",
    "claim_letter",
    "confirm_sent",
    "file_all_known",
    "file_known",
    "file_known_among",
    "forget_letters",
    "forget_stuck",
    "ignore_letter",
    "poll_account",
    "send_again",
    "send_letter",
    "take_in",
    "try_reading",
    "try_sending",
    "turn_account",
    "uncancel_letter",
    "unclaim_letter",
    "welcome_writer",
    "write_letter",
]
