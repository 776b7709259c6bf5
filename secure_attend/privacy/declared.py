"""What each kind of data is for, whom it is about, and when it is deleted. A test compares it with what is found."""

from __future__ import annotations

from secure_attend.privacy.declared_documents import OF_DOCUMENTS
from secure_attend.privacy.declared_site import OF_SITE
from secure_attend.privacy.kept_data import ACCESS, ERASED, NOBODY, STUDENT, STUDENTS, KeptData
from secure_attend.privacy.persisted import DATABASE

LOG = "attendance_log.json"

DECLARED = (
    KeptData(
        "the student's ID, name, email address, and when the student left the list",
        STUDENT,
        "the roster: whose attendance is recorded",
        ERASED,
        {
            STUDENTS: "students.(key) students.name students.email students.removed_at",
            DATABASE: "students.student_id students.name students.email students.removed_at",
        },
    ),
    KeptData(
        "the name that the student is known as, if it is not the official one",
        STUDENT,
        "lists and greetings show it instead",
        f"it is cleared, or {ERASED}",
        {STUDENTS: "students.known_as", DATABASE: "students.known_as"},
    ),
    KeptData(
        "earlier IDs and names of the student, the newest 50, each with the moment until which it was theirs",
        STUDENT,
        "a registrar answers who a certificate or an old list means; nobody else sees them, "
        "except the student in the export of everything about them",
        ERASED,
        {
            STUDENTS: "students.former.student_id students.former.name students.former.until",
            DATABASE: "students.former",
        },
    ),
    KeptData(
        "of two entries of one person that were merged: which student the entry belongs to",
        STUDENT,
        "what was recorded under either is the student's",
        f"the merge is undone, or {ERASED}",
        {STUDENTS: "students.merged_into", DATABASE: "students.merged_into"},
    ),
    KeptData(
        "a random key for the student",
        STUDENT,
        "addresses and other files name the student by this key instead of the ID",
        f"{ERASED}; then the key alone is listed as erased",
        {STUDENTS: "students.key", DATABASE: "students.key"},
    ),
    KeptData(
        "consent: which text, when, how, recorded by whom; when and by whom a withdrawal was recorded",
        STUDENT,
        "no face is registered without consent; evidence that it was given or withdrawn",
        f"a newer consent replaces it, or {ERASED}",
        {
            STUDENTS: "students.consent.version students.consent.given_at students.consent.way "
            "students.consent.recorded_by students.consent.withdrawn_at students.consent.withdrawn_by",
            DATABASE: "students.consent",
        },
    ),
    KeptData(
        "**biometric**: templates of the face, 128 or 512 numbers each, sealed with AES-256-GCM",
        STUDENT,
        "to recognise the student at the kiosk",
        "consent is withdrawn, the face is erased or replaced, or the student leaves the list or is erased; unused, or "
        "without a current course, for `RETAIN_FACES_DAYS`; those of earlier models, `KEEP_OLD_DAYS` after the new "
        "ones",
        {STUDENTS: "students.templates.sealed", DATABASE: "templates.sealed"},
    ),
    KeptData(
        "for each template: its ID, whose it is, its models, camera or photo, when, the quality of the picture",
        STUDENT,
        "templates of different models are never compared; staff see who should register again",
        "with the template",
        {
            STUDENTS: "students.templates.id students.templates.profile students.templates.source "
            "students.templates.created_at students.templates.quality",
            DATABASE: "templates.id templates.student_key templates.place templates.profile templates.source "
            "templates.created_at templates.quality",
        },
    ),
    KeptData(
        "**biometric**: templates given at a kiosk that wait for staff, sealed; the number shown, the models (both, "
        "if the site is changing them), the quality of the pictures and whether they show turns, the consent text "
        "agreed to, the kiosk, when",
        STUDENT,
        "a lecturer first confirms whose face it is; until then it is compared with nobody",
        "accepted or declined, consent withdrawn, or three days",
        {
            STUDENTS: "students.held.sealed students.held.id students.held.number students.held.profile "
            "students.held.version students.held.kiosk students.held.created_at students.held.quality "
            "students.held.made_by students.held.source",
            DATABASE: "students.held",
        },
    ),
    KeptData(
        "the ID that the student had when this version first started, if version 0.1 left records, and a seal over it",
        STUDENT,
        "records of version 0.1 name people by the ID alone: they stay this student's if the ID changes",
        ERASED,
        {
            STUDENTS: "students.logged_id students.logged_mac",
            DATABASE: "students.logged_id students.logged_mac",
        },
    ),
    KeptData(
        "a check-in or its cancellation: whose (the ID and the key), when, by face, code or hand, at which kiosk (its "
        "name then, and its key) and in which room, by whom, its models",
        STUDENT,
        "the attendance record",
        "ID and key: the student is erased, or `RETAIN_DAYS`; the rest of the row: kept",
        {
            LOG: "student_id person time method kiosk kiosk_key room by profile cancels",
            DATABASE: "records.student_id records.person records.time records.method records.kiosk records.kiosk_key "
            "records.room records.by records.profile records.cancels",
        },
    ),
    KeptData(
        "a mark or an excuse, which is a record as well: for which meetings, or which course, days and hours, the "
        "status, and the mark it replaces",
        STUDENT,
        "staff correct the attendance record, and what they did stays visible",
        "ID and key: the student is erased, or `RETAIN_DAYS`; the rest of the row: kept",
        {
            LOG: "meeting course first_day last_day status replaces",
            DATABASE: "records.meeting records.course records.first_day records.last_day records.status "
            "records.replaces",
        },
    ),
    KeptData(
        "remark or reason (from the site's lists) and note (up to 200 characters) of a mark or an excuse",
        STUDENT,
        "why a status was set: for the student, the course's lecturers and registrars (of an excuse by a registrar, "
        "registrars alone)",
        "the note is erased alone, the student is erased, or `RETAIN_NOTES_DAYS`",
        {LOG: "reason note", DATABASE: "records.reason records.note"},
    ),
    KeptData(
        "for each record: its number and mark, the format of its row, the salts and the seals of the chain",
        STUDENT,
        "a record that was changed, removed or added by hand is noticed",
        "each salt is deleted with what it protects; without it, the seal reveals neither whose the record was nor the "
        "note",
        {
            LOG: "id salt commit note_salt note_commit mac",
            DATABASE: "records.number records.mark records.format records.salt records.commit records.note_salt "
            "records.note_commit records.mac",
        },
    ),
    *OF_DOCUMENTS,
    KeptData(
        "a seal over each student's ID, name, email address and consent, and one over accounts, kiosks and codes",
        NOBODY,
        "a change from outside can be found",
        "with what it belongs to",
        {STUDENTS: "students.mac", ACCESS: "mac", DATABASE: "students.mac access_head.mac"},
    ),
    *OF_SITE,
)
