"""Firefox ESR and WebKitGTK, as Debian has them: what a smoke test does with a browser, and no more."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.websocket_connection import WebSocketConnection
from selenium.webdriver.webkitgtk.options import Options

from tests.support.ports import free_port

ENTER = "\ue007"
WIDTH, HEIGHT = 1280, 800
PATIENCE = 60.0
"""Seconds for a browser to start, and to answer."""


class Engine(Protocol):
    """One window of a browser."""

    def open(self, address: str) -> None:
        """Load the address, and wait until it is loaded."""

    def run(self, function: str, *arguments: object) -> Any:
        """Call a JavaScript function in the page, and return what it returns, as JSON has it."""

    def press(self, selector: str) -> None:
        """Click the element, as a mouse does."""

    def type(self, text: str) -> None:
        """Press keys, wherever the focus is."""


class Firefox:
    """Firefox by WebDriver BiDi, which it speaks without a driver (https://www.w3.org/TR/webdriver-bidi/)."""

    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection
        self._do("session.new", capabilities={})
        self._page = self._do("browsingContext.create", type="tab")["context"]
        self._on_page("browsingContext.setViewport", viewport={"width": WIDTH, "height": HEIGHT})

    def _do(self, method: str, **parameters: object) -> dict[str, Any]:
        answer: dict[str, Any] = self._connection.send_cmd(method, parameters)
        assert answer["type"] == "success", f"{method}: {answer}"
        result: dict[str, Any] = answer["result"]
        return result

    def _on_page(self, method: str, **parameters: object) -> dict[str, Any]:
        return self._do(method, context=self._page, **parameters)

    def open(self, address: str) -> None:
        self._on_page("browsingContext.navigate", url=address, wait="complete")

    def run(self, function: str, *arguments: object) -> Any:
        called = f"async () => JSON.stringify((await ({function})(...{json.dumps(arguments)})) ?? null)"
        answer = self._do(
            "script.callFunction",
            functionDeclaration=called,
            awaitPromise=True,
            target={"context": self._page},
            userActivation=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def press(self, selector: str) -> None:
        self.run("(selector) => document.querySelector(selector).scrollIntoView({block: 'center'})", selector)
        found = self._on_page("browsingContext.locateNodes", locator={"type": "css", "value": selector})
        element = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": element}
        steps = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._on_page("input.performActions", actions=[{"type": "pointer", "id": "mouse", "actions": steps}])

    def type(self, text: str) -> None:
        steps = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._on_page("input.performActions", actions=[{"type": "key", "id": "keys", "actions": steps}])


class WebKit:
    """WebKitGTK's small browser by WebKitWebDriver."""

    def __init__(self, driver: webdriver.Remote) -> None:
        self._driver = driver
        driver.set_window_size(WIDTH, HEIGHT)
        driver.set_script_timeout(PATIENCE)

    def open(self, address: str) -> None:
        self._driver.get(address)

    def run(self, function: str, *arguments: object) -> Any:
        called = f"""const done = arguments[arguments.length - 1];
          (async () => ({function})(...{json.dumps(arguments)}))().then(
            (value) => done({{value: JSON.stringify(value ?? null)}}),
            (fault) => done({{fault: String(fault)}}),
          );"""
        answer = self._driver.execute_async_script(called)
        assert "fault" not in answer, answer["fault"]
        return json.loads(answer["value"])

    def press(self, selector: str) -> None:
        self._driver.find_element(By.CSS_SELECTOR, selector).click()

    def type(self, text: str) -> None:
        self._driver.switch_to.active_element.send_keys(text)


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Start Firefox, with a profile in `folder`; the test is skipped where it is not installed."""
    program = _installed(shutil.which("firefox-esr") or shutil.which("firefox"), "Firefox")
    wishes = {"ui.prefersReducedMotion": 1, "media.autoplay.default": 0, "browser.shell.checkDefaultBrowser": False}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wishes.items()]
    (folder / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port=0"]
    log = folder / "log.txt"
    with ExitStack() as closing:
        closing.enter_context(_running(command, log, HOME=str(folder)))
        address = until(lambda: re.search(r"BiDi listening on (ws://\S+)", log.read_text()), "Firefox listens")[1]
        connection = WebSocketConnection(f"{address}/session", timeout=PATIENCE, interval=0.02)
        closing.callback(connection.close)
        yield Firefox(connection)


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """Start WebKitGTK's browser on a screen that nobody sees; the test is skipped where it is not installed."""
    driver = _installed(shutil.which("WebKitWebDriver"), "WebKitWebDriver")
    found = next(Path("/usr").glob("lib*/*/webkit2gtk-4.*/MiniBrowser"), None)
    browser = _installed(str(found) if found else None, "WebKitGTK's MiniBrowser")
    screens = _installed(shutil.which("Xvfb"), "Xvfb")
    bus = _installed(shutil.which("dbus-daemon"), "D-Bus")
    with ExitStack() as closing:
        number, screen_log = folder / "screen.txt", folder / "xvfb.txt"
        closing.enter_context(_running(["sh", "-c", f'exec "{screens}" -displayfd 3 3>"{number}"'], screen_log))
        screen = until(lambda: number.exists() and number.read_text().strip(), "Xvfb has a screen")
        bus_log = folder / "bus.txt"
        closing.enter_context(_running([bus, "--session", "--nofork", "--print-address"], bus_log))
        address = until(lambda: bus_log.read_text().strip(), "D-Bus listens")
        options = Options()
        options.binary_location = browser
        options.add_argument("--automation")
        settings = {"DISPLAY": f":{screen}", "DBUS_SESSION_BUS_ADDRESS": address, "HOME": str(folder)}
        # Without a graphics card, drawing layers takes five times as long as drawing the page whole.
        settings |= {"NO_AT_BRIDGE": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
        port = free_port()
        closing.enter_context(_running([driver, f"--port={port}"], folder / "driver.txt", **settings))
        until(lambda: _listens(port), "WebKitWebDriver listens")
        server = RemoteConnection(client_config=ClientConfig(f"http://127.0.0.1:{port}"))
        window = webdriver.Remote(server, options=options)
        closing.callback(window.quit)
        yield WebKit(window)


ENGINES: dict[str, Callable[[Path], Any]] = {"Firefox": firefox, "WebKitGTK": webkit}


def _installed(program: str | None, name: str) -> str:
    if program is None:
        pytest.skip(f"no {name} on this machine: the pages were NOT tested in it")
    return program


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _running(command: list[str], log: Path, **more: str) -> Iterator[None]:
    """A program that runs meanwhile, and writes what it says to `log`."""
    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **more})
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(question: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Ask until the answer is true, and return it. Fails after some seconds, with `what` was waited for."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, f"Waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.1)
    return answer
