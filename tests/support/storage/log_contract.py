"""What every store promises of its log: a part of `StoreContract`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_attend.errors import NotFound
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry
from tests.support.storage.site import JANE, JOHN, NOW, Reopen, entry


class LogContract:
    """Tests of `kept`, a store with John and Jane, which `reopen` closes and opens again."""

    def test_who_was_recognised_since(self, kept: Store) -> None:
        record = kept.append(entry(minutes=0))
        kept.append(entry(JANE.student_id, minutes=5))
        kept.append(replace(entry(minutes=6), method="by_hand"))
        kept.append(entry(minutes=7, cancels=record.id))
        assert kept.recognised_since(NOW) == {"007", JANE.student_id}
        assert kept.recognised_since(NOW + timedelta(minutes=5)) == {JANE.student_id}
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
            assert len(list(store.records(student_id="007"))) == 2
            assert store.latest_check_in(JANE.student_id) is None
        assert reopen().append(entry()).id.startswith("5-")

    def test_a_record_comes_back_as_it_was_acknowledged(self, kept: Store, reopen: Reopen) -> None:
        wanted = Entry(NOW, "by_hand", JANE.student_id, 'Dr "X" \\ Ł', "kiosk\n1", "sface")
        record = kept.append(wanted)
        assert record.time == NOW
        again = reopen()
        assert list(again.records()) == [record]
        assert again.record(record.id) == record
        assert (record.method, record.by, record.kiosk, record.profile) == (
            wanted.method,
            wanted.by,
            wanted.kiosk,
            wanted.profile,
        )

    def test_records_are_chosen_by_student_and_time(self, kept: Store) -> None:
        ids = [JOHN.student_id, JANE.student_id, JOHN.student_id, JANE.student_id]
        records = [kept.append(entry(student_id, minutes=minute)) for minute, student_id in enumerate(ids)]
        minute = timedelta(minutes=1)
        assert list(kept.records(student_id="007")) == [records[0], records[2]]
        assert list(kept.records(since=NOW + minute, until=NOW + 3 * minute)) == records[1:3]
        assert list(kept.records(student_id="007", since=NOW + minute)) == [records[2]]
        assert list(kept.records(until=NOW)) == []
        assert list(kept.records(student_id="nobody")) == []

    def test_records_after_a_number(self, kept: Store, reopen: Reopen) -> None:
        records = [kept.append(entry((JOHN, JANE)[n % 2].student_id, minutes=n)) for n in range(5)]
        for again in (lambda: kept, reopen):
            store = again()
            assert list(store.records(after=3)) == records[3:]
            assert list(store.records(after=1, student_id=JOHN.student_id)) == [records[2], records[4]]
            assert list(store.records(after=1, since=records[1].time, until=records[3].time)) == records[1:3]
            assert list(store.records(after=3, until=records[2].time)) == list(store.records(after=5)) == []

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
            assert store.latest_check_in("007") == first
            assert store.cancellation_of(second.id) == cancellation
            assert store.cancellations() == {second.id: cancellation.id}
            assert store.cancellation_of(first.id) is None
            assert store.latest_check_in(JANE.student_id) is None

    def test_a_cancellation_must_cancel_something(self, kept: Store) -> None:
        with pytest.raises(NotFound):
            kept.append(entry(cancels="12-0000000000000000"))
        assert list(kept.records()) == []

    def test_a_clock_set_back_changes_no_order(self, kept: Store) -> None:
        later, earlier = kept.append(entry(minutes=60)), kept.append(entry(minutes=0))
        assert list(kept.records()) == [later, earlier]
        assert kept.latest_check_in("007") == earlier

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
