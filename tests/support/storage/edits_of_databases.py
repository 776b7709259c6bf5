"""The same edits of a database, as statements."""

from __future__ import annotations

from secure_attend.storage.chains.log_chain import START
from tests.support.storage.edits_of_files import Outcome

ACCEPT = (
    "INSERT INTO templates (id, student_key, place, profile, source, created_at, sealed)"
    " SELECT 'accepted', student_key, 2, profile, source, created_at,"
    " (SELECT held -> 'sealed' ->> 0 FROM students WHERE key = 'k6') FROM templates WHERE student_key = 'k6';"
    "UPDATE students SET held = NULL WHERE key = 'k6'"
)
"""Moves the waiting face of S6 among the templates, as if a lecturer had accepted it."""
NO_MACS = "UPDATE students SET mac = NULL"
OF_DATABASES: dict[str, tuple[Outcome, str]] = {
    "record altered": ("refused", "UPDATE records SET by = 'Eve' WHERE number = 5"),
    "record taken out": ("refused", "DELETE FROM records WHERE number = 6"),
    "records cut off": ("refused", "DELETE FROM records WHERE number > 7"),
    "records cut off, and the head set back": (
        "refused",
        "DELETE FROM records WHERE number > 7;"
        "UPDATE site SET records = 7, last_mac = (SELECT mac FROM records WHERE number = 7)",
    ),
    "IDs exchanged": (
        "named",
        "UPDATE students SET student_id = 'SX' WHERE key = 'k1';"
        "UPDATE students SET student_id = 'S1' WHERE key = 'k2';"
        "UPDATE students SET student_id = 'S2' WHERE key = 'k1'",
    ),
    "name altered": ("named", "UPDATE students SET name = 'Somebody Else' WHERE key = 'k3'"),
    "email altered": ("named", "UPDATE students SET email = 'eve@x.org' WHERE key = 'k3'"),
    "consent taken away": ("named", "UPDATE students SET consent = NULL WHERE key = 'k3'"),
    "a student's mac taken away": ("named", "UPDATE students SET mac = NULL WHERE key = 'k3'"),
    "all macs taken away": ("named", "UPDATE students SET mac = NULL, name = name || '!'"),
    "document altered": ("named", "UPDATE documents SET value = '{\"late\":999}' WHERE kind = 'rules'"),
    "membership about somebody else": ("named", "UPDATE documents SET about = '[\"k2\"]' WHERE kind = 'membership'"),
    "macs of documents taken away": ("named", "UPDATE documents SET mac = NULL, value = '{\"late\":999}'"),
    "token put in": (
        "shut",
        "INSERT INTO access (kind, key, value, version) SELECT kind, '1111111111', value, version FROM access "
        "WHERE kind = 'tokens'",
    ),
    "token put in, and the mac taken away": (
        "shut",
        "INSERT INTO access (kind, key, value, version) SELECT kind, '1111111111', value, version FROM access "
        "WHERE kind = 'tokens'; UPDATE access_head SET mac = NULL",
    ),
    "password altered": ("shut", "UPDATE access SET value = replace(value, '\"$\"', '\"x\"') WHERE kind = 'accounts'"),
    "kiosk taken out": ("shut", "DELETE FROM access WHERE kind = 'kiosks'"),
    "audit entry altered": ("refused", "UPDATE audit SET name = 'Eve' WHERE number = 3"),
    "audit cut": ("refused", "DELETE FROM audit WHERE number > 6"),
    "audit cut, and the head set back": (
        "refused",
        "DELETE FROM audit WHERE number > 6;"
        "UPDATE audit_head SET entries = 6, last_mac = (SELECT mac FROM audit WHERE number = 6)",
    ),
    "audit emptied, and the head too": (
        "refused",
        f"DELETE FROM audit; UPDATE audit_head SET entries = 0, last_mac = '{START}'",  # noqa: S608
    ),
    "a student's mac exchanged with another's": (
        "named",
        "UPDATE students SET mac = (SELECT mac FROM students AS other WHERE other.key = 'k4') WHERE key = 'k3'",
    ),
    "an ID for records of version 0.1": (
        "named",
        "UPDATE students SET logged_id = 'S4', logged_mac = 'x' WHERE key = 'k3'",
    ),
    "a record's student exchanged": ("refused", "UPDATE records SET person = 'k7' WHERE number = 3"),
    "a record put in": (
        "refused",
        "UPDATE records SET number = 11 WHERE number = 10; UPDATE site SET records = 11",
    ),
    "the count of records set forward": ("refused", "UPDATE site SET records = 11"),
    "name of an account altered": (
        "shut",
        "UPDATE access SET value = replace(value, 'Ada', 'Eve') WHERE kind = 'accounts'",
    ),
    "a waiting face moved among the templates": ("refused", ACCEPT),
    "a waiting face moved, and all macs taken away": ("refused", f"{ACCEPT};{NO_MACS}"),
    "a waiting face in the place of a template": (
        "refused",
        "UPDATE templates SET sealed = (SELECT held -> 'sealed' ->> 0 FROM students WHERE key = 'k6')"
        " WHERE student_key = 'k6'",
    ),
    "a number without end in a document": (
        "refused",
        "UPDATE documents SET value = '{\"late\":1e999}' WHERE kind = 'rules'",
    ),
    "a document of half a value": ("refused", "UPDATE documents SET value = '{' WHERE kind = 'rules'"),
    "consent of another shape": ("refused", "UPDATE students SET consent = '5' WHERE key = 'k3'"),
    "an account of half a value": ("refused", "UPDATE access SET value = '{' WHERE kind = 'accounts'"),
    "an audit entry of half a value": ("refused", "UPDATE audit SET about = '{' WHERE number = 3"),
    "the head of the trail taken out": ("refused", "DELETE FROM audit_head"),
    # what nobody can find
    "all accounts taken out": ("unseen", "DELETE FROM access; UPDATE access_head SET mac = NULL"),
    "how a face was registered altered": ("unseen", "UPDATE templates SET source = 'photo'"),
    "identity of a record nulled": (
        "unseen",
        "UPDATE records SET student_id = NULL, person = NULL, salt = NULL WHERE number = 5",
    ),
    "a student's row taken out": ("unseen", "DELETE FROM students WHERE key = 'k0'"),
    "a document's row taken out": ("unseen", "DELETE FROM documents WHERE kind = 'rules'"),
}
