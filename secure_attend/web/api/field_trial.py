"""/trial: a field trial, which counts how often attacks are accepted and people are refused."""

from __future__ import annotations

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.field_trial.trial import PRESENTATIONS, Count, DeclaredTry
from secure_attend.web.http.access_rules import session_owner
from secure_attend.web.http.attachments import CSV, MARKDOWN, attachment, dated
from secure_attend.web.http.audit_rules import NotAudited, changes
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.check_in_schemas import ChallengeOut
from secure_attend.web.schemas.field_trial_schemas import (
    Forgotten,
    NewTry,
    PresentationOut,
    TrialOut,
    TrialRow,
    TrialSection,
    TryOut,
)
from secure_attend.web.schemas.serialise import challenge_out, failure_out

blueprint = APIBlueprint("trial", __name__, tag="Field trial")
NAMES_NOBODY = NotAudited("counts of tries, with numbers in place of people")
AUDIT = {
    "trial": NAMES_NOBODY,
    "begin_try": NAMES_NOBODY,
    "end_try": NAMES_NOBODY,
    "table_csv": NAMES_NOBODY,
    "table_markdown": NAMES_NOBODY,
    "forget": changes(AuditedAction.FORGET_TRIAL),
}


@blueprint.get("/trial")
@blueprint.output(TrialOut)
@describe(blueprint, {503: "The counts can't be read right now."})
def trial() -> TrialOut:
    """Get the counts

    There is a section for each setting, and a row for each attack species and medium. `hits` are attacks accepted or
    people refused. `rate` is APCER or BPCER, and `upper_95` its exact one-sided 95 % bound.
    """
    return _trial_out()


@blueprint.post("/trial/tries")
@blueprint.input(NewTry, location="json", arg_name="body")
@blueprint.output(ChallengeOut, status_code=201)
@describe(
    blueprint,
    {
        409: "The site uses no faces (`faces_off`).",
        429: "Too many sessions are open.",
        503: "Faces can't be compared right now.",
    },
)
def begin_try(body: NewTry) -> ChallengeOut:
    """Declare a try, and start its session

    Send frames to `/challenges/{challenge_id}/frames`. These sessions check nobody in. `person` is a number for the
    person who takes part, or whose picture is shown.
    """
    declared = DeclaredTry(body.presentation, body.medium, body.person, body.without_turning)
    services = current_services()
    return challenge_out(services.field_trial.begin(session_owner(), declared), services.backpressure.pace)


@blueprint.post("/trial/tries/<challenge_id>/end")
@blueprint.output(TryOut)
@describe(blueprint, {404: "There is no such session.", 503: "The try can't be counted right now."})
def end_try(challenge_id: str) -> TryOut:
    """End and count a try

    A try is counted once: if you send this again, you get the same answer. A session that is still open counts as not
    passed. A try that you don't end is not counted.
    """
    outcome = current_services().field_trial.end(challenge_id, session_owner())
    return TryOut(passed=outcome.passed, failure=failure_out(outcome.failure), trial=_trial_out())


@blueprint.delete("/trial")
@blueprint.output(Forgotten)
@describe(blueprint, {503: "The counts can't be written right now."})
def forget() -> Forgotten:
    """Delete all counts"""
    current_services().field_trial.forget()
    return Forgotten(forgotten=True)


@blueprint.get("/trial/table.csv")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
@describe(blueprint, {503: "The counts can't be read right now."})
def table_csv() -> Response:
    """Download the counts as CSV"""
    return attachment(current_services().field_trial.csv(), CSV, dated("field-trial", "csv"))


@blueprint.get("/trial/table.md")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/markdown")
@describe(blueprint, {503: "The counts can't be read right now."})
def table_markdown() -> Response:
    """Download the counts as Markdown tables"""
    return attachment(current_services().field_trial.markdown(), MARKDOWN, dated("field-trial", "md"))


def _trial_out() -> TrialOut:
    return TrialOut(
        presentations=[PresentationOut(key=key, words=words) for key, words in PRESENTATIONS.items()],
        sections=[
            TrialSection(setting=setting, rows=[_row(count) for count in counts])
            for setting, counts in current_services().field_trial.sections().items()
        ],
    )


def _row(count: Count) -> TrialRow:
    return TrialRow(
        species=count.name,
        tries=count.tries,
        hits=count.hits,
        rate=round(count.rate, 6),
        upper_95=round(count.upper, 6),
        steps=count.steps,
        note=count.note,
    )
