"""Which models the faces of a site belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from secure_attend.storage.values import Student


@dataclass(frozen=True)
class StoredFaces:
    """The profiles of a student's templates and pending faces. `waits_for` is the profile that the pending ones are to
    be kept for, None if there are none."""

    templates: frozenset[str]
    waiting: frozenset[str] = frozenset()
    waits_for: str | None = None
    listed: bool = True


@dataclass(frozen=True)
class SiteFaces:
    """The site's profile, and the faces of each student who has any, by key."""

    profile: str | None
    students: Mapping[str, StoredFaces]

    def profiles(self) -> set[str]:
        """Return the names of all profiles that are stored."""
        of_faces = {name for faces in self.students.values() for name in faces.templates | faces.waiting}
        return of_faces | ({self.profile} if self.profile is not None else set())


NOTHING = SiteFaces(None, {})


def faces_of(profile: str | None, students: Iterable[Student]) -> SiteFaces:
    """Return what the students have."""
    return SiteFaces(profile, {student.key: _of(student) for student in students if student.templates or student.held})


def _of(student: Student) -> StoredFaces:
    templates = frozenset(template.profile for template in student.templates)
    held, listed = student.held, student.removed_at is None
    if held is None:
        return StoredFaces(templates, listed=listed)
    return StoredFaces(templates, frozenset({held.profile, *held.made_by}), held.profile, listed)
