"""Graphs made once from a model file and kept beside the downloaded weights.

Nothing is trusted that was not checked: a graph is written only when it gives the answers it is known to give, and used
only while file, source and answers are still those.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.models.onnx_sessions import MOST_THREADS, open_session
from secure_attend.faces.models.packaged import sha256_of

log = logging.getLogger(__name__)


class WrongAnswers(Exception):
    """The graph does not answer as it should."""


@dataclass(frozen=True)
class Recipe:
    """How to make a graph, and how to know it again.

    `name` is its file, `version` is raised when what `make` writes changes. `ask` puts a fixed input to a session, and
    each of the numbers it returns must be within `close` of `expected`. `threads` is the most that one run may use: a
    network of a few milliseconds takes a fifth more processor time with two than with one. `one_size`: all
    its pictures have the same size.
    """

    name: str
    version: int
    make: Callable[[Path], bytes]
    ask: Callable[[Any], NDArray[np.float32]]
    expected: tuple[float, ...]
    close: float
    threads: int = MOST_THREADS
    one_size: bool = False

    def open(self, graph: Path | bytes) -> Any:
        """Open a checked session on the graph. Raises WrongAnswers and DamagedFile."""
        session = open_session(graph, self.threads, one_size=self.one_size)
        self.check(session)
        return session

    def check(self, session: Any) -> None:
        """Raise WrongAnswers unless the session gives the expected answers."""
        answers = self.ask(session)
        apart = float(np.abs(answers - np.array(self.expected, np.float32)).max())
        if not apart <= self.close:
            raise WrongAnswers(f"its answers are {apart:.1e} from those expected")


def opened(recipe: Recipe, source: Path, folder: Path) -> Any:
    """Return a session on the graph made of `source`, kept in `folder`.

    A graph that is missing there or cannot be used is made again. One that cannot be kept is used from memory, and the
    log says so. Raises WrongAnswers or `DamagedFile` where no graph can be made.
    """
    graph, note = folder / recipe.name, folder / f"{recipe.name}.json"
    expected_note = {"version": recipe.version, "source": sha256_of(source)}
    try:
        return _kept(recipe, graph, json.loads(note.read_text("utf-8")), expected_note)
    except FileNotFoundError:
        log.info("%s is made from %s", graph, source)
    except Exception as error:  # whatever is wrong with the kept graph, a new one is made
        log.warning("%s is made again: %s", graph, error)
    model = recipe.make(source)
    try:
        return _keep(recipe, graph, note, model, expected_note)
    except OSError as error:
        log.warning("%s could not be kept, so every start makes it: %s", graph, error)
        return recipe.open(model)


def _kept(recipe: Recipe, graph: Path, note: Any, expected_note: dict[str, Any]) -> Any:
    if note != expected_note | {"graph": sha256_of(graph)}:
        raise WrongAnswers("it is not the one that was checked")
    return recipe.open(graph)


def _keep(recipe: Recipe, graph: Path, note: Path, model: bytes, expected_note: dict[str, Any]) -> Any:
    graph.parent.mkdir(parents=True, exist_ok=True)
    partial = graph.with_name(f".{recipe.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(model)
        session = recipe.open(partial)
        words = json.dumps(expected_note | {"graph": sha256_of(partial)})
        partial.replace(graph)
        partial.write_text(words, "utf-8")
        partial.replace(note)
    finally:
        partial.unlink(missing_ok=True)
    return session


def pattern(height: int, width: int) -> NDArray[np.uint8]:
    """(1, height, width, 3) uint8: pixels from a formula, the same everywhere, to ask a graph about."""
    y, x, channel = np.indices((height, width, 3))
    waves = 96 * np.sin(x / (5 + 2 * channel)) * np.cos(y / (7 + channel)) + ((3 * x + 5 * y + 11 * channel) % 61)
    return np.asarray(np.clip(waves + 98, 0, 255).round()[None], np.uint8)
