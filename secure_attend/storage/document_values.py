"""Documents as they are in a file or in a copy: with their MAC, and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.consent_values import text, word
from secure_attend.storage.documents import Document, Erasing


@dataclass(frozen=True)
class SealedDocument:
    """A document as kept. `mac` covers all of it; it is None for what version 0.1 kept elsewhere."""

    document: Document
    mac: str | None = None

    @cached_property
    def line(self) -> bytes:
        """The document's line in a file. It is kept, so that a write formats only what changed."""
        value = json.dumps(self.as_json(), separators=(",", ":"))
        return f"{json.dumps(self.document.key)}:{value}".encode("ascii")

    def as_json(self) -> dict[str, Any]:
        """Return all but kind and key."""
        document = self.document
        return {
            "value": document.value,
            "about": list(document.about),
            "erasing": document.erasing,
            "version": document.version,
            "written_at": to_text(document.written_at) if document.written_at else None,
            "mac": self.mac,
        }


def to_sealed_document(kind: str, key: str, value: dict[str, Any]) -> SealedDocument:
    """Return the document of this kind and key. Raises KeyError, TypeError or ValueError for what was never written."""
    if value["erasing"] not in get_args(Erasing):
        raise ValueError(f"erasing {value['erasing']!r}")
    if type(value["version"]) is not int or value["version"] < 1:
        raise ValueError(f"version {value['version']!r}")
    document = Document(
        kind,
        text(key),
        value["value"],
        tuple(word(student) for student in value["about"]),
        value["erasing"],
        value["version"],
        from_text(value["written_at"]) if value["written_at"] is not None else None,
    )
    return SealedDocument(document, word(value["mac"]) if value["mac"] is not None else None)
