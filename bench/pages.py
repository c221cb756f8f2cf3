"""`bin/bench pages`: how long pages take with 1,000,000 customers and 5,000,000 orders, through the real server.

One signed-in user, then sixteen at once, each asking for the next page as soon as the last one came.
"""

import gzip
import http.client
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import bench._big_shop as big_shop
from bench.report import Report

HOST, PORT = "127.0.0.1", 8949
ONE_USER_MS, SIXTEEN_USERS_MS = 100.0, 300.0
USERS = 16
ASKED_ALONE, ASKED_TOGETHER = 40, 8
START_SECONDS = 60

Address = Callable[[random.Random], str]


@dataclass(frozen=True)
class Visit:
    """A kind of page and the addresses of it that are asked for."""

    name: str
    address: Address
    role: str = "owner"


class Browser:
    """One user's connection with a session of its own: keeps it open, keeps cookies."""

    def __init__(self, role: str) -> None:
        from django.contrib.auth import get_user_model
        from django.test import Client

        self.connection = http.client.HTTPConnection(HOST, PORT, timeout=60)
        signed_in = Client()
        signed_in.force_login(get_user_model()._default_manager.get(username=role))
        self.cookies = {name: morsel.value for name, morsel in signed_in.cookies.items()}
        self.get("/customers/add/")

    def get(self, address: str) -> bytes:
        """The page at an address, as a browser asks for it; raises unless it is a page."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers["Accept-Encoding"] = "gzip"
        if address.startswith("/search/"):
            headers["HX-Request"] = "true"
        self.connection.request("GET", address, None, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{address}: {answer.status}")
        return gzip.decompress(content) if answer.getheader("Content-Encoding") == "gzip" else content


def visits(customers: int) -> list[Visit]:
    """What people ask for all day."""
    from shuke.zh import fictional, pinyin

    def person(dice: random.Random) -> int:
        return dice.randrange(1, customers + 1)

    def listed(words: str) -> Address:
        return lambda dice: f"/customers/?{words}"

    def searched(text: Callable[[int], str]) -> Address:
        return lambda dice: f"/search/?q={quote(text(person(dice)))}"

    return [
        Visit("list, all", listed("")),
        Visit("list, key customers by stake", listed("group=key_value&sort=-stake")),
        Visit("list, one store, loyal, last visit", listed("store=2&stage=loyal&sort=last")),
        Visit("list, lapsed who spent most", listed("stage=lapsed&level=high&sort=-spent")),
        Visit("list, RFM cell by name", listed("r=5&fm=1&sort=name")),
        Visit("list, birthday month", listed("birthday=11&sort=-value")),
        Visit("list, slipping, clerk", listed("slipping=1&sort=-stake"), role="manager"),
        Visit(
            "list, search 2 characters",
            lambda dice: f"/customers/?q={quote(fictional.name(person(dice))[:2])}",
        ),
        Visit("search, 2-character name", searched(lambda n: fictional.name(n)[:2])),
        Visit("search, whole name", searched(fictional.name)),
        Visit("search, initials", searched(lambda n: pinyin.initials(fictional.name(n)))),
        Visit("search, last 4 of phone", searched(lambda n: fictional.phone(n)[-4:])),
        Visit("search, first letter", searched(lambda n: pinyin.initials(fictional.name(n))[:1])),
        Visit("customer page", lambda dice: f"/customers/{person(dice)}/"),
        Visit("today", lambda dice: "/"),
        Visit("value", lambda dice: "/value/"),
    ]


def main(argv: Sequence[str]) -> int:
    """Make the shop if need be, start the server, ask, print. `--only TEXT`: the visits with that in their name."""
    size = int(argv[argv.index("--customers") + 1]) if "--customers" in argv else 1_000_000
    only = argv[argv.index("--only") + 1] if "--only" in argv else ""
    postgres = big_shop.open_shop(customers=size)
    report = Report(f"pages, {size:,} customers")
    environment = os.environ | {"SHUKE_HOST": HOST, "SHUKE_PORT": str(PORT)}
    server = subprocess.Popen([sys.executable, "-m", "shuke.config.cli", "web"], env=environment)
    try:
        _wait_for_server()
        for visit in visits(size):
            if only not in visit.name:
                continue
            _measure(report, visit)
            print(f"  {visit.name}", file=sys.stderr, flush=True)
    finally:
        server.terminate()
        server.wait(20)
        postgres.stop()
    return report.finish(list(argv))


def _wait_for_server() -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            Browser("owner")
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.3)
    raise RuntimeError("the server did not start")


def _measure(report: Report, visit: Visit) -> None:
    dice = random.Random(7)
    alone = Browser(visit.role)
    size = len(alone.get(visit.address(dice)))
    single = [_timed(alone, visit.address(dice)) for _ in range(ASKED_ALONE)]
    report.note(f"{visit.name}: size", size / 1000, "kB")
    report.note(f"{visit.name}: median", _quantile(single, 0.5), "ms")
    report.at_most(f"{visit.name}: p95", _quantile(single, 0.95), ONE_USER_MS, "ms")
    browsers = [Browser(visit.role) for _ in range(USERS)]
    with ThreadPoolExecutor(USERS) as crowd:
        spent = crowd.map(lambda pair: _walk(pair[1], visit, pair[0]), enumerate(browsers))
        together = [milliseconds for walk in spent for milliseconds in walk]
    report.at_most(f"{visit.name}: p95 of {USERS} at once", _quantile(together, 0.95), SIXTEEN_USERS_MS, "ms")


def _walk(browser: Browser, visit: Visit, seed: int) -> list[float]:
    dice = random.Random(seed)
    browser.get(visit.address(dice))  # connections and caches are warm, as they are in the middle of a day
    return [_timed(browser, visit.address(dice)) for _ in range(ASKED_TOGETHER)]


def _timed(browser: Browser, address: str) -> float:
    started = time.perf_counter()
    browser.get(address)
    return (time.perf_counter() - started) * 1000


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
