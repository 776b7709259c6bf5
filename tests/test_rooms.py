"""Who imports whom, as docs and code agreed: rooms know only what is below them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "secure_attend"
MAY_IMPORT = {
    "errors": set(),
    "memory": set(),
    "setting_values": set(),
    "options": {"setting_values"},
    "config": {"options", "setting_values"},
    "frames": {"errors"},
    "proportions": set(),
    "faces": {"errors", "frames", "memory"},
    "liveness": {"errors", "frames", "proportions"},
    "storage": {"errors", "config", "options"},
    "attendance": {"errors", "config", "frames", "faces", "liveness", "storage"},
    "access": {"errors", "config", "storage"},
    "web": {"errors", "config", "frames", "attendance", "access", "storage"},
}
"""`web` knows of the store only what passes through it: the values of storage/values.py and documents.py."""
VALUES = ("secure_attend.storage.values.", "secure_attend.storage.documents.")
WEB_FRAMEWORK = {"flask", "flask_cors", "apiflask", "werkzeug"}
ROOMS = [name for name in MAY_IMPORT if (ROOT / name).is_dir() or (ROOT / f"{name}.py").exists()]


def imports(room: str) -> dict[str, set[str]]:
    """The modules that each file of the room imports."""
    files = sorted((ROOT / room).rglob("*.py")) or [ROOT / f"{room}.py"]
    return {str(file.relative_to(ROOT)): _imported(ast.parse(file.read_text(encoding="utf-8"))) for file in files}


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports say the whole name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    for file, modules in imports(room).items():
        ours = {module.split(".")[1] for module in modules if module.startswith("secure_attend.")}
        assert ours - {room} <= MAY_IMPORT[room], file


@pytest.mark.parametrize("room", sorted(set(ROOMS) - {"web"}))
def test_only_web_knows_the_web(room: str) -> None:
    for file, modules in imports(room).items():
        assert not {module.split(".")[0] for module in modules} & WEB_FRAMEWORK, file


def test_the_web_knows_the_stores_values_alone() -> None:
    for file, modules in imports("web").items():
        stores = {module for module in modules if module.startswith("secure_attend.storage")}
        assert all(module.startswith(VALUES) for module in stores), file
