"""Visitors go to the process that has fewer of them, and stay where they are while the shares are even."""

from typing import Any

import pytest

from shuke.config import evenly
from shuke.config.evenly import Shares, spread_evenly

KEPT, LET_GO = [], [("Connection", "close")]


def plain(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """An application that answers at once."""
    start_response("200 OK", [])
    return [b""]


def ask(process: Any, visitor: str) -> list[tuple[str, str]]:
    """The headers of one answer."""
    seen: list[tuple[str, str]] = []
    environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_COOKIE": visitor}
    list(process(environ, lambda status, headers, *rest: seen.extend(headers)))
    return seen


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr(evenly.time, "monotonic", lambda: moment[0])
    return moment


def test_a_process_with_two_visitors_more_than_another_lets_one_go(clock: list[float]) -> None:
    shares = Shares(2)
    one, other = spread_evenly(plain, shares), spread_evenly(plain, shares)
    assert [ask(other, "a"), ask(one, "b"), ask(one, "c")] == [KEPT, KEPT, KEPT]
    assert ask(one, "d") == LET_GO
    assert ask(other, "d") == KEPT
    assert [ask(one, "b"), ask(one, "c")] == [KEPT, KEPT]


def test_one_visitor_alone_is_never_let_go(clock: list[float]) -> None:
    shares = Shares(2)
    one, _other = spread_evenly(plain, shares), spread_evenly(plain, shares)
    assert [ask(one, "a") for _request in range(5)] == [KEPT] * 5


def test_who_asked_long_ago_is_at_work_no_more(clock: list[float]) -> None:
    shares = Shares(2)
    one, other = spread_evenly(plain, shares), spread_evenly(plain, shares)
    assert [ask(other, "a"), ask(one, "b"), ask(one, "c")] == [KEPT, KEPT, KEPT]
    clock[0] += 1.5
    assert ask(one, "b") == KEPT
    clock[0] += 1.5
    assert ask(one, "d") == LET_GO  # beside b; the other process has nobody any more
    assert ask(other, "d") == KEPT


def test_a_process_without_others_keeps_everybody(clock: list[float]) -> None:
    only = spread_evenly(plain, Shares(1))
    assert [ask(only, visitor) for visitor in "abcd"] == [KEPT] * 4
