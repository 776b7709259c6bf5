"""Who imports whom within `secure_attend/storage`: no circle, and the inner rooms know only what is below them."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import secure_attend.storage

ROOM = Path(secure_attend.storage.__file__).parent
PACKAGE = "secure_attend.storage"
FILES = {".".join((PACKAGE, *path.relative_to(ROOM).with_suffix("").parts)): path for path in ROOM.rglob("*.py")}
MAY_IMPORT = {
    "keys": set(),
    "chains": set(),
    "files": {"keys", "chains"},
    "sql": {"keys", "chains"},
    "tools": {"files", "sql", "keys", "chains"},
}
"""Of the inner rooms; each may use the files beside them."""
ABOVE = {"opening", "__main__"}
"""The files beside the rooms that may use the rooms; `ports` takes the values of the audit trail from `chains`."""


def imports() -> dict[str, set[str]]:
    """The modules of the room that each module imports, wherever the import is written."""
    graph: dict[str, set[str]] = {}
    for module, path in FILES.items():
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
                whole = (f"{node.module}.{alias.name}" for alias in node.names)
                names |= {name if name in FILES else node.module for name in whole}
        graph[module] = names - {module}
    return graph


def room_of(module: str) -> str:
    """The inner room, or the file beside the rooms."""
    return module.removeprefix(f"{PACKAGE}.").partition(".")[0]


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert len(list(TopologicalSorter(imports()).static_order())) >= len(FILES) - 1


def test_an_inner_room_imports_only_what_is_below_it() -> None:
    rooms: dict[str, set[str]] = {}
    for module, names in imports().items():
        rooms.setdefault(room_of(module), set()).update(room_of(name) for name in names)
    for room, names in rooms.items():
        inner = names & MAY_IMPORT.keys() - {room}
        if room in MAY_IMPORT:
            assert inner <= MAY_IMPORT[room], room
            assert not names & ABOVE, room
        elif room not in ABOVE:
            assert inner <= {"chains"} if room == "ports" else not inner, room
    list(TopologicalSorter({room: names - {room} for room, names in rooms.items()}).static_order())
