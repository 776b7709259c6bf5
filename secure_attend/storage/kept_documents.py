"""Documents kept in memory: read once, then only what has changed is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Protocol

from secure_attend.storage.documents import Document, DocumentChanges
from secure_attend.storage.ports import HasDocuments, Transactional

_UNREAD = -1


class DocumentStore(Transactional, HasDocuments, Protocol):
    """The ports that keeping documents needs."""


@dataclass(frozen=True)
class DocumentView:
    """The documents of some kinds as of one version, by kind and key. A kind that has not changed since an earlier view
    has the very same mapping there. `as_of` is the store's version, which students and records count too: who reads on
    need not ask for it again."""

    version: int
    kinds: Mapping[str, Mapping[str, Document]]
    as_of: int = _UNREAD


class KeptDocuments:
    """Keeps the documents of some kinds. While nothing changes, a look costs one question to the store. Thread-safe."""

    def __init__(self, store: DocumentStore, kinds: Collection[str]) -> None:
        self._store = store
        self._lock = Lock()
        self._view = DocumentView(_UNREAD, {kind: {} for kind in kinds})

    def view(self) -> DocumentView:
        """Return the documents as they are now. Don't call it within a transaction: what that writes may be undone.
        Raises `StorageFailed`."""
        with self._lock:
            as_of, documents = self._store.version, self._store.documents
            if as_of != self._view.as_of:
                if documents.version != self._view.version:
                    self._view = _followed(self._view, documents.changes(self._view.version))
                self._view = replace(self._view, as_of=as_of)
            return self._view


def _followed(before: DocumentView, changes: DocumentChanges) -> DocumentView:
    return DocumentView(changes.version, {kind: _of(kind, known, changes) for kind, known in before.kinds.items()})


def _of(kind: str, known: Mapping[str, Document], changes: DocumentChanges) -> Mapping[str, Document]:
    written = {document.key: document for document in changes.written if document.kind == kind}
    deleted = {key for name, key in changes.deleted if name == kind}
    if changes.complete:
        return written
    if not written and deleted.isdisjoint(known):
        return known
    return {key: document for key, document in known.items() if key not in deleted} | written
