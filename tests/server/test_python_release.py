"""A start on a Python that lacks security fixes says so, and so do the notices of admins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secure_attend import create_app
from secure_attend.server.python_release import SAFE_FROM, python_note
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import bearing, logged_in, paired
from tests.support.app_process import started
from tests.support.fakes import Clock

OWN = "/home/ada/.pyenv/versions/3"


@pytest.mark.parametrize("line", SAFE_FROM)
def test_the_release_before_the_fixes_is_told_of(line: tuple[int, int]) -> None:
    safe = SAFE_FROM[line]
    note = python_note((*line, safe - 1), OWN)
    assert note is not None
    assert note.certain
    names = "{}.{}".format(*line)
    assert f"Python {names}.{safe - 1}. Releases before {names}.{safe} lack security fixes" in note.sentence
    assert python_note((*line, safe), OWN) is None
    assert python_note((*line, safe + 1), OWN) is None


def test_a_line_that_is_not_known_yet_is_not_judged() -> None:
    assert python_note((3, 15, 0), OWN) is None


def test_a_distributions_python_may_have_the_fixes() -> None:
    note = python_note((3, 11, 2), "/usr")
    assert note is not None
    assert not note.certain
    assert "Install the system's updates." in note.sentence


def test_every_line_that_the_pins_are_made_for_is_known() -> None:
    asked = re.search(r"PYTHONS = .* range\((\d+), (\d+)\)", (PROJECT / ".ci" / "pins.py").read_text(encoding="utf-8"))
    assert asked
    assert list(SAFE_FROM) == [(3, minor) for minor in range(int(asked[1]), int(asked[2]))]


def test_only_admins_are_told(settings: Settings, store: JsonStore, clock: Clock) -> None:
    app = create_app(settings, store=store, clock=clock, admin_notices=("Python is old.",))
    assert "Python is old." in logged_in(app).get("/api/v1/health").get_json()["notices"]
    others = [bearing(app, "nobody"), paired(app)]
    others += [logged_in(app, role, roles=[role]) for role in ("registrar", "faculty", "officer")]
    for other in others:
        assert other.get("/api/v1/health").get_json()["notices"] == []


@pytest.mark.parametrize(("version", "told"), [((3, 11, 2), True), ((3, 11, 99), False)])
def test_a_start_says_so_and_goes_on(tmp_path: Path, version: tuple[int, int, int], told: bool) -> None:
    program = tmp_path / "pretend.py"
    program.write_text(
        f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n"
        "from secure_attend.server import start\n"
        f"judged = start.python_note({version}, {OWN!r})\n"
        "start.python_note = lambda version, prefix: judged\n"
        "sys.exit(start.main(sys.argv[1:]))\n"
    )
    with started(tmp_path, program=(str(program),), FACES="off", PORT="0", DATA=str(tmp_path / "data")) as app:
        app.ready()
    assert ("lack security fixes" in " ".join(app.said.split())) is told
