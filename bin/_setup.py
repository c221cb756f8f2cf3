"""What every command in bin/ needs first: environment, front end, translations. Then it becomes that command.

Only the standard library, and the same result from any state: each step is done again only when its inputs changed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
CACHE = CHECKOUT / ".cache"
LOCK = CHECKOUT / "requirements-dev.lock"
STAMP = VENV / "shuke-environment"
PIP_HINT = """\
这台机器的 Python 没有 pip，无法安装依赖。请先执行下面的一条命令，再重试：
This Python has no pip. Run this once and try again:
    Debian / Ubuntu:  sudo apt install python3-venv
    Fedora:           sudo dnf install python3-pip
    macOS:            brew install python"""


def say(text: str) -> None:
    print(f"→ {text}", flush=True)


def fail(text: str) -> NoReturn:
    print(text, file=sys.stderr, flush=True)
    raise SystemExit(1)


def run(command: Iterable[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], text=True, check=False, **options)  # type: ignore[call-overload]


def digest(paths: Iterable[Path]) -> str:
    summary = hashlib.sha256()
    for path in sorted(paths):
        summary.update(str(path.relative_to(CHECKOUT)).encode())
        summary.update(path.read_bytes())
    return summary.hexdigest()


# -- environment -----------------------------------------------------------------------------------------------------


def environment_stamp() -> str:
    return f"{digest([LOCK])} {sys.version_info.major}.{sys.version_info.minor} {VENV}"


def environment_works() -> bool:
    if not PYTHON.exists():
        return False
    version = f"({sys.version_info.major}, {sys.version_info.minor})"
    return run([PYTHON, "-c", f"import sys; sys.exit(sys.version_info[:2] != {version})"]).returncode == 0


def ensure_environment() -> None:
    if STAMP.exists() and STAMP.read_text() == environment_stamp() and PYTHON.exists():
        return
    began = time.monotonic()
    if not environment_works() or (STAMP.exists() and not STAMP.read_text().endswith(f" {VENV}")):
        say("建立 Python 环境 .venv …")
        shutil.rmtree(VENV, ignore_errors=True)
        created = run([sys.executable, "-m", "venv", "--without-pip", VENV], capture_output=True)
        if created.returncode != 0:
            fail(PIP_HINT + "\n" + created.stderr)
    say("安装依赖（首次约需一两分钟）…")
    install_requirements()
    write_entry_points()
    STAMP.write_text(environment_stamp())
    say(f"依赖已就绪({time.monotonic() - began:.0f} 秒)")


def install_requirements() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        installer, extra = find_installer(Path(scratch))
        result = run([*installer, "--require-hashes", "-r", LOCK], env=os.environ | extra)
    if result.returncode != 0:
        fail(
            "安装依赖失败，请检查网络后重试。\nInstalling the dependencies failed; check the network and try again."
        )


def find_installer(scratch: Path) -> tuple[list[str | Path], dict[str, str]]:
    """The command that installs into .venv: uv, the environment's own pip, any pip at hand, or Debian's pip wheel."""
    uv = shutil.which("uv")
    if uv and run([uv, "--version"], capture_output=True).returncode == 0:
        return [uv, "pip", "install", "-q", "--python", PYTHON], {"UV_LINK_MODE": "copy"}
    pip = ["install", "-qq", "--disable-pip-version-check", "--no-input"]
    if run([PYTHON, "-m", "ensurepip", "--default-pip"], capture_output=True).returncode == 0:
        return [PYTHON, "-m", "pip", *pip], {}
    wheel = find_pip_wheel(scratch)
    if wheel:
        return [PYTHON, wheel / "pip", *pip], {}
    if run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return [sys.executable, "-m", "pip", "--python", PYTHON, *pip], {}
    fail(PIP_HINT)


def find_pip_wheel(scratch: Path) -> Path | None:
    """Debian keeps ensurepip and pip in packages of their own; the pip wheel can be unpacked without being root."""
    found = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    if not found and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        say("从系统软件源取 pip(不安装任何系统软件包)…")
        if os.geteuid() == 0 and not any(Path("/var/lib/apt/lists").glob("*Packages*")):
            run(["apt-get", "update", "-q"], capture_output=True)
        scratch.chmod(0o755)
        run(["apt-get", "download", "-q", "python3-pip-whl"], cwd=scratch, capture_output=True)
        for package in scratch.glob("*.deb"):
            run(["dpkg-deb", "-x", package, scratch / "unpacked"], capture_output=True)
        found = sorted(scratch.glob("unpacked/usr/share/python-wheels/pip-*.whl"))
    return found[-1] if found else None


def write_entry_points() -> None:
    for packages in VENV.glob("lib/python*/site-packages"):
        (packages / "shuke-checkout.pth").write_text(f"{CHECKOUT}\n")
    command = VENV / "bin" / "shuke"
    command.write_text(f"#!/bin/sh\nexec '{PYTHON}' -m shuke.config.cli \"$@\"\n")
    command.chmod(0o755)


# -- front end and translations --------------------------------------------------------------------------------------


def changed(name: str, inputs: Iterable[Path]) -> str | None:
    """The new stamp when the inputs differ from those of the last time, else None."""
    now = digest(inputs)
    stamp = CACHE / f"{name}.stamp"
    return None if stamp.exists() and stamp.read_text() == now else now


def remember(name: str, stamp: str) -> None:
    CACHE.mkdir(exist_ok=True)
    (CACHE / f"{name}.stamp").write_text(stamp)


def ensure_front_end() -> None:
    build = CHECKOUT / "frontend" / "build.py"
    if not build.exists():
        return
    folder = CHECKOUT / "frontend"
    inputs = [path for path in folder.iterdir() if path.is_file()]
    inputs += [path for path in (folder / "src").rglob("*") if path.is_file()]
    stamp = changed("frontend", inputs)
    built = CHECKOUT / "shuke" / "ui" / "static" / "ui" / "dist"
    if stamp is None and built.is_dir() and any(built.iterdir()):
        return
    say("构建前端 …")
    began = time.monotonic()
    if run([PYTHON, build], cwd=CHECKOUT).returncode != 0:
        fail("前端构建失败（见上）。\nThe front end could not be built.")
    remember("frontend", stamp or digest(inputs))
    say(f"前端已就绪({time.monotonic() - began:.0f} 秒)")


def ensure_translations() -> None:
    if not any((CHECKOUT / "shuke" / "config").glob("translations*")):
        return
    catalogues = list((CHECKOUT / "shuke" / "locale").rglob("*.po"))
    stamp = changed("translations", catalogues)
    if stamp is None and all(path.with_suffix(".mo").exists() for path in catalogues):
        return
    say("编译翻译 …")
    if run([PYTHON, "-m", "shuke.config.translations", "compile"], cwd=CHECKOUT).returncode != 0:
        fail("翻译编译失败（见上）。\nThe translations could not be compiled.")
    remember("translations", stamp or digest(catalogues))


def prepare() -> None:
    """Environment, front end, translations; one process at a time."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个命令正在准备环境，等它完成 …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_environment()
        ensure_front_end()
        ensure_translations()


# -- commands --------------------------------------------------------------------------------------------------------


def become(*command: str | Path) -> None:
    """Replace this process by a command of the environment."""
    os.execve(PYTHON, [str(PYTHON), *map(str, command)], os.environ | {"PYTHONPATH": str(CHECKOUT)})


def demo(arguments: list[str]) -> None:
    os.environ.setdefault("SHUKE_DATA", str(CHECKOUT / "data"))
    os.environ.setdefault("SHUKE_LANG", "zh")
    become("-m", "shuke.config.cli", "demo", *arguments)


def test(arguments: list[str]) -> None:
    os.chdir(CHECKOUT)
    parallel = [] if any(word.startswith("-n") for word in arguments) else ["-n", "2", "--dist", "worksteal"]
    become("-m", "pytest", *parallel, *arguments)


def check(arguments: list[str]) -> None:
    os.chdir(CHECKOUT)
    become("bin/_check.py", *arguments)


def bench(arguments: list[str]) -> None:
    os.chdir(CHECKOUT)
    become("-m", "bench", *arguments)


def nightly(arguments: list[str]) -> None:
    os.chdir(CHECKOUT)
    become("bin/_nightly.py", *arguments)


def screenshots(arguments: list[str]) -> None:
    os.environ.setdefault("SHUKE_DATA", str(CHECKOUT / "data"))
    become("bin/_screenshots.py", *arguments)


COMMANDS = {
    "demo": demo,
    "test": test,
    "check": check,
    "bench": bench,
    "nightly": nightly,
    "screenshots": screenshots,
}


def main(arguments: list[str]) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        prepare()
        if arguments:
            COMMANDS[arguments[0]](arguments[1:])
    except PermissionError as error:
        fail(
            f"没有权限写入 {error.filename}，请检查检出目录的所有者。\nNo permission to write {error.filename}."
        )
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main(sys.argv[1:])
