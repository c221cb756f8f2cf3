"""Connections go back to whichever process is free, and only when this one is not."""

from typing import Any

from shuke.config.evenly import spread_evenly


def answer(application: Any) -> list[tuple[str, str]]:
    """The headers of one answer."""
    seen: list[tuple[str, str]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *rest: Any) -> None:
        seen.extend(headers)

    list(application({}, start_response))
    return seen


def plain(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """An application that answers at once."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b""]


def test_a_process_with_a_free_thread_keeps_its_connections() -> None:
    assert answer(spread_evenly(plain, threads=2)) == [("Content-Type", "text/plain")]


def test_a_process_with_all_threads_at_work_lets_the_connection_go() -> None:
    inner: list[list[tuple[str, str]]] = []

    def asks_meanwhile(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if not environ:
            inner.append(answer(lambda _environ, start: served({"again": True}, start)))
        return plain(environ, start_response)

    served = spread_evenly(asks_meanwhile, threads=2)
    outer = answer(served)
    assert inner == [[("Content-Type", "text/plain"), ("Connection", "close")]]
    assert outer == [("Content-Type", "text/plain")]


def test_work_that_fails_counts_as_over() -> None:
    def fails(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ:
            raise OSError
        return plain(environ, start_response)

    served = spread_evenly(fails, threads=2)
    for _attempt in range(3):
        try:
            served({"broken": True}, lambda *given: None)
        except OSError:
            continue
    assert answer(served) == [("Content-Type", "text/plain")]


def test_a_single_thread_says_nothing_of_its_connections() -> None:
    assert spread_evenly(plain, threads=1) is plain
