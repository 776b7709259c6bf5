"""Moving to other models without photos: the new template comes from the student's next passed check-in.

Until then the old models find the student. The old template stays for `KEEP_OLD_DAYS` beside the new, and goes then.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.recognition.identification import look_alikes
from secure_attend.attendance.recognition.new_templates import new_faces, of_session
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.look_alikes import look_alike_pairs, renew_look_alikes
from secure_attend.errors import DomainError
from secure_attend.faces.matching.template_quality import is_weak
from secure_attend.storage.ports import HasDocuments, SiteState, StudentStore
from secure_attend.storage.values import Record, Student, pair_of

log = logging.getLogger(__name__)
LEAST_PICTURES = 2
"""One could be the one bad picture of a session."""


@dataclass(frozen=True)
class MigrationState:
    """How far a site has moved from the models `before` to those `now`: so many students have moved, `keeping` of them
    with the old templates still beside the new; `waiting` have the old alone."""

    before: str
    now: str
    moved: int
    keeping: int
    waiting: int


class ModelMigrationStore(StudentStore, SiteState, HasDocuments, Protocol):
    """The ports that moving to other models needs."""


class ModelMigration:
    """Takes new templates and drops old ones; without old models there is nothing to do."""

    def __init__(self, store: ModelMigrationStore, recognition: Recognition, time: SiteTime, keep: timedelta) -> None:
        self._store = store
        self._recognition = recognition
        self._time = time
        self._keep = keep

    def learn(self, student: Student, record: Record, evidence: FaceEvidence) -> None:
        """Makes templates for the models in use of the check-in that is this record. Of poor pictures none are made,
        nor of a face that is near another's to either set of models; then the next check-in is waited for; nor of who
        has no consent recorded. Never fails the check-in."""
        if (
            not student.consents
            or self._recognition.old is None
            or len(evidence.at_rest) < LEAST_PICTURES
            or is_weak(evidence.scores)
        ):
            return
        profile, taken = self._recognition.engine.profile, of_session(evidence)
        faces = new_faces(profile, taken.made, "check_in", record.time)
        try:
            with self._store.transaction():
                near = look_alikes(self._recognition, student.key, taken)
                # Of two who were confirmed to look alike, the code has said who this is.
                marked = look_alike_pairs(self._store, [student.key])
                unmarked = {pair_of(student.key, other) for other in near} - marked
                if student.key in self._recognition.gallery or unmarked:
                    return
                renew_look_alikes(self._store, student.key, [face.id for face in faces])
                self._store.replace_faces(student.key, profile.name, faces)
        except DomainError as failure:
            log.warning("A new template was not kept, and is taken from the next check-in: %s", failure.detail)

    def unlearn(self, record: Record) -> None:
        """Takes back what was learned from a check-in that is cancelled: it may have been somebody else's face."""
        student = self._store.student_with_id(record.student_id) if record.student_id is not None else None
        for template in student.templates if student is not None else ():
            if student is not None and template.source == "check_in" and template.created_at == record.time:
                self._store.replace_faces(student.key, template.profile, [])
                return

    @property
    def going_on(self) -> bool:
        """Whether old models are still in use."""
        return self._recognition.old is not None

    def drop_due(self) -> None:
        """Drops the old templates of those who moved long enough ago; the last one's going ends the move."""
        if self._recognition.old is None:
            return
        now, before = self._recognition.engine.profile.name, self._recognition.old.engine.profile.name
        with self._store.transaction():
            for student in self._store.students():
                made = [template.created_at for template in student.templates if template.profile == now]
                if made and student.registered(before) and self._time.now() - min(made) >= self._keep:
                    self._store.replace_faces(student.key, before, [])
            if not any(student.registered(before) for student in self._store.students()):
                self._store.set_profile(now)

    def progress(self) -> MigrationState | None:
        """How far it is; None where nothing moves."""
        if self._recognition.old is None:
            return None
        now, before = self._recognition.engine.profile.name, self._recognition.old.engine.profile.name
        listed = [student for student in self._store.students() if student.removed_at is None]
        moved = [student for student in listed if student.registered(now)]
        keeping = sum(student.registered(before) for student in moved)
        waiting = sum(student.registered(before) for student in listed) - keeping
        return MigrationState(before, now, len(moved), keeping, waiting)


def models_left(store: StudentStore, now: str) -> str | None:
    """The profile most students have templates of beside or instead of `now`; None where there is none."""
    counts: dict[str, int] = {}
    for student in store.students():
        for profile in {template.profile for template in student.templates} - {now}:
            counts[profile] = counts.get(profile, 0) + 1
    return max(counts, key=lambda profile: counts[profile], default=None)
