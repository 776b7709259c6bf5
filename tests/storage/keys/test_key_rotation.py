"""Exchanging the key that faces are sealed with: nothing is lost, wherever it is cut off, and others follow."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from secure_attend.errors import Conflict, StartRefused, StorageFailed
from secure_attend.storage.__main__ import main
from secure_attend.storage.chains.audit_chain import AuditEvent
from secure_attend.storage.keys import key_file, key_ring, key_rotation
from secure_attend.storage.keys.key_file import KeyFile, KeyPlace
from secure_attend.storage.keys.key_ring import Cost
from secure_attend.storage.ports import Store
from secure_attend.storage.sql import resealing
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import PendingFaces, Student
from tests.storage.files.test_processes import PROCESSES
from tests.support.storage.site import NOW, Site, entry, face, open_at

STUDENTS = 12
Open = Callable[..., Store]
WORDS = "four words make one"


@pytest.fixture
def opened(place: str, site: Site) -> Iterator[Open]:
    """`opened()` opens the store, after closing it; `opened(beside=True)` once more, as another process does."""
    stores: list[Store] = []

    def again(key: key_file.Chosen = None, *, beside: bool = False) -> Store:
        for store in [] if beside else stores:
            store.close()
        stores.append(open_at(place, site.data, key or site.key_file))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


def fill(store: Store) -> dict[str, list[bytes]]:
    """A dozen students with two faces each, one with faces of two models that wait, records and an entry; what faces
    there are."""
    people = [Student(f"key-{number}", f"{number:03}", f"Student {number}") for number in range(STUDENTS)]
    store.write_students(people)
    for number, student in enumerate(people):
        store.replace_faces(student.key, "sface", [face(2 * number), face(2 * number + 1)])
        store.append(entry(student.student_id))
    both = ("sface", "facenet")
    waiting = PendingFaces("h", "17", "sface", "v", "Room 1", NOW, made_by=both)
    store.hold_faces("key-3", waiting, [face(90), face(91, "facenet")])
    store.audit.append(AuditEvent(NOW, "server", None, "server", "test", "done"))
    return faces(store)


def faces(store: Store) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {"waiting": [one.tobytes() for one in store.held_faces("key-3")]}
    for key, embedding in store.embeddings("sface"):
        found.setdefault(key, []).append(embedding.tobytes())
    return found


def test_every_face_is_sealed_anew_and_the_chains_go_on(opened: Open, place: str, site: Site) -> None:
    store = opened()
    before = fill(store)
    old = site.key_file.read_bytes()
    assert store.rotate_key() == 2 * STUDENTS + 2
    assert faces(store) == before
    store.replace_faces("key-1", "sface", [face(77)])
    record = store.append(entry())
    again = opened()
    assert faces(again) == {**before, "key-1": [face(77).embedding.tobytes()]}
    assert again.record(record.id) == record
    assert again.notices == ()
    again.close()
    good, words = verify_place(place, site.key_file)
    assert good, words
    ring = KeyFile(site.key_file).read()
    assert ring is not None
    assert len(ring.seal) == 1
    assert ring.seal != (ring.chain,)
    site.key_file.write_bytes(old)
    with pytest.raises(StartRefused, match="site_key_wrong"):
        opened()


def test_again_and_again(opened: Open, place: str, site: Site) -> None:
    store = opened()
    before = fill(store)
    for _ in range(3):
        assert store.rotate_key() == 2 * STUDENTS + 2
        assert faces(store) == before
        store = opened()
    assert faces(store) == before
    assert verify_place(place, site.key_file)[0]


def test_a_wrapped_key_stays_wrapped(opened: Open, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "COST", Cost(1, 8, 1))
    store = opened(KeyPlace(site.key_file, WORDS))
    before = fill(store)
    store.rotate_key()
    assert KeyFile(site.key_file).wrapped
    assert faces(opened(KeyPlace(site.key_file, WORDS))) == before


class Killed(BaseException):
    """As if the process ended here."""


STEPS = ["prepared", "said", "half", "sealed"]


def cut(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Ends the next exchange after this step."""

    def die(*_: object) -> None:
        raise Killed

    if step == "sealed":
        monkeypatch.setattr(key_rotation, "retire", die)
    elif step == "prepared":
        prepare = key_rotation.prepare
        monkeypatch.setattr(key_rotation, "prepare", lambda *given: (prepare(*given), die()))
    else:
        monkeypatch.setattr(resealing, "AT_ONCE", 7)
        reseal, calls = resealing.reseal_templates, []

        def some(*given: object) -> object:
            calls.append(given)
            if len(calls) > (step == "half"):
                raise Killed
            return reseal(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(resealing, "reseal_templates", some)
        monkeypatch.setattr(key_rotation, "resealed_ahead", die)  # the files know no half


@pytest.mark.parametrize("step", STEPS)
def test_cut_off_anywhere_the_next_start_goes_on(
    opened: Open, place: str, site: Site, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store = opened()
    before = fill(store)
    with monkeypatch.context() as broken:
        cut(broken, step)
        with pytest.raises(Killed):
            store.rotate_key()
    assert faces(store) == before
    again = opened()
    assert faces(again) == before
    not_begun = step == "prepared" or ("://" not in place and step != "sealed")
    ring = KeyFile(site.key_file).read()
    assert ring is not None
    assert len(ring.seal) == (2 if not_begun else 1)
    assert any("rotate-key" in notice for notice in again.notices) == not_begun
    assert again.rotate_key() == 2 * STUDENTS + 2  # takes the key that is there
    assert faces(opened()) == before
    assert verify_place(place, site.key_file)[0]


def rotate_until_killed(place: str, data: Path, key_file: Path) -> None:
    store = open_at(place, data, key_file)
    while True:
        store.rotate_key()


def test_killed_at_any_moment(opened: Open, place: str, site: Site) -> None:
    before = fill(opened())
    opened().close()
    chance = random.Random(3)
    for _ in range(6):
        process: BaseProcess = PROCESSES.Process(target=rotate_until_killed, args=(place, site.data, site.key_file))
        process.start()
        text = site.key_file.read_bytes()
        while site.key_file.read_bytes() == text:
            process.join(0.002)
        process.join(chance.random() * 0.1)
        process.kill()
        process.join()
        store = opened()
        assert faces(store) == before
        store.close()
    assert verify_place(place, site.key_file)[0]


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_other_processes_follow(opened: Open, site: Site) -> None:
    one = opened()
    before = fill(one)
    other = opened(beside=True)
    one.rotate_key()
    assert faces(other) == before
    other.replace_faces("key-1", "sface", [face(77)])
    other.hold_faces("key-5", PendingFaces("h", "18", "sface", "v", "Room 1", NOW), [face(78)])
    third = opened(beside=True)
    assert faces(third) == {**before, "key-1": [face(77).embedding.tobytes()]}
    assert [found.tobytes() for found in third.held_faces("key-5")] == [face(78).embedding.tobytes()]
    assert other.rotate_key() == 2 * STUDENTS + 2
    assert faces(one) == faces(third) == faces(opened(beside=True))


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_another_machine_with_the_old_file_seals_nothing_until_it_has_the_new(
    opened: Open, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    here = opened()
    before = fill(here)
    copied = tmp_path / "copied.key"
    copied.write_bytes(site.key_file.read_bytes())
    there = opened(copied, beside=True)
    here.rotate_key()
    with pytest.raises(StorageFailed, match="site_key_old"):
        there.replace_faces("key-1", "sface", [face(77)])
    there.append(entry())  # checking in goes on
    copied.write_bytes(site.key_file.read_bytes())
    assert faces(there) == before
    there.replace_faces("key-1", "sface", [face(77)])
    here.close()
    there.close()

    assert main(["key", "prepare", "--data", place, "--site-key-file", str(site.key_file)]) == 0
    assert "Copy the file" in capsys.readouterr().out
    copied.write_bytes(site.key_file.read_bytes())
    there = opened(copied, beside=True)
    opened(beside=True).rotate_key()
    there.replace_faces("key-1", "sface", [face(78)])  # which had the next key before it was in use
    assert len(faces(there)) == len(before)


def test_one_exchange_at_a_time(opened: Open, site: Site) -> None:
    store = opened()
    fill(store)
    with KeyFile(site.key_file).rotating(), pytest.raises(Conflict, match="key_rotating"):
        store.rotate_key()


def test_a_key_file_that_cannot_be_written_changes_nothing(
    opened: Open, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    before = fill(store)

    def full(*_: object) -> None:
        raise StorageFailed("site_key_not_written", "The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(KeyFile, "_write", full)
        with pytest.raises(StorageFailed, match="site_key_not_written"):
            store.rotate_key()
    assert faces(opened()) == before


def test_what_is_written_meanwhile_is_sealed_with_the_key_that_holds(opened: Open, site: Site) -> None:
    """Enrolments and exchanges at once: every face opens afterwards."""
    store = opened()
    fill(store)
    failures: list[BaseException] = []

    def enrol() -> None:
        try:
            for number in range(15):
                store.replace_faces(f"key-{number % STUDENTS}", "sface", [face(200 + number)])
                assert sum(1 for _ in store.embeddings("sface")) >= STUDENTS
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=enrol)
    thread.start()
    for _ in range(3):
        store.rotate_key()
    thread.join()
    assert failures == []
    found = faces(opened())
    assert np.array_equal(np.frombuffer(found["key-2"][0], np.float32), face(214).embedding)
