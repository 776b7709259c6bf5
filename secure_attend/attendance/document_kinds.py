"""All kinds of documents that the use cases keep. Each is declared where it is used; a new one gets a line here."""

from __future__ import annotations

from secure_attend.attendance.corrections.correction import CORRECTIONS
from secure_attend.attendance.courses.attendance_settings import ATTENDANCE_SETTINGS
from secure_attend.attendance.courses.course import COURSES
from secure_attend.attendance.courses.holds import HOLDS
from secure_attend.attendance.courses.last_import import LAST_IMPORTS
from secure_attend.attendance.courses.lock import LOCKS
from secure_attend.attendance.courses.membership import MEMBERSHIPS
from secure_attend.attendance.imports.roster_shapes import ROSTER_SHAPES
from secure_attend.attendance.liveness_sessions.more_time import MORE_TIME
from secure_attend.attendance.locks.locked_register import LOCKED_REGISTERS
from secure_attend.attendance.low_attendance.contacts import CONTACTS
from secure_attend.attendance.meetings.kiosk_settings import KIOSK_SETTINGS
from secure_attend.attendance.meetings.meeting import MEETINGS
from secure_attend.attendance.recognition.look_alikes import LOOK_ALIKES
from secure_attend.attendance.recognition.site_limit import SITE_LIMIT
from secure_attend.attendance.requests.correction_request import REQUESTS
from secure_attend.attendance.students.face_notices import FACE_NOTICES
from secure_attend.storage.documents import DocumentKind

DOCUMENT_KINDS: tuple[DocumentKind, ...] = (
    LOOK_ALIKES,
    MORE_TIME,
    SITE_LIMIT,
    COURSES,
    MEMBERSHIPS,
    LAST_IMPORTS,
    ATTENDANCE_SETTINGS,
    MEETINGS,
    KIOSK_SETTINGS,
    FACE_NOTICES,
    REQUESTS,
    ROSTER_SHAPES,
    HOLDS,
    CONTACTS,
    LOCKS,
    LOCKED_REGISTERS,
    CORRECTIONS,
)
