"""Which registered faces are likely to fail or to be mistaken: told by their templates alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from secure_attend.attendance.recognition import Recognition
from secure_attend.storage.store import Store, Student

Weakness = Literal["templates_disagree", "one_template"]


@dataclass(frozen=True)
class FaceReport:
    """`weak` are students to invite to register again, and why; `alike` pairs that may be taken for each other."""

    weak: tuple[tuple[Student, Weakness], ...]
    alike: tuple[tuple[Student, Student], ...]


def face_report(recognition: Recognition, store: Store) -> FaceReport:
    """Of everyone searched now. Raises `NotReady` without an engine."""
    gallery, profile = recognition.gallery, recognition.profile_name or ""
    registered = {student.key: student for student in store.students() if student.key in gallery}
    disagreeing = set(gallery.disagreeing())
    weak: list[tuple[Student, Weakness]] = []
    for key, student in registered.items():
        if key in disagreeing:
            weak.append((student, "templates_disagree"))
        elif sum(template.profile == profile for template in student.templates) == 1:
            weak.append((student, "one_template"))
    pairs = ((registered.get(one), registered.get(other)) for one, other in gallery.alike())
    return FaceReport(tuple(weak), tuple((one, other) for one, other in pairs if one and other))
