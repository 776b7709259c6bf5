"""What documents promise, whatever keeps them. `StoreContract` inherits it."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier, Thread

import pytest

from secure_attend.errors import Conflict, InvalidInput, NotFound, StorageFailed
from secure_attend.storage.documents import Document, Json
from secure_attend.storage.ports import Store
from tests.support.storage.site import JANE, JOHN, NOW, Reopen, entry, face

VALUE = {"name": "Ünïcode \0 \ud800", "numbers": [1, 2.5, -3e300], "nothing": None, "deep": {"yes": True, "": []}}
COURSE = Document("courses", "c1", VALUE)


def member(student: str, course: str = "c1") -> Document:
    return Document("memberships", f"{course}+{student}", {"course": course, "student": student}, (student,))


def group(*students: str) -> Document:
    value = {"members": list(students), "roles": dict.fromkeys(students, "lab"), "room": "A1"}
    return Document("groups", "g1", value, tuple(sorted(students)), "drop")


def seen(store: Store, kind: str) -> dict[str, Json]:
    return {document.key: document.value for document in store.documents.all(kind)}


class DocumentsContract:
    """`kept` is a store with John and Jane; `reopen` closes it and opens it again."""

    def test_a_document_comes_back_as_it_was(self, kept: Store, reopen: Reopen) -> None:
        version = kept.documents.write([COURSE, member(JOHN.key)])
        assert version == kept.documents.version == 1
        for again in (lambda: kept, reopen):
            documents = again().documents
            document = documents.get("courses", "c1")
            assert document is not None
            assert document.written_at is not None
            assert document == replace(COURSE, version=version, written_at=document.written_at)
            assert documents.all("courses") == [document]
            assert [one.key for one in documents.all("memberships")] == [f"c1+{JOHN.key}"]
            assert documents.get("courses", "c2") is None
            assert documents.get("nothing", "c1") is None
            assert documents.all("nothing") == documents.all("\0") == []

    def test_all_documents_of_a_kind_come_by_key(self, kept: Store, reopen: Reopen) -> None:
        keys = ["b", "a", "C", "é", "a b", "10", "9"]
        kept.documents.write([Document("courses", key, {}) for key in keys])
        assert [document.key for document in reopen().documents.all("courses")] == sorted(keys)

    def test_a_write_is_whole_or_not_at_all(self, kept: Store, reopen: Reopen) -> None:
        kept.documents.write([COURSE])
        course = kept.documents.get("courses", "c1")
        assert course is not None
        version = kept.documents.version
        for puts, deletes in (
            ([Document("courses", "c2", {}), replace(course, version=7)], []),
            ([Document("courses", "c2", {}), COURSE], []),
            ([Document("courses", "c2", {})], [COURSE]),
            ([Document("courses", "c2", {})], [Document("courses", "c3", {}, version=1)]),
        ):
            with pytest.raises(Conflict) as refused:
                kept.documents.write(puts, deletes)
            assert refused.value.code == "documents_changed"
            (changed,) = refused.value.facts["changed"]
            assert changed["kind"] == "courses"
            assert changed["key"] in ("c1", "c3")
        assert kept.documents.version == version
        assert reopen().documents.all("courses") == [course]

    def test_puts_and_deletes_of_several_kinds_are_one_write(self, kept: Store, reopen: Reopen) -> None:
        kept.documents.write([COURSE, member(JOHN.key), member(JANE.key)])
        course, gone = kept.documents.get("courses", "c1"), kept.documents.get("memberships", f"c1+{JANE.key}")
        assert course is not None
        assert gone is not None
        kept.documents.write([replace(course, value={"name": "New"})], [gone])
        again = reopen()
        assert seen(again, "courses") == {"c1": {"name": "New"}}
        assert list(seen(again, "memberships")) == [f"c1+{JOHN.key}"]

    def test_a_document_that_comes_back_has_another_version(self, kept: Store, reopen: Reopen) -> None:
        first = kept.documents.write([COURSE])
        kept.documents.write([], [replace(COURSE, version=first)])
        second = reopen().documents.write([COURSE])
        assert second > first + 1

    def test_changes_since_a_version_are_told(self, kept: Store) -> None:
        begun = kept.documents.version
        first = kept.documents.write([COURSE, member(JOHN.key)])
        kept.documents.write([], [replace(COURSE, version=first)])
        second = kept.documents.version
        kept.documents.write([member(JANE.key)])
        since_start, since_first = kept.documents.changes(begun), kept.documents.changes(first)
        assert [one.key for one in since_start.written] == [f"c1+{JANE.key}", f"c1+{JOHN.key}"]
        assert [one.key for one in since_first.written] == [f"c1+{JANE.key}"]
        assert since_start.deleted == since_first.deleted == (("courses", "c1"),)
        assert kept.documents.changes(second).deleted == ()
        newest = kept.documents.changes(kept.documents.version)
        assert (newest.version, newest.written, newest.deleted, newest.complete) == (3, (), (), False)

    def test_after_a_restart_a_reader_gets_all_changes_or_everything(self, kept: Store, reopen: Reopen) -> None:
        first = kept.documents.write([COURSE, member(JOHN.key)])
        kept.documents.write([], [replace(COURSE, version=first)])
        changes = reopen().documents.changes(first)
        if changes.complete:
            assert [one.key for one in changes.written] == [f"c1+{JOHN.key}"]
        else:
            assert changes.deleted == (("courses", "c1"),)
        assert reopen().documents.changes(99).complete

    def test_a_transaction_sees_what_it_wrote(self, kept: Store, reopen: Reopen) -> None:
        with kept.transaction():
            version = kept.documents.write([COURSE])
            assert kept.documents.version == version
            course = kept.documents.get("courses", "c1")
            assert course is not None
            kept.documents.write([replace(course, value=2), member(JOHN.key)])
            assert [document.id for document in kept.documents.changes(0).written] == [
                ("courses", "c1"),
                ("memberships", f"c1+{JOHN.key}"),
            ]
            kept.append(entry())
        assert seen(reopen(), "courses") == {"c1": 2}

    def test_the_version_of_the_store_grows_with_documents(self, kept: Store) -> None:
        version = kept.version
        kept.documents.write([COURSE])
        assert kept.version > version, "other processes notice"

    def test_documents_are_only_about_students(self, kept: Store) -> None:
        with pytest.raises(NotFound):
            kept.documents.write([COURSE, member("nobody")])
        assert kept.documents.all("courses") == []

    @pytest.mark.parametrize(
        "document",
        [
            Document("memberships", "m1", {"student": JOHN.key}),
            Document("memberships", "m1", {"list": [{"x": [JOHN.key]}]}, (JANE.key,)),
            Document("memberships", "m1", {JOHN.key: 1}),
            Document("memberships", JOHN.key, {}),
        ],
    )
    def test_a_student_who_is_named_has_to_be_listed(self, kept: Store, document: Document) -> None:
        with pytest.raises(InvalidInput, match="student_named"):
            kept.documents.write([document])
        assert kept.documents.version == 0

    def test_what_is_no_document_is_refused(self, kept: Store) -> None:
        for wrong in (Document("../courses", "c1", {}), Document("courses", "c1", {"x": float("nan")})):
            with pytest.raises(ValueError, match=r"kind|JSON"):
                kept.documents.write([wrong])
        with pytest.raises(ValueError, match="twice"):
            kept.documents.write([COURSE, COURSE])
        assert kept.documents.version == 0

    def test_documents_about_a_student_are_found(self, kept: Store, reopen: Reopen) -> None:
        kept.documents.write([COURSE, member(JOHN.key), member(JANE.key), group(JOHN.key, JANE.key)])
        about = reopen().documents.about(JOHN.key)
        assert [document.id for document in about] == [("groups", "g1"), ("memberships", f"c1+{JOHN.key}")]
        assert reopen().documents.about("nobody") == reopen().documents.about('",%') == []

    def test_erasing_a_student_erases_them_from_documents(self, kept: Store, reopen: Reopen) -> None:
        kept.documents.write([COURSE, member(JOHN.key), member(JANE.key), group(JOHN.key, JANE.key)])
        version = kept.documents.version
        kept.erase(JOHN.key)
        changes = kept.documents.changes(version)
        assert changes.deleted == (("memberships", f"c1+{JOHN.key}"),)
        assert [document.id for document in changes.written] == [("groups", "g1")]
        for again in (lambda: kept, reopen):
            store = again()
            assert store.documents.about(JOHN.key) == []
            assert seen(store, "courses") == {"c1": VALUE}
            assert list(seen(store, "memberships")) == [f"c1+{JANE.key}"]
            assert seen(store, "groups") == {"g1": {"members": [JANE.key], "roles": {JANE.key: "lab"}, "room": "A1"}}
            (rest,) = store.documents.all("groups")
            assert rest.about == (JANE.key,)

    def test_the_macs_are_right_after_every_kind_of_write(self, kept: Store, reopen: Reopen) -> None:
        kept.documents.write([COURSE, member(JOHN.key), group(JOHN.key, JANE.key)])
        kept.documents.write([Document("courses", "c2", {})])
        kept.replace_faces(JANE.key, "sface", [face()])
        kept.write_students([replace(JANE, name="Janet", removed_at=NOW)], drop_faces=[JANE.key])
        kept.erase(JOHN.key)
        reopen().close()
        assert self.wrong_macs(kept) == []

    def wrong_macs(self, store: Store) -> list[str]:
        """Whose MAC, as kept, is not the right one."""
        raise NotImplementedError

    def test_of_threads_that_change_the_same_document_one_succeeds(self, kept: Store) -> None:
        kept.documents.write([COURSE])
        course = kept.documents.get("courses", "c1")
        assert course is not None
        ready, refused = Barrier(4), []

        def change(number: int) -> None:
            ready.wait()
            try:
                kept.documents.write([replace(course, value=number)])
            except Conflict:
                refused.append(number)

        threads = [Thread(target=change, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 3
        assert {0, 1, 2, 3} - set(refused) == {document.value for document in kept.documents.all("courses")}

    def test_a_closed_store_takes_no_documents(self, kept: Store) -> None:
        kept.close()
        with pytest.raises(StorageFailed):
            kept.documents.write([COURSE])
