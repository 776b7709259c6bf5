"""Secure-Attend: attendance by face. `create_app` is the one place where the parts meet."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

# Set before numpy is imported, which reads it then. A search waits for the memory, not for arithmetic: a second thread
# gains a fifth on an idle machine, and beside a busy neighbour the search takes three times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Likewise before cv2: what the largest photo taken has (frames.PHOTO). A wall behind the headers, which are read first.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "24000000")
# Likewise before onnxruntime, which would otherwise report every start to its makers, under an identifier that it keeps
# in the home folder. Its own call for that comes too late (its Privacy.md). No choice: nothing leaves the server.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from secure_attend.attendance.recognition.model_status import ModelStatus

if TYPE_CHECKING:
    from secure_attend.faces.engine import FaceEngine
    from secure_attend.settings import Settings
    from secure_attend.storage.ports import Store
    from secure_attend.web.application import Application

__all__ = ["ModelStatus", "__version__", "create_app"]
__version__ = "0.2.0.dev0"


def create_app(
    settings: Settings,
    *,
    faces: FaceEngine | None = None,
    store: Store | None = None,
    clock: Callable[[], datetime] | None = None,
    profile_note: ModelStatus | None = None,
    old_faces: FaceEngine | None = None,
    admin_notices: tuple[str, ...] = (),
) -> Application:
    """Return the web application, ready to be served.

    `faces` is the loaded engine; None if no model works (checking in by face then answers 503, and the rest works).
    `store` defaults to the database or the JSON files that `settings` name. `clock` returns the present time as an
    aware UTC datetime. `profile_note` says how the profile was chosen, or why there is none. `old_faces` are the models
    that the site is moving from. `admin_notices` are sentences about the computer, for admins.
    """
    # Imported here so that `secure_attend.settings` can be imported, and the terminal can print, before Flask loads.
    from secure_attend.access.access import Access, CourseKnowledge
    from secure_attend.access.audit import Audit, AuditReader
    from secure_attend.access.course_staff import COURSE_STAFF, CourseStaffing
    from secure_attend.access.open_access import open_repository
    from secure_attend.attendance.registers.course_directory import CourseDirectory
    from secure_attend.attendance.registers.curriculum import Curricula
    from secure_attend.attendance.registers.recorded_courses import RecordedCourses
    from secure_attend.attendance.services import KEPT_KINDS, assemble
    from secure_attend.attendance.site_time import SiteTime
    from secure_attend.storage.clock import utc_now
    from secure_attend.storage.kept_documents import DocumentView, KeptDocuments
    from secure_attend.storage.opening import open_store
    from secure_attend.storage.values import entries_of
    from secure_attend.web.application import build
    from secure_attend.web.http.site_parts import SiteParts

    clock = clock or utc_now
    store = store or open_store(settings, clock)
    repository = open_repository(settings, store)
    documents = KeptDocuments(store, (*KEPT_KINDS, COURSE_STAFF.name))
    curricula, recorded = Curricula(documents), RecordedCourses(store.record)

    def links_of(view: DocumentView) -> CourseDirectory:
        return CourseDirectory(view.version, view.as_of, curricula.of(view), recorded)

    knowledge = CourseKnowledge(documents, links_of, SiteTime(clock, settings.time_zone).today)
    access = Access(repository, clock, settings.site_name, knowledge)
    note = profile_note or ModelStatus()
    access.codes.follow_merged(lambda student: entries_of(student, store.merged_into()))
    kiosks = access.kiosks
    services = assemble(
        settings, faces, store, clock, note, access.codes, curricula, lambda: kiosks.last_known, old_faces
    )
    kiosks.when_heard_again(services.kiosk_silences.note_end)
    audit, audit_reader = Audit(store.audit, clock), AuditReader(store.audit, repository, store)
    services.maintenance.when_erased(audit.enter_retention)
    services.maintenance.run()
    access.codes.keep_only({student.key for student in store.students()} | store.merged_into().keys())
    staffing = CourseStaffing(store, repository)
    return build(SiteParts(settings, __version__, services, access, audit, audit_reader, staffing, admin_notices))
