"""The use cases, put together."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.attendance.field_trial.counts import TrialCounts
from secure_attend.attendance.field_trial.trial import FieldTrial
from secure_attend.attendance.liveness_sessions.backpressure import Backpressure
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions, Rules
from secure_attend.attendance.metrics import MeasuredEngine, Metrics
from secure_attend.attendance.recognition.model_migration import ModelMigration
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.records.check_in import CheckIn
from secure_attend.attendance.records.own_history import OwnHistory
from secure_attend.attendance.records.reports import Reports
from secure_attend.attendance.records.student_records import Records
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import PersonalCodes
from secure_attend.attendance.students.consent_text import read_consent_text
from secure_attend.attendance.students.consents import Consents
from secure_attend.attendance.students.enrolment import Enrolment
from secure_attend.attendance.students.roster_import import RosterImport
from secure_attend.attendance.students.self_registration import SelfRegistration
from secure_attend.attendance.students.students import Students
from secure_attend.attendance.upkeep.clock_guard import ClockGuard, ClockNote
from secure_attend.attendance.upkeep.maintenance import Maintenance
from secure_attend.attendance.upkeep.retention import Retention
from secure_attend.config import Settings
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.models.onnx_sessions import threads
from secure_attend.storage.paths import INSTANCE
from secure_attend.storage.ports import Store


@dataclass(frozen=True)
class Services:
    """What the web room calls. `instance` is random per process: sessions live and die with it."""

    instance: str
    store: Store
    time: SiteTime
    recognition: Recognition
    students: Students
    roster: RosterImport
    liveness_sessions: LivenessSessions
    consents: Consents
    enrolment: Enrolment
    self_registration: SelfRegistration
    maintenance: Maintenance
    check_in: CheckIn
    records: Records
    own_history: OwnHistory
    reports: Reports
    metrics: Metrics
    backpressure: Backpressure
    model_migration: ModelMigration
    field_trial: FieldTrial


def assemble(
    settings: Settings,
    faces: FaceEngine | None,
    store: Store,
    clock: Callable[[], datetime],
    note: ModelStatus,
    codes: PersonalCodes,
    old_faces: FaceEngine | None = None,
) -> Services:
    """Fills the galleries from the store and joins the parts. `old_faces` are the models a site is moving from."""
    time = SiteTime(clock, settings.time_zone)
    measures = Metrics(at_once=threads())
    consents = Consents(store, read_consent_text(settings.consent_text), time)
    engine, old_engine = (MeasuredEngine(one, measures) if one else None for one in (faces, old_faces))
    recognition = _recognition(engine, old_engine, settings.false_accept_target, store, note, consents)
    moving = ModelMigration(store, recognition, time, timedelta(days=settings.keep_old_days))
    students = Students(store, recognition, time, consents)
    rules = Rules(settings.liveness, settings.step_seconds, settings.require_passive)
    challenges = LivenessSessions(recognition, time, rules, measures)
    records = Records(store)
    enrolment = Enrolment(store, students, recognition, challenges, consents, time)
    self_registration = SelfRegistration(
        store, recognition, challenges, consents, enrolment, time, allowed=settings.self_registration
    )
    doubt = ClockGuard(ClockNote(settings.data / INSTANCE), store, time)
    return Services(
        instance=secrets.token_hex(8),
        store=store,
        time=time,
        recognition=recognition,
        students=students,
        roster=RosterImport(store),
        liveness_sessions=challenges,
        consents=consents,
        enrolment=enrolment,
        self_registration=self_registration,
        maintenance=Maintenance(Retention(store, time, settings.retain_days), self_registration, moving, doubt, time),
        check_in=CheckIn(
            store, students, recognition, challenges, time, settings.check_in_interval, measures, moving, codes
        ),
        records=records,
        own_history=OwnHistory(records, codes, recognition, challenges, measures),
        reports=Reports(store, time),
        metrics=measures,
        backpressure=Backpressure(settings.threads, measures),
        model_migration=moving,
        field_trial=FieldTrial(challenges, recognition, rules, TrialCounts(settings.data / INSTANCE)),
    )


def _recognition(
    engine: MeasuredEngine | None,
    old_engine: MeasuredEngine | None,
    target: float,
    store: Store,
    note: ModelStatus,
    consents: Consents,
) -> Recognition:
    """While a site moves, each of the two searches has half of the strangers that the site may take for a student."""
    if old_engine is None:
        return Recognition(engine, store, note, target, consents)
    old = Recognition(old_engine, store, note, target / 2, consents)
    return Recognition(engine, store, note, target / 2, consents, old)
