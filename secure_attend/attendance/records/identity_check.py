"""Decides whose check-in a passed liveness session is: by the face, or by the face with a claim. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from secure_attend.attendance.liveness_sessions.session import LivenessSession
from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.identification import frames_agree, identify, verify
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs
from secure_attend.attendance.refusal_causes import Unanswered
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Claim, PersonalCodes, as_typed, student_with_typed_id
from secure_attend.errors import Conflict, DomainError, Expired, InvalidInput
from secure_attend.faces.matching.decision import Ambiguous, Identified, NotRecognised
from secure_attend.storage.ports import Store

ID_WITHIN = 60.0  # seconds to type an ID; after that, somebody else may be standing there
CODE_WITHIN = 120.0  # seconds to type an ID and a code, which nobody else knows


@dataclass(frozen=True)
class ClaimNeeded:
    """A face that is not enough: the answer until a claim is made, the students whose face it could be, the seconds for
    a claim, and whether it needs the personal code. `in_class` are the students who had a class here then, so that who
    was found by the limit of the class is verified by it."""

    refusal: InvalidInput
    keys: frozenset[str]
    within: float
    code: bool
    in_class: frozenset[str] = frozenset()

    @property
    def unanswered(self) -> Unanswered:
        """The cause that staff see if there is no answer."""
        return "code_not_typed" if self.code else "id_not_typed"

    def is_answered_by(self, claim: Claim) -> bool:
        """Return whether the claim has what is needed."""
        return claim.code is not None or not self.code


class IdentityCheck:
    """Identifies a student by the face (1:N) and verifies a claim (1:1)."""

    def __init__(
        self, store: Store, galleries: Galleries, codes: PersonalCodes, time: SiteTime, metrics: Metrics
    ) -> None:
        self._store = store
        self._galleries = galleries
        self._codes = codes
        self._time = time
        self._metrics = metrics

    def identify(self, session: LivenessSession, in_class: frozenset[str]) -> Identified | ClaimNeeded | DomainError:
        """Return whose face the liveness session showed, or the claim that is needed, or the refusal. `in_class` are
        the students who have a class here now. No answer tells whether that made a difference."""
        if not self._galleries.knows_anyone:
            return Conflict(
                "nobody_registered", "No face is registered yet. Ask your lecturer to check you in by hand."
            )
        with self._metrics.stage("search"):
            decision = identify(self._galleries, session.evidence, in_class)
        if isinstance(decision, NotRecognised):
            return not_recognised()
        keys = frozenset(decision.keys if isinstance(decision, Ambiguous) else (decision.key,))
        pairs = look_alike_pairs(self._store, keys)
        # The closest of two look-alikes changes from frame to frame, so their frames need not agree on one.
        alone = isinstance(decision, Identified) and not pairs
        if alone and not frames_agree(self._galleries, next(iter(keys)), session.evidence):
            return not_recognised()
        if pairs or session.without_turning:
            return self._code_needed(keys.union(*pairs), in_class)
        if isinstance(decision, Identified):
            return decision
        return ClaimNeeded(_ambiguous(), keys, ID_WITHIN, code=False, in_class=in_class)

    def verify(
        self, session: LivenessSession, needed: ClaimNeeded, claim: Claim, kiosk: str
    ) -> Identified | DomainError:
        """Return the claimed student if the face is theirs (1:1), or the refusal. It must be one of the students whom
        the face was found to resemble, and the code must be theirs if one is needed.

        Raises `Forbidden` for a wrong code, which may be typed again, and `TooMany`.
        """
        if not session.waits(self._time.seconds()):
            return Expired("challenge_expired", "That took too long. Please start again.")
        claimed = student_with_typed_id(self._store, claim.student_id)
        if claimed is not None and claimed.key not in needed.keys:
            claimed = None
        with self._metrics.stage("search"):
            matches = verify(self._galleries, claimed.key if claimed else "", session.evidence, needed.in_class)
        if not matches:
            claimed = None
        if needed.code:
            self._codes.prove(claimed.key if claimed else None, as_typed(claim.student_id), claim.code or "", kiosk)
        return Identified(claimed.key) if claimed else not_recognised()

    def _code_needed(self, keys: Collection[str], in_class: frozenset[str]) -> ClaimNeeded | DomainError:
        if not self._codes.issued(keys):
            return InvalidInput(
                "no_code",
                "You need a personal code to check in here, and you don't have one yet. Ask your lecturer for a code, "
                "or to check you in by hand.",
            )
        refusal = InvalidInput("code_needed", "One more step: enter your student ID and your personal code.")
        return ClaimNeeded(refusal, frozenset(keys), CODE_WITHIN, code=True, in_class=in_class)


def not_recognised() -> InvalidInput:
    """Return the refusal for a face that is nobody's."""
    return InvalidInput(
        "not_recognised",
        "We didn't recognise you. Face the light and try again, or ask your lecturer to check you in by hand.",
    )


def _ambiguous() -> InvalidInput:
    return InvalidInput(
        "ambiguous_face",
        "We need to be sure it's you: your face looks like another student's. Ask your lecturer to check you in by "
        "hand.",
    )
