"""A site as plain values, to be compared with what version 0.1 read from it (tests/fixtures/v0_1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secure_attend.access.state import AccessState
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs
from secure_attend.attendance.recognition.site_limit import site_limit
from secure_attend.storage.chains.audit_chain import AuditSelection
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Student

Values = dict[str, Any]
STUDENT_OF_0_1 = ("key", "student_id", "name", "email", "removed_at", "consent", "templates", "held")
RECORD_OF_0_1 = ("id", "time", "method", "student_id", "by", "kiosk", "profile", "cancels")


def described_store(store: Store, expected: Mapping[str, Any]) -> Values:
    """Everything `expected` says of a store, read from this one. The profiles and redemptions to ask for are taken from
    `expected`, as a store cannot list them."""
    students = store.students()
    return _plain(
        {
            "store": store.id,
            "profile": store.profile(),
            "site_limit": site_limit(store.documents),
            "consents_from": store.consents_from,
            "students": [_student_of_0_1(student) for student in students],
            "embeddings": {
                profile: [[key, digest(template)] for key, template in store.embeddings(profile)]
                for profile in expected["embeddings"]
            },
            "held_faces": {
                student.key: [digest(face) for face in store.held_faces(student.key)]
                for student in students
                if student.held is not None
            },
            "alike": sorted(look_alike_pairs(store)),
            "records": [{name: asdict(record)[name] for name in RECORD_OF_0_1} for record in store.records()],
            "cancellations": store.cancellations(),
            "redeemed": {secret: getattr(store.redeemed(secret), "id", None) for secret in expected["redeemed"]},
            "audit": _audit(store),
        }
    )


def _student_of_0_1(student: Student) -> Values:
    values = asdict(student)
    if values["held"] is not None:
        del values["held"]["source"]
    return {name: values[name] for name in STUDENT_OF_0_1}


def described_access(state: AccessState) -> Values:
    """Everything `expected` says of accounts, kiosks and personal codes."""
    accounts = sorted(state.accounts.values(), key=lambda account: account.name)
    kiosks = sorted(state.kiosks.values(), key=lambda kiosk: kiosk.name)
    return {
        "accounts": [{"name": one.name, "role": one.role, "disabled": one.disabled} for one in accounts],
        "kiosks": [{"name": one.name, "created_by": one.created_by} for one in kiosks],
        "codes": {key: code.tries for key, code in state.codes.items()},
    }


def digest(numbers: NDArray[np.float32]) -> str:
    """SHA-256 of an embedding as little-endian float32."""
    return sha256(np.asarray(numbers, "<f4").tobytes()).hexdigest()


def _audit(store: Store) -> Values:
    entries = list(store.audit.all(AuditSelection(asked=True)))
    actions: dict[str, int] = {}
    for entry in entries:
        name = f"{entry.deed.action} {entry.deed.state}"
        actions[name] = actions.get(name, 0) + 1
    lines = (_json({"number": entry.number, **asdict(entry.deed)}) for entry in entries)
    return {"entries": len(entries), "actions": actions, "sha256": sha256("\n".join(lines).encode()).hexdigest()}


def _plain(values: Values) -> Values:
    """The same as JSON gives it back: lists for tuples, text for times."""
    plain: Values = json.loads(_json(values))
    return plain


def _json(value: object) -> str:
    return json.dumps(value, default=lambda time: time.isoformat(), sort_keys=True, ensure_ascii=False)
