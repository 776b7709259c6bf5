"""Actions that the audit trail records. A name keeps its meaning once it is used: old entries bear it."""

from __future__ import annotations

from enum import Enum


class AuditedAction(Enum):
    """The name that entries bear, and the words that people read."""

    SET_UP = ("set_up", "Set up the site")
    LOG_IN = ("log_in", "Logged in")
    LOG_OUT = ("log_out", "Logged out")
    CHANGE_PASSWORD = ("change_password", "Changed their own password")
    LIST_ACCOUNTS = ("list_accounts", "Viewed the accounts")
    ADD_ACCOUNT = ("add_account", "Added an account")
    CHANGE_ACCOUNT = ("change_account", "Changed an account")
    ADD_COURSE = ("add_course", "Added a course")
    CHANGE_COURSE = ("change_course", "Changed a course")
    DELETE_COURSE = ("delete_course", "Deleted a course")
    SEE_MEMBERS = ("see_members", "Viewed the students of a course")
    ADD_MEMBER = ("add_member", "Added a student to a course")
    CHANGE_MEMBER = ("change_member", "Changed the groups of a student")
    END_MEMBERSHIP = ("end_membership", "Ended a student's place in a course")
    SEE_REGISTER = ("see_register", "Viewed a register")
    ADD_MEETINGS = ("add_meetings", "Added classes")
    CHANGE_MEETING = ("change_meeting", "Changed classes")
    REMOVE_MEETING = ("remove_meeting", "Removed a class that had not opened")
    UNDO_MEETINGS = ("undo_meetings", "Undid an import of classes")
    CHANGE_RULES = ("change_rules", "Changed the attendance rules of a course")
    CHANGE_POLICY = ("change_policy", "Changed how a course counts percentages")
    SEE_LOW_ATTENDANCE = ("see_low_attendance", "Viewed low attendance")
    SEE_CONTACTS = ("see_contacts", "Viewed the contacts with a student")
    RECORD_CONTACT = ("record_contact", "Recorded a contact with a student")
    DELETE_CONTACT = ("delete_contact", "Deleted a contact with a student")
    CHANGE_ATTENDANCE_SETTINGS = ("change_attendance_settings", "Changed the site's settings for attendance")
    SEE_EXCUSES = ("see_excuses", "Viewed the excuses of a student")
    ERASE_NOTE = ("erase_note", "Erased the reason and note of a mark or an excuse")
    LOCK_ATTENDANCE = ("lock_attendance", "Locked attendance of a course")
    UNLOCK_ATTENDANCE = ("unlock_attendance", "Unlocked attendance of a course")
    SEE_DECISIONS = ("see_decisions", "Viewed what waits for a decision")
    ASK_FOR_CORRECTION = ("ask_for_correction", "Asked for a correction of attendance")
    PASS_REQUEST_ON = ("pass_request_on", "Passed a declined request to the registrar")
    ANSWER_REQUEST = ("answer_request", "Answered a student's request")
    ACCEPT_VISITORS = ("accept_visitors", "Accepted visitors of a class")
    CHANGE_STAFF = ("change_staff", "Changed the staff of a course")
    HAND_OVER_COURSES = ("hand_over_courses", "Handed somebody's courses over")
    LIFT_LIMIT = ("lift_limit", "Lifted a waiting time")
    ASK_FOR_PAIRING = ("ask_for_pairing", "Asked to pair a browser")
    ADD_KIOSK = ("add_kiosk", "Paired a kiosk")
    CHANGE_KIOSK = ("change_kiosk", "Changed a kiosk")
    REVOKE_KIOSK = ("revoke_kiosk", "Revoked a kiosk")
    LIST_STUDENTS = ("list_students", "Viewed the list of students")
    SEE_STUDENT = ("see_student", "Viewed a student")
    ADD_STUDENT = ("add_student", "Added a student")
    CHANGE_STUDENT = ("change_student", "Changed a student")
    SEE_CORRECTIONS = ("see_corrections", "Viewed earlier names and IDs of a student")
    SEE_MERGE = ("see_merge", "Previewed the merge of two entries of a student")
    MERGE_STUDENTS = ("merge_students", "Merged two entries of a student")
    UNDO_CORRECTION = ("undo_correction", "Undid the correction of an ID, or the merging of two entries")
    REMOVE_STUDENTS = ("remove_students", "Removed students from the list")
    ERASE_STUDENT = ("erase_student", "Erased a student")
    SEE_HOLD = ("see_hold", "Viewed whether data is on hold")
    HOLD = ("hold", "Placed a hold")
    LIFT_HOLD = ("lift_hold", "Lifted a hold")
    ISSUE_CODE = ("issue_code", "Issued a personal code")
    SEE_ATTENDANCE = ("see_attendance", "Viewed a student's attendance")
    LOAD_ROSTER = ("load_roster", "Uploaded a roster")
    IMPORT_NIGHTLY = ("import_nightly", "Imported the nightly file")
    UNDO_ROSTER = ("undo_roster", "Undid the import of a roster")
    REGISTER_FACE = ("register_face", "Registered a face")
    REMOVE_FACE = ("remove_face", "Removed a face")
    SEE_UNNEEDED_FACES = ("see_unneeded_faces", "Viewed the faces of students in no current course")
    ERASE_UNNEEDED_FACES = ("erase_unneeded_faces", "Erased the faces of students in no current course")
    SEE_LOOK_ALIKES = ("see_look_alikes", "Viewed a student's look-alikes")
    TELL_APART = ("tell_apart", "Unmarked two students as look-alikes")
    SEE_HISTORY = ("see_history", "Looked up a student's attendance by ID")
    DOWNLOAD_REPORT = ("download_report", "Downloaded the attendance report")
    EXPORT_REGISTER = ("export_register", "Downloaded registers")
    EXPORT_ROSTER = ("export_roster", "Downloaded a roster")
    PRINT_SHEET = ("print_sheet", "Opened a sheet to print")
    PRINT_STATEMENT = ("print_statement", "Opened a student's statement to print")
    SEE_FACES_REPORT = ("see_faces_report", "Viewed the report on registered faces")
    SEE_REFUSALS = ("see_refusals", "Viewed the refused check-ins")
    CHANGE_LIMIT = ("change_limit", "Changed how the recognition threshold is set")
    RECORD_CONSENT = ("record_consent", "Recorded consent")
    WITHDRAW_CONSENT = ("withdraw_consent", "Recorded that consent was withdrawn")
    EXPORT_STUDENT = ("export_student", "Downloaded a student's data")
    REGISTER_ONESELF = ("register_oneself", "Sent in a self-registration")
    ACCEPT_FACE = ("accept_face", "Accepted a self-registration")
    DECLINE_FACE = ("decline_face", "Declined a self-registration")
    FORGET_BY_AGE = ("forget_by_age", "Erased what is older than the site keeps it")
    FACES_AGAIN = ("faces_again", "Erased faces of models that this version no longer has (FACES_AGAIN)")
    ROTATE_KEY = ("rotate_key", "Changed the site key")
    FORGET_TRIAL = ("forget_trial", "Deleted the counts of the field trial")
    SEE_AUDIT = ("see_audit", "Viewed the audit trail")
    DOWNLOAD_AUDIT = ("download_audit", "Downloaded the audit trail")

    @property
    def words(self) -> str:
        """The words for people."""
        return self.value[1]

    @property
    def plain(self) -> str:
        """The name in the trail and for programs."""
        return self.value[0]


WORDS = {action.plain: action.words for action in AuditedAction}
