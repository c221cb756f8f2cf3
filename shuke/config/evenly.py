"""Connections spread evenly over the web processes: a busy one lets its connections go, so that they come back elsewhere.

The processes share one listening socket, and a connection stays with the process that took it. By chance one process holds
eleven of sixteen visitors and the other five: the eleven wait for each other while the other core has time. A process all of
whose threads are at work therefore says `Connection: close`; the next request of that visitor opens a new connection, and
whoever is free takes it. While there is little to do, connections stay open as usual.
"""

import threading
from collections.abc import Iterable
from typing import Any

Start = Any
Application = Any


def spread_evenly(application: Application, *, threads: int) -> Application:
    """The WSGI application, letting go of connections while all `threads` of this process are at work.

    With a single thread there is no telling how many wait: connections stay.
    """
    if threads < 2:
        return application
    busy = 0
    lock = threading.Lock()

    def served(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        nonlocal busy
        with lock:
            busy += 1
        try:
            return application(environ, letting_go(start_response))
        finally:
            with lock:
                busy -= 1

    def letting_go(start_response: Start) -> Start:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if busy >= threads:
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, *rest)

        return start

    return served
