"""/key: changing the key that faces are sealed with."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.web.http.access_rules import Rule
from secure_attend.web.http.audit_rules import changes, note
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Rotated

blueprint = APIBlueprint("site_key", __name__, tag="Server")
RULE = Rule.ADMIN
AUDIT = {"rotate_key": changes(AuditedAction.ROTATE_KEY)}


@blueprint.post("/key/rotations")
@blueprint.output(Rotated)
@describe(blueprint, {409: "The key is already being changed."})
def rotate_key() -> Rotated:
    """Change the site key

    This seals every face with a new key. Students can check in meanwhile. Ten thousand faces take a few seconds. If it
    is interrupted, it resumes at the next start. Keep a copy of the new key file, and keep the old one as long as you
    keep backups from before.
    """
    faces = current_services().store.rotate_key()
    note(sealed=faces)
    return Rotated(faces=faces)
