"""Benchmarks run seldom: every file of them can be imported, and every group that a command names is a file."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

import benchmarks
import benchmarks.durability
from benchmarks.__main__ import GROUPS
from benchmarks.durability.__main__ import GROUPS as DURABILITY_GROUPS

NAMES = [
    module.name
    for module in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_can_be_imported(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    # `from benchmarks import results` would import a folder without a word, and fail when it runs.
    assert [
        each for each in vars(module).values() if isinstance(each, ModuleType) and each.__spec__.origin is None
    ] == []


def test_every_group_is_a_file() -> None:
    assert {f"benchmarks.{room}.{group}" for group, room in GROUPS.items()} <= set(NAMES)
    assert {f"benchmarks.durability.{group}" for group in DURABILITY_GROUPS} <= set(NAMES)
