"""The OpenAPI document: APIFlask derives it from the code, and this adds problem+json and raw bodies."""

from __future__ import annotations

import json
import re
from typing import Any

from apiflask import APIFlask

from secure_attend.web.http.access_rules import AnyRule, Rule, rules
from secure_attend.web.http.problems import MEDIA_TYPE
from secure_attend.web.openapi.describe import BODY

Spec = dict[str, Any]
BEARER = "bearer"
_READS = {"get", "head"}

PROBLEM: Spec = {
    "type": "object",
    "description": "RFC 9457. `code` is stable, for programs. `detail` is for people. `errors` names fields at fault. "
    "Some problems have more members, which their description names.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "params": {
            "type": "object",
            "description": "The numbers, names and times in `detail`, to word `code` in another language.",
            "additionalProperties": {"type": ["string", "integer"]},
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                    "line": {"type": "integer", "description": "The line of the file, counted from 1."},
                },
            },
        },
    },
}
# What the browser guard and the reading of bodies answer on every route of the kind.
_EVERYWHERE = {"400": "The host name isn't this server's, or the request can't be read."}
_FOR_SOME = {
    "401": "Log in, or pair the kiosk, first.",
    "403": "The caller may not do this, or the page that sent this belongs to another site.",
}
_WRITES = {"403": "The page that sent this belongs to another site."}
# A call that takes no body refuses one.
_ANY_BODY = {
    "408": "The body did not arrive within 20 seconds; nothing was changed.",
    "413": "The body is too large.",
    "415": "The body's media type isn't accepted here.",
    "422": "The input has errors: `errors` says why, field by field.",
}
_ALL_WAYS = {
    "500": "Something went wrong in the server. Look for `reference` in its log.",
    "503": "The store can't be read or written right now. Nothing was changed.",
    "507": "The disk is full. Nothing was changed.",
}


def document(app: APIFlask) -> Spec:
    """Return the OpenAPI 3.1 document of this app."""
    spec: Spec = json.loads(json.dumps(app.spec))
    rules_by_address = _rules_by_address(app)
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            _finish(method, operation, rules_by_address[path, method])
    spec = _plain_names(spec)
    spec.setdefault("components", {})["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    return spec


def _rules_by_address(app: APIFlask) -> dict[tuple[str, str], AnyRule]:
    """Return who may call each path and method of the document."""
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule), method.lower()): rules(app)[route.endpoint]
        for route in app.url_map.iter_rules()
        for method in route.methods or ()
    }


def _finish(method: str, operation: Spec, rule: AnyRule) -> None:
    operation["security"] = [] if rule in (Rule.PUBLIC, Rule.HERE) else [{BEARER: []}]
    if operation["security"]:
        operation["description"] = f"{operation.get('description', '')}\n\nFor {rule.value}.".strip()
    raw = operation.pop(BODY, None)
    if raw is not None:
        operation["requestBody"] = raw
    elif "requestBody" in operation:
        operation["requestBody"]["required"] = True
    responses = operation["responses"]
    for status, meaning in _common(method, operation).items():
        responses.setdefault(status, {"description": meaning})
        if responses[status].get("description") == "Validation error":
            responses[status]["description"] = meaning
    for status, answer in responses.items():
        if status >= "400":
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses.get("304", {}).pop("content", None)
    if "200" in responses and "201" in responses:
        responses["200"]["content"] = responses["201"]["content"]
    operation["responses"] = dict(sorted(responses.items()))


def _common(method: str, operation: Spec) -> dict[str, str]:
    """Return the answers that every route of the kind may give."""
    common = _EVERYWHERE | _ALL_WAYS | _ANY_BODY
    if method not in _READS:
        common |= _WRITES
    if operation["security"]:
        common |= _FOR_SOME
    return common


def _plain_names(spec: Spec) -> Spec:
    """Merge pydantic's nested models, such as `StudentList.StudentOut`, into one model each, such as `StudentOut`."""
    schemas = spec.get("components", {}).get("schemas", {})
    text = json.dumps(spec)
    for name in schemas:
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{name.rpartition(".")[2]}"')
    plain: Spec = json.loads(text)
    nested = plain.get("components", {}).get("schemas", {})
    plain["components"] = {"schemas": {name.rpartition(".")[2]: schema for name, schema in nested.items()}}
    return plain
