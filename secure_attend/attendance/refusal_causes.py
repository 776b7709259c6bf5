"""Why a check-in can be refused: what staff read in words (`static/js/logic/faculty/refusals.js`) and metrics count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from secure_attend.errors import DomainError, StorageFailed, StorageFull

EvidenceFailure = Literal["face_changed", "looks_like_a_picture", "no_clear_face"]
SessionFailure = Literal["too_slow", "lost_face", "several_faces", EvidenceFailure, "out_of_order"]
"""Why a liveness session failed."""

Unanswered = Literal["id_not_typed", "code_not_typed"]
"""What was asked for after the movements, if nobody typed it."""

ErrorCause = Literal[
    "not_recognised",
    "no_code",
    "wrong_proof",
    "too_many_tries",
    "nobody_registered",
    "student_removed",
    "class_without_faces",
    "challenge_expired",
    "busy",
]
"""The codes of errors that are causes as they are."""

RefusalCause = Literal[
    SessionFailure,
    "other_movements",
    Unanswered,
    ErrorCause,
    "storage_full",
    "storage_failed",
    "history_mismatch",
    "other",
]
"""`other_movements`: time ran out after steps were added. Staff alone are told. `history_mismatch`: a student's own
attendance was asked for, and the face was not like the one registered for the ID."""
REFUSAL_CAUSES: tuple[RefusalCause, ...] = get_args(RefusalCause)
_BY_CODE: Mapping[str, RefusalCause] = {code: code for code in get_args(ErrorCause)}


def cause_of(refusal: DomainError) -> RefusalCause:
    """Return the cause of a check-in that ended in this error."""
    if isinstance(refusal, StorageFull):
        return "storage_full"
    if isinstance(refusal, StorageFailed):
        return "storage_failed"
    return _BY_CODE.get(refusal.code, "other")
