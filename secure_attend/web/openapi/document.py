"""The OpenAPI document: what APIFlask makes of the code, with problem+json and raw bodies put right."""

from __future__ import annotations

import json
import re
from typing import Any

from apiflask import APIFlask

from secure_attend.web.http.access_rules import Rule, rules
from secure_attend.web.http.problems import MEDIA_TYPE
from secure_attend.web.openapi.describe import BODY

Spec = dict[str, Any]
BEARER = "bearer"
_READS = {"get", "head"}

PROBLEM: Spec = {
    "type": "object",
    "description": "RFC 9457. `code` is stable and for programs, `detail` for a person; `errors` names faulty fields. "
    "Some problems carry further members, named where they are described.",
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
                    "line": {"type": "integer", "description": "Of the file, counted from 1."},
                },
            },
        },
    },
}
# What the guard and the body's reader answer on every route of the kind.
_EVERYWHERE = {"400": "Sent to a name that is not this server's, or not readable as a request."}
_FOR_SOME = {
    "401": "Nobody known calls: log in, or pair the kiosk.",
    "403": "The caller may not do this, or the page that asks is of another site.",
}
_WRITES = {"403": "The page that asks is of another site."}
_WITH_BODY = {
    "408": "The body did not arrive within 20 seconds; nothing was changed.",
    "413": "The body is larger than is accepted here.",
    "415": "The body is of a kind that is not read here.",
    "422": "The input cannot be used as it is; `errors` says why, field by field.",
}
_ALL_WAYS = {
    "500": "Something went wrong in the server; `reference` finds it in its log.",
    "503": "The store cannot be read or written now; nothing was changed.",
    "507": "The disk is full; nothing was changed.",
}


def document(app: APIFlask) -> Spec:
    """The OpenAPI 3.1 document of this app."""
    spec: Spec = json.loads(json.dumps(app.spec))
    wanted = _rules_by_address(app)
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            _finish(method, operation, wanted[path, method])
    spec = _plain_names(spec)
    spec.setdefault("components", {})["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    return spec


def _rules_by_address(app: APIFlask) -> dict[tuple[str, str], Rule]:
    """Who may call each path and method of the document."""
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule), method.lower()): rules(app)[route.endpoint]
        for route in app.url_map.iter_rules()
        for method in route.methods or ()
    }


def _finish(method: str, operation: Spec, rule: Rule) -> None:
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
    """What every route of the kind may answer."""
    common = dict(_EVERYWHERE) | _ALL_WAYS
    if method not in _READS:
        common |= _WRITES
    if operation["security"]:
        common |= _FOR_SOME
    if "requestBody" in operation:
        common |= _WITH_BODY
    if operation.get("parameters"):
        common["422"] = _WITH_BODY["422"]
    return common


def _plain_names(spec: Spec) -> Spec:
    """Pydantic's nested models come as `StudentList.StudentOut`, once a parent; each becomes one `StudentOut`."""
    schemas = spec.get("components", {}).get("schemas", {})
    text = json.dumps(spec)
    for name in schemas:
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{name.rpartition(".")[2]}"')
    plain: Spec = json.loads(text)
    found = plain.get("components", {}).get("schemas", {})
    plain["components"] = {"schemas": {name.rpartition(".")[2]: schema for name, schema in found.items()}}
    return plain
