"""Builds the use cases and connects them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.attendance.courses.course_roster import CourseRosters
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.face_use import FaceUse
from secure_attend.attendance.courses.holds import Holds
from secure_attend.attendance.courses.memberships import Memberships
from secure_attend.attendance.courses.nightly_import import NightlyImport
from secure_attend.attendance.courses.roster_undo import RosterUndo
from secure_attend.attendance.courses.site_attendance import SiteAttendance
from secure_attend.attendance.exports.register_exports import RegisterExports
from secure_attend.attendance.exports.statements import Statements
from secure_attend.attendance.exports.workbooks import Workbooks
from secure_attend.attendance.field_trial.counts import TrialCounts
from secure_attend.attendance.field_trial.trial import FieldTrial
from secure_attend.attendance.liveness_sessions.backpressure import Backpressure
from secure_attend.attendance.liveness_sessions.more_time import GrantedTime
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions, Rules
from secure_attend.attendance.locks.lock_guard import LockGuard
from secure_attend.attendance.locks.locks import Locks
from secure_attend.attendance.low_attendance.contacts import CONTACTS, Contacts
from secure_attend.attendance.low_attendance.low_attendance import LowAttendance
from secure_attend.attendance.meetings.course_meetings import CourseMeetings
from secure_attend.attendance.meetings.kiosk_rooms import KioskRooms
from secure_attend.attendance.meetings.meeting_import import MeetingImport
from secure_attend.attendance.meetings.meetings import Meetings
from secure_attend.attendance.metrics import MeasuredEngine, Metrics
from secure_attend.attendance.recognition.engine_holder import EngineHolder, faces_off
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.model_migration import ModelMigration
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.recognition.site_threshold import SiteThreshold
from secure_attend.attendance.records.check_in import CheckIn
from secure_attend.attendance.records.excuses import Excuses
from secure_attend.attendance.records.history import AttendanceHistory, OwnHistory
from secure_attend.attendance.records.identity_check import IdentityCheck
from secure_attend.attendance.records.reports import Reports
from secure_attend.attendance.records.standing import Standings
from secure_attend.attendance.refused_check_ins import RefusedCheckIns
from secure_attend.attendance.registers.accepted_visitors import AcceptedVisits
from secure_attend.attendance.registers.current_meetings import MeetingsNow
from secure_attend.attendance.registers.curriculum import KINDS, Curricula
from secure_attend.attendance.registers.kiosk_silences import KioskSilences, SeenKiosk
from secure_attend.attendance.registers.marks import Marks
from secure_attend.attendance.registers.queues import Queues
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.requests.correction_request import REQUESTS
from secure_attend.attendance.requests.decisions import Decisions
from secure_attend.attendance.requests.own_attendance import OwnAttendance
from secure_attend.attendance.requests.requests import Requests
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import PersonalCodes
from secure_attend.attendance.students.consent_text import read_consent_text
from secure_attend.attendance.students.consents import Consents
from secure_attend.attendance.students.enrolment import Enrolment
from secure_attend.attendance.students.face_notices import FACE_NOTICES, FaceNotices
from secure_attend.attendance.students.roster_import import RosterImport
from secure_attend.attendance.students.self_registration import SelfRegistration
from secure_attend.attendance.students.students import Students
from secure_attend.attendance.upkeep.clock_guard import ClockGuard, ClockNote
from secure_attend.attendance.upkeep.days_kept import days_kept
from secure_attend.attendance.upkeep.maintenance import Maintenance
from secure_attend.attendance.upkeep.retention import Retention
from secure_attend.attendance.upkeep.unneeded_faces import UnneededFaces
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.models.onnx_sessions import threads
from secure_attend.settings import Settings
from secure_attend.storage.paths import EXPORTS, INSTANCE
from secure_attend.storage.ports import Store

KEPT_KINDS = (*KINDS, FACE_NOTICES.name, CONTACTS.name, REQUESTS.name)
"""The kinds of documents that the use cases read from memory."""


@dataclass(frozen=True)
class Services:
    """The use cases that `web` calls. `instance` is random for each process: liveness sessions live and die with it."""

    instance: str
    store: Store
    time: SiteTime
    engines: EngineHolder
    galleries: Galleries
    site_threshold: SiteThreshold
    students: Students
    roster: RosterImport
    liveness_sessions: LivenessSessions
    consents: Consents
    enrolment: Enrolment
    self_registration: SelfRegistration
    maintenance: Maintenance
    check_in: CheckIn
    history: AttendanceHistory
    own_history: OwnHistory
    reports: Reports
    metrics: Metrics
    backpressure: Backpressure
    model_migration: ModelMigration
    field_trial: FieldTrial
    refusals: RefusedCheckIns
    face_notices: FaceNotices
    site_attendance: SiteAttendance
    courses: Courses
    memberships: Memberships
    course_rosters: CourseRosters
    nightly: NightlyImport
    roster_undo: RosterUndo
    meetings: Meetings
    meeting_import: MeetingImport
    kiosk_rooms: KioskRooms
    kiosk_silences: KioskSilences
    registers: Registers
    queues: Queues
    meetings_now: MeetingsNow
    standings: Standings
    marks: Marks
    excuses: Excuses
    requests: Requests
    decisions: Decisions
    own_attendance: OwnAttendance
    visits: AcceptedVisits
    register_exports: RegisterExports
    statements: Statements
    workbooks: Workbooks
    face_use: FaceUse
    holds: Holds
    low_attendance: LowAttendance
    contacts: Contacts
    locks: Locks
    unneeded_faces: UnneededFaces


def assemble(
    settings: Settings,
    faces: FaceEngine | None,
    store: Store,
    clock: Callable[[], datetime],
    model_status: ModelStatus,
    codes: PersonalCodes,
    curricula: Curricula,
    kiosks: Callable[[], Iterable[SeenKiosk]],
    old_faces: FaceEngine | None = None,
) -> Services:
    """Fill the galleries from the store and connect the services. `curricula` are made from documents of `KEPT_KINDS`;
    `kiosks` returns the site's; `old_faces` are the models a site is moving from."""
    if not settings.uses_faces:
        faces, old_faces, model_status = None, None, ModelStatus(problem=faces_off())
    time = SiteTime(clock, settings.time_zone)
    guard = LockGuard.put_before(store, time)
    face_use = FaceUse(store, curricula.documents, time, on=settings.uses_faces)
    metrics = Metrics(at_once=threads())
    consents = Consents(store, read_consent_text(settings.consent_text), time)
    engine, previous = (MeasuredEngine(models, metrics) if models else None for models in (faces, old_faces))
    engines = EngineHolder(engine, model_status, previous)
    galleries = Galleries(engines, store, settings.false_accept_target, consents)
    model_migration = ModelMigration(store, engines, galleries, time, timedelta(days=settings.keep_old_days))
    refusals = RefusedCheckIns(time, metrics)
    of_courses = CourseMeetings(store.documents, time)
    courses = Courses(store, of_courses, time, settings.retain_days)
    memberships = Memberships(store, courses, time)
    meetings = Meetings(store, store.documents, courses, of_courses, time)
    meetings_now = MeetingsNow(curricula, time)
    kiosk_silences = KioskSilences(kiosks, meetings, curricula, time)
    registers = Registers(store, curricula, kiosk_silences, time, settings.retain_days)
    marks = Marks(store, registers, courses, meetings, time)
    excuses = Excuses(store, registers, courses, time)
    requests = Requests(store, curricula.documents, registers, marks, excuses, time, settings.request_days)
    students = Students(store, galleries, time, consents, refusals, memberships.end_all, face_use.unused)
    rules = Rules(settings.liveness, settings.step_seconds, settings.require_passive)
    liveness_sessions = LivenessSessions(engines, galleries, time, rules, metrics, refusals, GrantedTime(store))
    enrolment = Enrolment(store, students, engines, galleries, liveness_sessions, consents, time, face_use.refuse)
    self_registration = SelfRegistration(
        store,
        engines,
        liveness_sessions,
        consents,
        enrolment,
        time,
        allowed=settings.self_registration and settings.uses_faces,
    )
    roster = RosterImport(store, time, memberships.end_all)
    course_rosters = CourseRosters(store, courses, time, roster.imports, guard.refuse, memberships.end_all)
    history = AttendanceHistory(store)
    identity_check = IdentityCheck(store, galleries, codes, time, metrics)
    retention = Retention(store, time, days_kept(settings))
    workbooks = Workbooks(settings.data / INSTANCE / EXPORTS, time)
    clock_guard = ClockGuard(ClockNote(settings.data / INSTANCE), store, time)
    return Services(
        instance=secrets.token_hex(8),
        store=store,
        time=time,
        engines=engines,
        galleries=galleries,
        site_threshold=SiteThreshold(store.documents, engines, galleries),
        students=students,
        roster=roster,
        liveness_sessions=liveness_sessions,
        consents=consents,
        enrolment=enrolment,
        self_registration=self_registration,
        maintenance=Maintenance(retention, self_registration, model_migration, clock_guard, refusals, workbooks, time),
        check_in=CheckIn(
            store,
            students,
            galleries,
            liveness_sessions,
            identity_check,
            codes,
            time,
            settings.check_in_interval,
            metrics,
            model_migration,
            refusals,
            meetings_now,
        ),
        history=history,
        own_history=OwnHistory(history, codes, galleries, liveness_sessions, metrics),
        reports=Reports(store, time),
        metrics=metrics,
        backpressure=Backpressure(settings.threads, metrics),
        model_migration=model_migration,
        field_trial=FieldTrial(liveness_sessions, engines, rules, TrialCounts(settings.data / INSTANCE)),
        refusals=refusals,
        face_notices=FaceNotices(store, curricula.documents, time, retention.held),
        site_attendance=SiteAttendance(store.documents),
        courses=courses,
        memberships=memberships,
        course_rosters=course_rosters,
        nightly=NightlyImport(store, courses, course_rosters, time, roster.imports),
        roster_undo=RosterUndo(store, courses, time, guard.refuse),
        meetings=meetings,
        meeting_import=MeetingImport(store, store.documents, courses, meetings, time),
        kiosk_rooms=KioskRooms(store.documents),
        kiosk_silences=kiosk_silences,
        meetings_now=meetings_now,
        standings=Standings(store, meetings_now, time),
        registers=registers,
        queues=Queues(store, curricula, kiosks),
        marks=marks,
        excuses=excuses,
        requests=requests,
        decisions=Decisions(store, registers, requests, time),
        own_attendance=OwnAttendance(registers, requests),
        visits=AcceptedVisits(registers, marks, memberships),
        register_exports=RegisterExports(registers, store),
        statements=Statements(registers, store),
        workbooks=workbooks,
        face_use=face_use,
        holds=Holds(store, courses, time),
        low_attendance=LowAttendance(store, registers, time, settings.retain_days),
        contacts=Contacts(store, curricula.documents, time),
        locks=Locks(store, courses, registers, time),
        unneeded_faces=UnneededFaces(store, time),
    )
