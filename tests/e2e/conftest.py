"""Both pages in a real Chromium, against a real server with the profile `sface`, on data of the test's own.

The person before the camera is a puppet made of one portrait (tests/support/puppet.py): it does what the page asks.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import threading
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from secure_attend import ModelStatus, create_app
from secure_attend.access.access import Access
from secure_attend.access.state import ROLES_OF
from secure_attend.faces import loading
from secure_attend.faces.engine import FaceEngine
from secure_attend.frames import Frame
from secure_attend.server import serve
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.support.ports import free_port
from tests.support.puppet import Puppet, astronaut, encoded, from_portrait, landmarker_file

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright  # noqa: E402

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",  # nor one made of the processor: drawing without it takes half as long
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
LECTURER, PASSWORD = "Dr Ada Byron", "nine purple otters dance"
JANE, OTHER = "jane", "somebody else"
PATIENCE = 30_000  # ms, on a machine that is busy with other tests too
START = 120_000  # ms: several browsers may start at once
SESSION = 135_000  # ms: longer than any check-in lasts here, and the page still says what went wrong
QUICK = {"liveness": "quick", "step_seconds": 20.0}  # twice as long as it comes: a check-in may last two minutes
expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """The browser's path, best without a window of its own, which takes half as long again; the test is skipped where
    there is none."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium on this machine: the pages were NOT tested in a browser")
    return path


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    """Playwright, started once."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(play: Playwright) -> Iterator[Browser]:
    """Chromium, started once."""
    opened = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS, timeout=START)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sface() -> FaceEngine:
    """The profile `sface`, loaded once."""
    landmarker_file()
    return loading.load(loading.choose("sface", None).profile)


class Running:
    """A server in a thread, on a free port of this computer."""

    def __init__(
        self,
        folder: Path,
        engine: FaceEngine | None,
        port: int | None = None,
        clock: Callable[[], datetime] | None = None,
        **settings: Any,
    ) -> None:
        self.settings = Settings(
            port=port or free_port(),
            port_chosen=True,
            data=folder / "data",
            site_key_file=folder / "site.key",
            time_zone=where_it_is_day(datetime.now(timezone.utc)),
            site_name="Northfield College",
            contact="the front office",
            **{"history_access": "open", **settings},
        )
        self.settings.data.mkdir(exist_ok=True)
        self.store = JsonStore.open(self.settings.data, site_key_file=self.settings.site_key_file)
        note = ModelStatus(reason="It comes with the installation.", advice=None)
        app = create_app(self.settings, faces=engine, store=self.store, clock=clock, profile_note=note)
        self.access: Access = SITE_PARTS.of(app).access
        self._server = serve.bind(self.settings)
        self.port = self._server.port
        self.address = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=serve.serve_until_stopped, args=(self._server, app))
        self._thread.start()
        self._token = ""

    def let_in(self, context: BrowserContext) -> Running:
        """Gives `call`, and every page of the context, a lecturer's token, and a kiosk's key."""
        self.log_in()
        key = self.access.kiosks.add_this_computer(self.access.kiosks.link_here.offer(lambda _secret: None))[1]
        context.add_init_script(
            f"""if (location.protocol === 'http:' && !sessionStorage.getItem('let-in-{self.port}')) {{
              sessionStorage.setItem('let-in-{self.port}', 'once');
              sessionStorage.setItem('secure-attend-token', '{self._token}');
              localStorage.setItem('secure-attend-kiosk', '{key}');
            }}"""
        )
        return self

    def log_in(self) -> str:
        """Gives `call` a new token of the lecturer's, and returns it."""
        if self.access.accounts.setup_needed():
            self.access.accounts.add(LECTURER, PASSWORD, ROLES_OF["admin"])
        self._token = self.access.accounts.log_in(LECTURER, PASSWORD, "the test").token
        return self._token

    def stop(self) -> None:
        """Ends it and gives its files free."""
        self._server.stop()
        self._thread.join()
        self.store.close()

    def call(
        self, method: str, path: str, body: object = None, kind: str = "application/json", key: str | None = None
    ) -> Any:
        """The interface, as a program uses it; JSON or text out. With the key of a kiosk, as that kiosk uses it."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v1{path}", data=data, method=method)
        request.add_header("Authorization", f"Bearer {key or self._token}")
        if data is not None:
            request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read().decode()
            return json.loads(text) if "json" in answer.headers["Content-Type"] else text

    def student(self, student_id: str) -> dict[str, Any]:
        """One of the list, as the interface shows it."""
        found: dict[str, Any] = next(
            student for student in self.call("GET", "/students")["students"] if student["student_id"] == student_id
        )
        return found

    def records(self, student_id: str) -> list[dict[str, Any]]:
        """The student's records, as the interface shows them."""
        found: list[dict[str, Any]] = self.call("GET", f"/students/{self.student(student_id)['key']}/attendance")[
            "records"
        ]
        return found

    def code(self, student_id: str) -> str:
        """A new personal code of the student's."""
        issued: str = self.call("POST", f"/students/{self.student(student_id)['key']}/code")["code"]
        return issued

    def with_roster(self, *rows: str, agreed: bool = True) -> Running:
        """Students on the list, `id,name` each, who agreed to being registered."""
        self.call("POST", "/roster", "\n".join(["student_id,name", *rows]).encode(), "text/csv")
        if agreed:
            keys = [student["key"] for student in self.call("GET", "/students")["students"]]
            version = self.call("GET", "/consents/text")["version"]
            self.call("POST", "/consents", {"keys": keys, "way": "on_paper", "version": version})
        return self

    def with_face(self, student_id: str, picture: bytes) -> Running:
        """A student's face, from a photo."""
        self.call("POST", f"/students/{self.student(student_id)['key']}/faces", picture, "image/jpeg")
        return self


def where_it_is_day(now: datetime) -> ZoneInfo:
    """A time zone whose midnight is far: what was done today stays today's while a test runs. Never UTC itself."""
    ahead = 12 - now.hour or 1
    return ZoneInfo(f"Etc/GMT{-ahead:+}")  # these names count westwards


@pytest.fixture
def start(tmp_path: Path, context: BrowserContext) -> Iterator[Callable[..., Running]]:
    """Starts servers that are stopped at the end; the same folder is used again unless another is named. The browser is
    let in, unless `locked`. Two movements are asked unless a test wants more, which are sooner played, and each is
    waited for long."""
    running: list[Running] = []

    def begin(engine: FaceEngine | None, *, folder: str = "site", locked: bool = False, **settings: Any) -> Running:
        (tmp_path / folder).mkdir(exist_ok=True)
        running.append(Running(tmp_path / folder, engine, **{**QUICK, **settings}))
        return running[-1] if locked else running[-1].let_in(context)

    yield begin
    for server in running:
        server.stop()


@pytest.fixture
def site(start: Callable[..., Running], sface: FaceEngine) -> Running:
    """An empty site with the profile `sface`."""
    return start(sface)


@pytest.fixture
def jane(site: Running) -> Running:
    """A site where Jane Smith, 002, has her face registered and John Doe, 001, has none."""
    return site.with_roster("001,John Doe", "002,Jane Smith").with_face("002", astronaut().jpeg())


@pytest.fixture(scope="session")
def puppets() -> dict[str, Puppet]:
    """Jane, and somebody else: the same portrait, its features drawn together until the models see another person."""
    from skimage.data import astronaut as portrait

    return {JANE: astronaut(), OTHER: from_portrait(_drawn_together(np.ascontiguousarray(portrait()[:, :, ::-1])))}


def _drawn_together(image: Frame, middle: tuple[int, int] = (222, 110), radius: int = 90, share: float = -1.1) -> Frame:
    """Somebody else to the models, 1.20 from the portrait by SFace, whose every movement is read as asked."""
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    dx, dy = x - middle[0], y - middle[1]
    away = np.minimum(np.hypot(dx, dy) / radius, 1)
    factor = (1 + share * (1 - away) ** 2).astype(np.float32)
    drawn = cv2.remap(image, middle[0] + dx * factor, middle[1] + dy * factor, cv2.INTER_LINEAR)
    return np.asarray(drawn, np.uint8)


@pytest.fixture(scope="session")
def actor(puppets: dict[str, Puppet]) -> str:
    """The script that stands in for the webcam."""
    sheets = {name: sheet(puppet) for name, puppet in puppets.items()}
    script = Path(__file__).with_name("actor.js").read_text(encoding="utf-8")
    return f"const sheets = {json.dumps(sheets)};\n{script}"


def sheet(puppet: Puppet) -> dict[str, list[str]]:
    runs = puppet.sheet()
    return {run: [base64.b64encode(encoded(frame)).decode() for frame in frames] for run, frames in runs.items()}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window of the test's own; whatever its pages complain of fails the test."""
    opened = browser.new_context(
        viewport={"width": 1280, "height": 800}, permissions=["camera"], reduced_motion="reduce"
    )
    opened.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    opened.on("weberror", lambda fault: complaints.append(str(fault.error)))
    opened.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    yield opened
    close(opened)
    assert complaints == []


def close(context: BrowserContext) -> None:
    """Closes the window; what its pages ask for just then is nobody's business."""
    for page in context.pages:
        page.unroute_all(behavior="ignoreErrors")
    context.close()


@pytest.fixture
def page(context: BrowserContext, actor: str) -> Page:
    """A page whose camera shows the puppet."""
    context.add_init_script(actor)
    return context.new_page()


def visit(page: Page, *links: str) -> None:
    """Follow links of the faculty page, one after another: to a place, and to what it leads to."""
    for link in links:
        page.get_by_role("link", name=link, exact=True).click()


def open_own_page(page: Page, site: Running) -> None:
    """A student's own page, once it listens: its form is there before."""
    page.goto(f"{site.address}/me")
    expect(page.locator("#site")).to_have_text(site.settings.site_name)


def resized(page: Page, width: int, height: int = 800) -> None:
    """Gives the page this size, and waits until it has it: what is measured sooner has the size before."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("size => innerWidth === size[0] && innerHeight === size[1]", arg=[width, height])


def stop_the_clock(page: Page) -> datetime:
    """The page's clock stands, whatever the machine takes for the rest; its timers go on. What it shows."""
    now = datetime.now(timezone.utc)
    page.clock.set_fixed_time(now)
    return now


def look_after(page: Page, began: datetime, seconds: float) -> None:
    """Sets the clock on, and lets the page look at it: it does so four times a second."""
    page.clock.set_fixed_time(began + timedelta(seconds=seconds))
    page.wait_for_timeout(700)


def cameras_open(page: Page, count: int) -> None:
    """Fails unless so many cameras are open soon: a dialog says that it closed after it is gone from sight."""
    page.wait_for_function("count => actor.cameras === count", arg=count)


SETTLED = """() => Promise.all(
  document.getAnimations()
    .filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => null)),
).then(() => null)"""
"""Waits until every change that ends has ended."""


VIOLATIONS = """async (asked) => {
  const hidden = 'dialog:not([open]), [hidden], template';
  const gone = [...document.querySelectorAll(hidden)].filter(
    (one) => !one.parentElement.closest(hidden) && !one.checkVisibility(),
  );
  const places = gone.map((one) => {
    const place = document.createComment('');
    one.replaceWith(place);
    return place;
  });
  const inside = (one, id) => (one.id === id ? one : one.querySelector(`#${CSS.escape(id)}`));
  document.getElementById = (id) =>
    Document.prototype.getElementById.call(document, id) ?? gone.map((one) => inside(one, id)).find(Boolean) ?? null;
  try {
    return (await axe.run(document, asked)).violations;
  } finally {
    delete document.getElementById;
    places.forEach((place, at) => place.replaceWith(gone[at]));
  }
}"""
"""What axe finds in what is shown. What is hidden, nine elements of ten, is taken out meanwhile, though labels and
scripts still find it: axe finds the same without it, ten times as fast."""


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Fails where axe finds something on the page as it stands."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci): the pages were NOT checked with axe")
    script = AXE.read_text(encoding="utf-8")

    def check(page: Page) -> None:
        page.evaluate(SETTLED)  # colours in the middle of a change have other contrasts
        if not page.evaluate("'axe' in globalThis"):
            page.evaluate(f"{script};0")
        # No rule here reads style sheets, which axe would load once more.
        asked: dict[str, Any] = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
        if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
            asked["runOnly"] = ["color-contrast"]  # all else is the same in the light, where all is asked
        found = page.evaluate(VIOLATIONS, asked)
        told = [(rule["id"], node["target"], node["failureSummary"]) for rule in found for node in rule["nodes"]]
        assert told == []

    return check


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keeps a picture of the page at both widths, where SECURE_ATTEND_SCREENSHOTS names a folder."""
    folder = os.environ.get("SECURE_ATTEND_SCREENSHOTS")

    def picture(page: Page, name: str) -> None:
        if not folder:
            return
        for width, height in ((390, 844), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(150)
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"))

    return picture
