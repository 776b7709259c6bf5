"""The counts of an interrupted run, kept beside the code that they were counted with, so that it can resume."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "build" / "liveness.json"
JUDGING = (
    "actions",
    "challenge",
    "step_sequences",
    "eyes",
    "head_pose",
    "limits",
    "motion",
    "neutral",
    "presence",
    "view",
)
JUDGE = ("secure_attend/liveness/__init__.py", *(f"secure_attend/liveness/{name}.py" for name in JUDGING))
PLAYERS = (
    "tests/support/puppet.py",
    "tests/support/landmark_head.py",
    *(f"benchmarks/liveness/{n}.py" for n in ("species", "prints")),
)
READERS = (
    "secure_attend/attendance/liveness_sessions/face_tracker.py",
    *(
        f"secure_attend/faces/{name}.py"
        for name in (
            "composed",
            "geometry",
            "quality",
            "detect/mesh_follower",
            "detect/second_look",
            "detect/yunet",
            "models/face_landmarker",
            "models/yunet_graph",
        )
    ),
)
COMPUTED = (*JUDGE, *PLAYERS, "benchmarks/liveness/landmark_tries.py", "benchmarks/liveness/heads.py")
CODE = {
    "computed": COMPUTED,
    "computed, at a kiosk's rate": COMPUTED,
    "filmed": (
        *JUDGE,
        *PLAYERS,
        *(f"benchmarks/liveness/{name}.py" for name in ("landmark_tries", "pixel_tries", "portraits")),
        *READERS,
    ),
}


class Partial:
    """The counts so far: tries, hits and steps by name. Counts of other code are not continued."""

    def __init__(self, file: Path = FILE) -> None:
        self._file = file
        self._codes = {level: code_of(patterns) for level, patterns in CODE.items()}
        self._known: dict[str, list[int]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def get(self, level: str, name: str) -> tuple[int, int, int]:
        """Return tries, hits and steps; zeros if nothing was counted yet."""
        tries, hits, steps = self._known.get(self._key(level, name), (0, 0, 0))
        return tries, hits, steps

    def put(self, level: str, name: str, tries: int, hits: int, steps: int) -> None:
        """Keep them, even if the run is stopped at this moment."""
        self._known[self._key(level, name)] = [tries, hits, steps]
        self._file.parent.mkdir(exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._known, indent=1), encoding="utf-8")
        new.replace(self._file)

    def _key(self, level: str, name: str) -> str:
        return f"{self._codes[level]} {level} {name}"


def code_of(patterns: Iterable[str]) -> str:
    """Return a digest of the code in these files that changes with what the code does, not with its docstrings."""
    digest = sha256()
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        tree = _Wordless().visit(ast.parse(path.read_text(encoding="utf-8")))
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:12]


class _Wordless(ast.NodeTransformer):
    """Leave out docstrings."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Leave out every expression that is only a text."""
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node
