"""Shoot every page at 1440 and 390 px, light and dark, and say what a browser complains about.

    bin/screenshots [--url URL] [--out FOLDER] [--languages zh,en] [--only TEXT] [--themes light,dark] [--widths 1440,390]

Without --url a demo shop is served from the checkout's data folder for as long as it takes. The pages are found by
following links, one of each kind of address; then come what only opens when somebody acts: menus, the palette, the
panels of a customer, and the check of an import (uploaded for the picture, discarded after; only without --url).
Exit code 1 when a page answers with an error, complains on the console,
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
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from playwright.sync_api import Error as PlaywrightError

CHECKOUT = Path(__file__).resolve().parent.parent
HEIGHTS = {1440: 900, 390: 844}
LANGUAGES = {"zh": "zh-hans", "hant": "zh-hant", "en": "en"}
NEVER = re.compile(
    r"/(static|sign-out|ui|health|language|theme)/|/download/|/mail/files/|/customers/files/|\.(csv|xlsx|json|ics)$"
)
STARTS = (
    "/",
    "/no-such-page/",
    "/customers/",
    "/customers/views/",
    "/customers/filter/",
    "/customers/columns/",
    "/customers/check/",
    "/customers/check/pairs/",
    "/customers/check/merges/",
    "/customers/check/questions/",
    "/customers/check/profiles/",
    "/customers/check/quality/",
    "/customers/bin/",
    "/customers/bulk/",
    "/customers/exports/",
    "/customers/tags/",
    "/customers/follow-ups/",
    "/customers/follow-ups/calendar/",
    "/customers/follow-ups/plans/",
    "/customers/follow-ups/plans/add/",
    "/imports/new/",
    "/mail/",
    "/settings/mail/add/",
)
MOST_PAGES = 100
PICKED = ("check tbody input.pick >> nth=1", "check tbody input.pick >> nth=2")
IMPORT_ROWS = "姓名,手机号,生日,备注\n示例甲,15400000001,3月5日,爱喝白茶\n示例乙,12,4月1日,号码不对的一行\n"
WAIT_FOR_DEMO_SECONDS = 600
QUIET_MS = 20_000


@dataclass
class Complaints:
    """What went wrong, by page."""

    found: list[str] = field(default_factory=list)

    def add(self, place: str, words: str) -> None:
        self.found.append(f"{place}: {words}")
        print(f"  ✗ {place}: {words}", flush=True)


@dataclass(frozen=True)
class Scene:
    """A page after somebody did something; a path with N is any page of that kind."""

    name: str
    path: str
    steps: tuple[str, ...]
    least_width: int = 0


SCENES = (
    Scene("scene_conditions", "/customers/", ("click .lists-add",)),
    Scene("scene_palette", "/customers/", ("press Control+k",)),
    Scene("scene_picked", "/customers/", PICKED, 800),
    Scene("scene_bulk", "/customers/", (*PICKED, "click [data-bulk] .btn:has(svg):visible"), 800),
    Scene("scene_bulk_more", "/customers/", (*PICKED, "click [data-bulk] summary"), 800),
    Scene("scene_drawer", "/customers/", ("click #rows .row-link",)),
    Scene("scene_profile", "/customers/N/", ("click [data-person-tab=profile]",)),
    Scene("scene_orders", "/customers/N/", ("click [data-person-tab=orders]",)),
    Scene("scene_mail", "/customers/N/", ("click [data-person-tab=mail]",)),
    Scene("scene_changes", "/customers/N/", ("click [data-person-tab=changes]",)),
    Scene("scene_unfolded", "/customers/N/edit/", ("unfold main details",)),
)


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
    with served(options.url) as url, sync_playwright() as playwright, ExitStack() as closing:
        chromium = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        login = Login(options.user, options.password)
        held = nullcontext("") if options.url else waiting_import(browser, url, login)
        kept = closing.enter_context(held)
        found = dict.fromkeys([*discover(browser, url, login, complaints), *filter(None, [kept])])
        paths = [path for path in found if options.only in path]
        print(f"{len(paths)} 页 / pages: {' '.join(paths)}", flush=True)
        for language in options.languages.split(","):
            for theme in options.themes.split(","):
                for width in map(int, options.widths.split(",")):
                    shoot_all(
                        browser, url, login, paths, Look(width, theme, language), options.out, complaints
                    )
        closing.close()
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
    seen = {path: path for path in ("/sign-in/", *STARTS)}
    waiting = list(STARTS)
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        answer = page.goto(url + path)
        if answer and answer.status >= 500:
            complaints.add(path, f"HTTP {answer.status}")
        for link in page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)"):
            target = urlsplit(urljoin(url, link)).path
            is_ours = link.startswith(url) and not NEVER.search(target)
            if is_ours and kind_of(target) not in seen:
                seen[kind_of(target)] = target
                waiting.append(target)
    context.close()
    return list(seen.values())


class Asked:
    """What a page asked for and has not been answered yet: says which address keeps it waiting."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.open: set[str] = set()
        page.on("request", lambda request: self.open.add(request.url))
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda request: self.open.discard(request.url))  # type: ignore[call-overload]

    def goto(self, address: str) -> Response | None:
        """Open a page; whatever the one before was still waiting for is no longer of interest."""
        self.open.clear()
        return self.page.goto(address, wait_until="load")

    def unanswered(self) -> list[str]:
        """Wait for the page to be quiet; else what it still waits for."""
        if settle(self.page):
            return []
        return [
            f"not answered within {QUIET_MS // 1000} s: {urlsplit(one).path}" for one in sorted(self.open)
        ]


def settle(page: Page) -> bool:
    """Whether the page came to rest; one that does not is pictured as it is."""
    try:
        page.wait_for_load_state("networkidle", timeout=QUIET_MS)
    except PlaywrightError:
        return False
    return True


def shoot_all(
    browser: Browser, url: str, login: Login, paths: list[str], look: Look, out: Path, complaints: Complaints
) -> None:
    """One picture of each page and each scene in one look."""
    context = visitor(browser, url, look)
    page = context.new_page()
    page.set_default_timeout(60_000)
    heard: list[str] = []
    asked = Asked(page)
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    by_kind = {kind_of(path): path for path in paths}
    for path in sorted(paths, key=lambda path: path != "/sign-in/"):
        heard.clear()
        answer = asked.goto(url + path)
        name = path.strip("/").replace("/", "_") or "today"
        expected = answer is not None and answer.status in (403, 404)
        complain(name, look, asked.unanswered(), complaints)
        shoot(page, name, look, out, complaints)
        complain(name, look, heard, complaints, is_expected=expected)
        if path == "/sign-in/":
            sign_in(page, url, login, look.language)
    for scene in SCENES:
        if scene.path in by_kind and look.width >= scene.least_width:
            heard.clear()
            asked.goto(url + by_kind[scene.path])
            act(page, scene, look, complaints)
            complain(scene.name, look, asked.unanswered(), complaints)
            shoot(page, scene.name, look, out, complaints, is_whole=False)
            complain(scene.name, look, heard, complaints)
    context.close()


def act(page: Page, scene: Scene, look: Look, complaints: Complaints) -> None:
    """Do what the scene says; what cannot be done is a complaint."""
    try:
        for step in scene.steps:
            verb, _, target = step.partition(" ")
            if verb == "press":
                page.keyboard.press(target)
            elif verb == "check":
                page.locator(target).check(timeout=5000)
            elif verb == "unfold":
                page.eval_on_selector_all(target, "all => all.forEach(one => { one.open = true })")
            else:
                page.locator(target).first.click(timeout=5000)
            settle(page)
    except PlaywrightError as error:
        complaints.add(f"{scene.name} {look.label}", str(error).splitlines()[0])


def shoot(
    page: Page, name: str, look: Look, out: Path, complaints: Complaints, *, is_whole: bool = True
) -> None:
    """The picture; a page wider than its screen is a complaint."""
    page.screenshot(path=out / f"{name}-{look.label}.png", full_page=is_whole)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > look.width:
        complaints.add(f"{name} {look.label}", f"{width} px wide")


def complain(
    name: str, look: Look, heard: list[str], complaints: Complaints, *, is_expected: bool = False
) -> None:
    """What the console said."""
    for words in heard:
        if not (is_expected and "Failed to load resource" in words):
            complaints.add(f"{name} {look.label}", words[:200])


@contextmanager
def waiting_import(browser: Browser, url: str, login: Login) -> Iterator[str]:
    """A small customer file, uploaded and waiting to be checked; thrown away after."""
    context = visitor(browser, url, Look(1440, "light", "zh"))
    page = context.new_page()
    sign_in(page, url, login, "zh")
    page.goto(f"{url}/imports/new/")
    file = {"name": "示例客户.csv", "mimeType": "text/csv", "buffer": IMPORT_ROWS.encode()}
    page.set_input_files("main input[type=file]", files=[file])  # type: ignore[list-item]
    page.click("main .btn-main")
    page.wait_for_url(re.compile(r"/imports/\d+/"))
    try:
        yield urlsplit(page.url).path
    finally:
        token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
        page.request.post(f"{page.url}discard/", headers={"Referer": page.url, "X-CSRFToken": token})
        context.close()


if __name__ == "__main__":
    sys.exit(main())
