"""Finding what the program keeps: from files that it writes for this purpose, and from its tables and types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter

from secure_attend.access.course_staff import COURSE_STAFF
from secure_attend.access.state import AccessState
from secure_attend.attendance.document_kinds import DOCUMENT_KINDS
from secure_attend.attendance.field_trial.counts import TrialCounts
from secure_attend.attendance.upkeep.clock_guard import ClockNote, ClockState
from secure_attend.settings import PROJECT
from secure_attend.storage.access_items import MAC
from secure_attend.storage.chains import audit_chain, log_chain
from secure_attend.storage.chains.checkpoint import CheckpointFile, State
from secure_attend.storage.document_values import SealedDocument
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.files.document_files import DocumentFolder, DocumentsData
from secure_attend.storage.files.process_lock import ProcessLock
from secure_attend.storage.sealed_students import SealedStudent, StudentsData
from secure_attend.storage.sql.schema import metadata
from secure_attend.storage.values import Consent, FormerIdentity, PendingFaces, Student, Template

DATABASE = "database"
BROWSER = "the browser"
SOME_TIME = datetime(2026, 11, 22, tzinfo=timezone.utc)
KEY = "(key)"
"""Stands for the name under which something is listed: a student's ID, an account's key."""
BY_KEY = frozenset({"students", "files", "documents", "documents.value.templates", "documents.value.students"})
Fields = Mapping[str, frozenset[str]]


def persisted() -> Fields:
    """Return every place where something is kept, with the names of everything kept there."""
    places = {"students_db.json": _students_file(), "attendance_log.json": frozenset(log_chain.FIELDS)}
    places |= {f"instance/{name}": fields for name, fields in (_instance() | _documents()).items()}
    places["instance/access.json"] = _access()
    places["instance/audit.jsonl"] = frozenset(audit_chain.FIELDS)
    places[DATABASE] = frozenset(
        f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
    )
    places[BROWSER] = _in_browsers()
    return places


def names_in(value: object, before: str = "") -> Iterator[str]:
    """Yield the names in a JSON value, each after those around it. Members of a list or a listing share one name."""
    if isinstance(value, list):
        for member in value:
            yield from names_in(member, before)
    elif not isinstance(value, dict):
        yield before
    elif before in BY_KEY:
        yield f"{before}.{KEY}"
        for member in value.values():
            yield from _members(member, before) if isinstance(member, dict) else names_in(member, before)
    else:
        yield from _members(value, before)


def _members(value: Mapping[str, object], before: str) -> Iterator[str]:
    for name, member in value.items():
        yield from names_in(member, f"{before}.{name}" if before else name)


def _students_file() -> frozenset[str]:
    consent = Consent("version", SOME_TIME, "kiosk", "lecturer", SOME_TIME, "lecturer")
    held = PendingFaces("id", "number", "profile", "version", "kiosk", SOME_TIME, (0.5,), ("profile",))
    template = Template("id", "profile", "camera", SOME_TIME)
    former = (FormerIdentity("id", "name", SOME_TIME),)
    student = Student("key", "id", "name", "email", SOME_TIME, consent, (template,), held, "known as", former, "key")
    everyone = {"key": SealedStudent(student, ("sealed",), ("sealed",), "mac", "id", "mac")}
    roster = StudentsData("store", "check", "profile", everyone, SOME_TIME)
    return frozenset(names_in(json.loads(b"".join(roster.chunks()))))


def _instance() -> dict[str, frozenset[str]]:
    """Return the names in the files of `instance`, read from files written for this purpose."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        Erasures(folder / "erasures.json").add({"key": SOME_TIME})
        CheckpointFile(folder, "store", b"key").write(State(1, "mac", 1, "mac"), SOME_TIME)
        TrialCounts(folder).add(("setting", "presentation", "medium"), passed=True, steps=1, person=1)
        ClockNote(folder).write(ClockState(SOME_TIME, SOME_TIME, SOME_TIME))
        owner = ProcessLock.take(folder, SOME_TIME)
        owner.note_address("address")
        files = {path.name: frozenset(names_in(json.loads(path.read_bytes()))) for path in folder.glob("*.json")}
        owner.release()
    return files


def _documents() -> dict[str, frozenset[str]]:
    """What a document of each kind holds, read from such files. A kind's place is its file without the number."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        examples = [
            SealedDocument(replace(kind.document("key", kind.example, kind.example_about), written_at=SOME_TIME), "mac")
            for kind in (*DOCUMENT_KINDS, COURSE_STAFF)
        ]
        DocumentFolder(folder).write(DocumentsData().with_changes(examples, [], 1), DocumentsData())
        paths = [path for path in folder.rglob("*") if path.is_file()]
        return {
            document_place(path.relative_to(folder).as_posix()): frozenset(names_in(json.loads(path.read_bytes())))
            for path in paths
        }


def document_place(path: str) -> str:
    """Return what the inventory calls a file of documents."""
    return re.sub(r"(documents/[a-z_]+)\.[0-9]+\.json$", r"\1", path)


def _access() -> frozenset[str]:
    schema: dict[str, Any] = TypeAdapter(AccessState).json_schema()
    names: set[str] = set()
    for name, kind in schema["properties"].items():
        inner = kind.get("additionalProperties", {}).get("$ref", "").rpartition("/")[2]
        members = schema["$defs"][inner]["properties"] if inner else {}
        names |= {f"{name}.{member}" for member in (KEY, *members)} if inner else {name}
    return frozenset(names | {MAC[0]})


def _in_browsers() -> frozenset[str]:
    scripts = (path.read_text(encoding="utf-8") for path in (PROJECT / "static" / "js").rglob("*.js"))
    return frozenset(name for script in scripts for name in re.findall(r"'(secure-attend-[a-z-]+)'", script))
