"""Shoot every page at 1440 and 390 px, light and dark, and say what a browser complains about.

    bin/screenshots [--url URL] [--out FOLDER] [--languages zh,en] [--only TEXT] [--themes light,dark] [--widths 1440,390]

Without --url a demo shop is served from the checkout's data folder for as long as it takes. The pages are found by
following links, one of each kind of address. Exit code 1 when a page answers with an error, complains on the console,
or is wider than the screen.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
HEIGHTS = {1440: 900, 390: 844}
LANGUAGES = {"zh": "zh-hans", "hant": "zh-hant", "en": "en"}
NEVER = re.compile(r"/(static|sign-out|ui|health|language|theme)/|download|export|\.(csv|xlsx|json)$")
MOST_PAGES = 60
WAIT_FOR_DEMO_SECONDS = 600


@dataclass
class Complaints:
    """What went wrong, by page."""

    found: list[str] = field(default_factory=list)

    def add(self, place: str, words: str) -> None:
        self.found.append(f"{place}: {words}")
        print(f"  ✗ {place}: {words}", flush=True)


@dataclass(frozen=True)
class Login:
    """Who looks."""

    name: str
    password: str


def main() -> int:
    """Shoot everything; the exit code says whether anything was wrong."""
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    complaints = Complaints()
    with served(options.url) as url, sync_playwright() as playwright:
        chromium = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        login = Login(options.user, options.password)
        paths = [path for path in discover(browser, url, login, complaints) if options.only in path]
        print(f"{len(paths)} 页 / pages: {' '.join(paths)}", flush=True)
        for language in options.languages.split(","):
            for theme in options.themes.split(","):
                for width in map(int, options.widths.split(",")):
                    shoot_all(
                        browser, url, login, paths, Look(width, theme, language), options.out, complaints
                    )
        browser.close()
    print(
        f"{len(list(options.out.glob('*.png')))} 张图在 / pictures in {options.out};{len(complaints.found)} 个问题 / troubles"
    )
    return 1 if complaints.found else 0


def parse() -> argparse.Namespace:
    """The options."""
    from shuke.config.demo.shop import LOGINS

    parser = argparse.ArgumentParser(prog="bin/screenshots", description=__doc__.splitlines()[0])
    parser.add_argument("--url")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "screenshots")
    parser.add_argument("--languages", default="zh")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--widths", default="1440,390")
    parser.add_argument("--only", default="", help="only addresses with this text")
    parser.add_argument("--user", default=LOGINS[0].username)
    parser.add_argument("--password", default=LOGINS[0].password)
    return parser.parse_args()


@dataclass(frozen=True)
class Look:
    """One way to look at the pages."""

    width: int
    theme: str
    language: str

    @property
    def label(self) -> str:
        return f"{self.width}-{self.theme}-{self.language}"


@contextmanager
def served(url: str | None) -> Iterator[str]:
    """The address given, or that of a demo started for the occasion and stopped after."""
    if url:
        yield url.rstrip("/")
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"SHUKE_DATA": str(CHECKOUT / "data")} | os.environ
    command = [sys.executable, "-m", "shuke.config.cli", "demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/health/", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Until the demo answers."""
    end = time.monotonic() + WAIT_FOR_DEMO_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urlopen(address, timeout=5)
            return
        except (URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("演示没有启动 / the demo did not start")


def visitor(browser: Browser, url: str, look: Look) -> BrowserContext:
    """A browser window of that width, theme and language."""
    context = browser.new_context(
        viewport={"width": look.width, "height": HEIGHTS.get(look.width, 900)},
        color_scheme="dark" if look.theme == "dark" else "light",
        locale="en-GB" if look.language == "en" else "zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=look.width < 800,
        reduced_motion="reduce",
    )
    context.add_cookies(
        [
            {"name": "shuke_theme", "value": look.theme, "url": url},
            {"name": "django_language", "value": LANGUAGES[look.language], "url": url},
        ]
    )
    return context


def sign_in(page: Page, url: str, login: Login, language: str) -> None:
    """As a person would; then in the language asked for."""
    page.goto(f"{url}/sign-in/")
    page.fill("input[name=username]", login.name)
    page.fill("input[name=password]", login.password)
    page.click("main button[type=submit], main .btn-main")
    page.wait_for_url(lambda address: "/sign-in/" not in address)
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    page.request.post(
        f"{url}/language/",
        form={"language": LANGUAGES[language], "next": "/sign-in/"},
        headers={"Referer": f"{url}/", "X-CSRFToken": token},
    )


def kind_of(path: str) -> str:
    """Addresses that differ only in numbers are one kind of page."""
    return re.sub(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}", "N", path)


def discover(browser: Browser, url: str, login: Login, complaints: Complaints) -> list[str]:
    """Follow links from home; one address of each kind."""
    context = visitor(browser, url, Look(1440, "light", "zh"))
    page = context.new_page()
    sign_in(page, url, login, "zh")
    seen = {"/sign-in/": "/sign-in/", "/": "/"}
    waiting = ["/", "/no-such-page/"]
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        answer = page.goto(url + path)
        if answer and answer.status >= 500:
            complaints.add(path, f"HTTP {answer.status}")
        if path == "/no-such-page/":
            seen[path] = path
        for link in page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)"):
            target = urlsplit(urljoin(url, link)).path
            is_ours = link.startswith(url) and not NEVER.search(target)
            if is_ours and kind_of(target) not in seen:
                seen[kind_of(target)] = target
                waiting.append(target)
    context.close()
    return list(seen.values())


def shoot_all(
    browser: Browser, url: str, login: Login, paths: list[str], look: Look, out: Path, complaints: Complaints
) -> None:
    """One picture of each page in one look."""
    context = visitor(browser, url, look)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    for path in sorted(paths, key=lambda path: path != "/sign-in/"):
        heard.clear()
        answer = page.goto(url + path)
        page.wait_for_load_state("networkidle")
        name = path.strip("/").replace("/", "_") or "today"
        page.screenshot(path=out / f"{name}-{look.label}.png", full_page=True)
        expected = answer is not None and answer.status in (403, 404)
        for words in heard:
            if not (expected and "Failed to load resource" in words):
                complaints.add(f"{path} {look.label}", words[:200])
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > look.width:
            complaints.add(f"{path} {look.label}", f"{width} px wide")
        if path == "/sign-in/":
            sign_in(page, url, login, look.language)
    context.close()


if __name__ == "__main__":
    sys.exit(main())
