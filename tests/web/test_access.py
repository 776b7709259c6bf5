"""Every route has an access rule."""

from __future__ import annotations

from flask import Flask

from secure_attend.web.access import Rule, rules

PUBLIC = {
    "static",
    "health.health",
    "openapi.openapi_json",
    "docs.docs",
    "docs.docs_css",
    "pages.root",
    "pages.student",
    "pages.faculty",
    "pages.favicon",
    "pages.here",
}


def test_every_route_has_a_rule(app: Flask) -> None:
    without = [str(rule) for rule in app.url_map.iter_rules() if rule.endpoint not in rules(app)]
    assert without == []


def test_what_is_public_is_known_by_name(app: Flask) -> None:
    assert {endpoint for endpoint, rule in rules(app).items() if rule is Rule.PUBLIC} == PUBLIC


def test_a_route_without_a_rule_answers_nobody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    app.url_map.update()
    response = app.test_client().get("/forgotten")
    assert response.status_code == 403
    assert response.get_json(force=True)["code"] == "no_access_rule"
