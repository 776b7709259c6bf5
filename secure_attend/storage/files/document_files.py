"""Documents in files: a file for each kind in `instance/documents/`, and `instance/documents.json`, which lists them.

A write puts the kinds that it changes into new files, and then replaces `documents.json`: that one step commits all of
it. The next start removes files that aren't listed.

With 300 courses, 9,000 meetings and 20,000 memberships, one file for everything would have 9.2 MB. On a busy machine,
to write that alone took 13 to 33 ms, the file of the memberships 8 to 16 ms. A whole change took 13 ms at best for
a membership, 8 ms for a meeting and 3 ms for a course (`make bench GROUPS=documents`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from secure_attend.errors import NotFound, StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.chains import edits
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.document_values import SealedDocument, to_sealed_document
from secure_attend.storage.documents import (
    Document,
    DocumentChanges,
    DocumentId,
    erasing_changes,
    from_json,
    plain,
    refuse_changed,
    refuse_kind,
    student_named,
    unlisted,
)
from secure_attend.storage.durable_writes import Unsure
from secure_attend.storage.files.write_gate import NOTHING_SAVED, WriteGate
from secure_attend.storage.paths import DOCUMENT_FILES, DOCUMENTS
from secure_attend.storage.ports import Documents

FORMAT = 1
Kinds = Mapping[str, Mapping[str, SealedDocument]]
_FILE = re.compile(r"[a-z_]+\.[0-9]+\.json")


@dataclass(frozen=True)
class DocumentsData:
    """All documents by kind and key, the version of the last write, and the file of each kind. Never changed, only
    replaced."""

    version: int = 0
    kinds: Kinds = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[SealedDocument]:
        return (document for documents in self.kinds.values() for document in documents.values())

    def with_changes(
        self, puts: Iterable[SealedDocument], deletes: Iterable[DocumentId], version: int
    ) -> DocumentsData:
        """Return the documents after a write. The files of the kinds that it changes get new names."""
        kinds: dict[str, dict[str, SealedDocument]] = {}
        for kind, key in deletes:
            kinds.setdefault(kind, dict(self.kinds.get(kind, {}))).pop(key, None)
        for sealed in puts:
            kind = sealed.document.kind
            kinds.setdefault(kind, dict(self.kinds.get(kind, {})))[sealed.document.key] = sealed
        files = {**self.files, **{kind: f"{kind}.{version}.json" for kind in kinds}}
        kept = {kind: documents for kind, documents in {**self.kinds, **kinds}.items() if documents}
        return DocumentsData(version, kept, {kind: files[kind] for kind in kept})


class DocumentFolder:
    """Reads and replaces the files. Refuses to replace what another program changed in the meantime."""

    def __init__(self, instance: Path) -> None:
        self._commit = instance / DOCUMENTS
        self._folder = instance / DOCUMENT_FILES
        self._signature: durable_writes.Signature | None = None

    def read(self) -> DocumentsData:
        """Return the documents, none if there are no files yet. Raises StartRefused."""
        self._signature = durable_writes.signature(self._commit)
        try:
            commit = _parsed(self._commit.read_bytes())
            files = {str(kind): _file_name(name) for kind, name in commit["files"].items()}
            kinds = {kind: _documents(kind, (self._folder / name).read_bytes()) for kind, name in files.items()}
            return DocumentsData(int(commit["version"]), kinds, files)
        except FileNotFoundError as error:
            if self._signature is None and not self._written_before():
                return DocumentsData()
            raise self._damaged(error) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise self._damaged(error) from error

    def _written_before(self) -> bool:
        """Return whether the folder has a file of a second or later write: then `documents.json` was there once."""
        names = (path.name for path in self._folder.glob("*.json")) if self._folder.is_dir() else ()
        return any(_FILE.fullmatch(name) and name.split(".")[1] != "1" for name in names)

    def _damaged(self, error: Exception) -> StartRefused:
        return StartRefused(
            "documents_damaged",
            f"{self._commit} or a file in {self._folder} cannot be read ({error!r}). They are left as they are. Put "
            "both back from a backup.",
        )

    def write(self, data: DocumentsData, before: DocumentsData) -> None:
        """Put `data` in the place of `before`, on disk when this returns. Raises NotWritten, Unsure, OSError."""
        if durable_writes.signature(self._commit) != self._signature:
            raise Unsure(f"{self._commit.name} was changed by another program while this one was running")
        durable_writes.make_private_directory(self._folder)
        fresh = {kind: name for kind, name in data.files.items() if before.files.get(kind) != name}
        try:
            for kind, name in fresh.items():
                durable_writes.replace_file(self._folder / name, _lines(kind, data.kinds[kind].values()))
            commit = {"format": FORMAT, "version": data.version, "files": dict(data.files)}
            durable_writes.replace_file(self._commit, [json.dumps(commit, indent=1).encode("ascii") + b"\n"])
        except (durable_writes.NotWritten, OSError):
            self._remove(fresh.values())
            raise
        self._signature = durable_writes.signature(self._commit)
        self._remove(set(before.files.values()) - set(data.files.values()))

    def remove_unfinished(self, data: DocumentsData) -> None:
        """Remove the files of a first write of `data` that was interrupted before there was a `documents.json`."""
        if self._commit.exists():
            return
        for kind, name in data.files.items():
            path = self._folder / name
            if path.exists() and path.read_bytes() == b"".join(_lines(kind, data.kinds[kind].values())):
                path.unlink()

    def remove_leftovers(self, data: DocumentsData) -> None:
        """Remove the files of a write that was interrupted."""
        durable_writes.remove_leftovers(self._commit)
        if self._folder.is_dir():
            counted = set(data.files.values())
            self._remove(path.name for path in self._folder.iterdir() if path.name not in counted)

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            with suppress(OSError):
                (self._folder / name).unlink()


class DocumentFiles(Documents):
    """The documents of a site in files. `is_student` says whether a key is a student's."""

    def __init__(
        self,
        folder: DocumentFolder,
        data: DocumentsData,
        gate: WriteGate,
        seal: RecordSeal,
        clock: Callable[[], datetime],
        is_student: Callable[[str], bool],
    ) -> None:
        self._folder = folder
        self._data = data
        self._gate = gate
        self._seal = seal
        self._clock = clock
        self._is_student = is_student
        self._opened_at = data.version
        self._deleted: dict[DocumentId, int] = {}

    @property
    def version(self) -> int:
        return self._data.version

    def get(self, kind: str, key: str) -> Document | None:
        sealed = self._data.kinds.get(kind, {}).get(key)
        return sealed.document if sealed is not None else None

    def all(self, kind: str) -> list[Document]:
        documents = (sealed.document for sealed in self._data.kinds.get(kind, {}).values())
        return sorted(documents, key=lambda document: document.key)

    def about(self, student_key: str) -> list[Document]:
        documents = (sealed.document for sealed in self._data if student_key in sealed.document.about)
        return sorted(documents, key=lambda document: document.id)

    def changes(self, since: int) -> DocumentChanges:
        with self._gate.lock:
            data, complete = self._data, not self._opened_at <= since <= self._data.version
            deleted = tuple(name for name, version in self._deleted.items() if version > since)
        written = (sealed.document for sealed in data if complete or sealed.document.version > since)
        ordered = tuple(sorted(written, key=lambda document: document.id))
        return DocumentChanges(data.version, ordered, () if complete else deleted, complete)

    def write(self, puts: Sequence[Document], deletes: Sequence[Document] = ()) -> int:
        with self._gate.lock:
            named = (self.get(*document.id) for document in (*puts, *deletes))
            refuse_changed(puts, deletes, {known.id: known.version for known in named if known is not None})
            for document in puts:
                self._refuse_students(document)
            return self._write(puts, [document.id for document in deletes])

    def _refuse_students(self, document: Document) -> None:
        refuse_kind(document)
        if not all(map(self._is_student, document.about)):
            raise NotFound("unknown_student", "There is no such student.")
        if any(map(self._is_student, unlisted(document))):
            raise student_named()

    def forget(self, student_keys: Iterable[str], failed: str = NOTHING_SAVED) -> None:
        """Erase these students from all documents, in one write. `failed` says what a failure leaves undone."""
        keys = set(student_keys)
        with self._gate.lock:
            named = (sealed.document for sealed in self._data if not keys.isdisjoint(sealed.document.about))
            puts, deletes = erasing_changes(named, keys)
            if puts or deletes:
                self._write(puts, [document.id for document in deletes], failed)

    def sealed(self) -> list[SealedDocument]:
        """Return all documents with their MACs."""
        return list(self._data)

    def seal_all(self, sealed_before: bool) -> bool:
        """Give all documents MACs if none has any yet. Return whether there was any."""
        missing = edits.never_sealed(self._data, sealed_before)
        if missing:
            self._write([sealed.document for sealed in missing], [])
        return bool(missing)

    def _write(self, puts: Iterable[Document], deletes: Sequence[DocumentId], failed: str = NOTHING_SAVED) -> int:
        version, now = self._data.version + 1, self._clock()
        written = (replace(document, value=plain(document.value), version=version, written_at=now) for document in puts)
        sealed = [SealedDocument(document, self._seal.document(document)) for document in written]
        data = self._data.with_changes(sealed, deletes, version)
        with self._gate.writing(failed):
            self._folder.write(data, self._data)
            self._data = data
        for document in sealed:
            self._deleted.pop(document.document.id, None)
        self._deleted |= dict.fromkeys(deletes, version)
        return version


def _parsed(data: bytes) -> dict[str, Any]:
    value: dict[str, Any] = from_json(data)
    if value["format"] != FORMAT:
        raise ValueError(f"format {value['format']!r}")
    return value


def _file_name(name: object) -> str:
    if not isinstance(name, str) or _FILE.fullmatch(name) is None:
        raise ValueError(f"{name!r} isn't a file of documents")
    return name


def _documents(kind: str, data: bytes) -> dict[str, SealedDocument]:
    value = _parsed(data)
    return {key: to_sealed_document(kind, key, member) for key, member in value["documents"].items()}


def _lines(kind: str, documents: Iterable[SealedDocument]) -> list[bytes]:
    head = json.dumps({"format": FORMAT, "kind": kind})[:-1].encode("ascii") + b', "documents": {\n'
    return [head, b",\n".join(sealed.line for sealed in documents), b"\n}}\n"]
