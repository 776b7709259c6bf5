"""/recognition/limit: what sets how near a face must be."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import Act
from secure_attend.web.http.audit_rules import changes, note
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.health_schemas import AccuracyOut, LimitBy
from secure_attend.web.schemas.serialise import services

blueprint = APIBlueprint("limit", __name__, tag="Faces")
AUDIT = {"change_limit": changes(Act.CHANGE_LIMIT)}


@blueprint.put("/recognition/limit")
@blueprint.input(LimitBy, location="json", arg_name="body")
@blueprint.output(AccuracyOut)
@describe(
    blueprint,
    {
        409: "The site's own faces would not loosen it, or are too few (`nothing_to_loosen`).",
        503: "No face can be compared now.",
    },
)
def change_limit(body: LimitBy) -> AccuracyOut:
    """Change what sets the limit

    `site`: the registered faces of this site set how near a face must be, also where that is looser than what the
    models were measured on; the target stays. `models`: never looser than those, as it is at first.
    """
    accuracy = services().site_threshold.use_site_faces(body.by == "site")
    note(by=body.by)
    return AccuracyOut(**asdict(accuracy))
