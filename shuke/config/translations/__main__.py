"""`python -m shuke.config.translations extract | compile | check`."""

import sys

from shuke.config.translations.catalogues import compile_all, english, merged, save_english
from shuke.config.translations.checking import problems
from shuke.config.translations.extracting import extracted


def extract_words() -> int:
    """Bring the English catalogue up to date with the sources."""
    catalog = merged(extracted(), english())
    save_english(catalog)
    empty = sum(1 for message in catalog if message.id and not all(message.string or ("",)))
    print(f"{len(catalog)} msgids, {empty} without English")
    return 0


def compile_words() -> int:
    """Write the `.mo` files."""
    for path in compile_all():
        print(path)
    return 0


def check_words() -> int:
    """Name what is missing; 1 when anything is."""
    found = problems()
    for problem in found:
        print(problem)
    print(f"{len(found)} problems" if found else "all translated")
    return 1 if found else 0


COMMANDS = {"extract": extract_words, "compile": compile_words, "check": check_words}


def main(arguments: list[str]) -> int:
    """Run one command."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m shuke.config.translations {' | '.join(COMMANDS)}")
        return 2
    return COMMANDS[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
