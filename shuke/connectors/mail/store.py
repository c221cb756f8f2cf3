"""Files of letters under MEDIA_ROOT/mail, under names of our own; never served to be looked at, only to be saved."""

import uuid
from pathlib import Path

from django.conf import settings

FOLDER = "mail"


def keep(content: bytes) -> str:
    """Write a file; its name within MEDIA_ROOT."""
    name = uuid.uuid4().hex
    stored = f"{FOLDER}/{name[:2]}/{name}"
    path = Path(settings.MEDIA_ROOT) / stored
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600)
    return stored


def path_of(stored: str) -> Path:
    """Where a kept file lies. Raises ValueError for a name that leads elsewhere."""
    folder = (Path(settings.MEDIA_ROOT) / FOLDER).resolve()
    path = (Path(settings.MEDIA_ROOT) / stored).resolve()
    if not path.is_relative_to(folder):
        raise ValueError("not a file of a letter")
    return path


def forget(stored: str) -> None:
    """Remove a file whose letter was not written."""
    path_of(stored).unlink(missing_ok=True)
