"""Builds the wheel, installs it into an empty environment, and uses it as a shop would: sign in, add a customer, find them."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener
from zipfile import ZipFile

CHECKOUT = Path(__file__).resolve().parent.parent
NEW_PASSWORD = "spring-tea-2026"
CUSTOMER = "罗静磊"
PHONE = "15400008821"
INDEXED_WITHIN = 30  # seconds until the worker has taken a new customer into the search terms


def step(text: str) -> None:
    print(f"→ {text}", flush=True)


def run(*command: str | Path, **options: object) -> str:
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )  # type: ignore[call-overload]
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return str(result.stdout)


def build_wheel(folder: Path) -> Path:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=CHECKOUT)
    return next(folder.glob("shuke-*.whl"))


def check_contents(wheel: Path) -> None:
    """The wheel carries what git ignores, and none of the tests."""
    names = ZipFile(wheel).namelist()
    wanted = {
        "front end": r"shuke/ui/static/ui/dist/.+\.js",
        "styles": r"shuke/ui/static/ui/dist/.+\.css",
        "templates": r"shuke/ui/templates/.+\.html",
        "migrations": r"shuke/customers/migrations/0001_initial\.py",
    }
    if any((CHECKOUT / "shuke").glob("locale/*/LC_MESSAGES/*.po")):
        wanted["translations"] = r"shuke/locale/en/LC_MESSAGES/django\.mo"
    for what, pattern in wanted.items():
        if not any(re.fullmatch(pattern, name) for name in names):
            sys.exit(f"the wheel lacks its {what} ({pattern})")
    tests = [name for name in names if "/tests/" in name]
    if tests:
        sys.exit(f"the wheel carries tests: {tests[:3]}")


def install(wheel: Path, environment: Path) -> Path:
    """The `shuke` command of an environment that holds the wheel and its locked dependencies, nothing else."""
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    lock = CHECKOUT / "requirements.lock"
    uv = shutil.which("uv") or (Path(sys.executable).parent / "uv")
    if Path(uv).exists():
        run(uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", lock)
        run(uv, "pip", "install", "-q", "--python", python, "--no-deps", wheel)
    else:
        run(python, "-m", "ensurepip")
        run(python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock)
        run(python, "-m", "pip", "install", "-q", "--no-deps", wheel)
    return environment / "bin" / "shuke"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(data: Path, port: int) -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    return kept | {"SHUKE_DATA": str(data), "SHUKE_PORT": str(port), "SHUKE_LANG": "zh", "PYTHONUTF8": "1"}


@contextmanager
def serving(shuke: Path, data: Path, port: int) -> Iterator[Path]:
    """`shuke serve` with a data folder of its own; gives its log."""
    log = data.parent / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [shuke, "serve"], env=clean_environment(data, port), cwd=data.parent, stdout=output, stderr=output
        )
        try:
            wait_until(lambda: answers(port), process, log)
            yield log
        except BaseException:
            print(log.read_text()[-4000:], file=sys.stderr)
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
    if code != 0:
        sys.exit(f"shuke serve ended with {code}:\n{log.read_text()[-4000:]}")


def answers(port: int) -> bool:
    try:
        build_opener().open(f"http://127.0.0.1:{port}/health", timeout=5)
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True


def wait_until(done: object, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 120
    while not done():  # type: ignore[operator]
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"shuke serve did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.2)


class Visitor:
    """A browser without pictures: cookies, and forms with their hidden fields."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.url = ""

    def get(self, path: str) -> str:
        return self._open(Request(self._full(path)))

    def submit(self, page: str, **values: str) -> str:
        """Fill the form of the page that has the named fields, and send it."""
        fields = self._form_with(page, set(values))
        action = fields.pop("", "") or self.url
        return self._open(Request(self._full(action), urlencode(fields | values).encode()))

    def _full(self, path: str) -> str:
        return path if path.startswith("http") else self.address + path

    def _open(self, request: Request) -> str:
        request.add_header("Referer", self.url or self.address)
        request.add_header("Accept-Language", "zh-CN")
        try:
            with self.opener.open(request, timeout=30) as answer:
                self.url = answer.url
                return str(answer.read().decode())
        except HTTPError as error:
            sys.exit(f"{request.full_url} answered {error.code}:\n{error.read().decode()[:3000]}")

    def _form_with(self, page: str, names: set[str]) -> dict[str, str]:
        for attributes, body in re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.DOTALL):
            tags = re.findall(r"<(?:input|select|textarea)\b[^>]*>", body)
            found = {self._attribute(tag, "name"): tag for tag in tags}
            if names <= found.keys():
                hidden = {
                    name: self._attribute(tag, "value")
                    for name, tag in found.items()
                    if 'type="hidden"' in tag
                }
                return hidden | {
                    "": self._attribute(attributes, "action") or self._attribute(attributes, "hx-post")
                }
        sys.exit(f"no form with {sorted(names)} at {self.url}:\n{page[:3000]}")

    @staticmethod
    def _attribute(tag: str, name: str) -> str:
        match = re.search(rf"""(?<![\w-]){name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
        return unescape(match[1] or match[2] or "") if match else ""


def use(port: int, log: Path) -> None:
    """First sign-in with the one-time password, a new password, a new customer, and finding them."""
    username, password = one_time_account(log)
    visitor = Visitor(port)
    page = visitor.submit(visitor.get("/"), username=username, password=password)
    expect(
        "password" in visitor.url, f"the first sign-in must ask for a new password, not open {visitor.url}"
    )
    names = re.findall(r'<input type="password" name="([\w-]+)"', page)
    page = visitor.submit(page, **{name: password if "old" in name else NEW_PASSWORD for name in names})
    expect("password" not in visitor.url, f"the new password was not taken:\n{page[:3000]}")
    visitor.submit(visitor.get("/customers/add/"), name=CUSTOMER, phone=PHONE)
    for typed in (CUSTOMER, "luojinglei", "8821"):
        address = "/customers/?" + urlencode({"q": typed})
        deadline = time.monotonic() + INDEXED_WITHIN
        while CUSTOMER not in (page := visitor.get(address)):
            expect(time.monotonic() < deadline, f"{typed} does not find {CUSTOMER}:\n{page[-3000:]}")
            time.sleep(0.5)


def one_time_account(log: Path) -> tuple[str, str]:
    match = re.search(r"登录名 (\S+?)，一次性密码 (\S+?)（", log.read_text())
    if match is None:
        sys.exit(f"no one-time password was printed:\n{log.read_text()[-4000:]}")
    return match[1], match[2]


def expect(holds: bool, words: str) -> None:
    if not holds:
        sys.exit(words)


def main() -> None:
    """The whole journey, timed."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="shuke-wheel-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        step("构建安装包 / build the wheel")
        wheel = build_wheel(folder)
        check_contents(wheel)
        step(f"装进空环境 / install {wheel.name} ({wheel.stat().st_size / 1e6:.1f} MB)")
        shuke = install(wheel, folder / "environment")
        refused = subprocess.run(
            [shuke, "serve"], env={"PATH": os.environ["PATH"]}, cwd=folder, capture_output=True, check=False
        )
        expect(refused.returncode == 1, "without configuration `shuke serve` must refuse to start")
        expect(not (folder / "data").exists(), "without configuration nothing may be written")
        port = free_port()
        step("启动、登录、新建客户 / serve, sign in, add a customer")
        with serving(shuke, folder / "shop", port) as log:
            use(port, log)
    step(f"安装包可用 / the wheel works ({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    main()
