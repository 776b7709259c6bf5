"""How a request names students: by key or by student ID, in the address, a query or a body. Views only see keys."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from secure_attend.attendance.students.claims import student_with_typed_id
from secure_attend.storage.ports import StudentStore
from secure_attend.storage.values import person_of
from secure_attend.web.http.site_parts import current_services

FEW = 20
"""Up to this many students are looked up one by one. For more, the whole list is read."""
IN_ADDRESS = ("student", "key", "other")
"""Names of the parts of an address that are students. `key` is one below `/students/` alone."""


def student_key(named: str) -> str:
    """Return the key of the student with this key or ID, in the present request. A key wins over an ID. What names
    nobody stays as it is, and is refused as an unknown key is."""
    return _key(current_services().store, named)


def student_keys(named: Sequence[str]) -> list[str]:
    """Return the key of each student, as `student_key` does."""
    store = current_services().store
    if len(named) <= FEW:
        return [_key(store, each) for each in named]
    everybody = {student.key for student in store.students()}
    return [each if each in everybody else _key(store, each) for each in named]


def name_students_by_key(rule: str, address: MutableMapping[str, str]) -> None:
    """Put keys in the place of IDs in the parts of an address. `rule` is the route's."""
    for part in IN_ADDRESS:
        if part in address and (part != "key" or "/students/<key>" in rule):
            address[part] = student_key(address[part])


def _key(store: StudentStore, named: str) -> str:
    if store.student(named) is not None:
        return named
    merged = store.merged_into()
    if named in merged:
        return person_of(named, merged)
    student = student_with_typed_id(store, named)
    return student.key if student is not None else named


_Named = Annotated[str, Field(max_length=128)]
StudentKey = Annotated[_Named, AfterValidator(student_key)]
"""A student in a query or a body: a key or an ID comes in, and a key is what the view gets."""
StudentKeys = Annotated[list[_Named], AfterValidator(student_keys)]
