"""Sites of version 0.1 with faces of models that are gone: refused as they are, and continued with --faces-again."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.open_access import open_access
from secure_attend.attendance.upkeep.faces_again import refuse_unknown
from secure_attend.errors import StartRefused
from secure_attend.faces.loading import choose
from secure_attend.faces.models import profiles
from secure_attend.server import start
from secure_attend.settings import PROJECT
from secure_attend.storage.chains.audit_chain import AuditEntry, AuditSelection
from secure_attend.storage.opening import read_site_faces
from secure_attend.storage.ports import Store
from secure_attend.storage.stored_faces import NOTHING, SiteFaces, StoredFaces
from tests.support.app_process import run
from tests.support.postgres import NewDatabase
from tests.support.storage.old_site import KINDS, OldSite, copied, restored
from tests.support.storage.site import wrong_macs

AGAIN = "1 person"
"""In the fixtures: Kim has faces of `bundled` alone, Ann of both, the others of `facenet`."""


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, tmp_path: Path, empty_database: NewDatabase) -> OldSite:
    """A site that was moving from `bundled` to `facenet`."""
    if request.param != "postgresql":
        return copied(request.param, "with_faces", tmp_path)
    url = empty_database("postgresql", tmp_path)
    return restored("with_faces", tmp_path, url, request.getfixturevalue("postgres"))


def refused(site: OldSite) -> StartRefused:
    with pytest.raises(StartRefused) as refusal:
        start.refuse_unknown_faces(site.settings)
    return refusal.value


def with_flag(site: OldSite) -> OldSite:
    return replace(site, settings=replace(site.settings, faces_again=True))


def erased(site: OldSite) -> str | None:
    """What a start with the flag says of it, up to where it loads the models."""
    start.refuse_unknown_faces(with_flag(site).settings)
    with site.opened() as store:
        return start.erase_unknown_faces(with_flag(site).settings, store)


def entries(store: Store) -> list[AuditEntry]:
    return list(store.audit.all(AuditSelection(action=AuditedAction.FACES_AGAIN.plain)))


def files(folder: Path) -> dict[str, str]:
    """Every file with what is in it; SQLite makes two more beside the database while it is open."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in {".db-shm", ".db-wal"})
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_the_start_is_refused_in_a_sentence_and_changes_nothing(old: OldSite) -> None:
    before, known = files(old.settings.data), read_site_faces(old.settings)
    refusal = refused(old)
    assert refusal.code == "faces_again"
    assert refusal.detail.startswith(f"{AGAIN} must register their face again")
    assert "(bundled)" in refusal.detail
    assert "--faces-again" in refusal.detail
    assert "\n" not in refusal.detail
    assert files(old.settings.data) == before
    assert read_site_faces(old.settings) == known
    assert known.profiles() == {"bundled", "facenet"}


def test_with_the_flag_those_faces_go_and_all_else_stays(old: OldSite) -> None:
    said = erased(old)
    assert said is not None
    assert f"{AGAIN} must register their face again" in said
    with old.opened() as store:
        found, expected = old.described(store), old.expected
        assert list(store.embeddings("bundled")) == []
        assert found["embeddings"]["facenet"] == expected["embeddings"]["facenet"]
        assert not any("bundled" in (student.held.made_by if student.held else ()) for student in store.students())
        assert [student.held.profile for student in store.students() if student.held] == ["facenet"]
        for name in ("records", "cancellations", "accounts", "kiosks", "codes"):
            assert found[name] == expected[name], name
        assert [person(student) for student in found["students"]] == [person(known) for known in expected["students"]]
        access = open_access(old.settings, old.clock, store)
        codes: dict[str, str] = expected["secrets"]["codes"]
        assert [access.codes.prove(student, student, code, "a kiosk") for student, code in codes.items()] == list(codes)
        (entry,) = entries(store)
        assert dict(entry.deed.facts) == {"people": 1, "profiles": "bundled"}
        assert store.profile() == "facenet", "the faces that remain belong to these models"
    assert wrong_macs(old.place, store) == []
    good, words = old.verified()
    assert good, words
    assert erased(old) is None, "a second start has nothing to do"
    start.refuse_unknown_faces(old.settings)


def person(student: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in student.items() if name not in {"templates", "held"}}


def test_where_no_face_is_left_the_profile_is_undecided_again(old: OldSite) -> None:
    with old.opened() as store:
        store.drop_profiles(["facenet"], "bundled")
    assert refused(old).detail.startswith("2 people must register")
    assert "2 people" in (erased(old) or "")
    with old.opened() as store:
        assert store.profile() is None
        choice = choose("auto", store.profile(), available=lambda *_: False)
    assert choice.profile is profiles.SFACE


def test_a_profile_without_any_face_is_forgotten_without_a_word(old: OldSite) -> None:
    with old.opened() as store:
        store.drop_profiles(["facenet", "bundled"], "bundled")
    start.refuse_unknown_faces(old.settings)
    with old.opened() as store:
        assert start.erase_unknown_faces(old.settings, store) is None
        assert store.profile() is None
        assert entries(store) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from secure_attend.attendance.upkeep import faces_again
from secure_attend.server import start
from secure_attend.settings import Settings
from secure_attend.storage import durable_writes
from secure_attend.storage.opening import open_store
from secure_attend.storage.sql.database import Database

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

data, key, url, moment = sys.argv[1:]
settings = Settings(data=Path(data), site_key_file=Path(key), database_url=url or None, faces_again=True)
store = open_store(settings)
if moment == "noted":
    type(store).drop_profiles = die
elif url:
    Database._commit = die
else:
    durable_writes.os.replace = die
start.erase_unknown_faces(settings, store)
"""


@pytest.mark.parametrize("moment", ["noted", "written"])
def test_killed_in_the_middle_the_next_start_finishes(old: OldSite, moment: str) -> None:
    settings = old.settings
    with old.opened():
        pass  # so that what is killed below is the erasing alone
    command = [
        sys.executable,
        "-c",
        KILLED,
        str(settings.data),
        str(settings.site_key_file),
        settings.database_url or "",
    ]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run([*command, moment], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert refused(old).detail.startswith(AGAIN), "nothing, or all, was erased: here nothing"
    assert erased(old) is not None
    with old.opened() as store:
        assert list(store.embeddings("bundled")) == []
        assert 1 <= len(entries(store)) <= 2, "an entry too many at worst, never an erasure without one"
    assert old.verified()[0]


def test_the_terminal_says_it_in_one_line(tmp_path: Path) -> None:
    site = copied("files", "with_faces", tmp_path)
    settings = {"DATA": str(site.settings.data), "SITE_KEY_FILE": str(site.settings.site_key_file), "PORT": "0"}
    done = run(tmp_path, **settings)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{AGAIN} must register their face again" in done.stderr
    with closing((site.settings.data / "students_db.json").open()) as file:
        assert json.load(file)["profile"] == "bundled"


def stored(*faces: StoredFaces) -> SiteFaces:
    return SiteFaces("sface", {str(number): one for number, one in enumerate(faces)})


@pytest.mark.parametrize(
    ("faces", "count"),
    [
        ([StoredFaces(frozenset({"retinaface+Dlib"}))], "1 person must"),
        ([StoredFaces(frozenset({"bundled"})), StoredFaces(frozenset({"sface"}))], "1 person must"),
        ([StoredFaces(frozenset({"bundled", "sface"}))], "0 people must"),
        ([StoredFaces(frozenset({"bundled"}), listed=False)], "0 people must"),
        ([StoredFaces(frozenset(), frozenset({"bundled"}), "bundled")], "1 person must"),
        ([StoredFaces(frozenset(), frozenset({"bundled", "sface"}), "sface")], "0 people must"),
    ],
)
def test_who_has_to_register_again(faces: list[StoredFaces], count: str) -> None:
    with pytest.raises(StartRefused, match=count):
        refuse_unknown(stored(*faces))


def test_known_models_and_sites_without_faces_start() -> None:
    refuse_unknown(NOTHING)
    refuse_unknown(SiteFaces("bundled", {}))
    refuse_unknown(stored(StoredFaces(frozenset({"sface", "facenet", "yunet+SFace"}))))
