"""/health and /metrics: how the server is, for the pages and for monitoring."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.access import Caller
from secure_attend.attendance.services import Services
from secure_attend.attendance.site_time import utc_text
from secure_attend.attendance.upkeep.days_kept import days_kept
from secure_attend.web.http.access_rules import Rule, at_this_computer, caller, known_caller, scope
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.site_parts import SiteParts, current_services, current_site
from secure_attend.web.schemas.health_schemas import (
    AccuracyOut,
    DaysKeptOut,
    FacesOut,
    Health,
    MoveOut,
    ProblemWords,
    ProfileOut,
)

blueprint = APIBlueprint("health", __name__, tag="Server")
RULE = Rule.PUBLIC
EXCEPT_FOR = {"metrics": Rule.CALLER}
AUDIT = NotAudited("figures about the server, which name nobody")


@blueprint.get("/health")
@blueprint.output(Health)
def health() -> Health:
    """Get the server's health

    `status` is `degraded` while nobody can check in by face; `faces.problem` says why. A site that uses no faces
    (`FACES=off`) has `faces.used` false, and is `ok`. `faces.passive` says whether the
    network that judges pictures by their texture is in use. `setup_needed` means that there is no account yet, and
    `this_computer` that `/kiosks/here` would work. Unless `time_zone_chosen`, the time zone is the one of the server's
    computer. `days_kept` says for how many days what is kept, 0 for good. Only faculty get `notices`. `instance`
    changes with every start of
    the server.
    """
    site = current_site()
    services, settings = site.services, site.settings
    students, registered = services.students.counts()
    known = caller()
    return Health(
        status="degraded" if services.face_use.on and services.liveness_sessions.problem else "ok",
        version=site.version,
        site_name=settings.site_name,
        contact=settings.contact,
        demo=settings.demo,
        time_zone=settings.time_zone.key,
        time_zone_chosen=settings.time_zone_chosen,
        now=utc_text(services.time.now()),
        profile=_profile(services),
        faces=_faces(services),
        students=students,
        registered=registered,
        setup_needed=site.access.accounts.setup_needed(),
        this_computer=at_this_computer(),
        history_access=settings.history_access,
        self_registration=services.self_registration.allowed,
        check_in_interval_s=int(settings.check_in_interval.total_seconds()),
        notices=_all_notices(site, known) if known and not known.is_kiosk else [],
        days_kept=DaysKeptOut(**asdict(days_kept(settings))),
        instance=services.instance,
    )


@blueprint.get("/metrics")
@blueprint.output(FileSchema(type="string"), content_type="text/plain")
def metrics() -> Response:
    """Get the server's metrics

    In Prometheus' text format: seconds spent in each stage (`decode`, `follow`, `detect`, `embed`, `search`,
    `append`), waiting frames, and sessions and check-ins by outcome, counted since the server started. They name
    nobody. A kiosk's or a program's key reads refusals with the causes that kiosks are told: for staff, some that are
    `too_slow` are `other_movements`.
    """
    return Response(
        current_services().metrics.text(kiosk=known_caller().is_kiosk),
        content_type="text/plain; version=0.0.4; charset=utf-8",
    )


def _all_notices(site: SiteParts, account: Caller) -> list[str]:
    about_computer = site.admin_notices if "admin" in account.roles else ()
    return [*_notices(site.services), *about_computer, *_about_faces(site.services, account)]


def _notices(services: Services) -> list[str]:
    return [
        *services.store.notices,
        *services.store.edited.notices(named=scope().everything),
        *services.face_use.notices(),
        *services.consents.notices(),
        *services.maintenance.notices(),
    ]


def _about_faces(services: Services, account: Caller) -> list[str]:
    """Return what lecturers are told about their students' faces. Registrars, who see everyone, are not."""
    own = scope().where("lecturer")
    return [] if own.everything else services.face_notices.sentences(own, account.key)


def _profile(services: Services) -> ProfileOut:
    profile, accuracy = services.engines.profile, services.site_threshold.accuracy
    migration = services.model_migration.progress()
    return ProfileOut(
        name=services.galleries.profile_in_use,
        detector=profile.detector if profile else None,
        recogniser=profile.recogniser if profile else None,
        reason=services.engines.status.reason,
        advice=services.engines.status.advice,
        measured=services.site_threshold.measured,
        accuracy=AccuracyOut(**asdict(accuracy)) if accuracy else None,
        moving=MoveOut(**asdict(migration)) if migration else None,
    )


def _faces(services: Services) -> FacesOut:
    problem = services.liveness_sessions.problem
    words = ProblemWords(code=problem.code, detail=problem.detail) if problem else None
    passive = services.engines.problem is None and services.engines.engine.has_passive
    return FacesOut(used=services.face_use.on, ready=problem is None, problem=words, passive=passive)
