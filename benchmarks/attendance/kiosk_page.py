"""The kiosk's page in Chromium with a puppet before its camera: how many frames a second it shows the server."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.report import PROJECT
from benchmarks.timing import Row, measured
from secure_attend.faces import loading
from secure_attend.faces.models import profiles
from tests.e2e.conftest import ARGUMENTS, JANE, Running, chromium, sheet
from tests.support.puppet import astronaut

CHECK_INS = 15
SLOWEST = 110.0
"""Milliseconds from one frame to the next: nine a second."""
TAP_TO_GREETING = 8.0
ACTOR = PROJECT / "tests" / "e2e" / "actor.js"
PATIENCE = 120_000
FRAMES = "performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/frames?'))"


def rows() -> Iterator[Row]:
    """Run standard check-ins with the profile sface, server and browser on this machine."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        site = Running(Path(folder), loading.load(profiles.SFACE), liveness="standard")
        browser = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = browser.new_context(permissions=["camera"])
        site.let_in(context).with_roster("002,Jane Smith").with_face("002", astronaut().jpeg())
        context.add_init_script(f"const sheets = {json.dumps({JANE: sheet(astronaut())})};\n{ACTOR.read_text()}")
        played = [_check_in(context.new_page(), site) for _ in range(CHECK_INS)]
        browser.close()
        site.stop()
    taps = [seconds for _, seconds in played]
    between = [after["startTime"] - before["startTime"] for frames, _ in played for before, after in pairwise(frames)]
    answered = [frame["duration"] for frames, _ in played for frame in frames]
    seconds = [(frames[-1]["responseEnd"] - frames[0]["startTime"]) / 1000 for frames, _ in played]
    yield measured("the page in Chromium, puppet, standard: from one frame to the next", "ms", between, SLOWEST)
    yield measured("... until a frame is answered", "ms", answered)
    yield measured("... from the first frame to the last, the puppet's movements with them", "seconds", seconds)
    yield measured("... from the tap to the greeting", "seconds", taps, TAP_TO_GREETING)


def _check_in(page: Page, site: Running) -> tuple[list[dict[str, Any]], float]:
    """Return the frames sent in one check-in, with the browser's own times in milliseconds, and the seconds from the
    tap to the greeting."""
    page.goto(f"{site.address}/student")
    page.evaluate("performance.setResourceTimingBufferSize(5000)")
    button = page.get_by_role("button", name="Check in")
    expect(button).to_be_enabled(timeout=PATIENCE)
    began = time.perf_counter()
    button.click()
    expect(page.locator("#hello")).to_be_visible(timeout=PATIENCE)
    seconds = time.perf_counter() - began
    frames: list[dict[str, Any]] = page.evaluate(f"{FRAMES}.map((entry) => entry.toJSON())")
    page.close()
    return frames, seconds
