"""Builds the use cases and connects them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.attendance.corrections.corrections import Corrections
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
from secure_attend.attendance.records.cancellation import Cancellations
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
class _Foundation:
    """What every use case may be built on."""

    settings: Settings
    store: Store
    time: SiteTime
    curricula: Curricula
    kiosks: Callable[[], Iterable[SeenKiosk]]


@dataclass(frozen=True)
class RecognitionServices:
    """Models, galleries and liveness sessions: what looks at a face."""

    engines: EngineHolder
    galleries: Galleries
    site_threshold: SiteThreshold
    model_migration: ModelMigration
    consents: Consents
    refusals: RefusedCheckIns
    liveness_sessions: LivenessSessions
    field_trial: FieldTrial
    metrics: Metrics
    backpressure: Backpressure


@dataclass(frozen=True)
class CourseServices:
    """Courses, who belongs to them, and when they meet."""

    courses: Courses
    memberships: Memberships
    meetings: Meetings
    meetings_now: MeetingsNow
    meeting_import: MeetingImport
    roster: RosterImport
    course_rosters: CourseRosters
    nightly: NightlyImport
    roster_undo: RosterUndo
    holds: Holds
    kiosk_rooms: KioskRooms
    kiosk_silences: KioskSilences
    site_attendance: SiteAttendance


@dataclass(frozen=True)
class RegisterServices:
    """The registers: reading, marking, excusing, asking, locking, exporting."""

    registers: Registers
    queues: Queues
    standings: Standings
    marks: Marks
    excuses: Excuses
    requests: Requests
    decisions: Decisions
    own_attendance: OwnAttendance
    visits: AcceptedVisits
    register_exports: RegisterExports
    statements: Statements
    low_attendance: LowAttendance
    contacts: Contacts
    locks: Locks


@dataclass(frozen=True)
class StudentServices:
    """Students, corrections of them, and the faces that they register."""

    students: Students
    corrections: Corrections
    enrolment: Enrolment
    self_registration: SelfRegistration
    face_use: FaceUse
    face_notices: FaceNotices
    unneeded_faces: UnneededFaces


@dataclass(frozen=True)
class RecordServices:
    """Check-ins, their history, and keeping what is on disk in order."""

    check_in: CheckIn
    cancellations: Cancellations
    history: AttendanceHistory
    own_history: OwnHistory
    reports: Reports
    workbooks: Workbooks
    maintenance: Maintenance


@dataclass(frozen=True)
class Services(RecognitionServices, CourseServices, RegisterServices, StudentServices, RecordServices):
    """The use cases that `web` calls. `instance` is random for each process: liveness sessions live and die with it."""

    instance: str
    store: Store
    time: SiteTime


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
    site = _Foundation(settings, store, SiteTime(clock, settings.time_zone), curricula, kiosks)
    guard = LockGuard.put_before(store, site.time)
    recognition = _recognition(site, faces, old_faces, model_status)
    courses = _courses(site, guard)
    registers = _registers(site, courses)
    students = _students(site, recognition, courses, guard)
    students.corrections.settle()
    records = _records(site, recognition, courses, students, codes)
    return Services(
        instance=secrets.token_hex(8),
        store=store,
        time=site.time,
        **vars(recognition),
        **vars(courses),
        **vars(registers),
        **vars(students),
        **vars(records),
    )


def _recognition(
    site: _Foundation, faces: FaceEngine | None, old_faces: FaceEngine | None, model_status: ModelStatus
) -> RecognitionServices:
    settings, store, time = site.settings, site.store, site.time
    metrics = Metrics(at_once=threads())
    consents = Consents(store, read_consent_text(settings.consent_text), time)
    engine, previous = (MeasuredEngine(models, metrics) if models else None for models in (faces, old_faces))
    engines = EngineHolder(engine, model_status, previous)
    galleries = Galleries(engines, store, settings.false_accept_target, consents)
    refusals = RefusedCheckIns(time, metrics)
    rules = Rules(settings.liveness, settings.step_seconds, settings.require_passive)
    sessions = LivenessSessions(engines, galleries, time, rules, metrics, refusals, GrantedTime(store))
    return RecognitionServices(
        engines=engines,
        galleries=galleries,
        site_threshold=SiteThreshold(store.documents, engines, galleries),
        model_migration=ModelMigration(store, engines, galleries, time, timedelta(days=settings.keep_old_days)),
        consents=consents,
        refusals=refusals,
        liveness_sessions=sessions,
        field_trial=FieldTrial(sessions, engines, rules, TrialCounts(settings.data / INSTANCE)),
        metrics=metrics,
        backpressure=Backpressure(settings.threads, metrics),
    )


def _courses(site: _Foundation, guard: LockGuard) -> CourseServices:
    store, time = site.store, site.time
    of_courses = CourseMeetings(store.documents, time, [REQUESTS])
    courses = Courses(store, of_courses, time, site.settings.retain_days)
    memberships = Memberships(store, courses, time)
    meetings = Meetings(store, store.documents, courses, of_courses, time)
    roster = RosterImport(store, time, memberships.end_all)
    course_rosters = CourseRosters(store, courses, time, roster.imports, guard.refuse, memberships.end_all)
    return CourseServices(
        courses=courses,
        memberships=memberships,
        meetings=meetings,
        meetings_now=MeetingsNow(site.curricula, time),
        meeting_import=MeetingImport(store, courses, meetings, of_courses, time),
        roster=roster,
        course_rosters=course_rosters,
        nightly=NightlyImport(store, courses, course_rosters, time, roster.imports),
        roster_undo=RosterUndo(store, courses, time, guard.refuse),
        holds=Holds(store, courses, time),
        kiosk_rooms=KioskRooms(store.documents),
        kiosk_silences=KioskSilences(site.kiosks, meetings, site.curricula, time),
        site_attendance=SiteAttendance(store.documents),
    )


def _registers(site: _Foundation, teaching: CourseServices) -> RegisterServices:
    settings, store, time, curricula = site.settings, site.store, site.time, site.curricula
    registers = Registers(store, curricula, teaching.kiosk_silences, time, settings.retain_days)
    marks = Marks(store, registers, teaching.courses, teaching.meetings, time)
    excuses = Excuses(store, registers, teaching.courses, time)
    requests = Requests(store, curricula.documents, registers, marks, excuses, time, settings.request_days)
    return RegisterServices(
        registers=registers,
        queues=Queues(store, curricula, site.kiosks),
        standings=Standings(store, teaching.meetings_now, time),
        marks=marks,
        excuses=excuses,
        requests=requests,
        decisions=Decisions(store, registers, requests, time),
        own_attendance=OwnAttendance(registers, requests),
        visits=AcceptedVisits(registers, marks, teaching.memberships),
        register_exports=RegisterExports(registers, store),
        statements=Statements(registers, store),
        low_attendance=LowAttendance(store, registers, time, settings.retain_days),
        contacts=Contacts(store, curricula.documents, time),
        locks=Locks(store, teaching.courses, registers, time),
    )


def _students(
    site: _Foundation, recognition: RecognitionServices, teaching: CourseServices, guard: LockGuard
) -> StudentServices:
    settings, store, time, documents = site.settings, site.store, site.time, site.curricula.documents
    engines, galleries, consents = recognition.engines, recognition.galleries, recognition.consents
    sessions = recognition.liveness_sessions
    face_use = FaceUse(store, documents, time, on=settings.uses_faces)
    students = Students(
        store, galleries, time, consents, recognition.refusals, teaching.memberships.end_all, face_use.unused
    )
    enrolment = Enrolment(store, students, engines, galleries, sessions, consents, time, face_use.refuse)
    may_register = settings.self_registration and settings.uses_faces
    return StudentServices(
        students=students,
        corrections=Corrections(store, students, time, guard.refuse),
        enrolment=enrolment,
        self_registration=SelfRegistration(store, engines, sessions, consents, enrolment, time, allowed=may_register),
        face_use=face_use,
        face_notices=FaceNotices(store, documents, time, teaching.holds.students),
        unneeded_faces=UnneededFaces(store, time),
    )


def _records(
    site: _Foundation,
    recognition: RecognitionServices,
    teaching: CourseServices,
    people: StudentServices,
    codes: PersonalCodes,
) -> RecordServices:
    settings, store, time = site.settings, site.store, site.time
    galleries, sessions, metrics = recognition.galleries, recognition.liveness_sessions, recognition.metrics
    history = AttendanceHistory(store)
    retention = Retention(store, time, days_kept(settings))
    clock_guard = ClockGuard(ClockNote(settings.data / INSTANCE), store, time)
    workbooks = Workbooks(settings.data / INSTANCE / EXPORTS, time)
    return RecordServices(
        check_in=CheckIn(
            store,
            people.students,
            galleries,
            sessions,
            IdentityCheck(store, galleries, codes, time, metrics),
            codes,
            time,
            settings.check_in_interval,
            metrics,
            recognition.model_migration,
            recognition.refusals,
            teaching.meetings_now,
        ),
        cancellations=Cancellations(store, time, recognition.model_migration, teaching.meetings_now),
        history=history,
        own_history=OwnHistory(history, codes, galleries, sessions, metrics, recognition.refusals),
        reports=Reports(store, time),
        workbooks=workbooks,
        maintenance=Maintenance(
            retention,
            people.self_registration,
            people.corrections,
            recognition.model_migration,
            clock_guard,
            sessions.end_expired,
            recognition.refusals,
            workbooks,
            time,
        ),
    )
