"""Visitors spread evenly over the web processes: one that holds more than its share lets a connection go.

The processes share one listening socket, and a connection stays with the process that took it. By chance one process holds
eleven of sixteen visitors and the other five: the eleven wait for each other while the other core has time. Each process
therefore says in shared memory how many visitors were lately at work in it; one with two more than another answers
`Connection: close`. That visitor's next request opens a new connection, which any process may take; soon the shares are even,
and connections stay as they are.
"""

import multiprocessing
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

LATELY_SECONDS = 2.0
UNEVEN_FROM = 2

Start = Any
Application = Any


class Shares:
    """How many visitors each process has at work; made before the processes start, and shared by them."""

    def __init__(self, processes: int) -> None:
        self._counts: Any = multiprocessing.Array("i", processes)
        self._said_at: Any = multiprocessing.Array("d", processes)
        self._taken: Any = multiprocessing.Value("i", 0)

    def join(self) -> int:
        """A place for this process; one started anew takes the place of the oldest."""
        with self._taken.get_lock():
            place = int(self._taken.value) % len(self._counts)
            self._taken.value += 1
        return place

    def is_too_much(self, place: int, visitors: int, moment: float) -> bool:
        """Say how many are at work here; whether another process has so many fewer that one should go there."""
        self._counts[place], self._said_at[place] = visitors, moment
        others = [
            count if moment - said_at < LATELY_SECONDS else 0
            for at, (count, said_at) in enumerate(zip(self._counts[:], self._said_at[:], strict=True))
            if at != place
        ]
        return bool(others) and visitors >= min(others) + UNEVEN_FROM


class Visitors:
    """Who asked this process lately."""

    def __init__(self) -> None:
        self._last: OrderedDict[int, float] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, visitor: int, moment: float) -> int:
        """How many asked lately, this one included."""
        with self._lock:
            self._last[visitor] = moment
            self._last.move_to_end(visitor)
            while next(iter(self._last.values())) < moment - LATELY_SECONDS:
                self._last.popitem(last=False)
            return len(self._last)

    def forget(self, visitor: int) -> None:
        """This one is let go."""
        with self._lock:
            self._last.pop(visitor, None)


def spread_evenly(application: Application, shares: Shares) -> Application:
    """The WSGI application of one process, letting go of a connection while it holds more than its share.

    Visitors are told apart by address and cookie: the server does not say which connection asks.
    """
    place, visitors = shares.join(), Visitors()

    def served(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        visitor, moment = hash((environ.get("REMOTE_ADDR"), environ.get("HTTP_COOKIE"))), time.monotonic()
        is_let_go = shares.is_too_much(place, visitors.count(visitor, moment), moment)
        if is_let_go:
            visitors.forget(visitor)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(
                status, [*headers, ("Connection", "close")] if is_let_go else headers, *rest
            )

        answer: Iterable[bytes] = application(environ, start)
        return answer

    return served
