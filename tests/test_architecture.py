"""The walls that import-linter cannot see."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, Model

from shuke.kernel.events import handler_paths
from shuke.team.ports import rooms_with_stores

CHECKOUT = Path(__file__).resolve().parents[1]
SHUKE = CHECKOUT / "shuke"
HIGHEST_FIRST = ["desk", "connectors", "value", "orders", "customers", "imports", "team", "ui", "kernel"]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
LONGEST_FILE = 500
DOORS = {"services", "queries", "events", "rules", "ports"}
GATE = "shuke.team.gate"  # the one door that only views use, docs/adr/0011


def sources() -> list[Path]:
    """Every Python file of the product and its tools."""
    found = [
        path for folder in ("shuke", "bench", "bin", "tests") for path in (CHECKOUT / folder).rglob("*.py")
    ]
    return [path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts]


def room_of(path: Path) -> str:
    """The room that a file of shuke/ is in."""
    return path.relative_to(SHUKE).parts[0]


def imported_modules(path: Path) -> set[str]:
    """Dotted names that a file imports: `from a.b import c` gives a.b and a.b.c."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def shuke_models() -> list[type[Model]]:
    """Every model of Shuke's own rooms."""
    return [model for model in apps.get_models() if model.__module__.startswith("shuke.")]


def relations() -> list[tuple[type[Model], "ForeignKey[Model] | ManyToManyField[Model, Model]"]]:
    """Every foreign key and many-to-many declared by Shuke's models, with its model."""
    return [
        (model, field)
        for model in shuke_models()
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if isinstance(field, ForeignKey | ManyToManyField)
    ]


def test_the_suite_sees_the_rooms() -> None:
    assert {room_of(path) for path in sources() if path.is_relative_to(SHUKE)} >= {
        *HIGHEST_FIRST,
        "analytics",
        "zh",
        "config",
    }
    assert len(shuke_models()) > 10


def test_models_are_private_to_their_room() -> None:
    trespassers = [
        f"{path.relative_to(CHECKOUT)} imports {module}"
        for path in SHUKE.rglob("*.py")
        if "tests" not in path.parts and path.name != "testing.py" and room_of(path) != "config"
        for module in imported_modules(path)
        if (match := re.match(r"shuke\.(\w+)\.models\b", module)) and match[1] != room_of(path)
    ]
    assert trespassers == []


def test_rooms_are_entered_through_their_doors() -> None:
    rooms = {"segments", "desk", "connectors", "value", "orders", "customers", "imports", "team"}
    trespassers = [
        f"{path.relative_to(CHECKOUT)} imports {module}"
        for path in SHUKE.rglob("*.py")
        if "tests" not in path.parts and path.name != "testing.py" and room_of(path) in rooms
        for module in imported_modules(path)
        if (match := re.match(r"shuke\.(\w+)\.(\w+)", module))
        and match[1] in rooms - {room_of(path)}
        and match[2] not in DOORS
        and not (module.startswith(GATE) and "views" in (*path.parts, path.stem))
    ]
    assert trespassers == []


def test_foreign_keys_between_rooms_point_down() -> None:
    upward = []
    for model, field in relations():
        here, there = model._meta.app_label, field.related_model._meta.app_label
        known = here in HIGHEST_FIRST and there in HIGHEST_FIRST
        if known and HIGHEST_FIRST.index(there) < HIGHEST_FIRST.index(here):
            upward.append(f"{model._meta.label}.{field.name} → {there}")
    assert upward == []


def test_foreign_keys_between_rooms_have_no_way_back() -> None:
    reverse = [
        f"{model._meta.label}.{field.name}"
        for model, field in relations()
        if model._meta.app_label != field.related_model._meta.app_label and not field.remote_field.hidden
    ]
    assert reverse == []


def test_foreign_keys_between_rooms_are_written_as_strings() -> None:
    objects = []
    for path in SHUKE.glob("*/models*"):
        files = [path] if path.is_file() else list(path.rglob("*.py"))
        own = "\n".join(file.read_text() for file in files)
        for file in files:
            for node in ast.walk(ast.parse(file.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                if node.func.attr not in {"ForeignKey", "OneToOneField", "ManyToManyField"} or not node.args:
                    continue
                target = node.args[0]
                is_local = isinstance(target, ast.Name) and re.search(
                    rf"^class {target.id}\b", own, re.MULTILINE
                )
                if not isinstance(target, ast.Constant) and not is_local:
                    objects.append(f"{file.relative_to(CHECKOUT)}:{node.lineno}")
    assert objects == []


def test_no_file_is_longer_than_its_limit() -> None:
    long = {
        str(path.relative_to(CHECKOUT)): lines
        for path in sources()
        if (lines := path.read_text().count("\n")) > LONGEST_FILE
    }
    assert long == {}


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    assert [str(path) for path in sources() if {path.stem, path.parent.name} & FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("room", [*HIGHEST_FIRST, "analytics", "zh", "config"])
def test_every_room_says_what_it_is_for(room: str) -> None:
    text = ast.get_docstring(ast.parse((SHUKE / room / "__init__.py").read_text())) or ""
    assert len(text) > 40, "say in ten lines what the room is for, its doors and its events"


def test_no_two_advisory_locks_share_a_number() -> None:
    found: dict[str, list[str]] = {}
    for path in SHUKE.rglob("*.py"):
        for name, number in re.findall(r"^(\w*LOCK) = ([\d_]+)\b", path.read_text(), re.MULTILINE):
            found.setdefault(number.replace("_", ""), []).append(f"{path.relative_to(SHUKE)} {name}")
    assert len(found) > 8
    assert {number: users for number, users in found.items() if len(users) > 1} == {}


def test_advisory_locks_are_called_by_name() -> None:
    unnamed = [
        f"{path.relative_to(SHUKE)}: {line.strip()}"
        for path in SHUKE.rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"advisory\w*lock\((?:\d|[^)]*\)\"?, \[\d)", line)
    ]
    assert unnamed == []


def test_who_hears_of_one_changed_customer_hears_of_many() -> None:
    def rooms(event: str) -> set[str]:
        return {path.split(".")[1] for path in handler_paths(event)}

    assert rooms("CustomerChanged") >= {"customers", "desk", "connectors"}
    assert rooms("CustomerChanged") <= rooms("CustomersChanged")


def test_every_room_that_points_to_stores_says_which_it_uses() -> None:
    pointing = {
        model._meta.app_label
        for model, field in relations()
        if field.related_model._meta.label == "team.Store"
    }
    assert pointing >= {"team", "orders", "customers"}
    assert pointing <= rooms_with_stores()
