"""GET /health: how the server is, for the pages and for whoever watches it."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask import current_app

from secure_attend.attendance.services import Services
from secure_attend.attendance.site_time import utc_text
from secure_attend.settings import Settings
from secure_attend.web.http.access_rules import access, at_this_computer, caller
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.schemas.health_schemas import AccuracyOut, FacesOut, Health, MoveOut, ProblemWords, ProfileOut
from secure_attend.web.schemas.serialise import services

blueprint = APIBlueprint("health", __name__, tag="Server")
AUDIT = NotAudited("how the server is, without anybody's name")


@blueprint.get("/health")
@blueprint.output(Health)
def health() -> Health:
    """How the server is

    `instance` changes when the server was started anew. `status` is `degraded` while nobody can check in by face, and
    `faces.problem` says why. `faces.passive`: the network that tells pictures by their texture has its say.
    `setup_needed`: there is no account yet; `this_computer`: `/kiosks/here` would work. `notices` are for faculty.
    """
    here = services()
    settings: Settings = current_app.extensions["secure_attend_settings"]
    students, registered = here.students.counts()
    known = caller()
    faculty = known is not None and known.role != "kiosk"
    return Health(
        status="degraded" if here.liveness_sessions.problem else "ok",
        version=current_app.extensions["secure_attend_version"],
        site_name=settings.site_name,
        contact=settings.contact,
        demo=settings.demo,
        time_zone=settings.time_zone.key,
        now=utc_text(here.time.now()),
        profile=_profile(here),
        faces=_faces(here),
        students=students,
        registered=registered,
        setup_needed=access().accounts.setup_needed(),
        this_computer=at_this_computer(),
        history_access=settings.history_access,
        self_registration=settings.self_registration,
        check_in_interval_s=int(settings.check_in_interval.total_seconds()),
        notices=[*here.store.notices, *here.consents.notices(), *here.maintenance.notices()] if faculty else [],
        instance=here.instance,
    )


def _profile(here: Services) -> ProfileOut:
    profile, accuracy = here.engines.profile, here.site_threshold.accuracy
    migration = here.model_migration.progress()
    return ProfileOut(
        name=here.galleries.profile_in_use,
        detector=profile.detector if profile else None,
        recogniser=profile.recogniser if profile else None,
        reason=here.engines.status.reason,
        advice=here.engines.status.advice,
        measured=here.site_threshold.measured,
        accuracy=AccuracyOut(**asdict(accuracy)) if accuracy else None,
        moving=MoveOut(**asdict(migration)) if migration else None,
    )


def _faces(here: Services) -> FacesOut:
    problem = here.liveness_sessions.problem
    words = ProblemWords(code=problem.code, detail=problem.detail) if problem else None
    passive = here.engines.problem is None and here.engines.engine.has_passive
    return FacesOut(ready=problem is None, problem=words, passive=passive)
