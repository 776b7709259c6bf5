"""Who may import whom (docs/architecture.md): rooms know only what is below them, and nothing imports in a circle."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "secure_attend"
MAY_IMPORT = {
    "errors": set(),
    "memory": set(),
    "settings": set(),
    "command_line": {"settings"},
    "frames": {"errors"},
    "proportions": set(),
    "visible_text": set(),
    "faces": {"errors", "frames", "memory"},
    "models": {"errors", "faces"},
    "liveness": {"errors", "frames", "proportions"},
    "storage": {"errors", "settings", "command_line"},
    "attendance": {"errors", "settings", "frames", "faces", "liveness", "storage", "visible_text"},
    "access": {"errors", "settings", "storage", "visible_text"},
    "web": {"errors", "settings", "frames", "attendance", "access", "storage"},
}
"""Outer rooms and files. What starts or measures the program (server, evaluate, privacy, any `__main__`) may import all
of them."""
INNER_ROOMS = {
    "attendance": {
        "imports": set(),
        "recognition": set(),
        "liveness_sessions": {"recognition"},
        "students": {"imports", "recognition", "liveness_sessions"},
        "courses": {"imports", "recognition", "liveness_sessions", "students"},
        "meetings": {"imports", "recognition", "liveness_sessions", "students", "courses"},
        "registers": {"recognition", "liveness_sessions", "students", "courses", "meetings"},
        "evidence": {"courses", "meetings", "registers"},
        "records": {"recognition", "liveness_sessions", "students", "courses", "meetings", "registers", "evidence"},
        "exports": {"courses", "meetings", "registers", "evidence", "records"},
        "locks": {"students", "courses", "meetings", "registers", "evidence", "exports"},
        "corrections": {"students", "recognition", "courses", "locks"},
        "low_attendance": {"students", "courses", "meetings", "registers"},
        "requests": {"students", "courses", "meetings", "registers", "records"},
        "upkeep": {
            *("recognition", "students", "courses", "meetings", "registers", "records", "exports", "requests"),
            "corrections",
        },
        "field_trial": {"recognition", "liveness_sessions"},
    },
    "faces": {
        "models": set(),
        "detect": {"models"},
        "embed": {"models"},
        "matching": set(),
    },
    "storage": {
        "chains": set(),
        "keys": set(),
        "files": {"chains", "keys"},
        "sql": {"chains", "keys"},
        "tools": {"chains", "keys", "files", "sql"},
    },
    "web": {
        "http": set(),
        "schemas": {"http"},
        "openapi": {"http"},
        "api": {"http", "openapi", "schemas"},
    },
}
"""Which inner rooms may import which others of their room. Files beside them are below or above: see the circles."""
SHARED_NAMES = {"__init__.py", "__main__.py", "env.py"}
WEB_FRAMEWORK = {"flask", "flask_cors", "apiflask", "werkzeug"}
MOST_FILES = 20


def module_of(file: Path) -> str:
    """Return the dotted name of a file's module, without the package's own name."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(file: Path) -> set[str]:
    """Return every module and name that a file imports, by its whole name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: imports say the whole name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


FILES = {module_of(file): file for file in sorted(ROOT.rglob("*.py"))}
SOURCES = [file for file in FILES.values() if file.name not in SHARED_NAMES]


def known(name: str) -> str | None:
    """Return the module of ours that an imported name is or is taken from."""
    module = name.removeprefix("secure_attend.")
    if name.startswith("secure_attend.") and module not in FILES:
        module = module.rpartition(".")[0]
    return module if name.startswith("secure_attend.") and module in FILES else None


@cache
def all_imported() -> dict[str, set[str]]:
    """Return what each module imports. Read when a test asks: every process of a run collects this file."""
    return {module: imported(file) for module, file in FILES.items()}


@cache
def imports() -> dict[str, set[str]]:
    """Return which modules of ours each one imports."""
    return {
        module: {ours for ours in map(known, names) if ours and ours != module}
        for module, names in all_imported().items()
    }


def in_room(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    assert any(in_room(module, room) for module in imports())
    for module, others in imports().items():
        if in_room(module, room) and not module.endswith(".__main__"):
            assert {other.partition(".")[0] for other in others} - {room} <= MAY_IMPORT[room], module


@pytest.mark.parametrize(("room", "inner"), [(room, inner) for room, rules in INNER_ROOMS.items() for inner in rules])
def test_an_inner_room_imports_only_what_it_may(room: str, inner: str) -> None:
    rules = INNER_ROOMS[room]
    modules = [module for module in imports() if in_room(module, f"{room}.{inner}")]
    assert modules
    for module in modules:
        others = {other.split(".")[1] for other in imports()[module] if other.startswith(f"{room}.")}
        assert (others & rules.keys()) - {inner} <= rules[inner], module


def test_every_folder_with_files_of_its_own_is_in_the_rules() -> None:
    for room, rules in INNER_ROOMS.items():
        assert {folder.name for folder in (ROOT / room).iterdir() if (folder / "__init__.py").exists()} == set(rules)


def places(module: str, room: str) -> str | None:
    """Return the file or folder directly in the room that a module belongs to; None outside the room."""
    return module.removeprefix(f"{room}.").partition(".")[0] if module.startswith(f"{room}.") else None


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return one circle in a graph; nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_file_imports_in_a_circle() -> None:
    assert circle(imports()) == []


@pytest.mark.parametrize("room", sorted({file.parent.relative_to(ROOT).as_posix() for file in SOURCES} - {"."}))
def test_nothing_in_a_room_imports_in_a_circle(room: str) -> None:
    dotted = room.replace("/", ".")
    graph: dict[str, set[str]] = {}
    for module, others in imports().items():
        place = places(module, dotted)
        if place:
            used = {inner for other in others if (inner := places(other, dotted))}
            graph.setdefault(place, set()).update(used - {place})
    assert circle(graph) == []


def test_a_circle_would_be_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert circle({"a": {"b"}, "b": {"c"}}) == []


def test_only_web_knows_the_web() -> None:
    for module, names in all_imported().items():
        if not in_room(module, "web") and module and not in_room(module, "server"):
            assert not {name.partition(".")[0] for name in names} & WEB_FRAMEWORK, module


def test_no_folder_holds_more_files_than_one_can_take_in() -> None:
    around = [
        file
        for room in ("static/js", "types", "pages", "tests", "benchmarks")
        for file in (ROOT.parent / room).rglob("*.*")
        if file.suffix in (".py", ".js", ".ts", ".html") and file.name not in SHARED_NAMES
    ]
    for folder, count in Counter(file.parent for file in [*SOURCES, *around]).items():
        assert count <= MOST_FILES, folder


def test_no_two_classes_have_the_same_name() -> None:
    names = Counter(
        node.name
        for file in SOURCES
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_file_name_recurs_only_for_a_resource_and_its_use_case() -> None:
    rooms: dict[str, set[str]] = {}
    for file in SOURCES:
        rooms.setdefault(file.name, set()).add(file.parent.relative_to(ROOT).parts[0] if file.parent != ROOT else "")
    counts = Counter(file.name for file in SOURCES)
    for name, count in counts.items():
        assert count == 1 or (count == 2 and "web" in rooms[name] and rooms[name] & {"attendance", "access"}), name
