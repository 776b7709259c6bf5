"""The unit secure-attend.service, started: one process, with the unit's settings in the test's folder."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path

from secure_attend.settings import OPTIONS
from tests.support.app_process import health, started
from tests.support.ports import free_port
from tests.support.puppet import landmarker_file
from tests.support.stack import DEPLOY

UNIT = (DEPLOY / "secure-attend.service").read_text(encoding="utf-8")


def test_the_unit_serves_https_keeps_the_key_apart_and_stops_when_told(tmp_path: Path) -> None:
    assert re.search(r"^ExecStart=\S+/python app\.py$", UNIT, re.MULTILINE)
    settings = dict(re.findall(r"^Environment=(\w+)=(.*)$", UNIT, re.MULTILINE))
    folders = re.search(r"^StateDirectory=(.*)$", UNIT, re.MULTILINE)
    assert folders
    for name in folders[1].split():
        (tmp_path / name).mkdir(mode=0o700)
    settings = {name: value.replace("/var/lib", str(tmp_path)) for name, value in settings.items()}
    settings |= {"PORT": str(free_port()), "MODELS": "sface"}
    bring_the_landmarks(Path(settings["DEEPFACE_HOME"]))
    with started(tmp_path, **settings) as app:
        address = app.ready()
        certificate = Path(settings["DATA"], "instance", "certificate.pem")
        assert health(f"https://127.0.0.1:{settings['PORT']}", certificate)["status"] == "ok"
        assert address.startswith("https://")
        assert app.stop(signal.SIGTERM) == 0
    assert Path(settings["SITE_KEY_FILE"]).is_file()
    assert not list(Path(settings["DATA"]).rglob("site.key"))


def bring_the_landmarks(home: Path) -> None:
    """Put the landmark model where the unit looks for it, as `models fetch` does: a service downloads none."""
    weights = home / ".deepface" / "weights"
    weights.mkdir(parents=True)
    shutil.copy(landmarker_file(), weights)


def test_the_units_settings_are_settings() -> None:
    names = re.findall(r"^#? ?Environment=(\w+)=", UNIT, re.MULTILINE)
    assert {name.lower() for name in names} - {"deepface_home"} <= set(OPTIONS)
