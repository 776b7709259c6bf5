"""In a git checkout the shipped, empty data files are tracked: git leaves them alone before people are in them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_PATIENCE = 10.0  # seconds; git answers in milliseconds, and a start must not hang on it


def mark_skip_worktree(paths: Sequence[Path]) -> str | None:
    """Mark tracked `paths` (all in one directory) `skip-worktree`, which survives stash, `add -A` and `reset --hard`.
    Return a sentence to print, None if there was nothing to do: no git, no checkout, not tracked, or marked already."""
    git = shutil.which("git")
    if git is None or not paths:
        return None
    names = _tracked_and_open(git, paths)
    if not names or _run(git, paths[0].parent, "update-index", "--skip-worktree", "--", *names) is None:
        return None
    return (
        f"This is a git checkout: git was told to leave {' and '.join(names)} alone (skip-worktree), "
        "so that no student is ever committed."
    )


def _tracked_and_open(git: str, paths: Sequence[Path]) -> list[str]:
    """Return the names of the paths that git tracks and would still commit (`H`; marked ones are `S`)."""
    listed = _run(git, paths[0].parent, "ls-files", "-v", "-z", "--", *(path.name for path in paths))
    return [line[2:] for line in (listed or "").split("\0") if line.startswith("H ")]


def _run(git: str, directory: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 (git by its full path, our own file names)
            [git, "-C", str(directory), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
