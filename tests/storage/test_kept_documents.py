"""Documents in memory are those of the store, and cost nothing while nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from secure_attend.settings import Settings
from secure_attend.storage.documents import DocumentChanges, DocumentKind
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from tests.support.fakes import Clock
from tests.support.storage.site import JOHN, entry

ONE, TWO = (DocumentKind(name, erasing="drop", example={}) for name in ("one_kind", "two_kind"))


@pytest.fixture(params=["files", "sqlite"])
def store(request: pytest.FixtureRequest, settings: Settings, clock: Clock) -> Iterator[Store]:
    settings.data.mkdir()
    url = f"sqlite:///{settings.data / 'site.db'}" if request.param == "sqlite" else None
    opened = open_store(replace(settings, database_url=url), clock)
    yield opened
    opened.close()


class Counted:
    """A store, and its documents, that count how often those are read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._documents = store.documents
        self.documents = self
        self.reads = 0

    @property
    def version(self) -> int:
        return self._store.version

    def changes(self, since: int) -> DocumentChanges:
        self.reads += 1
        return self._documents.changes(since)


def values(kept: KeptDocuments) -> dict[str, dict[str, object]]:
    return {
        kind: {key: document.value for key, document in documents.items()}
        for kind, documents in kept.view().kinds.items()
    }


def test_what_is_kept_follows_the_store(store: Store) -> None:
    documents = store.documents
    documents.write([ONE.document("a", 1), TWO.document("b", 2)])
    counted = Counted(store)
    kept = KeptDocuments(counted, ["one_kind"])  # type: ignore[arg-type]
    assert values(kept) == {"one_kind": {"a": 1}}
    first = kept.view()
    assert kept.view() is first
    assert counted.reads == 1
    documents.write([ONE.document("c", 3)])
    assert values(kept) == {"one_kind": {"a": 1, "c": 3}}
    named = documents.get("one_kind", "a")
    assert named is not None
    documents.write([replace(named, value=4)])
    assert values(kept) == {"one_kind": {"a": 4, "c": 3}}
    again = documents.get("one_kind", "a")
    assert again is not None
    documents.write([], [again])
    assert values(kept) == {"one_kind": {"c": 3}}
    assert first.kinds["one_kind"].keys() == {"a"}, "a view never changes"


def test_a_kind_that_did_not_change_is_the_same_object(store: Store) -> None:
    store.documents.write([ONE.document("a", 1)])
    kept = KeptDocuments(store, ["one_kind", "two_kind"])
    before = kept.view()
    store.documents.write([TWO.document("b", 2)])
    assert kept.view().version > before.version
    assert kept.view().kinds["one_kind"] is before.kinds["one_kind"]
    assert kept.view().kinds["two_kind"] is not before.kinds["two_kind"]


def test_a_record_changes_the_view_alone(store: Store) -> None:
    store.write_students([JOHN])
    store.documents.write([ONE.document("a", 1)])
    kept = KeptDocuments(store, ["one_kind"])
    before = kept.view()
    assert before.as_of == store.version
    store.append(entry())
    after = kept.view()
    assert (after.as_of, after.version) == (store.version, before.version)
    assert after.as_of > before.as_of
    assert after.kinds is before.kinds
