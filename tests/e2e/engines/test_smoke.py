"""What every browser must be able to do: sign in, mark a student, register a face, and check in at a kiosk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from secure_attend.faces.engine import FaceEngine
from tests.e2e.conftest import LECTURER, PASSWORD, QUICK, SESSION, Running
from tests.e2e.engines.engines import ENGINES, ENTER, PATIENCE, Engine, until
from tests.support.puppet import astronaut

WATCH = """() => {
  globalThis.faults = [];
  addEventListener('error', (event) => faults.push(String(event.message)));
  addEventListener('unhandledrejection', (event) => faults.push(String(event.reason)));
  addEventListener('securitypolicyviolation', (event) => faults.push(event.violatedDirective));
}"""
SHOWN = "(selector) => document.querySelector(selector)?.checkVisibility() ?? false"
TEXT = """(selector) => {
  const element = document.querySelector(selector);
  return element?.checkVisibility() ? element.innerText : '';
}"""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A browser, started once."""
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as started:
        yield started


@pytest.fixture
def site(tmp_path: Path, sface: FaceEngine, engine: Engine) -> Iterator[Running]:
    """A site with Jane Smith, 002, who has no face yet. Whatever its pages complain of fails the test."""
    running = Running(tmp_path, sface, **QUICK)
    running.log_in()
    yield running.with_roster("001,John Doe", "002,Jane Smith")
    faults = engine.run("() => globalThis.faults ?? []")
    engine.open("about:blank")
    running.stop()
    assert faults == []


def shows(engine: Engine, selector: str, text: str, seconds: float = PATIENCE) -> None:
    """Fails unless the element soon shows the text, and says what the page shows instead."""
    try:
        until(lambda: text in engine.run(TEXT, selector), f"{selector} shows {text!r}", seconds)
    except AssertionError as vain:
        raise AssertionError(f"{vain}; the page shows {engine.run(TEXT, 'body')!r}") from None


def press(engine: Engine, selector: str) -> None:
    """Clicks the element as soon as it is in sight."""
    until(lambda: engine.run(SHOWN, selector), f"{selector} is in sight")
    engine.press(selector)


def fits(engine: Engine) -> None:
    """Fails if the page scrolls sideways."""
    assert engine.run("() => document.documentElement.scrollWidth - innerWidth") <= 0


def sign_in(engine: Engine, site: Running, place: str = "") -> None:
    """Signs the lecturer in, as people do, and opens a place of the faculty page."""
    engine.open(f"{site.address}/faculty{place}")
    engine.run(WATCH)
    press(engine, "#login-name")
    engine.type(LECTURER)
    press(engine, "#login-password")
    engine.type(PASSWORD + ENTER)


def test_a_lecturer_signs_in_and_marks_a_student(engine: Engine, site: Running) -> None:
    day = datetime.now(site.settings.time_zone).date().isoformat()
    body = {"code": "STAT110", "title": "Probability", "term": "Autumn", "first_day": day, "last_day": day}
    course = site.call("POST", "/courses", body)["key"]
    site.call("POST", f"/courses/{course}/members", {"student_id": "002", "first_day": day})
    meeting = site.call("POST", f"/courses/{course}/meetings/now", {"minutes": 60})["meeting"]["key"]
    sign_in(engine, site, f"#today/{meeting}")
    shows(engine, "#class-rows", "Jane Smith")
    fits(engine)
    engine.run("() => document.querySelector('#class-rows tr').focus()")
    engine.type("l")
    shows(engine, "#class-rows", "marked by staff")
    (row,) = site.call("GET", f"/meetings/{meeting}/register")["rows"]
    assert row["status"] == "late"


def test_a_lecturer_registers_a_face(engine: Engine, site: Running, actor: str) -> None:
    sign_in(engine, site)
    shows(engine, "#rows", "Jane Smith")
    fits(engine)
    engine.run(f"() => {{ {actor} }}")
    press(engine, f'#rows [data-key="{site.student("002")["key"]}"] [data-act="register"]')
    until(lambda: engine.run("() => document.querySelector('#register-body')?.dataset.phase") == "ready", "the camera")
    fits(engine)
    press(engine, "#register-go")
    shows(engine, "#register-saved-text", "Jane Smith is registered", SESSION / 1000)
    assert site.student("002")["faces"] > 0


def test_a_student_checks_in_at_a_kiosk(engine: Engine, site: Running, actor: str) -> None:
    site.with_face("002", astronaut().jpeg())
    secret = site.access.kiosks.link_here.offer(len)
    engine.open(f"{site.address}/student#here={secret}")
    engine.run(WATCH)
    press(engine, "#pairing-here")
    until(lambda: engine.run(SHOWN, "#check-in"), "the kiosk is ready")
    fits(engine)
    engine.run(f"() => {{ {actor} }}")
    press(engine, "#check-in")
    shows(engine, "#hello", "Jane Smith", SESSION / 1000)
    fits(engine)
    assert len(site.records("002")) == 1
