"""What every store promises, whatever keeps it. A test module inherits `StoreContract` and gives it `reopen`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secure_attend.errors import Conflict, DomainError, NotFound, StorageFailed
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Student
from tests.support.storage.documents_contract import DocumentsContract
from tests.support.storage.log_contract import LogContract
from tests.support.storage.people_contract import PeopleContract
from tests.support.storage.site import CONSENT, JANE, JOHN, NOW, Reopen, entry, face, held


class StoreContract(LogContract, DocumentsContract, PeopleContract):
    """`reopen()` closes the store if it is open, and opens it again."""

    @pytest.fixture
    def reopen(self) -> Reopen:
        raise NotImplementedError

    @pytest.fixture
    def kept(self, reopen: Reopen) -> Store:
        store = reopen()
        store.write_students([JOHN, JANE])
        return store

    def test_a_new_store_is_empty_and_keeps_its_id(self, reopen: Reopen) -> None:
        store = reopen()
        assert (store.students(), list(store.records()), store.profile(), store.notices) == ([], [], None, ())
        first = store.id
        assert first
        assert reopen().id == first

    def test_thousands_at_once_are_kept_as_a_few_are(self, kept: Store, reopen: Reopen) -> None:
        kept.replace_faces(JOHN.key, "sface", [face()])
        told: list[int] = []
        changed = replace(JOHN, name='Tab\t, "quote", \\ and é', consent=CONSENT, removed_at=NOW)
        many = [Student(f"key {number}", f"id {number}", f"Name {number}") for number in range(1_500)]
        kept.write_students([*many[:700], changed, *many[700:], many[0]], progress=told.append)
        again = reopen().students()
        assert [student.key for student in again] == [JOHN.key, JANE.key, *(student.key for student in many)]
        assert replace(again[0], templates=()) == changed
        assert len(again[0].templates) == 1
        assert again[1:] == [JANE, *many]
        assert told in ([], sorted(told))

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            (Student("another key", JOHN.student_id, "N"), "student_exists"),
            (Student("another key", "id 7", "N"), "student_exists"),
            (replace(JOHN, student_id="id 7"), "student_exists"),
            (JANE, "student_erased"),
        ],
    )
    def test_of_thousands_with_one_that_conflicts_none_is_written(
        self, kept: Store, reopen: Reopen, wrong: Student, code: str
    ) -> None:
        kept.erase(JANE.key)
        many = [Student(f"key {number}", f"id {number}", "N") for number in range(1_500)]
        with pytest.raises(Conflict) as refused:
            kept.write_students([*many, wrong])
        assert refused.value.code == code
        assert kept.students() == [JOHN]
        kept.write_students(many)
        assert reopen().students() == [JOHN, *many]

    def test_students_come_back_as_they_were_in_their_order(self, kept: Store, reopen: Reopen) -> None:
        again = reopen()
        assert again.students() == [JOHN, JANE]
        assert again.student(JANE.key) == JANE
        assert again.student_with_id("007") == JOHN
        assert again.student("nobody") is None
        assert again.student_with_id("7") is None

    def test_writing_a_student_again_changes_identity_and_leaves_faces(self, kept: Store, reopen: Reopen) -> None:
        kept.replace_faces(JOHN.key, "sface", [face()])
        kept.write_students([replace(JOHN, name="Johnny", removed_at=NOW)])
        john = reopen().student(JOHN.key)
        assert john is not None
        assert (john.name, john.removed_at, john.registered("sface")) == ("Johnny", NOW, True)

    def test_faces_can_be_dropped_in_the_same_write(self, kept: Store, reopen: Reopen) -> None:
        kept.replace_faces(JOHN.key, "sface", [face()])
        kept.write_students([replace(JOHN, removed_at=NOW)], drop_faces=[JOHN.key, "nobody"])
        john = reopen().student(JOHN.key)
        assert john is not None
        assert john.templates == ()

    def test_two_students_cannot_share_an_id(self, kept: Store) -> None:
        with pytest.raises(Conflict) as refused:
            kept.write_students([replace(JANE, name="New"), replace(JOHN, key="another")])
        assert refused.value.code == "student_exists"
        assert kept.students() == [JOHN, JANE]

    def test_an_id_changes_and_the_past_stays(self, kept: Store, reopen: Reopen) -> None:
        record = kept.append(entry())
        kept.replace_faces(JOHN.key, "sface", [face()])
        kept.write_students([replace(JOHN, student_id="008")])
        again = reopen()
        john = again.student_with_id("008")
        assert john is not None
        assert (john.key, len(john.templates)) == (JOHN.key, 1)
        assert again.student_with_id("007") is None
        assert [each.id for each in again.records(person=JOHN.key)] == [record.id]

    @pytest.mark.parametrize("others", [0, 1_500])
    def test_an_id_that_somebody_gives_up_is_a_new_students_in_the_same_write(
        self, kept: Store, reopen: Reopen, others: int
    ) -> None:
        record = kept.append(entry())
        many = [Student(f"key {number}", f"id {number}", "N") for number in range(others)]
        heir = Student("heir", JOHN.student_id, "Heir")
        kept.write_students([heir, *many, replace(JOHN, student_id="007 (before)")])
        again = reopen()
        assert again.student_with_id("007") == heir
        assert list(again.records(person="heir")) == []
        assert [each.id for each in again.records(person=JOHN.key)] == [record.id]

    @pytest.mark.parametrize("count", [3, 1_500])
    def test_ids_may_go_round(self, kept: Store, reopen: Reopen, count: int) -> None:
        many = [Student(f"key {number}", f"id {number}", "N") for number in range(count)]
        kept.write_students(many)
        moved = [replace(each, student_id=many[number - 1].student_id) for number, each in enumerate(many)]
        kept.write_students(kept.prepare_students(moved))
        assert reopen().students() == [JOHN, JANE, *moved]

    def test_an_id_of_somebody_who_keeps_it_is_taken(self, kept: Store) -> None:
        with pytest.raises(Conflict, match="student_exists"):
            kept.write_students([replace(JOHN, student_id=JANE.student_id)])
        assert kept.students() == [JOHN, JANE]

    def test_an_embedding_comes_back_exactly(self, kept: Store, reopen: Reopen) -> None:
        faces = [face(1), face(2)]
        made = kept.replace_faces(JOHN.key, "sface", faces)
        again = reopen()
        opened = list(again.embeddings("sface"))
        assert [key for key, _ in opened] == [JOHN.key, JOHN.key]
        for (_, embedding), given in zip(opened, faces, strict=True):
            assert embedding.dtype == np.float32
            np.testing.assert_array_equal(embedding, given.embedding)
        john = again.student(JOHN.key)
        assert john is not None
        assert john.templates == made
        assert [(one.profile, one.source, one.created_at) for one in made] == [("sface", "camera", NOW)] * 2

    def test_faces_replace_those_of_their_profile_only(self, kept: Store) -> None:
        kept.replace_faces(JOHN.key, "facenet", [face(1, "facenet")])
        kept.replace_faces(JOHN.key, "sface", [face(2), face(3)])
        kept.replace_faces(JOHN.key, "sface", [face(4)])
        assert len(list(kept.embeddings("facenet"))) == 1
        ((_, embedding),) = kept.embeddings("sface")
        np.testing.assert_array_equal(embedding, face(4).embedding)

    def test_how_good_a_picture_was_is_kept_with_its_template(self, kept: Store, reopen: Reopen) -> None:
        kept.replace_faces(JOHN.key, "sface", [replace(face(1), quality=0.25), face(2)])
        student = reopen().student(JOHN.key)
        assert student is not None
        assert [template.quality for template in student.templates] == [0.25, None]

    def test_a_face_may_come_from_a_check_in(self, kept: Store, reopen: Reopen) -> None:
        kept.replace_faces(JOHN.key, "sface", [replace(face(1), source="check_in")])
        student = reopen().student(JOHN.key)
        assert student is not None
        assert [template.source for template in student.templates] == ["check_in"]

    def test_when_consent_began_is_decided_once(self, reopen: Reopen) -> None:
        first = reopen().consents_from
        assert reopen().consents_from == first

    def test_consent_is_withdrawn_and_the_faces_go_in_one_write(self, kept: Store, reopen: Reopen) -> None:
        kept.write_students([replace(JOHN, consent=CONSENT)])
        kept.replace_faces(JOHN.key, "sface", [face()])
        kept.hold_faces(JOHN.key, held(), [face(2)])
        withdrawn = replace(CONSENT, withdrawn_at=NOW, withdrawn_by="Dr B. Cole")
        kept.write_students([replace(JOHN, consent=withdrawn)], drop_faces=[JOHN.key])
        for again in (lambda: kept, reopen):
            assert again().student(JOHN.key) == replace(JOHN, consent=withdrawn)
            assert again().held_faces(JOHN.key) == []

    def test_faces_that_wait_are_compared_with_nobody(self, kept: Store, reopen: Reopen) -> None:
        kept.hold_faces(JOHN.key, held("12"), [face(1)])
        kept.hold_faces(JOHN.key, held("47"), [face(2), face(3)])
        kept.write_students([replace(JOHN, name="Johnny")])
        for again in (lambda: kept, reopen):
            store = again()
            assert store.student(JOHN.key) == replace(JOHN, name="Johnny", held=held("47"))
            assert list(store.embeddings("sface")) == []
            opened = store.held_faces(JOHN.key)
            np.testing.assert_array_equal(opened, [face(2).embedding, face(3).embedding])
            assert store.held_faces(JANE.key) == store.held_faces("nobody") == []

    def test_faces_of_two_models_wait_together(self, kept: Store, reopen: Reopen) -> None:
        asked = replace(held(), made_by=("sface", "sface", "facenet"))
        made = [face(1), face(2), face(3, "facenet")]
        kept.hold_faces(JOHN.key, asked, made)
        for again in (lambda: kept, reopen):
            store = again()
            assert store.student(JOHN.key) == replace(JOHN, held=asked)
            np.testing.assert_array_equal(store.held_faces(JOHN.key), [one.embedding for one in made])
            np.testing.assert_array_equal(store.held_faces(JOHN.key, "sface"), [one.embedding for one in made[:2]])
            np.testing.assert_array_equal(store.held_faces(JOHN.key, "facenet"), [made[2].embedding])
            assert store.held_faces(JOHN.key, "arcface") == []

    def test_faces_that_wait_are_dropped(self, kept: Store, reopen: Reopen) -> None:
        kept.hold_faces(JOHN.key, held(), [face()])
        version = kept.version
        kept.drop_held([JOHN.key, "nobody"])
        assert kept.changed_students(version)[1] == (JOHN.key,)
        assert reopen().student(JOHN.key) == JOHN
        with pytest.raises(NotFound):
            reopen().hold_faces("nobody", held(), [face()])

    def test_a_removed_student_is_not_in_the_gallery(self, kept: Store) -> None:
        kept.replace_faces(JOHN.key, "sface", [face()])
        kept.write_students([replace(JOHN, removed_at=NOW)])
        assert list(kept.embeddings("sface")) == []

    def test_unknown_students_are_refused(self, kept: Store) -> None:
        with pytest.raises(NotFound):
            kept.replace_faces("nobody", "sface", [face()])
        with pytest.raises(NotFound):
            kept.erase("nobody")

    def test_the_profile_is_kept(self, kept: Store, reopen: Reopen) -> None:
        kept.set_profile("facenet")
        again = reopen()
        assert again.profile() == "facenet"
        again.set_profile(None)
        assert reopen().profile() is None

    def test_erasing_takes_identity_everywhere_and_leaves_the_records(self, kept: Store, reopen: Reopen) -> None:
        kept.replace_faces(JOHN.key, "sface", [face()])
        johns, janes = kept.append(entry()), kept.append(entry(JANE.student_id))
        kept.append(entry(cancels=johns.id))
        assert kept.erase(JOHN.key) == 2
        for again in (lambda: kept, reopen):
            store = again()
            assert store.students() == [JANE]
            assert list(store.embeddings("sface")) == []
            assert [record.student_id for record in store.records()] == [None, JANE.student_id, None]
            assert store.record(janes.id) == janes
            assert list(store.records(person=JOHN.key)) == []
            assert store.latest_check_in(JOHN.key) is None
            assert store.cancellation_of(johns.id) is not None

    def test_an_erased_key_is_not_used_again(self, kept: Store) -> None:
        kept.erase(JOHN.key)
        with pytest.raises(Conflict):
            kept.write_students([JOHN])
        kept.write_students([replace(JOHN, key="a fresh key")])
        assert kept.student_with_id("007") is not None

    def test_the_version_grows_with_each_change_only(self, kept: Store) -> None:
        seen = [kept.version]
        kept.append(entry())
        seen.append(kept.version)
        kept.set_profile("sface")
        seen.append(kept.version)
        kept.write_students([replace(JOHN, name="J")])
        seen.append(kept.version)
        assert seen == sorted(set(seen))
        list(kept.records())
        assert kept.version == seen[-1]

    def test_changed_students_are_told_since_a_version(self, kept: Store) -> None:
        def told(since: int) -> set[str]:
            return set(kept.changed_students(since)[1])

        versions = [kept.version]
        changes = (
            lambda: kept.write_students([replace(JANE, name="J")]),
            lambda: kept.append(entry()),
            lambda: kept.replace_faces(JOHN.key, "sface", [face()]),
            lambda: kept.write_students([], drop_faces=[JOHN.key]),
            lambda: kept.erase(JANE.key),
        )
        for change in changes:
            change()
            versions.append(kept.changed_students(0)[0])
        assert [told(since) for since in versions] == [
            {JANE.key, JOHN.key},
            {JANE.key, JOHN.key},
            {JANE.key, JOHN.key},
            {JANE.key, JOHN.key},
            {JANE.key},
            set(),
        ]

    def test_embeddings_of_some(self, kept: Store) -> None:
        kept.replace_faces(JOHN.key, "sface", [face(1)])
        kept.replace_faces(JANE.key, "sface", [face(2)])
        assert [key for key, _ in kept.embeddings("sface", [JANE.key, "nobody"])] == [JANE.key]
        assert list(kept.embeddings("sface", [])) == []

    def test_what_cannot_be_an_id_is_not_found(self, kept: Store) -> None:
        for text in ("\0", "007\0", "\ud800", "x" * 10_000):
            assert kept.student(text) is None
            assert kept.student_with_id(text) is None
            assert kept.latest_check_in(text) is None
            assert kept.redeemed(text) is None
            assert list(kept.records(person=text)) == []

    def test_a_transaction_can_be_entered_again(self, kept: Store) -> None:
        with kept.transaction(), kept.transaction():
            record = kept.append(entry())
            assert kept.latest_check_in(JOHN.key) == record

    def test_a_closed_store_takes_nothing(self, kept: Store) -> None:
        kept.close()
        kept.close()
        with pytest.raises(StorageFailed):
            kept.append(entry())
        with pytest.raises(DomainError):
            kept.write_students([JOHN])

    def test_the_faces_of_some_models_go_and_the_others_stay(self, kept: Store, reopen: Reopen) -> None:
        """In one write: the templates, what waits to be kept for these models, and the site's profile."""
        kept.replace_faces(JOHN.key, "bundled", [face(1)])
        kept.replace_faces(JOHN.key, "sface", [face(2)])
        kept.replace_faces(JANE.key, "bundled", [face(3), face(4)])
        kept.hold_faces(JOHN.key, replace(held(), profile="sface", made_by=("sface", "bundled")), [face(5), face(6)])
        kept.hold_faces(JANE.key, replace(held("48"), profile="bundled"), [face(7)])
        kept.set_profile("bundled")
        before = kept.version
        kept.drop_profiles(["bundled", "dlib+Facenet"], None)
        assert set(kept.changed_students(before)[1]) == {JOHN.key, JANE.key}
        for opened in (lambda: kept, reopen):
            store = opened()
            assert store.profile() is None
            assert list(store.embeddings("bundled")) == []
            ((key, embedding),) = store.embeddings("sface")
            assert key == JOHN.key
            np.testing.assert_array_equal(embedding, face(2).embedding)
            john, jane = store.student(JOHN.key), store.student(JANE.key)
            assert john is not None
            assert jane is not None
            assert [template.profile for template in john.templates] == ["sface"]
            assert john.held is not None
            assert john.held.made_by == ("sface",)
            np.testing.assert_array_equal(store.held_faces(JOHN.key), [face(5).embedding])
            assert (jane.templates, jane.held, jane.name) == ((), None, JANE.name)
        store.drop_profiles(["bundled"], "sface")
        assert reopen().profile() == "sface"
