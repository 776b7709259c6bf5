"""MACs over what isn't chained: a student's identity and consent, a document, the access book. They show whether
something other than Secure-Attend wrote a record."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping

from secure_attend.storage.access_items import MAC, Key, canonical_items
from secure_attend.storage.clock import to_text
from secure_attend.storage.consent_values import consent_value, former_value
from secure_attend.storage.documents import Document, Json, canonical
from secure_attend.storage.values import Student

ACCESS_EDITED = (
    "something other than Secure-Attend changed the accounts, kiosks or codes. Nothing of it works. Restore a backup; "
    "or, if everything is as it should be, stop the server and run `python -m secure_attend.storage seal --accounts`."
)


def is_mac(kept: str, computed: str) -> bool:
    """Return whether the MAC that was kept is the one that was computed. It may be any text that JSON can hold."""
    return hmac.compare_digest(kept.encode("utf-8", "surrogatepass"), computed.encode())


class RecordSeal:
    """Computes the MACs of one store. The key is a sub-key of the site key that key rotation leaves in place."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def student(self, student: Student) -> str:
        """Return the MAC over key, ID, names, email address, consent, removal and merging. Templates are sealed by
        themselves."""
        removed_at = to_text(student.removed_at) if student.removed_at else None
        identity = [student.key, student.student_id, student.name, student.email]
        more = [student.known_as, former_value(student.former), student.merged_into]
        covered = ["student", *identity, removed_at, consent_value(student.consent)]
        return self._mac([*covered, *more] if any(more) else covered)

    def logged_id(self, key: str, logged_id: str) -> str:
        """Return the MAC over the ID by which rows of format 1 name the student with this key."""
        return self._mac(["logged_id", key, logged_id])

    def document(self, document: Document) -> str:
        """Return the MAC over all of a document that was written."""
        written_at = to_text(document.written_at) if document.written_at else None
        where = [document.kind, document.key, document.version, written_at]
        return self._mac(["document", *where, list(document.about), document.erasing, document.value])

    def access(self, items: Mapping[Key, str]) -> str:
        """Return the MAC over all accounts, kiosks and codes."""
        return self._mac(["access", canonical_items(items)])

    def fits_access(self, items: Mapping[Key, str]) -> bool:
        """Return whether items that have their MAC among them are as they were written."""
        known = json.loads(items.get(MAC, "null"))
        try:
            return isinstance(known, str) and is_mac(known, self.access(items))
        except ValueError:  # values that were never written
            return False

    def _mac(self, covered: Json) -> str:
        return hmac.digest(self._key, canonical(covered).encode("ascii"), "sha256").hex()
