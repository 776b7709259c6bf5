"""Documents as values: what a site decides, in small pieces that are seldom written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from secure_attend.errors import Conflict, InvalidInput

Json = Any
"""A value as `json.loads` gives it."""
Erasing = Literal["delete", "drop"]
"""What happens to a document when a student it is about is erased: it is deleted, or the student is dropped from it."""
KeptAs = Literal["identities", "notes", "requests"]
"""What a site keeps for a time of its own."""
DocumentId = tuple[str, str]
"""Kind and key."""
_KIND = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True)
class DocumentKind:
    """The declaration of one kind of document. `example` is a value about the students in `example_about`: tests and
    the privacy inventory read from it what a document of this kind names.

    With `expires`, a document about students is treated as if they were erased once it was last written longer ago
    than what it is `kept_as`. Only a document that `is_over` expires, such as a request that was answered.
    """

    name: str
    erasing: Erasing
    example: Json = field(compare=False)
    example_about: tuple[str, ...] = ()
    expires: bool = False
    kept_as: KeptAs = "identities"
    is_over: Callable[[Json], bool] = field(default=lambda value: True, compare=False)

    def document(self, key: str, value: Json, about: Iterable[str] = (), version: int = 0) -> Document:
        """Return a document of this kind: a new one, or one in the place of that with this `version`."""
        return Document(self.name, key, value, tuple(sorted(set(about))), self.erasing, version)


@dataclass(frozen=True)
class Document:
    """`about` lists the keys of the students it names, sorted. `version` is that of the write it comes from, 0 if there
    was none; `written_at` is when that was. The store sets both."""

    kind: str
    key: str
    value: Json
    about: tuple[str, ...] = ()
    erasing: Erasing = "delete"
    version: int = 0
    written_at: datetime | None = None

    @property
    def id(self) -> DocumentId:
        """Kind and key."""
        return self.kind, self.key

    def without(self, student_keys: Collection[str]) -> Document | None:
        """Return what stays of the document without these students; None if it is to be deleted."""
        if self.erasing == "delete":
            return None
        rest = tuple(key for key in self.about if key not in student_keys)
        return replace(self, value=without_students(self.value, student_keys), about=rest)


@dataclass(frozen=True)
class DocumentChanges:
    """What changed up to `version`. If it is `complete`, `written` is all there is: the deletions since then are no
    longer known one by one."""

    version: int
    written: tuple[Document, ...]
    deleted: tuple[DocumentId, ...]
    complete: bool = False


def erasing_changes(
    documents: Iterable[Document], student_keys: Collection[str]
) -> tuple[list[Document], list[Document]]:
    """Return what to put and what to delete, so that these documents, which are about some of the students, no longer
    name them."""
    puts, deletes = [], []
    for document in documents:
        rest = document.without(student_keys)
        if rest is None:
            deletes.append(document)
        else:
            puts.append(rest)
    return puts, deletes


def texts_in(value: Json) -> Iterator[str]:
    """Yield every text in a JSON value, names of members included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from texts_in(member)
    elif isinstance(value, Sequence):
        for member in value:
            yield from texts_in(member)


def refuse_changed(puts: Sequence[Document], deletes: Sequence[Document], known: Mapping[DocumentId, int]) -> None:
    """Raise `Conflict` if a document has another version than it was read at; `known` are those that exist. Raise
    `ValueError` if one write names a document twice."""
    named = [document.id for document in (*puts, *deletes)]
    if len(set(named)) != len(named):
        raise ValueError("one write names a document twice")
    changed = [document.id for document in (*puts, *deletes) if known.get(document.id, 0) != document.version]
    if changed:
        raise Conflict(
            "documents_changed",
            "Somebody else changed this in the meantime. Load it again, and repeat your change.",
            changed=[{"kind": kind, "key": key} for kind, key in changed],
        )


def refuse_kind(document: Document) -> None:
    """Raise `ValueError` for a kind that cannot name a file."""
    if _KIND.fullmatch(document.kind) is None:
        raise ValueError(f"kind {document.kind!r}: small letters and underscores only")


def unlisted(document: Document) -> set[str]:
    """Return the texts in the document that must not be keys of students: all but those it is about."""
    return {document.key, *texts_in(document.value)} - set(document.about)


def student_named() -> InvalidInput:
    """Return the refusal of a document that names a student it isn't about: erasing the student would leave it there.
    People can cause it too, since addresses of pages show keys, which they may paste as a title or a room."""
    return InvalidInput(
        "student_named", "One of these texts is a student's key, as page addresses show it. Write something else."
    )


def canonical(value: Json) -> str:
    """Return the JSON text of a value, always the same for the same value. Raises TypeError, ValueError."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_json(text: str | bytes) -> Json:
    """Return the value of a JSON text, such as `canonical` takes. Raises ValueError, for numbers without end too."""
    return json.loads(text, parse_float=_finite, parse_constant=_finite)


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number[:20]} isn't a number that can be kept")
    return value


def plain(value: Json) -> Json:
    """Return the value as it comes back from JSON, apart from what the caller holds. Raises TypeError, ValueError."""
    return json.loads(json.dumps(value, allow_nan=False))


def without_students(value: Json, student_keys: Collection[str]) -> Json:
    """Return the value without these students: list items that are their keys, and members named by one or with one as
    value, are dropped. So are keys of documents that a student's key is part of, such as a pair's."""

    def stays(member: Json) -> bool:
        return not isinstance(member, str) or not any(part in student_keys for part in (member, *member.split("+")))

    if isinstance(value, dict):
        kept = {name: member for name, member in value.items() if stays(name) and stays(member)}
        return {name: without_students(member, student_keys) for name, member in kept.items()}
    if isinstance(value, list):
        return [without_students(member, student_keys) for member in value if stays(member)]
    return value
