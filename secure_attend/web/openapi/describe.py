"""What the OpenAPI document says about a view beyond its schemas: its problems, and a body that isn't (only) JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from apiflask import APIBlueprint
from pydantic import BaseModel

from secure_attend.web.http.body import LARGEST, RawBody

View = TypeVar("View", bound=Callable[..., Any])
BODY = "x-body"  # removed again when the document is finished


def describe(
    blueprint: APIBlueprint,
    answers: dict[int, str] | None = None,
    *,
    takes: RawBody | None = None,
    or_json: type[BaseModel] | None = None,
) -> Callable[[View], View]:
    """Describe a view's further answers, by status, and the raw body it takes, with JSON as an alternative."""
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
