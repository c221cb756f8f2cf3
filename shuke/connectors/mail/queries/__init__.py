"""What is known of mailboxes and letters. Lists start from what the actor may see; unknown visitors see nothing."""

from shuke.connectors.mail.queries.accounts import (
    AccountState,
    account_states,
    accounts_to_send_from,
    gaps_of,
    manageable_accounts,
    readable_accounts,
)
from shuke.connectors.mail.queries.letters import (
    Thread,
    answerable_letter,
    letters_of,
    threads_of,
    troubled_letters,
    visible_letters,
    waiting_letters,
)
from shuke.connectors.mail.queries.timeline import mail_entries

__all__ = [
    "AccountState",
    "Thread",
    "account_states",
    "accounts_to_send_from",
    "answerable_letter",
    "gaps_of",
    "letters_of",
    "mail_entries",
    "manageable_accounts",
    "readable_accounts",
    "threads_of",
    "troubled_letters",
    "visible_letters",
    "waiting_letters",
]
