"""GET /metrics: where the server's time goes, for Prometheus."""

from __future__ import annotations

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.schemas.serialise import services

blueprint = APIBlueprint("metrics", __name__, tag="Server")
AUDIT = NotAudited("counts that name nobody")


@blueprint.get("/metrics")
@blueprint.output(FileSchema(type="string"), content_type="text/plain")
def metrics() -> Response:
    """Where the time goes

    In Prometheus' text format: seconds spent in each stage (`decode`, `follow`, `detect`, `embed`, `search`,
    `append`), frames waiting for their turn, sessions and check-ins by outcome. Counted since the start; nothing says
    whose.
    """
    return Response(services().metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
