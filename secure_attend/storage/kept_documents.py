"""Documents kept in memory: read once, then only what has changed is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock

from secure_attend.storage.documents import Document, DocumentChanges
from secure_attend.storage.ports import Documents

_UNREAD = -1


@dataclass(frozen=True)
class DocumentView:
    """The documents of some kinds as of one version, by kind and key. A kind that has not changed since an earlier view
    has the very same mapping there."""

    version: int
    kinds: Mapping[str, Mapping[str, Document]]


class KeptDocuments:
    """Keeps the documents of some kinds. While nothing changes, a look costs one question to the store. Thread-safe."""

    def __init__(self, documents: Documents, kinds: Collection[str]) -> None:
        self._documents = documents
        self._lock = Lock()
        self._view = DocumentView(_UNREAD, {kind: {} for kind in kinds})

    def view(self) -> DocumentView:
        """Return the documents as they are now. Don't call it within a transaction: what that writes may be undone.
        Raises `StorageFailed`."""
        with self._lock:
            if self._documents.version != self._view.version:
                self._view = _followed(self._view, self._documents.changes(self._view.version))
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
