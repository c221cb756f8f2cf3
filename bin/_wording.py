"""Words that must not be in committed files: unfinished-work marks, tests that cannot fail, secrets, hosts of registries."""

import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
# Put together here, so that this file does not find itself.
MARKS = [
    "TO" + "DO",
    "FIX" + "ME",
    "X" * 3,
    "NotImplemented" + "Error",
    "pytest.mark." + "skip(",
    "assert " + "True",
]
UNFINISHED = re.compile("|".join(rf"\b{re.escape(mark)}" for mark in MARKS))
REGISTRIES = re.compile(
    "|".join(("pypi" + r"\.org", "registry" + r"\.npmjs", "pythonhosted" + r"\.org", "deb" + r"\.debian"))
)
PRIVATE_KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")
READ = {".py", ".html", ".js", ".css", ".md", ".toml", ".lock", ".json", ".sh", ".po", ".txt", ""}


def tracked() -> list[Path]:
    """Files of the next commit."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    return [CHECKOUT / name for name in listed.decode().split("\0") if name]


def main() -> int:
    """Print every line that breaks a rule; 1 if any does."""
    broken = 0
    for path in tracked():
        if path.suffix not in READ or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for pattern in (UNFINISHED, REGISTRIES, PRIVATE_KEY):
                if pattern.search(line):
                    print(f"{path.relative_to(CHECKOUT)}:{number}: {line.strip()[:120]}")
                    broken += 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
