"""Server settings from the size of the machine."""

import os
from pathlib import Path

MEGABYTE = 1024 * 1024
SMALL_SHARED_MEMORY = 1024 * MEGABYTE


def machine_memory() -> int:
    """Bytes of memory this machine (or container) may use; 2 GB when it cannot be told."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        memory = 2048 * MEGABYTE
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            memory = min(memory, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    return memory


def _between(low: int, value: int, high: int) -> str:
    return f"{max(low, min(value, high))}MB"


def server_settings(*, memory: int, cores: int, for_tests: bool) -> dict[str, str]:
    """Settings for postgresql.conf; tests give up durability for speed."""
    megabytes = memory // MEGABYTE
    settings = {
        "max_connections": "200",
        "shared_buffers": _between(64, megabytes // 6, 4096) if not for_tests else "128MB",
        "effective_cache_size": _between(256, megabytes * 6 // 10, 65536),
        "work_mem": _between(8, megabytes // 400, 64),
        "maintenance_work_mem": _between(64, megabytes // 16, 1024),
        "max_wal_size": "4GB",
        "min_wal_size": "512MB",  # kept to be written again: an import need not make new segments
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_parallel_workers_per_gather": str(max(0, min(4, cores // 2))),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        # A failed statement would carry names and phone numbers into the log.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
    }
    if not _has_roomy_shared_memory():
        settings["dynamic_shared_memory_type"] = "mmap"
    if for_tests:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings |= {"autovacuum": "off", "max_wal_size": "1GB"}
    return settings


def _has_roomy_shared_memory() -> bool:
    """Containers often have 64 MB of /dev/shm, too little for parallel queries."""
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return True
    return room.f_blocks * room.f_frsize >= SMALL_SHARED_MEMORY
