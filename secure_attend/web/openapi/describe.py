"""What the OpenAPI document says of a view beyond its schemas: its problems, and a body that is not (only) JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from apiflask import APIBlueprint
from pydantic import BaseModel

from secure_attend.web.http.body import LARGEST, RawBody

View = TypeVar("View", bound=Callable[..., Any])
BODY = "x-body"  # taken out again when the document is finished


def describe(
    blueprint: APIBlueprint,
    answers: dict[int, str] | None = None,
    *,
    takes: RawBody | None = None,
    or_json: type[BaseModel] | None = None,
) -> Callable[[View], View]:
    """Marks a view: status and meaning of its further answers, and the raw body it takes, or else this JSON."""
    if takes is None:
        return blueprint.doc(responses=dict(answers or {}))
    content: dict[str, Any] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in takes.media_types}
    if or_json is not None:
        content["application/json"] = {"schema": or_json.model_json_schema()}
    document = blueprint.doc(responses=dict(answers or {}), extensions={BODY: {"required": True, "content": content}})

    def decorate(view: View) -> View:
        setattr(view, LARGEST, takes.most)
        described: View = document(view)
        return described

    return decorate
