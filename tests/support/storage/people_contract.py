"""What every store promises of entries that are merged into another student's: a part of `StoreContract`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from secure_attend.errors import NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import Store
from secure_attend.storage.values import FormerIdentity, Student, entries_of, person_of
from tests.support.storage.site import CONSENT, JANE, JOHN, NOW, Reopen, entry, face, key_of

MERGED = replace(JANE, merged_into=JOHN.key)


def whose(store: Store) -> list[str | None]:
    return [record.person for record in store.records()]


class PeopleContract:
    """`kept` is a store with John and Jane; `reopen` closes it and opens it again."""

    def test_names_to_be_shown_and_earlier_ones_come_back(self, kept: Store, reopen: Reopen) -> None:
        former = (FormerIdentity("7", "J. Smith", NOW), FormerIdentity("007", "Jon", NOW + timedelta(days=1)))
        known = replace(JOHN, known_as="Johnny", former=former)
        kept.write_students([known])
        assert kept.students()[0] == kept.student(JOHN.key) == known
        assert reopen().student(JOHN.key) == known

    def test_a_merged_entry_is_on_no_list_and_its_records_are_the_students(self, kept: Store, reopen: Reopen) -> None:
        kept.append(entry())
        kept.append(entry(JANE.student_id))
        newest = kept.append(entry(JANE.student_id))
        kept.write_students([MERGED, JOHN])
        for again in (lambda: kept, reopen):
            store = again()
            assert store.students() == [JOHN]
            assert store.student(JANE.key) is None
            assert store.student_with_id(JANE.student_id) == JOHN
            assert store.merged_into() == {JANE.key: JOHN.key}
            assert store.merged_entry(JANE.key) == MERGED
            assert store.merged_entry(JOHN.key) is None
            assert whose(store) == [JOHN.key] * 3
            assert [each.person for each in store.records(person=JOHN.key)] == [JOHN.key] * 3
            assert list(store.records(person=JANE.key)) == []
            assert store.latest_check_in(JANE.key) is None
            assert store.latest_check_in(JOHN.key) == store.record(newest.id)
            assert store.recognised_since(NOW - timedelta(days=1)) == {JOHN.key}

    def test_splitting_gives_each_their_own_again(self, kept: Store, reopen: Reopen) -> None:
        kept.append(entry(JANE.student_id))
        kept.write_students([MERGED, JOHN])
        kept.append(entry())
        kept.write_students([JANE, JOHN])
        for again in (lambda: kept, reopen):
            store = again()
            assert store.students() == [JOHN, JANE]
            assert store.merged_into() == {}
            assert whose(store) == [JANE.key, JOHN.key]
            assert store.student_with_id(JANE.student_id) == JANE

    def test_entries_merged_one_into_another_are_one_student(self, kept: Store) -> None:
        mary = Student(key_of("009"), "009", "Mary")
        kept.write_students([mary])
        for student in (JOHN, JANE, mary):
            kept.append(entry(student.student_id))
        kept.write_students([replace(JANE, merged_into=JOHN.key), JOHN])
        kept.write_students([replace(JOHN, merged_into=mary.key), mary])
        assert whose(kept) == [mary.key] * 3
        assert kept.student_with_id(JANE.student_id) == mary
        assert set(entries_of(mary.key, kept.merged_into())) == {mary.key, JOHN.key, JANE.key}
        assert person_of(JANE.key, kept.merged_into()) == mary.key
        kept.write_students([replace(JOHN, merged_into=None), mary])
        assert whose(kept) == [JOHN.key, JOHN.key, mary.key]

    def test_two_students_may_exchange_ids_in_one_write(self, kept: Store, reopen: Reopen) -> None:
        john, jane = replace(JOHN, student_id=JANE.student_id), replace(JANE, student_id=JOHN.student_id)
        kept.write_students([john, jane])
        assert kept.students() == [john, jane]
        assert reopen().student_with_id(JANE.student_id) == john

    def test_a_merged_face_is_compared_with_nobody_and_comes_back(self, kept: Store) -> None:
        kept.replace_faces(JANE.key, "sface", [face(5)])
        kept.write_students([MERGED, JOHN])
        assert list(kept.embeddings("sface")) == list(kept.embeddings("sface", [JANE.key])) == []
        merged = kept.merged_entry(JANE.key)
        assert merged is not None
        assert len(merged.templates) == 1
        kept.write_students([replace(merged, merged_into=None), JOHN])
        [(key, embedding)] = kept.embeddings("sface")
        assert key == JANE.key
        assert np.array_equal(embedding, face(5).embedding)

    def test_a_merged_entry_is_no_student_to_faces_and_documents(self, kept: Store) -> None:
        kept.write_students([MERGED, JOHN])
        for change in (
            lambda: kept.replace_faces(JANE.key, "sface", [face()]),
            lambda: kept.documents.write([Document("notes", "n", {"of": JANE.key}, (JANE.key,))]),
            lambda: kept.erase(JANE.key),
        ):
            with pytest.raises(NotFound):
                change()

    def test_erasing_erases_all_entries(self, kept: Store, reopen: Reopen) -> None:
        for student in (JOHN, JANE):
            kept.append(entry(student.student_id))
        kept.write_students([MERGED, JOHN])
        assert kept.erase(JOHN.key) == 2
        for again in (lambda: kept, reopen):
            store = again()
            assert (store.students(), store.merged_into(), whose(store)) == ([], {}, [None, None])

    def test_retention_spares_the_records_of_a_student_with_all_entries(self, kept: Store) -> None:
        kept.append(entry(JANE.student_id))
        kept.write_students([MERGED, JOHN])
        later = NOW + timedelta(days=400)
        assert kept.forget_before(later, lambda record: record.person == JOHN.key) == 0
        assert kept.forget_before(later) == 1

    def test_both_change_when_they_are_merged(self, kept: Store) -> None:
        before = kept.version
        kept.write_students([MERGED, JOHN])
        assert set(kept.changed_students(before)[1]) == {JOHN.key, JANE.key}

    def test_consent_stays_with_each_entry(self, kept: Store) -> None:
        kept.write_students([replace(MERGED, consent=CONSENT), JOHN])
        merged = kept.merged_entry(JANE.key)
        assert merged is not None
        assert merged.consent == CONSENT
