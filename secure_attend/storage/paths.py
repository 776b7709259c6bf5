"""What the things in a site's data folder are called."""

STUDENTS = "students_db.json"
LOG = "attendance_log.json"
INSTANCE = "instance"
ACCESS = "access.json"
ERASURES = "erasures.json"
