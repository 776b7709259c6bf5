"""What the audit trail can say that somebody did. A name, once used, keeps its meaning: old entries bear it."""

from __future__ import annotations

from enum import Enum


class Act(Enum):
    """The name that entries bear, and the words that people read."""

    SET_UP = ("set_up", "Set up the site")
    LOG_IN = ("log_in", "Logged in")
    LOG_OUT = ("log_out", "Logged out")
    CHANGE_PASSWORD = ("change_password", "Changed the own password")
    LIST_ACCOUNTS = ("list_accounts", "Looked at the accounts")
    ADD_ACCOUNT = ("add_account", "Added an account")
    CHANGE_ACCOUNT = ("change_account", "Changed an account")
    LIFT_LIMIT = ("lift_limit", "Lifted a wait")
    ASK_FOR_PAIRING = ("ask_for_pairing", "A browser asked to be paired")
    ADD_KIOSK = ("add_kiosk", "Paired a kiosk")
    REVOKE_KIOSK = ("revoke_kiosk", "Revoked a kiosk")
    LIST_STUDENTS = ("list_students", "Looked at the list of students")
    SEE_STUDENT = ("see_student", "Looked at a student")
    ADD_STUDENT = ("add_student", "Added a student")
    CHANGE_STUDENT = ("change_student", "Changed a student")
    REMOVE_STUDENTS = ("remove_students", "Removed students from the list")
    ERASE_STUDENT = ("erase_student", "Erased a student")
    ISSUE_CODE = ("issue_code", "Issued a personal code")
    SEE_ATTENDANCE = ("see_attendance", "Looked at a student's attendance")
    LOAD_ROSTER = ("load_roster", "Uploaded a roster")
    REGISTER_FACE = ("register_face", "Registered a face")
    REMOVE_FACE = ("remove_face", "Removed a face")
    SEE_LOOK_ALIKES = ("see_look_alikes", "Looked who is marked as looking like a student")
    TELL_APART = ("tell_apart", "Took away the mark of two look-alikes")
    SEE_HISTORY = ("see_history", "Looked a student's attendance up")
    DOWNLOAD_REPORT = ("download_report", "Downloaded the attendance report")
    SEE_FACES_REPORT = ("see_faces_report", "Looked at faces that need another look")
    CHANGE_LIMIT = ("change_limit", "Changed what sets the limit of recognition")
    RECORD_CONSENT = ("record_consent", "Recorded consent")
    WITHDRAW_CONSENT = ("withdraw_consent", "Recorded that consent was withdrawn")
    EXPORT_STUDENT = ("export_student", "Downloaded everything about a student")
    REGISTER_ONESELF = ("register_oneself", "A student registered the own face, which waits")
    ACCEPT_FACE = ("accept_face", "Accepted a student's own registration")
    DECLINE_FACE = ("decline_face", "Declined a student's own registration")
    FORGET_BY_AGE = ("forget_by_age", "Took the identity from old records, and unused faces (RETAIN_DAYS)")
    ROTATE_KEY = ("rotate_key", "Exchanged the site key")
    FORGET_TRIAL = ("forget_trial", "Deleted the counts of the field trial")
    SEE_AUDIT = ("see_audit", "Looked at this audit trail")
    DOWNLOAD_AUDIT = ("download_audit", "Downloaded this audit trail")

    @property
    def words(self) -> str:
        """For a person."""
        return self.value[1]

    @property
    def plain(self) -> str:
        """For the trail and programs."""
        return self.value[0]


WORDS = {act.plain: act.words for act in Act}
