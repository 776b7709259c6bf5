"""/key: exchanging the key that faces are sealed with."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import Act
from secure_attend.web.http.access_rules import Rule
from secure_attend.web.http.audit_rules import changes, note
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Rotated
from secure_attend.web.schemas.serialise import services

blueprint = APIBlueprint("site_key", __name__, tag="Server")
RULE = Rule.ADMIN
AUDIT = {"rotate_key": changes(Act.ROTATE_KEY)}


@blueprint.post("/key/rotations")
@blueprint.output(Rotated)
@describe(blueprint, {409: "It is being exchanged already."})
def rotate_key() -> Rotated:
    """Exchange the site key

    Seals every face with a new key; check-ins go on meanwhile. Ten thousand faces take a few seconds. Cut off,
    the next start goes on. Keep a copy of the new key file, and the old one for as long as backups from before are
    kept."""
    faces = services().store.rotate_key()
    note(sealed=faces)
    return Rotated(faces=faces)
