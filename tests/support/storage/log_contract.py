"""What every store promises of its log: a part of `StoreContract`."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest

from secure_attend.errors import NotFound
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry
from tests.support.storage.site import JANE, JOHN, NOW, Reopen, entry, mark


class LogContract:
    """Tests of `kept`, a store with John and Jane, which `reopen` closes and opens again."""

    def test_who_was_recognised_since(self, kept: Store) -> None:
        record = kept.append(entry(minutes=0))
        kept.append(entry(JANE.student_id, minutes=5))
        kept.append(replace(entry(minutes=6), method="by_hand"))
        kept.append(entry(minutes=7, cancels=record.id))
        assert kept.recognised_since(NOW) == {JOHN.key, JANE.key}
        assert kept.recognised_since(NOW + timedelta(minutes=5)) == {JANE.key}
        kept.erase(JANE.key)
        assert kept.recognised_since(NOW + timedelta(minutes=5)) == set()

    def test_old_records_lose_their_identity(self, kept: Store, reopen: Reopen) -> None:
        for minutes in (5, 0, 10):
            kept.append(entry(minutes=minutes))
        kept.append(entry(JANE.student_id, minutes=1))
        assert kept.forget_before(NOW + timedelta(minutes=5)) == 2
        assert kept.forget_before(NOW + timedelta(minutes=5)) == 0
        for again in (lambda: kept, reopen):
            store = again()
            assert [record.student_id for record in store.records()] == ["007", None, "007", None]
            assert [record.person for record in store.records()] == [JOHN.key, None, JOHN.key, None]
            assert len(list(store.records(person=JOHN.key))) == 2
            assert store.latest_check_in(JANE.key) is None
        assert reopen().append(entry()).id.startswith("5-")

    def test_old_records_that_are_spared_keep_it(self, kept: Store, reopen: Reopen) -> None:
        for student in (JOHN, JANE):
            kept.append(entry(student.student_id, minutes=0))
        assert kept.forget_before(NOW + timedelta(minutes=5), lambda record: record.person == JANE.key) == 1
        assert [record.person for record in reopen().records()] == [None, JANE.key]

    def test_old_notes_are_erased_and_nothing_else(self, kept: Store, reopen: Reopen) -> None:
        kept.append(entry(minutes=0))
        for minutes, note in ((0, "old"), (1, "spared"), (9, "young")):
            kept.append(replace(mark(minutes=minutes), note=note))
        before, spared = NOW + timedelta(minutes=5), lambda record: record.note == "spared"
        assert kept.erase_notes_before(before, spared) == 1
        assert kept.erase_notes_before(before, spared) == 0
        records = list(reopen().records())
        assert [record.note for record in records] == [None, None, "spared", "young"]
        assert None not in {record.person for record in records}

    def test_a_record_comes_back_as_it_was_acknowledged(self, kept: Store, reopen: Reopen) -> None:
        check_in = Entry(
            NOW,
            "by_hand",
            JANE.student_id,
            'Dr "X" \\ Ł',
            "kiosk\n1",
            "sface",
            person=JANE.key,
            kiosk_key="k1",
            room="A 1",
        )
        excuse = replace(
            mark(),
            method="excuse",
            course="c1",
            first_day=date(2026, 11, 22),
            last_day=date(2026, 11, 30),
            meeting=None,
        )
        wanted = [check_in, mark(), excuse, replace(mark(), reason=None), replace(mark(), note=None)]
        records = [kept.append(one) for one in wanted]
        for one, record in zip(wanted, records, strict=True):
            assert {**asdict(record), "redemption": None} == {**asdict(one), "id": record.id}
        again = reopen()
        assert list(again.records()) == records
        assert [again.record(record.id) for record in records] == records
        marked = replace(mark(), replaces=records[1].id)
        assert again.append(marked).replaces == records[1].id

    def test_records_are_chosen_by_student_and_time(self, kept: Store) -> None:
        ids = [JOHN.student_id, JANE.student_id, JOHN.student_id, JANE.student_id]
        records = [kept.append(entry(student_id, minutes=minute)) for minute, student_id in enumerate(ids)]
        minute = timedelta(minutes=1)
        assert list(kept.records(person=JOHN.key)) == [records[0], records[2]]
        assert list(kept.records(since=NOW + minute, until=NOW + 3 * minute)) == records[1:3]
        assert list(kept.records(person=JOHN.key, since=NOW + minute)) == [records[2]]
        assert list(kept.records(until=NOW)) == []
        assert list(kept.records(person="nobody")) == []

    def test_records_after_a_number(self, kept: Store, reopen: Reopen) -> None:
        assert kept.newest_number == 0
        records = [kept.append(entry((JOHN, JANE)[n % 2].student_id, minutes=n)) for n in range(5)]
        for again in (lambda: kept, reopen):
            store = again()
            assert list(store.records(after=3)) == records[3:]
            assert store.newest_number == 5
            assert list(store.records(after=1, person=JOHN.key)) == [records[2], records[4]]
            assert list(store.records(after=1, since=records[1].time, until=records[3].time)) == records[1:3]
            assert list(store.records(after=3, until=records[2].time)) == list(store.records(after=5)) == []

    def test_a_mac_vouches_for_all_records_up_to_it(self, kept: Store, reopen: Reopen) -> None:
        assert kept.mac_of(0) == ""
        for n in range(3):
            kept.append(entry(minutes=n))
        macs = [kept.mac_of(number) for number in range(4)]
        assert len(set(macs)) == 4
        kept.append(entry(minutes=3))
        assert [reopen().mac_of(number) for number in range(4)] == macs

    def test_what_is_appended_while_reading_disturbs_nothing(self, kept: Store) -> None:
        first = [kept.append(entry()) for _ in range(3)]
        reading = kept.records()
        seen = [next(reading)]
        kept.append(entry())
        kept.erase(JANE.key)
        assert [*seen, *reading] == first

    def test_unknown_records_are_not_found(self, kept: Store) -> None:
        record = kept.append(entry())
        for other in ("", "1", "nonsense", "0-0000000000000000", f"9{record.id}", f"{record.id}0"):
            assert kept.record(other) is None
            assert kept.cancellation_of(other) is None

    def test_a_cancellation_takes_its_record_out_of_the_latest(self, kept: Store, reopen: Reopen) -> None:
        first, second = kept.append(entry()), kept.append(entry(minutes=20))
        cancellation = kept.append(entry(minutes=21, cancels=second.id))
        for again in (lambda: kept, reopen):
            store = again()
            assert store.latest_check_in(JOHN.key) == first
            assert store.cancellation_of(second.id) == cancellation
            assert store.cancellations() == {second.id: cancellation.id}
            assert store.cancellation_of(first.id) is None
            assert store.latest_check_in(JANE.key) is None

    def test_a_cancellation_must_cancel_something(self, kept: Store) -> None:
        with pytest.raises(NotFound):
            kept.append(entry(cancels="12-0000000000000000"))
        assert list(kept.records()) == []

    def test_many_records_are_added_in_one_write(self, kept: Store, reopen: Reopen) -> None:
        first = kept.append(entry())
        version = kept.version
        many = [entry(JANE.student_id), replace(entry(), method="by_hand", by="Prof. Ada"), entry(JANE.student_id)]
        added = kept.append_all(many)
        assert kept.version == version + 1
        assert [(one.person, one.method, one.by) for one in added] == [(one.person, one.method, one.by) for one in many]
        last = kept.append(entry())
        assert list(reopen().records()) == [first, *added, last]
        assert reopen().latest_check_in(JANE.key) == added[-1]

    def test_of_many_records_with_one_that_is_refused_none_is_added(self, kept: Store, reopen: Reopen) -> None:
        assert kept.append_all([]) == []
        with pytest.raises(NotFound):
            kept.append_all([entry(), replace(entry(JANE.student_id), method="cancellation", cancels="9-nothing")])
        assert list(reopen().records()) == []

    def test_a_mark_must_replace_something(self, kept: Store) -> None:
        with pytest.raises(NotFound):
            kept.append(mark(replaces="12-0000000000000000"))
        assert list(kept.records()) == []

    def test_marks_and_excuses_are_no_check_ins(self, kept: Store, reopen: Reopen) -> None:
        check_in = kept.append(entry())
        marked, excused = kept.append(mark(minutes=5)), kept.append(replace(mark(minutes=6), method="excuse"))
        for again in (lambda: kept, reopen):
            store = again()
            assert store.latest_check_in(JOHN.key) == check_in
            assert list(store.records(person=JOHN.key)) == [check_in, marked, excused]
            assert store.recognised_since(NOW + timedelta(minutes=1)) == set()

    def test_marks_are_found_by_meeting(self, kept: Store, reopen: Reopen) -> None:
        """Of anybody, newest last; excuses and what is no key are none."""
        other = replace(mark(JANE.student_id), meeting="meeting-2")
        first, third, _, last = kept.append_all([mark(), other, replace(mark(), method="excuse"), mark("8")])
        for again in (lambda: kept, reopen):
            store = again()
            assert list(store.marks(["meeting-1"])) == [first, last]
            assert list(store.marks({"meeting-2", "meeting-1", "nonsense"})) == [first, third, last]
            assert list(store.marks([])) == list(store.marks(["meeting-1 meeting-2", "\0", "\ud800"])) == []
        kept = reopen()
        kept.write_students([JOHN])
        kept.erase(JOHN.key)
        again_marked = kept.append(mark(JANE.student_id))
        for again in (lambda: kept, reopen):
            assert [record.person for record in again().marks(["meeting-1"])] == [None, last.person, JANE.key]
        assert list(reopen().marks(["meeting-1"]))[-1] == again_marked

    def test_a_note_is_erased_alone(self, kept: Store, reopen: Reopen) -> None:
        records = [kept.append(entry()), kept.append(mark()), kept.append(mark(JANE.student_id))]
        version = kept.version
        assert kept.erase_note(records[1].id)
        assert kept.version > version
        assert not kept.erase_note(records[1].id)
        assert not kept.erase_note(records[0].id)
        bare = replace(records[1], reason=None, note=None)
        for again in (lambda: kept, reopen):
            store = again()
            assert list(store.records()) == [records[0], bare, records[2]]
            assert store.record(records[1].id) == bare
            assert list(store.records(person=JOHN.key)) == [records[0], bare]
        assert reopen().append(entry()).id.startswith("4-")

    def test_a_student_whose_note_was_erased_counts_as_changed(self, kept: Store) -> None:
        """What was read of the student is read again: a remark may decide a percentage."""
        kept.write_students([JOHN])
        record = kept.append(mark())
        version = kept.version
        assert kept.changed_students(version)[1] == ()
        kept.erase_note(record.id)
        assert kept.changed_students(version) == (kept.version, (JOHN.key,))

    def test_students_whose_notes_were_too_old_count_as_changed(self, kept: Store) -> None:
        kept.write_students([JOHN, JANE])
        kept.append(mark(minutes=0))
        kept.append(mark(JANE.student_id, minutes=9))
        version = kept.version
        assert kept.erase_notes_before(NOW + timedelta(minutes=5)) == 1
        assert kept.changed_students(version) == (kept.version, (JOHN.key,))

    @pytest.mark.parametrize("unknown", ["", "nonsense", "9-0000000000000000", "1-0000000000000000"])
    def test_no_note_is_erased_from_no_record(self, kept: Store, unknown: str) -> None:
        record = kept.append(mark())
        with pytest.raises(NotFound):
            kept.erase_note(unknown)
        assert kept.record(record.id) == record

    def test_a_note_goes_with_the_identity(self, kept: Store, reopen: Reopen) -> None:
        """When the student is erased, and when the record is as old as the site keeps identities."""
        kept.append(mark(minutes=0))
        kept.append(mark(JANE.student_id, minutes=5))
        kept.append(mark(minutes=10))
        assert kept.erase(JANE.key) == 1
        assert kept.forget_before(NOW + timedelta(minutes=1)) == 1
        for again in (lambda: kept, reopen):
            told = [(record.person, record.reason, record.note) for record in again().records()]
            assert told == [(None, None, None)] * 2 + [(JOHN.key, mark().reason, mark().note)]

    def test_an_id_is_only_text_to_the_log(self, kept: Store, reopen: Reopen) -> None:
        """Records belong to the person, whatever ID they carry."""
        kept.append(replace(entry(), student_id=JANE.student_id))
        kept.append(entry(JANE.student_id))
        kept.erase(JANE.key)
        for again in (lambda: kept, reopen):
            assert [record.student_id for record in again().records()] == [JANE.student_id, None]
            assert len(list(again().records(person=JOHN.key))) == 1

    def test_a_clock_set_back_changes_no_order(self, kept: Store) -> None:
        later, earlier = kept.append(entry(minutes=60)), kept.append(entry(minutes=0))
        assert list(kept.records()) == [later, earlier]
        assert kept.latest_check_in(JOHN.key) == earlier

    def test_after_an_erasure_the_log_goes_on(self, kept: Store, reopen: Reopen) -> None:
        kept.append(entry())
        kept.erase(JOHN.key)
        after = kept.append(entry(JANE.student_id))
        assert list(reopen().records())[1] == after

    def test_a_redemption_gives_one_record_ever(self, kept: Store, reopen: Reopen) -> None:
        kept.append(entry())
        asked = replace(entry(), redemption="a challenge")
        record = kept.append(asked)
        assert kept.append(replace(asked, time=NOW + timedelta(minutes=1))) == record
        assert kept.append(replace(asked, redemption="another")) != record
        for again in (lambda: kept, reopen):
            store = again()
            assert store.redeemed("a challenge") == record
            assert store.redeemed("b challenge") is None
            assert len(list(store.records())) == 3
        assert reopen().append(asked) == record
