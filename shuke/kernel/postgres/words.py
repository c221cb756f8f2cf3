"""What the server's own words mean for a shopkeeper."""

from pathlib import Path

MEANINGS = (
    (
        ("no space left", "disk quota exceeded"),
        "磁盘空间不足，请清理磁盘后再启动。",
        "The disk is full; free some space and start again.",
    ),
    (
        ("read-only file system",),
        "这个位置是只读的，请把 SHUKE_DATA 换到可以写入的文件夹。",
        "This place is read-only; point SHUKE_DATA to a folder that can be written.",
    ),
    (
        ("cannot allocate memory", "could not map anonymous shared memory", "out of memory"),
        "内存不足，请关闭一些程序后再启动。",
        "Not enough memory; close some programs and start again.",
    ),
    (
        ("could not bind", "could not create any unix-domain sockets", "address already in use"),
        "数据库的套接字被占用或无法建立，请检查文件夹的权限。",
        "The database socket is taken or cannot be created; check the folder's permissions.",
    ),
    (
        ("permission denied", "operation not permitted", "not a directory"),
        "没有权限读写数据文件夹，请检查它的所有者和权限。",
        "The data folder cannot be read or written; check its owner and permissions.",
    ),
    (
        ("timeout", "did not start in time", "the database system is starting up"),
        "数据库没有在规定时间内启动，请查看日志 postgres.log。",
        "The database did not start in time; see postgres.log.",
    ),
)


def explain(words: str, folder: Path) -> str:
    """The trouble in Chinese and English, the place, and the server's own last words."""
    lowered = words.lower()
    for signs, chinese, english in MEANINGS:
        if any(sign in lowered for sign in signs):
            return f"{chinese}\n{english}\n({folder}) {words.strip()[-1500:]}"
    return f"内置数据库出错。\nThe embedded database failed.\n({folder}) {words.strip()[-1500:]}"
