"""The interface described: /api/v1/openapi.json for programs, /docs for people, both from the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, Response, current_app, jsonify, render_template, send_from_directory
from markupsafe import Markup, escape

from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.openapi.document import Spec, document

blueprint = APIBlueprint("openapi", __name__, tag="Server")
page = Blueprint("docs", __name__, template_folder="templates")
AUDIT = NotAudited("the description of the interface")
_ASSETS = Path(__file__).resolve().parent / "assets"
_CACHE = "secure_attend_openapi"
_REFERENCE = "#/components/schemas/"


@page.app_template_filter()
def code_spans(text: str) -> Markup:
    """The text with `words` in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


@blueprint.get("/openapi.json")
def openapi_json() -> Response:
    """This description, for programs"""
    return jsonify(_document())


@page.get("/docs")
def docs() -> str:
    """The same for people: one page without scripts, nothing fetched from elsewhere."""
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
    """What /docs needs beyond the pages' stylesheet."""
    return send_from_directory(_ASSETS, "docs.css")


def _document() -> Spec:
    cache = current_app.extensions
    if _CACHE not in cache:
        cache[_CACHE] = document(cast("APIFlask", current_app))
    spec: Spec = cache[_CACHE]
    return spec


def _operation(path: str, method: str, operation: Spec) -> dict[str, Any]:
    """An operation as the page shows it."""
    return {
        "tag": operation["tags"][0],
        "anchor": f"{method}-{path}".replace("/", "-").replace("{", "").replace("}", ""),
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [
            {"name": p["name"], "where": p["in"], "needed": p.get("required", False), "kind": _kind(p["schema"])}
            for p in operation["parameters"]
        ],
        "body": {kind: _kind(b["schema"]) for kind, b in operation.get("requestBody", {}).get("content", {}).items()},
        "responses": {status: _answer(status, answer) for status, answer in operation["responses"].items()},
    }


def _answer(status: str, answer: Spec) -> dict[str, Any]:
    contents = answer.get("content", {}) if status < "400" else {}  # the page's head says what problems look like
    kinds = [{"type": kind, **_kind(content["schema"])} for kind, content in contents.items()]
    return {"description": answer["description"], "content": kinds}


def _fields(schema: Spec) -> list[dict[str, Any]]:
    needed = schema.get("required", [])
    return [
        {"name": name, "needed": name in needed, "kind": _kind(field), "description": field.get("description", "")}
        for name, field in schema.get("properties", {}).items()
    ]


def _kind(schema: Spec) -> dict[str, str]:
    """A schema in a few words, and the model it links to if it is one."""
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
