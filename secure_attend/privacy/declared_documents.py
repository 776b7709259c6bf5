"""What a site decides, in documents: what each kind is for, whom it is about, and when it is deleted."""

from __future__ import annotations

from secure_attend.privacy.kept_data import ERASED, NOBODY, STAFF, STUDENT, KeptData
from secure_attend.privacy.persisted import DATABASE

LOOK_ALIKES = "instance/documents/look_alikes"
MORE_TIME = "instance/documents/more_time"
SITE_LIMIT = "instance/documents/site_limit"
FACE_NOTICES = "instance/documents/face_notices"
REQUESTS = "instance/documents/requests"
COURSES = "instance/documents/courses"
COURSE_STAFF = "instance/documents/course_staff"
MEMBERSHIPS = "instance/documents/memberships"
LAST_IMPORTS = "instance/documents/last_imports"
ATTENDANCE_SETTINGS = "instance/documents/attendance_settings"
MEETINGS = "instance/documents/meetings"
CONTACTS = "instance/documents/contacts"
LOCKS = "instance/documents/locks"
HOLDS = "instance/documents/holds"
LOCKED_REGISTERS = "instance/documents/locked_registers"
CORRECTIONS = "instance/documents/corrections"
KIOSK_SETTINGS = "instance/documents/kiosk_settings"
ROSTER_SHAPES = "instance/documents/roster_shape"
DOCUMENT = "format kind documents.erasing documents.version documents.written_at documents.mac"

OF_DOCUMENTS = (
    KeptData(
        "pairs of students confirmed to be two people who look alike, by their random keys, and the ids of the "
        "templates that this was confirmed for",
        STUDENT,
        "after a check-in by face, both are asked for the personal code too",
        f"staff remove the mark, the templates of either are gone, or {ERASED}",
        {LOOK_ALIKES: "documents.(key) documents.about documents.value.templates.(key) documents.value.templates"},
    ),
    KeptData(
        "that a student has more time at check-in, by the random key; no reason",
        STUDENT,
        "each step of the student's check-in may take three times as long",
        f"staff take it away, or {ERASED}",
        {MORE_TIME: "documents.(key) documents.about documents.value.student"},
    ),
    KeptData(
        "whether an admin lets the faces of this site set the limit of recognition, and for which models",
        NOBODY,
        "the limit that the admin chose",
        "the admin chooses otherwise",
        {SITE_LIMIT: "documents.(key) documents.value.profile"},
    ),
    KeptData(
        "that a student is in a course: which, from when until when, in which of its groups",
        STUDENT,
        "the register of a course: who is expected in which class",
        f"{ERASED}; after leaving the course it is kept for the past",
        {
            MEMBERSHIPS: "documents.(key) documents.about documents.value.course documents.value.student "
            "documents.value.spans.first_day documents.value.spans.last_day documents.value.spans.groups"
        },
    ),
    KeptData(
        "that a student or a course is held, by the random key: why, placed by whom (the name) and when",
        STUDENT,
        "nothing of theirs expires by its age, an appeal for example; the reason must not name the student",
        f"a registrar lifts it, or {ERASED}",
        {
            HOLDS: "documents.(key) documents.about documents.value.of documents.value.student "
            "documents.value.reason documents.value.by "
            "documents.value.at"
        },
    ),
    KeptData(
        "of a student's last correction (another ID, or two entries merged): name, ID, address and consent before, "
        "what the merge changed of courses and other decisions, who did it and when, a digest of what is known since",
        STUDENT,
        "the correction can be undone until the next change of the student",
        f"{ERASED}; it is undone; within a day of the next change; or 30 days. The face of the merged entry with it",
        {
            CORRECTIONS: "documents.(key) documents.about documents.value.what documents.value.by documents.value.at "
            "documents.value.after documents.value.written documents.value.documents.kind "
            "documents.value.documents.key documents.value.documents.about documents.value.documents.erasing "
            "documents.value.documents.value.student "
            + " ".join(
                f"documents.value.{entry}.{name}"
                for entry in ("before", "other")
                for name in (
                    *("key", "student_id", "name", "email", "known_as", "removed_at"),
                    *("former.student_id", "former.name", "former.until"),
                    *("consent.version", "consent.given_at", "consent.way", "consent.recorded_by"),
                    *("consent.withdrawn_at", "consent.withdrawn_by"),
                )
            )
        },
    ),
    KeptData(
        "of a course's last import: which students it changed, and their days, groups, names and addresses before",
        STUDENT,
        "the import can be undone until the next change",
        f"{ERASED}; it is undone; the course's next import; or it is older than RETAIN_DAYS",
        {
            LAST_IMPORTS: "documents.(key) documents.about documents.value.digest documents.value.groups "
            "documents.value.students.(key) documents.value.students.spans.first_day "
            "documents.value.students.spans.last_day documents.value.students.spans.groups "
            "documents.value.students.was.name documents.value.students.was.email "
            "documents.value.students.was.removed_at documents.value.students.now.name "
            "documents.value.students.now.email documents.value.students.now.removed_at "
            "documents.value.students.deleted"
        },
    ),
    KeptData(
        "courses: code, title, term, days, groups, usual length and room, rules, how percentages count, whether "
        "archived or without faces",
        NOBODY,
        "what is taught, and who counts as present or late",
        "the course is deleted, which is possible only while no class was held",
        {
            COURSES: "documents.(key) documents.value.code documents.value.title documents.value.term "
            "documents.value.first_day documents.value.last_day documents.value.groups.key "
            "documents.value.groups.name documents.value.minutes documents.value.room documents.value.archived "
            "documents.value.faces "
            "documents.value.rules.since documents.value.rules.opens_before documents.value.rules.on_time "
            "documents.value.rules.late_until "
            "documents.value.policy.unit documents.value.policy.basis documents.value.policy.late "
            "documents.value.policy.excused documents.value.policy.free_absences "
            "documents.value.policy.remarks.code documents.value.policy.remarks.weight "
            "documents.value.policy.limit documents.value.policy.in_row"
        },
    ),
    KeptData(
        "whose face was replaced or erased, and by which account",
        STUDENT,
        "the student's other lecturers are told, so that nobody is given another's face unnoticed",
        f"it is no longer shown (two weeks) and another face is replaced, `RETAIN_DAYS`, or {ERASED}",
        {FACE_NOTICES: "documents.(key) documents.about documents.value.student documents.value.by"},
    ),
    KeptData(
        "what a student asked about a class: which class, what to correct, their words, when, by when to answer, and "
        "the answers of staff: when, by whom, accepted or not, with what words",
        STUDENT,
        "a student can have the register corrected, and reads why it was or was not",
        f"`RETAIN_REQUESTS_DAYS` (30) after the last answer, the class is deleted, or {ERASED}",
        {
            REQUESTS: "documents.(key) documents.about documents.value.student documents.value.course "
            "documents.value.meeting documents.value.asks documents.value.made_at documents.value.due "
            "documents.value.text documents.value.passed_on documents.value.answers.at documents.value.answers.by "
            "documents.value.answers.accepted documents.value.answers.text"
        },
    ),
    KeptData(
        "who teaches a course: the account's random key, lecturer, assistant or viewer, from when, until when",
        STAFF,
        "staff see the students of their own courses alone",
        "kept, so that the past can be explained; the course is deleted",
        {
            COURSE_STAFF: "documents.(key) documents.value.members.account documents.value.members.role "
            "documents.value.members.first_day documents.value.members.last_day"
        },
    ),
    KeptData(
        "meetings of a course: title, local times and zone, room, groups; whether it counts, was cancelled, closed "
        "early, extended or held, or its kiosks were silent",
        NOBODY,
        "which check-in counts for which class",
        "the course is deleted, which is possible only while no class was held",
        {
            MEETINGS: "documents.(key) documents.value.course documents.value.title documents.value.starts "
            "documents.value.ends documents.value.zone documents.value.room documents.value.groups "
            "documents.value.counts documents.value.may_be_absent documents.value.block documents.value.series "
            "documents.value.cancelled documents.value.closes documents.value.on_time_until documents.value.held "
            "documents.value.kiosks_silent"
        },
    ),
    KeptData(
        "locks of a course's attendance: from which day to which, the name of who locked it, when, how far the log had "
        "come, how the course counts, and a digest of the register",
        STAFF,
        "nothing inside them changes any more, and a change by hand is found",
        "a registrar unlocks the days",
        {
            LOCKS: "documents.(key) documents.value.course documents.value.first_day documents.value.last_day "
            "documents.value.by documents.value.at documents.value.records documents.value.mac documents.value.digest "
            "documents.value.policy.unit documents.value.policy.basis documents.value.policy.late "
            "documents.value.policy.excused documents.value.policy.free_absences documents.value.policy.remarks.code "
            "documents.value.policy.remarks.weight documents.value.policy.limit documents.value.policy.in_row"
        },
    ),
    KeptData(
        "what a lock froze: its classes with their rules, which students were in the course on which days and in which "
        "groups, and a digest of each student's row. No status",
        STUDENT,
        "a check can name what was changed by hand",
        f"a registrar unlocks the days, or {ERASED}: of an erased student only the digest of the row stays",
        {
            LOCKED_REGISTERS: "documents.(key) documents.about documents.value.students.(key) "
            "documents.value.students.spans.first_day documents.value.students.spans.last_day "
            "documents.value.students.spans.groups "
            "documents.value.rows documents.value.meetings.key documents.value.meetings.title "
            "documents.value.meetings.starts documents.value.meetings.ends documents.value.meetings.zone "
            "documents.value.meetings.room documents.value.meetings.groups documents.value.meetings.counts "
            "documents.value.meetings.may_be_absent documents.value.meetings.block documents.value.meetings.series "
            "documents.value.meetings.cancelled documents.value.meetings.closes "
            "documents.value.meetings.on_time_until documents.value.meetings.held "
            "documents.value.meetings.rules.opens_before documents.value.meetings.rules.on_time "
            "documents.value.meetings.rules.late_until"
        },
    ),
    KeptData(
        "the site's rules for attendance and percentages, days without teaching, remarks and reasons to choose from "
        "and when one is needed, what the kiosk shows",
        NOBODY,
        "what holds where a course says nothing else",
        "they are changed",
        {
            ATTENDANCE_SETTINGS: "documents.(key) documents.value.rules.since documents.value.rules.opens_before "
            "documents.value.rules.on_time documents.value.rules.late_until documents.value.closures.first_day "
            "documents.value.closures.last_day documents.value.closures.name documents.value.remarks.code "
            "documents.value.remarks.text documents.value.remarks.time documents.value.kiosk_shows_status "
            "documents.value.reasons.code documents.value.reasons.text documents.value.excused_needs_reason "
            "documents.value.reason_after_days "
            "documents.value.policy.unit documents.value.policy.basis documents.value.policy.late "
            "documents.value.policy.excused documents.value.policy.free_absences "
            "documents.value.policy.remarks.code documents.value.policy.remarks.weight "
            "documents.value.policy.limit documents.value.policy.in_row"
        },
    ),
    KeptData(
        "that a student was contacted about low attendance: on which day, by which account, with what outcome",
        STUDENT,
        "registrars see who was spoken with, and what came of it",
        f"it is deleted, `RETAIN_NOTES_DAYS`, or {ERASED}",
        {
            CONTACTS: "documents.(key) documents.about documents.value.student documents.value.on documents.value.by "
            "documents.value.outcome"
        },
    ),
    KeptData(
        "of each kiosk, by its random key: its room, and whether it is at an entrance",
        NOBODY,
        "which classes it takes check-ins for",
        "they are changed",
        {KIOSK_SETTINGS: "documents.(key) documents.value.room documents.value.entrance"},
    ),
    KeptData(
        "which columns of a roster somebody chose, for files with the same header",
        NOBODY,
        "the next file of that system is read the same way",
        "somebody chooses otherwise",
        {ROSTER_SHAPES: "documents.(key) documents.value.columns"},
    ),
    KeptData(
        "of what a site decides (look-alikes, more time, courses, classes and so on): which change it comes from, "
        "when that was, what happens when a student it is about is erased, and a seal",
        NOBODY,
        "two people who change the same thing don't overwrite each other; a change from outside can be found",
        "with what it belongs to",
        {
            "instance/documents.json": "format version files.(key) files",
            LOOK_ALIKES: DOCUMENT,
            MORE_TIME: DOCUMENT,
            SITE_LIMIT: DOCUMENT,
            FACE_NOTICES: DOCUMENT,
            CONTACTS: DOCUMENT,
            REQUESTS: DOCUMENT,
            COURSES: DOCUMENT,
            COURSE_STAFF: DOCUMENT,
            MEMBERSHIPS: DOCUMENT,
            LAST_IMPORTS: DOCUMENT,
            ATTENDANCE_SETTINGS: DOCUMENT,
            MEETINGS: DOCUMENT,
            KIOSK_SETTINGS: DOCUMENT,
            ROSTER_SHAPES: DOCUMENT,
            LOCKS: DOCUMENT,
            HOLDS: DOCUMENT,
            LOCKED_REGISTERS: DOCUMENT,
            CORRECTIONS: DOCUMENT,
        },
    ),
    KeptData(
        "in a database, all of what a site decides: as in the files above",
        STUDENT,
        "as each of them",
        "as each of them",
        {
            DATABASE: "documents.kind documents.key documents.value documents.about documents.erasing "
            "documents.version documents.written_at documents.mac site.documents site.documents_since"
        },
    ),
)
