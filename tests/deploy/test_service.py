"""The unit secure-attend.service, started: one process, with its settings in the test's folder; and the commands that
are run as it is."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from secure_attend.settings import OPTIONS, PROJECT
from tests.support.app_process import health, started
from tests.support.ports import free_port
from tests.support.puppet import landmarker_file
from tests.support.stack import DEPLOY

UNIT = (DEPLOY / "secure-attend.service").read_text(encoding="utf-8")
SETTINGS = (DEPLOY / "secure-attend.env").read_text(encoding="utf-8")
COMMAND = (DEPLOY / "secure-attend").read_text(encoding="utf-8")
FILE = "/etc/secure-attend.env"

# What systemd-run does with the properties that matter here: settings from their file alone, in the folder named.
STAND_IN = """#!/bin/sh
while [ "${1#--}" != "$1" ]; do
  [ "$1" != --property ] || { shift; case "$1" in
    EnvironmentFile=*) file=${1#*=} ;;
    WorkingDirectory=*) cd "${1#*=}" ;;
  esac; }
  shift
done
exec env -i PATH="$PATH" $(grep -v "^#" "$file") "$@"
"""


def test_the_unit_serves_https_keeps_the_key_apart_and_stops_when_told(tmp_path: Path) -> None:
    assert re.search(r"^ExecStart=\S+/python app\.py$", UNIT, re.MULTILINE)
    settings = settings_in(tmp_path)
    bring_the_landmarks(Path(settings["DEEPFACE_HOME"]))
    with started(tmp_path, **settings) as app:
        address = app.ready()
        certificate = Path(settings["DATA"], "instance", "certificate.pem")
        assert health(f"https://127.0.0.1:{settings['PORT']}", certificate)["status"] == "ok"
        assert address.startswith("https://")
        assert app.stop(signal.SIGTERM) == 0
    assert Path(settings["SITE_KEY_FILE"]).is_file()
    assert not list(Path(settings["DATA"]).rglob("site.key"))
    commands_find_the_site(tmp_path, settings)


def settings_in(folder: Path) -> dict[str, str]:
    """What the service is told, with its folders in the test's."""
    assert f"EnvironmentFile={FILE}" in UNIT
    folders = re.search(r"^StateDirectory=(.*)$", UNIT, re.MULTILINE)
    assert folders
    assert f'--property "{folders[0]}"' in COMMAND
    for name in folders[1].split():
        (folder / name).mkdir(mode=0o700)
    settings = dict(re.findall(r"^(\w+)=(.*)$", SETTINGS, re.MULTILINE))
    settings = {name: value.replace("/var/lib", str(folder)) for name, value in settings.items()}
    return settings | {"PORT": str(free_port()), "MODELS": "sface"}


def commands_find_the_site(folder: Path, settings: dict[str, str]) -> None:
    """Fails unless the commands of docs/administrator, run as documented, work on the data of the service."""
    file = folder / "secure-attend.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    stand_in = folder / "systemd-run"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    program = COMMAND.replace("/srv/secure-attend/.venv/bin/python", shlex.quote(sys.executable))
    program = program.replace("/srv/secure-attend", str(PROJECT)).replace(FILE, str(file))
    for command, words in (
        ("storage verify", "no records"),
        ("storage key show", settings["SITE_KEY_FILE"]),
        (f"storage backup --to {folder}/backup", "read them back"),
        ("admin list", ""),
        ("admin certificate", "SHA-256"),
        ("models", "face_landmarker.task"),
    ):
        path = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        told = subprocess.run(
            ["sh", "-c", program, "secure-attend", *command.split()],
            env=path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (told.returncode, words.lower() in told.stdout.lower()) == (0, True), told


def bring_the_landmarks(home: Path) -> None:
    """Put the landmark model where the unit looks for it, as `models fetch` does: a service downloads none."""
    weights = home / ".deepface" / "weights"
    weights.mkdir(parents=True)
    shutil.copy(landmarker_file(), weights)


def test_the_units_settings_are_settings() -> None:
    names = re.findall(r"^#? ?(\w+)=", SETTINGS, re.MULTILINE)
    assert {name.lower() for name in names} - {"deepface_home"} <= set(OPTIONS)
