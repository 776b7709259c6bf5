"""Random operations and reopenings, compared with dicts and lists that cannot be wrong."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from secure_attend.errors import Conflict
from secure_attend.storage.tools.verify import verify
from secure_attend.storage.values import Consent, NewFace, Record, Student
from tests.support.storage.site import CONSENT, NOW, WITHDRAWN, Site, entry, face, held, mark

RUNS = int(os.environ.get("MODEL_RUNS", "25"))

texts = st.text(max_size=8)
names = st.sampled_from(["007", "CS/2021/001", 'a "b" \\', "Ł\n\x7f", "\ud800", "0"])
profiles = st.sampled_from(["sface", "facenet"])


def unnamed(record: Record) -> Record:
    """The record without identity and note."""
    return replace(record, student_id=None, person=None, reason=None, note=None)


class StoreMachine(RuleBasedStateMachine):
    """`students` by key and `log` are the model; `operations` counts those of all machines."""

    operations: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        root = Path(self.directory.name)
        self.site = Site(root / "data", root / "site.key")
        self.store = self.site.open()
        self.students: dict[str, Student] = {}
        self.faces: dict[str, list[NewFace]] = {}
        self.waiting: dict[str, list[NewFace]] = {}
        self.log: list[Record] = []
        self.made = 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            assert verify(self.site.data, self.site.key_file)[0]
            self.directory.cleanup()

    @rule(student_id=names, name=texts, email=texts, consent=st.sampled_from([None, CONSENT, WITHDRAWN]))
    def add(self, student_id: str, name: str, email: str, consent: Consent | None) -> None:
        self.made += 1
        student = Student(f"key {self.made}", student_id, name, email, consent=consent)
        if student_id in {one.student_id for one in self.students.values()}:
            with pytest.raises(Conflict):
                self.store.write_students([student])
        else:
            self.store.write_students([student])
            self.students[student.key] = student
            self.faces[student.key] = []

    @precondition(lambda self: self.students)
    @rule(data=st.data(), name=texts, removed=st.booleans(), drop=st.booleans())
    def change(self, data: st.DataObject, name: str, removed: bool, drop: bool) -> None:
        key = self.pick(data)
        student = replace(self.students[key], name=name, removed_at=NOW if removed else None)
        self.store.write_students([student], drop_faces=[key] if drop else [])
        if drop:
            self.faces[key] = []
            student = replace(student, held=None)
            self.waiting.pop(key, None)
        self.students[key] = student

    @precondition(lambda self: self.students)
    @rule(data=st.data(), profile=profiles, seeds=st.lists(st.integers(0, 99), max_size=3))
    def enrol(self, data: st.DataObject, profile: str, seeds: list[int]) -> None:
        key = self.pick(data)
        made = [face(seed, profile) for seed in seeds]
        assert len(self.store.replace_faces(key, profile, made)) == len(made)
        self.faces[key] = [one for one in self.faces[key] if one.profile != profile] + made

    @precondition(lambda self: self.students)
    @rule(data=st.data(), made=st.lists(st.tuples(st.integers(0, 99), profiles), min_size=1, max_size=3))
    def hold(self, data: st.DataObject, made: list[tuple[int, str]]) -> None:
        key = self.pick(data)
        self.made += 1
        asked = replace(held(str(self.made)), made_by=tuple(profile for _, profile in made))
        self.waiting[key] = [face(seed, profile) for seed, profile in made]
        self.store.hold_faces(key, asked, self.waiting[key])
        self.students[key] = replace(self.students[key], held=asked)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.waiting)))
        del self.waiting[key]
        self.students[key] = replace(self.students[key], held=None)
        self.store.drop_held([key, "nobody"])

    @rule(minutes=st.integers(-100, 100))
    def forget_before(self, minutes: int) -> None:
        time = NOW + timedelta(minutes=minutes)
        older = [one for one in self.log if one.time < time and one.student_id is not None]
        assert self.store.forget_before(time) == len(older)
        self.log = [unnamed(one) if one.time < time else one for one in self.log]

    @precondition(lambda self: self.students)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        key = self.pick(data)
        del self.students[key]
        del self.faces[key]
        self.waiting.pop(key, None)
        assert self.store.erase(key) == sum(record.person == key for record in self.log)
        self.log = [unnamed(one) if one.person == key else one for one in self.log]

    @rule(data=st.data(), student_id=names, minutes=st.integers(-100, 100))
    def check_in(self, data: st.DataObject, student_id: str, minutes: int) -> None:
        given = replace(entry(student_id, minutes=minutes), person=self.somebody(data))
        self.log.append(self.store.append(given))

    @rule(
        data=st.data(), student_id=names, reason=texts | st.none(), note=texts | st.none(), minutes=st.integers(-9, 9)
    )
    def mark(self, data: st.DataObject, student_id: str, reason: str | None, note: str | None, minutes: int) -> None:
        given = replace(mark(student_id, minutes=minutes), person=self.somebody(data), reason=reason, note=note)
        self.log.append(self.store.append(given))

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def erase_note(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.log) - 1))
        record = self.log[at]
        noted = record.reason is not None or record.note is not None
        assert self.store.erase_note(record.id) == noted
        self.log[at] = replace(record, reason=None, note=None)

    @precondition(lambda self: any(record.person for record in self.log))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        record = data.draw(st.sampled_from([one for one in self.log if one.person]))
        assert record.student_id is not None
        assert record.person is not None
        given = replace(entry(record.student_id, cancels=record.id), person=record.person)
        self.log.append(self.store.append(given))

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.site.open()
        assert self.store.notices == ()

    def pick(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.students)))

    def somebody(self, data: st.DataObject) -> str:
        """A student's key, or that of nobody on the list: the log doesn't ask."""
        return data.draw(st.sampled_from([*sorted(self.students), "key 0"]))

    @invariant()
    def the_students_agree(self) -> None:
        type(self).operations += 1
        bare = [replace(student, templates=()) for student in self.store.students()]
        assert bare == list(self.students.values())
        for key in self.students:
            opened = [one.tobytes() for one in self.store.held_faces(key)]
            assert opened == [np.asarray(one.embedding).tobytes() for one in self.waiting.get(key, [])]
        for profile in ("sface", "facenet"):
            found = [(key, one.tobytes()) for key, one in self.store.embeddings(profile)]
            assert found == [
                (key, np.asarray(one.embedding).tobytes())
                for key, faces in self.faces.items()
                for one in faces
                if one.profile == profile and self.students[key].removed_at is None
            ]

    @invariant()
    def the_log_agrees(self) -> None:
        assert list(self.store.records()) == self.log
        assert list(self.store.records(since=NOW)) == [record for record in self.log if record.time >= NOW]
        cancelled = {record.cancels for record in self.log}
        for person in ("key 0", "key 1", "key 2"):
            theirs = [record for record in self.log if record.person == person]
            assert list(self.store.records(person=person)) == theirs
            standing = [one for one in theirs if one.method == "face" and one.id not in cancelled]
            assert self.store.latest_check_in(person) == (standing[-1] if standing else None)
        for record in self.log[-3:]:
            assert self.store.record(record.id) == record
            first = next((one for one in self.log if one.cancels == record.id), None)
            assert self.store.cancellation_of(record.id) == first


def test_the_store_behaves_like_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_attend.storage.durable_writes.sync", lambda descriptor: None)
    monkeypatch.setattr("secure_attend.storage.durable_writes.sync_directory", lambda path: None)
    assert play(runs=RUNS, steps=25, always_the_same="MODEL_RUNS" not in os.environ) > 100


def play(*, runs: int, steps: int, always_the_same: bool = True) -> int:
    """Compares so many runs of random operations with the model; how many operations those were."""
    StoreMachine.operations = 0
    given = settings(
        max_examples=runs, stateful_step_count=steps, deadline=None, database=None, derandomize=always_the_same,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    run_state_machine_as_test(StoreMachine, settings=given)
    return StoreMachine.operations
