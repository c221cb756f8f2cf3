"""Passwords of systems outside, encrypted with a key file under SHUKE_DATA (MultiFernet: the first line encrypts, all read)."""

import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

KEY_FILE = "connectors.key"


class BrokenSecret(ValueError):
    """The stored text cannot be read with this key file: it was changed, or the key is another one."""


def seal(secret: str) -> str:
    """The secret as it may lie in the database."""
    return _box(makes=True).encrypt(secret.encode()).decode()


def unseal(token: str) -> str:
    """The secret again. Raises BrokenSecret; never gives the stored text back."""
    try:
        return _box(makes=False).decrypt(token.encode()).decode()
    except (InvalidToken, ValueError, OSError) as error:
        raise BrokenSecret("the stored password cannot be read") from error


def key_path() -> Path:
    """Where the key lies."""
    return Path(settings.SHUKE_DATA) / KEY_FILE


def _box(*, makes: bool) -> MultiFernet:
    path = key_path()
    if makes and not path.exists():
        _make(path)
    keys = path.read_text().split()
    return MultiFernet([Fernet(key) for key in keys])


def _make(path: Path) -> None:
    """Written aside and linked into place, so that nobody ever reads half a key; the first one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".connectors-key-")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink(missing_ok=True)
