"""Benchmarks run seldom: every file of them can be imported, and every group that a command names is a file."""

from __future__ import annotations

import importlib
import pkgutil

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
    assert importlib.import_module(name).__doc__


def test_every_group_is_a_file() -> None:
    assert {f"benchmarks.{group}" for group in GROUPS} <= set(NAMES)
    assert {f"benchmarks.durability.{group}" for group in DURABILITY_GROUPS} <= set(NAMES)
