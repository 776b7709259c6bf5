"""Registering a face: from a guided capture or from a photo; never the pictures, only their embeddings, are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Protocol

from secure_attend import frames
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions
from secure_attend.attendance.recognition.identification import look_alikes, seen_by_all
from secure_attend.attendance.recognition.new_templates import (
    NewTemplate,
    NewTemplates,
    new_faces,
    of_session,
    score_of_photo,
)
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.consents import Consents
from secure_attend.attendance.students.look_alikes import look_alike_pairs, mark_look_alikes
from secure_attend.attendance.students.students import Students
from secure_attend.errors import Conflict, FieldError, InvalidInput
from secure_attend.faces.geometry import holds_centre
from secure_attend.faces.matching.template_quality import is_weak
from secure_attend.faces.quality import problems as quality_problems
from secure_attend.storage.ports import HasDocuments, SiteState, StudentStore
from secure_attend.storage.values import Consent, PendingFaces, Source, Student, pair_of

# Quality hints a photo is refused for, as code and words. The others (a face that fills the picture) do no harm.
_PHOTO_REFUSALS = {
    "come_closer": ("too_small", "The face in the photo is too small. Use one that shows the face larger."),
    "face_cut_off": ("cut_off", "The face is cut off at the edge of the photo. Use one that shows the whole face."),
    "too_dark": ("too_dark", "The face in the photo is too dark. Use one taken in better light."),
    "too_bright": ("too_bright", "The face in the photo is too bright. Use one that is not overexposed."),
    "blurred": ("blurred", "The face in the photo is blurred. Use a sharper one."),
}

_UNSEEN = (
    "The face cannot be compared with those of the students who have not moved to the new models: the old models find "
    "none in the pictures. Use others, from the front and in good light."
)


@dataclass(frozen=True)
class Enrolled:
    """The student as stored now, how many templates the enrolment made, and whether they are weak."""

    student: Student
    faces: int
    weak: bool


class EnrolmentStore(StudentStore, SiteState, HasDocuments, Protocol):
    """The ports that registering faces needs."""


class Enrolment:
    """Makes templates of faces and takes them away. Consent comes before: `Conflict` `consent_missing`."""

    def __init__(
        self,
        store: EnrolmentStore,
        students: Students,
        recognition: Recognition,
        challenges: LivenessSessions,
        consents: Consents,
        time: SiteTime,
    ) -> None:
        self._store = store
        self._students = students
        self._recognition = recognition
        self._challenges = challenges
        self._consents = consents
        self._time = time

    def from_capture(self, key: str, challenge_id: str, kiosk: str, *, confirm_other: bool = False) -> Enrolled:
        """Redeems a passed capture of this student, once; asked again it gives the same answer.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, another student's, `face_of_another`).
        """
        with self._challenges.passed(challenge_id, kiosk, "enrol") as session:
            if session.student_key != key:
                raise Conflict("other_student", "This capture was made for another student. Start again.")
            if not isinstance(session.outcome, Enrolled):
                session.outcome = self._keep(key, of_session(session.evidence), "camera", confirm_other)
            return session.outcome

    def from_photo(self, key: str, data: bytes, *, confirm_other: bool = False) -> Enrolled:
        """Makes one template of the only face in a photo. Raises `InvalidInput` that says what is wrong with it."""
        self.allowed(key)
        return self._keep(key, self._from(data), "photo", confirm_other)

    def from_held(self, key: str, held: PendingFaces, by: str, *, confirm_other: bool = False) -> Enrolled:
        """Makes templates of the faces that wait, on a lecturer's word; the consent given with them is recorded. Raises
        `NotFound`, `Conflict` (`face_of_another`, `other_models`)."""
        consent = Consent(held.version, held.created_at, "kiosk", by)
        with self._store.transaction():
            taken = self._waited(key, held)
            if held.profile != self._recognition.engine.profile.name or not seen_by_all(self._recognition, taken):
                raise Conflict("other_models", "The face models have changed since. Ask the student to register again.")
            enrolled = self._keep(key, taken, "camera", confirm_other, consent)
            self._store.drop_held([key])
        return replace(enrolled, student=self._students.get(key))

    def allowed(self, key: str) -> Student:
        """The student, who is on the list and agreed. Raises `NotFound`, `Conflict`."""
        student = self._students.on_list(key)
        self._consents.require(student)
        return student

    def forget(self, key: str) -> Student:
        """Erases the student's templates."""
        with self._store.transaction():
            self._store.write_students([], drop_faces=[self._students.get(key).key])
        return self._students.get(key)

    def _waited(self, key: str, held: PendingFaces) -> NewTemplates:
        """The faces of a request; `before` are those that the models moved from now made of it, if any."""
        made = [NewTemplate(*one) for one in zip_longest(self._store.held_faces(key, held.profile), held.quality)]
        old = self._recognition.old
        if old is None:
            return NewTemplates(made, held.profile)
        before = old.engine.profile.name
        return NewTemplates(made, held.profile, self._store.held_faces(key, before), before)

    def _from(self, data: bytes) -> NewTemplates:
        engine = self._recognition.engine
        photo = frames.decode(data, frames.PHOTO)
        faces = engine.find(photo)
        if not faces:
            message = "No face was found in the photo. Use one that shows the face from the front."
            raise _unfit("no_face", message)
        if len(faces) > 1:
            message = f"{len(faces)} faces were found in the photo. Use one that shows this student alone."
            raise _unfit("several_faces", message)
        for hint in quality_problems(engine.quality(photo, faces[0].box), photo.shape):
            if hint in _PHOTO_REFUSALS:
                raise _unfit(*_PHOTO_REFUSALS[hint])
        made = NewTemplate(engine.embed(photo, faces[0]), score_of_photo(engine, photo, faces[0].box))
        if self._recognition.old is None:
            return NewTemplates([made], engine.profile.name)
        old = self._recognition.old.engine
        same = [face for face in old.find(photo) if holds_centre(face.box, faces[0].box)]
        return NewTemplates(
            [made], engine.profile.name, [old.embed(photo, face) for face in same[:1]], old.profile.name
        )

    def _keep(
        self,
        key: str,
        taken: NewTemplates,
        source: Source,
        confirm_other: bool,
        consent: Consent | None = None,
    ) -> Enrolled:
        """`consent` is one that comes with the faces; without it, it must be recorded already."""
        profile = self._recognition.engine.profile
        faces = new_faces(profile, taken.made, source, self._time.now())
        with self._store.transaction():
            student = self._students.on_list(key) if consent is not None else self.allowed(key)
            if not seen_by_all(self._recognition, taken):
                raise _unfit("no_face", _UNSEEN)
            others = self._look_alikes(key, taken)
            if not confirm_other:
                self._refuse_face_of_another(key, others)
            if consent is not None:
                self._store.write_students([replace(student, consent=consent)])
            # while a site moves, `auto` has to find the models that most are registered with
            if self._recognition.old is None and self._store.profile() != profile.name:
                self._store.set_profile(profile.name)
            mark_look_alikes(self._store, key, [other.key for other in others], [face.id for face in faces])
            self._store.replace_faces(key, profile.name, faces)
        return Enrolled(self._students.get(key), len(faces), is_weak([face.quality for face in faces]))

    def _look_alikes(self, key: str, taken: NewTemplates) -> list[Student]:
        """The other students whose face this could be taken for, in the order of `look_alikes`."""
        found = (self._store.student(other) for other in look_alikes(self._recognition, key, taken))
        return [other for other in found if other is not None]

    def _refuse_face_of_another(self, key: str, others: Sequence[Student]) -> None:
        """Raises `Conflict` for the first who was not confirmed before to be somebody else who looks alike."""
        marked = look_alike_pairs(self._store, [key])
        other = next((other for other in others if pair_of(key, other.key) not in marked), None)
        if other is not None:
            raise Conflict(
                "face_of_another",
                f"This face is already registered to {other.name} ({other.student_id}).",
                other={"student_id": other.student_id, "name": other.name},
            )


def _unfit(code: str, message: str) -> InvalidInput:
    return InvalidInput(code, message, errors=[FieldError("body", message)])
