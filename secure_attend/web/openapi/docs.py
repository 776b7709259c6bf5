"""The description of the API, from the code: /api/v1/openapi.json for programs, and /docs for people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, Response, current_app, jsonify, render_template, send_from_directory
from markupsafe import Markup, escape

from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.site_parts import Extension
from secure_attend.web.openapi.document import Spec, document

blueprint = APIBlueprint("openapi", __name__, tag="Server")
page = Blueprint("docs", __name__, template_folder="templates")
AUDIT = NotAudited("the description of the API")
_ASSETS = Path(__file__).resolve().parent / "assets"
_DOCUMENT: Extension[Spec] = Extension("secure_attend.openapi")
_REFERENCE = "#/components/schemas/"


@page.app_template_filter()
def code_spans(text: str) -> Markup:
    """Return the text as HTML, with `words` in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


@blueprint.get("/openapi.json")
def openapi_json() -> Response:
    """Get this description, for programs"""
    return jsonify(_document())


@page.get("/docs")
def docs() -> str:
    """Show the description to people: one page without scripts, which loads nothing from elsewhere."""
    spec = _document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            shown = _operation(path, method, operation)
            groups.setdefault(shown["tag"], []).append(shown)
    models = {name: _fields(schema) for name, schema in sorted(spec["components"]["schemas"].items())}
    return render_template("docs.html", info=spec["info"], groups=dict(sorted(groups.items())), models=models)


@page.get("/docs.css")
def docs_css() -> Response:
    """Serve what /docs needs beyond the pages' stylesheet."""
    return send_from_directory(_ASSETS, "docs.css")


def _document() -> Spec:
    """The document of the app that answers, built at the first request: every route is registered by then."""
    app = cast("APIFlask", current_app)
    if not _DOCUMENT.held_by(app):
        _DOCUMENT.put(app, document(app))
    return _DOCUMENT.of(app)


def _operation(path: str, method: str, operation: Spec) -> dict[str, Any]:
    """Return an operation as the page shows it."""
    return {
        "tag": operation["tags"][0],
        "anchor": f"{method}-{path}".replace("/", "-").replace("{", "").replace("}", ""),
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": parameter["name"],
                "where": parameter["in"],
                "required": parameter.get("required", False),
                "kind": _kind(parameter["schema"]),
            }
            for parameter in operation["parameters"]
        ],
        "body": {media_type: _kind(content["schema"]) for media_type, content in _body(operation).items()},
        "responses": {status: _answer(status, answer) for status, answer in operation["responses"].items()},
    }


def _body(operation: Spec) -> Spec:
    """The schemas of the body, by media type; empty if the operation takes none."""
    content: Spec = operation.get("requestBody", {}).get("content", {})
    return content


def _answer(status: str, answer: Spec) -> dict[str, Any]:
    contents = answer.get("content", {}) if status < "400" else {}  # the top of the page says what problems look like
    shown = [{"type": media_type, **_kind(content["schema"])} for media_type, content in contents.items()]
    return {"description": answer["description"], "content": shown}


def _fields(schema: Spec) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "required": name in required, "kind": _kind(field), "description": field.get("description", "")}
        for name, field in schema.get("properties", {}).items()
    ]


def _kind(schema: Spec) -> dict[str, str]:
    """Return a schema in a few words, and the model it links to, if it is one."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        return {"words": name, "model": name}
    if "anyOf" in schema:
        kinds = [_kind(choice) for choice in schema["anyOf"]]
        return {"words": " or ".join(kind["words"] for kind in kinds), "model": kinds[0]["model"]}
    if "enum" in schema or "const" in schema:
        return {"words": ", ".join(repr(value) for value in schema.get("enum", [schema.get("const")])), "model": ""}
    if schema.get("type") == "array":
        items = _kind(schema.get("items", {}))
        return {"words": f"list of {items['words']}", "model": items["model"]}
    words = str(schema.get("format") or schema.get("type") or "object")
    return {"words": words, "model": ""}
