"""/recognition/limit: what sets the recognition threshold."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.web.http.audit_rules import changes, note
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.health_schemas import AccuracyOut, LimitBy

blueprint = APIBlueprint("limit", __name__, tag="Faces")
AUDIT = {"change_limit": changes(AuditedAction.CHANGE_LIMIT)}


@blueprint.put("/recognition/limit")
@blueprint.input(LimitBy, location="json", arg_name="body")
@blueprint.output(AccuracyOut)
@describe(
    blueprint,
    {
        409: "The site's own faces would not loosen the threshold, or are too few (`nothing_to_loosen`). Or the site "
        "uses no faces (`faces_off`).",
        503: "Faces can't be compared right now.",
    },
)
def change_limit(body: LimitBy) -> AccuracyOut:
    """Change what sets the recognition threshold

    `models`, the default: the threshold is never looser than the models' measurements allow. `site`: the registered
    faces of this site set it, even if that is looser. The target for false accepts stays the same.
    """
    accuracy = current_services().site_threshold.use_site_faces(body.by == "site")
    note(by=body.by)
    return AccuracyOut(**asdict(accuracy))
