"""Idempotency keys: the same key and body get the same answer, another body is refused."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from shuke.kernel.models import IdempotencyKey


class KeyReused(ValueError):
    """The key was used for another body before."""


def _lock(scope: str, key: str) -> None:
    number = int.from_bytes(hashlib.sha256(f"{scope}\0{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [number])


@transaction.atomic
def once(*, scope: str, key: str, body: Any, act: Callable[[], Any]) -> Any:
    """Do `act` the first time and store its JSON answer; afterwards give the stored answer.

    Raises KeyReused when the key came before with a different body.
    """
    _lock(scope, key)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    row = IdempotencyKey.objects.filter(scope=scope, key=key).first()
    if row is None:
        answer = act()
        IdempotencyKey.objects.create(scope=scope, key=key, body_hash=digest, answer=answer)
        return answer
    if row.body_hash != digest:
        raise KeyReused(key)
    return row.answer
