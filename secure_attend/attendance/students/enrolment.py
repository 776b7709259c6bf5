"""Registering a face from a guided capture or a photo. Only the embeddings are kept, never the pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Protocol

import numpy as np

from secure_attend import frames
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions
from secure_attend.attendance.reader_scope import UNLIMITED, ReaderScope
from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.identification import comparable_with_everyone, look_alikes
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs, mark_look_alikes
from secure_attend.attendance.recognition.new_templates import (
    NewTemplates,
    ScoredEmbedding,
    as_new_faces,
    from_evidence,
    score_of_photo,
)
from secure_attend.attendance.recognition.single_frames import same_face
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.consents import Consents
from secure_attend.attendance.students.students import Students
from secure_attend.errors import Conflict, FieldError, InvalidInput
from secure_attend.faces.engine import Face
from secure_attend.faces.geometry import holds_centre
from secure_attend.faces.matching.template_quality import is_weak
from secure_attend.faces.orientation import turns_to_upright
from secure_attend.faces.quality import problems as quality_problems
from secure_attend.frames import Frame
from secure_attend.storage.ports import HasDocuments, SiteState, StudentStore
from secure_attend.storage.values import Consent, NewFace, PendingFaces, Source, Student, pair_of

# Quality hints a photo is refused for, as code and words. The others (a face that fills the picture) do no harm.
_PHOTO_REFUSALS = {
    "come_closer": ("too_small", "The face in the photo is too small. Use a photo that shows the face larger."),
    "face_cut_off": ("cut_off", "The face is cut off at the edge of the photo. Use a photo that shows all of it."),
    "too_dark": ("too_dark", "The face in the photo is too dark. Use a photo taken in better light."),
    "too_bright": ("too_bright", "The face in the photo is too bright. Use a photo that is not overexposed."),
    "blurred": ("blurred", "The face in the photo is blurred. Use a sharper photo."),
}

_NOT_UPRIGHT = {
    1: "The photo is on its side. Turn it a quarter to the right, save it, and send it again.",
    2: "The photo is upside down. Turn it by half, save it, and send it again.",
    3: "The photo is on its side. Turn it a quarter to the left, save it, and send it again.",
}
"""By quarter turns clockwise that are missing."""

_NOT_COMPARABLE = (
    "The old models find no face in the pictures, so it cannot be compared with students who have not moved to the new "
    "models. Use pictures taken from the front, in good light."
)


MOST_TEMPLATES = 12
"""Of one student and profile: two guided captures, with glasses and without, and two photos."""


@dataclass(frozen=True)
class EnrolmentWish:
    """What a lecturer wants: `add` keeps the templates that are there, and `confirm_other` says that this is somebody
    else than the student who looks alike. `scope` is what the lecturer may see: nobody else is named or confirmed."""

    confirm_other: bool = False
    add: bool = False
    scope: ReaderScope = UNLIMITED


PLAIN = EnrolmentWish()


@dataclass(frozen=True)
class Enrolled:
    """The student as stored now, the number of templates that the enrolment created, whether they are weak, where their
    pictures come from, and whether they replaced others."""

    student: Student
    faces: int
    weak: bool
    source: Source
    replaced: bool = False


class EnrolmentStore(StudentStore, SiteState, HasDocuments, Protocol):
    """The ports that registering faces needs."""


class Enrolment:
    """Creates and removes templates. Consent comes before: `Conflict` `consent_missing`."""

    def __init__(
        self,
        store: EnrolmentStore,
        students: Students,
        engines: EngineHolder,
        galleries: Galleries,
        liveness_sessions: LivenessSessions,
        consents: Consents,
        time: SiteTime,
        refuse: Callable[[str], None],
    ) -> None:
        """`refuse` raises `Conflict` for the key of a student whose face is not to be registered."""
        self._store = store
        self._refuse = refuse
        self._students = students
        self._engines = engines
        self._galleries = galleries
        self._liveness_sessions = liveness_sessions
        self._consents = consents
        self._time = time

    def from_capture(self, key: str, challenge_id: str, kiosk: str, wish: EnrolmentWish = PLAIN) -> Enrolled:
        """Redeem a passed guided capture of this student, once; asked again it gives the same answer.

        Raises `NotFound`, `Expired`, `Conflict` (not passed, another student's, `face_of_another`, or as `_kept` does).
        """
        with self._liveness_sessions.passed(challenge_id, kiosk, "enrol") as session:
            if session.student_key != key:
                raise Conflict("other_student", "This capture was started for another student. Please start again.")
            if not isinstance(session.outcome, Enrolled):
                source: Source = "camera_straight" if session.without_turning else "camera"
                session.outcome = self._register(key, from_evidence(session.evidence), source, wish)
            return session.outcome

    def from_photo(self, key: str, data: bytes, wish: EnrolmentWish = PLAIN) -> Enrolled:
        """Create one template from the only face in a photo. Raises `InvalidInput` that says what is wrong with it."""
        self.allowed(key)
        return self._register(key, self._read_photo(data), "photo", wish)

    def from_pending(self, key: str, pending: PendingFaces, by: str, wish: EnrolmentWish = PLAIN) -> Enrolled:
        """Create templates from the faces that wait, on a lecturer's word, and record the consent given with them.
        Raises `NotFound`, `Conflict` (`face_of_another`, `other_models`)."""
        consent = Consent(pending.version, pending.created_at, "kiosk", by)
        with self._store.transaction():
            new = self._read_pending(key, pending)
            profile = self._engines.engine.profile.name
            if pending.profile != profile or not comparable_with_everyone(self._galleries, new):
                raise Conflict("other_models", "The face models have changed since. Ask the student to register again.")
            enrolled = self._register(key, new, pending.source, wish, consent)
            self._store.drop_held([key])
        return replace(enrolled, student=self._students.get(key))

    def allowed(self, key: str) -> Student:
        """Return the student, who is on the list, whose face is used, and who agreed. Raises `NotFound`, `Conflict`."""
        student = self._students.on_list(key)
        self._refuse(key)
        self._consents.require(student)
        return student

    def forget(self, key: str) -> Student:
        """Erase the student's templates."""
        with self._store.transaction():
            self._store.write_students([], drop_faces=[self._students.get(key).key])
        return self._students.get(key)

    def _read_pending(self, key: str, pending: PendingFaces) -> NewTemplates:
        """Return the faces of a request, with their embeddings by the models the site now moves from, if any."""
        embeddings = self._store.held_faces(key, pending.profile)
        scored = [ScoredEmbedding(*pair) for pair in zip_longest(embeddings, pending.quality)]
        if self._engines.previous is None:
            return NewTemplates(scored, pending.profile)
        before = self._engines.previous.profile.name
        return NewTemplates(scored, pending.profile, self._store.held_faces(key, before), before)

    def _read_photo(self, data: bytes) -> NewTemplates:
        engine, previous = self._engines.engine, self._engines.previous
        photo = frames.decode(data, frames.PHOTO)
        face = self._only_face(photo)
        scored = [ScoredEmbedding(engine.embed(photo, face), score_of_photo(engine, photo, face.box))]
        if previous is None:
            return NewTemplates(scored, engine.profile.name)
        same = [candidate for candidate in previous.find(photo) if holds_centre(candidate.box, face.box)]
        before = [previous.embed(photo, candidate) for candidate in same[:1]]
        return NewTemplates(scored, engine.profile.name, before, previous.profile.name)

    def _only_face(self, photo: Frame) -> Face:
        """Return the only face in the photo. Raises `InvalidInput` if there is another number, or the face is poor."""
        engine = self._engines.engine
        faces = engine.find(photo)
        if len(faces) > 1:
            message = f"{len(faces)} faces were found in the photo. Use a photo that shows this student alone."
            raise _unfit("several_faces", message)
        turns = turns_to_upright(engine, photo, next(iter(faces), None))
        if turns:
            raise _unfit("not_upright", _NOT_UPRIGHT[turns], turn=90 * turns)
        if not faces:
            raise _unfit("no_face", "No face was found in the photo. Use a photo that shows the face from the front.")
        for hint in quality_problems(engine.quality(photo, faces[0].box), photo.shape):
            if hint in _PHOTO_REFUSALS:
                raise _unfit(*_PHOTO_REFUSALS[hint])
        return faces[0]

    def _register(
        self,
        key: str,
        new: NewTemplates,
        source: Source,
        wish: EnrolmentWish,
        consent: Consent | None = None,
    ) -> Enrolled:
        """Store the templates. `consent` comes with the faces; without it, consent must be recorded already."""
        profile = self._engines.engine.profile
        faces = as_new_faces(profile, new.scored, source, self._time.now())
        with self._store.transaction():
            student = self._students.on_list(key)
            self._refuse(key)
            if consent is None:
                self._consents.require(student)
            kept = self._kept(student, new) if wish.add else []
            if not comparable_with_everyone(self._galleries, new):
                raise _unfit("no_face", _NOT_COMPARABLE)
            others = self._students_alike(key, new)
            self._refuse_face_of_another(key, others, wish)
            if consent is not None:
                self._store.write_students([replace(student, consent=consent)])
            # while a site moves, `auto` has to find the models that most are registered with
            if self._engines.previous is None and self._store.profile() != profile.name:
                self._store.set_profile(profile.name)
            mark_look_alikes(self._store, key, [other.key for other in others], [face.id for face in faces])
            self._store.replace_faces(key, profile.name, [*kept, *faces])
        weak, replaced = is_weak([face.quality for face in faces]), bool(student.templates) and not wish.add
        return Enrolled(self._students.get(key), len(faces), weak, source, replaced)

    def _kept(self, student: Student, new: NewTemplates) -> list[NewFace]:
        """Return the templates that stay beside new ones, as they are. Raises `Conflict` if there would be too many
        (`faces_full`), or if the new pictures are unlike them (`face_differs`): a name has one person's face."""
        profile = self._engines.engine.profile
        own = [template for template in student.templates if template.profile == profile.name]
        embeddings = [embedding for _, embedding in self._store.embeddings(profile.name, [student.key])]
        if len(own) + len(new.scored) > MOST_TEMPLATES:
            raise Conflict(
                "faces_full",
                f"{student.shown_name} has {len(own)} pictures already, and {MOST_TEMPLATES} are the most. Register "
                "the face again instead of adding to it.",
            )
        shown = np.stack([scored.embedding for scored in new.scored])
        if embeddings and not same_face(profile, np.stack(embeddings), shown):
            raise Conflict(
                "face_differs",
                f"These pictures are not like the face registered for {student.shown_name}. Register the face again "
                "instead of adding to it.",
            )
        return [
            NewFace(embedding, profile.name, old.source, old.created_at, old.quality, old.id)
            for old, embedding in zip(own, embeddings, strict=True)
        ]

    def _students_alike(self, key: str, new: NewTemplates) -> list[Student]:
        """Return the other students whose face this could be taken for, in the order of `look_alikes`."""
        students = (self._store.student(other) for other in look_alikes(self._galleries, key, new))
        return [student for student in students if student is not None]

    def _refuse_face_of_another(self, key: str, others: Sequence[Student], wish: EnrolmentWish) -> None:
        """Raise `Conflict` for the first student who is not confirmed to be somebody else who looks alike."""
        marked = look_alike_pairs(self._store, [key])
        unconfirmed = [other for other in others if pair_of(key, other.key) not in marked]
        if not all(wish.scope.sees(other.key) for other in unconfirmed):
            raise Conflict(
                "face_of_another",
                "This face is already registered to a student of another course. Ask a registrar to register it.",
            )
        for other in [] if wish.confirm_other else unconfirmed:
            raise Conflict(
                "face_of_another",
                f"This face is already registered to {other.shown_name} ({other.student_id}).",
                other={"student_id": other.student_id, "name": other.shown_name},
            )


def _unfit(code: str, message: str, **facts: int) -> InvalidInput:
    return InvalidInput(code, message, errors=[FieldError("body", message)], params=None, **facts)
