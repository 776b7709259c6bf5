"""Makefile, requirements and pyproject.toml: in step with each other."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pins
import pytest
from pins import Pin

from secure_attend import __version__
from secure_attend.settings import PROJECT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def normal(requirement: str) -> str:
    """The name of a requirement as package indexes compare it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def pinned(name: str) -> dict[str, list[Pin]]:
    """Package -> its pins; several where the Python decides."""
    found: dict[str, list[Pin]] = {}
    for pin in pins.pinned(name):
        found.setdefault(normal(pin.name), []).append(pin)
    return found


def versions(found: list[Pin]) -> list[str]:
    """What is pinned, without the marker that says where."""
    return [pin.version for pin in found]


def make(*arguments: str, at: Path = PROJECT, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    return subprocess.run(
        ["make", "-C", str(at), *arguments],
        cwd="/",
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_is_the_default_and_lists_every_target() -> None:
    targets = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
    said = make().stdout
    assert said == make("help").stdout
    assert all(re.search(rf"make {target}\b", said) for target in targets)
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert phony[1].split() == targets


def test_every_package_the_code_names_is_pinned() -> None:
    run, development = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert {normal(name) for name in DECLARED["dependencies"]} <= set(run)
    assert {normal(name) for name in DECLARED["optional-dependencies"]["dev"]} <= set(development)
    assert {name: versions(development[name]) for name in run} == {name: versions(run[name]) for name in run}


@pytest.mark.parametrize("name", pins.FILES)
def test_every_pin_is_exact_and_has_the_hashes_of_its_files(name: str) -> None:
    """pip checks hashes of its own accord as soon as one is there, and then refuses a pin without."""
    for pin in pins.pinned(name):
        assert re.fullmatch(r"==[\w.]+", str(pin.requirement.specifier)), pin.name
        assert len(pin.hashes) > 0, pin.name
        assert pin.via != (), pin.name


def test_a_package_has_the_same_hashes_in_both_lists() -> None:
    development = pinned("requirements-dev.txt")
    for name, found in pinned("requirements.txt").items():
        assert [pin.hashes for pin in found] == [pin.hashes for pin in development[name]]


def test_every_tool_for_the_pages_has_a_checksum() -> None:
    """What lies in another package's archive (`inBundle`) is covered by that one's."""
    packages = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    del packages[""]
    without = [name for name, each in packages.items() if not (each.get("inBundle") or each.get("integrity"))]
    assert without == []


def test_opencv_is_the_same_twice() -> None:
    found = pinned("requirements.txt")
    assert len({pin.version for name in found if name.startswith("opencv") for pin in found[name]}) == 1


def test_the_version_is_said_once_more_in_the_package() -> None:
    assert DECLARED["version"] == __version__


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with spaces in its name, and the Makefile in it with nothing to install."""
    folder = tmp_path / "a project"
    folder.mkdir()
    (folder / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text("# nothing\n")
    (folder / "app.py").write_text(
        "import os; print('PORT is', os.environ.get('PORT'), 'DATA is', os.environ.get('DATA'))"
    )
    return folder


def test_run_installs_once_says_what_failed_and_passes_settings_on(bare: Path) -> None:
    requirements, stamp = bare / "requirements.txt", bare / ".venv" / "installed"
    requirements.write_text("./no-such-package\n")
    failed = make("run", f"PYTHON={sys.executable}", at=bare)
    assert failed.returncode != 0
    assert "Not installed" in failed.stdout
    assert not stamp.exists()

    requirements.write_text("# nothing\n")
    first = make("run", "PORT=8123", "DATA=/some where", f"PYTHON={sys.executable}", at=bare)
    assert "Installing into .venv" in first.stdout
    assert "PORT is 8123 DATA is /some where" in first.stdout
    second = make("run", at=bare)
    assert second.returncode == 0
    assert "Installing" not in second.stdout

    later = stamp.stat().st_mtime + 5
    os.utime(requirements, (later, later))
    assert "Installing" in make("run", f"PYTHON={sys.executable}", at=bare).stdout


@pytest.mark.parametrize(("hashes", "installs"), [("{}", True), ("0" * 64, False), (None, False)])
def test_run_installs_only_files_whose_hash_is_pinned(
    bare: Path, tmp_path: Path, hashes: str | None, installs: bool
) -> None:
    wheel = tmp_path / "invented-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("invented.py", "")
        archive.writestr("invented-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: invented\nVersion: 1.0\n")
        kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr("invented-1.0.dist-info/WHEEL", kind)
        archive.writestr("invented-1.0.dist-info/RECORD", "")
    right = sha256(wheel.read_bytes()).hexdigest()
    pin = "invented==1.0" + (f" --hash=sha256:{hashes.format(right)}" if hashes else "")
    (bare / "requirements.txt").write_text(f"{pin}\n")
    done = make("run", f"PYTHON={sys.executable}", at=bare, PIP_FIND_LINKS=str(tmp_path), PIP_NO_INDEX="1")
    assert (done.returncode == 0) is installs, done.stdout
    assert ("PORT is" in done.stdout) is installs
    assert ("Not installed" in done.stdout) is not installs


@pytest.mark.parametrize(("version", "runs"), [("20.1.0", True), ("18.19.0", False)])
def test_node_is_used_from_version_20_on(bare: Path, tmp_path: Path, version: str, runs: bool) -> None:
    real = shutil.which("node")
    if real is None:
        pytest.skip("Node.js is not installed; the pages' own tests do not run here either")
    pretence = f"Object.defineProperty(process.versions, 'node', {{value: '{version}'}});"
    (tmp_path / "bin").mkdir()
    node = tmp_path / "bin" / "node"
    node.write_text(f'#!/bin/sh\nexec "{real}" -e "{pretence} $2"\n')
    node.chmod(0o755)
    (bare / "Makefile").write_text(MAKEFILE + "\nnode-found:\n\t@echo found $(NODE).\n", encoding="utf-8")
    said = make("node-found", at=bare, PATH=f"{node.parent}:{os.environ['PATH']}").stdout
    assert ("found node." in said) is runs


def fake_python(folder: Path, script: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_an_old_python_is_told_before_anything_is_made(bare: Path, tmp_path: Path) -> None:
    old = fake_python(tmp_path, "exit 1")
    done = make("run", f"PYTHON={old}", at=bare)
    assert done.returncode != 0
    assert "needs Python 3.10 or later" in done.stdout
    assert not (bare / ".venv").exists()


def test_a_python_without_venv_is_told_what_to_install(bare: Path, tmp_path: Path) -> None:
    script = 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac'
    done = make("run", f"PYTHON={fake_python(tmp_path, script)}", at=bare)
    assert done.returncode != 0
    assert "sudo apt install python3.11-venv" in done.stdout


def test_no_python_at_all_is_told(bare: Path) -> None:
    done = make("run", "PYTHON=", at=bare)
    assert done.returncode != 0
    assert "none was found" in done.stdout
