"""Decisions about mail. Pure: no Django, clock, database, network or randomness."""

from shuke.connectors.mail.rules.hosts import HostRefused, Near, may_connect, may_go_plain
from shuke.connectors.mail.rules.letters import Attachment, Bounce, Letter, read_letter, safe_file_name
from shuke.connectors.mail.rules.presets import PRESETS, Preset, preset_for
from shuke.connectors.mail.rules.sending import (
    LONGEST_TEXT,
    MOST_ATTACHED_BYTES,
    MOST_ATTEMPTS,
    MOST_FILES,
    Draft,
    Outcome,
    after_attempt,
    compose,
    reply_subject,
    wait_seconds,
)
from shuke.connectors.mail.rules.text import excerpt, new_words, plain_text_of
from shuke.connectors.mail.rules.trouble import RETRIED, UNSURE, Trouble

__all__ = [
    "LONGEST_TEXT",
    "MOST_ATTACHED_BYTES",
    "MOST_ATTEMPTS",
    "MOST_FILES",
    "PRESETS",
    "RETRIED",
    "UNSURE",
    "Attachment",
    "Bounce",
    "Draft",
    "HostRefused",
    "Letter",
    "Near",
    "Outcome",
    "Preset",
    "Trouble",
    "after_attempt",
    "compose",
    "excerpt",
    "may_connect",
    "may_go_plain",
    "new_words",
    "plain_text_of",
    "preset_for",
    "read_letter",
    "reply_subject",
    "safe_file_name",
    "wait_seconds",
]
