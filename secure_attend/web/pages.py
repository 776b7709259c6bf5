"""The pages and their files."""

from __future__ import annotations

import mimetypes

from flask import Blueprint, Flask, Response, redirect, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from secure_attend.settings import PROJECT
from secure_attend.web.http import problems
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.browser_guard import API
from secure_attend.web.http.site_parts import current_site

blueprint = Blueprint("pages", __name__, template_folder="templates")
STATIC = PROJECT / "static"
AUDIT = NotAudited("the pages' own files")
PAGES = ("/student", "/faculty", "/register", "/me", "/trial", "/docs")


def register_not_found(app: Flask) -> None:
    """Answer unknown addresses with a page for people, and with a problem for programs."""
    app.register_error_handler(NotFound, _not_found)


def _not_found(error: NotFound) -> AnyResponse:
    if not _asked_by_a_browser():
        return problems.from_http(error)
    intended = request.path.lower().rstrip("/").removesuffix(".html")
    if intended in PAGES:
        return redirect(intended)
    return Response(
        render_template("not_found.html", path=request.path, site_name=current_site().settings.site_name), error.code
    )


def _asked_by_a_browser() -> bool:
    if request.method not in ("GET", "HEAD") or request.path.startswith(API):
        return False
    return request.accept_mimetypes.best_match((problems.MEDIA_TYPE, "text/html")) == "text/html"


def register_media_types() -> None:
    """Register the types of scripts and drawings. On some Windows systems .js is plain text, and browsers run none."""
    mimetypes.add_type("text/javascript", ".js")
    mimetypes.add_type("image/svg+xml", ".svg")


@blueprint.get("/")
def root() -> AnyResponse:
    """Redirect to the student page, as most visitors are students."""
    return redirect("/student")


@blueprint.get("/student")
@blueprint.get("/student.html")
def student() -> Response:
    """Serve the kiosk's page."""
    return send_from_directory(PROJECT, "student.html")


@blueprint.get("/register")
@blueprint.get("/register.html")
def register() -> Response:
    """Serve the page for self-registration at a kiosk."""
    return send_from_directory(PROJECT, "register.html")


@blueprint.get("/me")
@blueprint.get("/me.html")
def me() -> Response:
    """Serve the page on which students see their own attendance."""
    return send_from_directory(PROJECT, "me.html")


@blueprint.get("/faculty")
@blueprint.get("/faculty.html")
def faculty() -> Response:
    """Serve the faculty page."""
    return send_from_directory(PROJECT, "faculty.html")


@blueprint.get("/trial")
@blueprint.get("/trial.html")
def trial() -> Response:
    """Serve the kiosk's page for a field trial."""
    return send_from_directory(PROJECT, "trial.html")


@blueprint.get("/static/img/here.svg")
def here() -> Response:
    """Serve the picture that a page opened from disk looks for: the only file that other origins may load."""
    picture = send_from_directory(STATIC / "img", "here.svg")
    picture.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return picture


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Serve the icon to browsers that request it by default."""
    return send_from_directory(STATIC / "img", "favicon.svg")
