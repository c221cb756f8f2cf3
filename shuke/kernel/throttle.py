"""How often a stranger may knock. Counted in each process's own memory: enough to slow guessing down, not an exact quota."""

from django.core.cache import cache


def is_too_fast(key: str, most: int, within_seconds: int) -> bool:
    """Count one more knock; True once there were more than `most` since the first of them, for as long as that lasts."""
    name = f"throttle:{key}"
    if cache.add(name, 1, within_seconds):
        return False
    try:
        return cache.incr(name) > most
    except ValueError:  # it ran out this very moment
        return False
