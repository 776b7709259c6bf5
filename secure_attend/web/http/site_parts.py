"""What the application holds for its requests, with types: Flask's `app.extensions` has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import Flask, current_app

from secure_attend.access.access import Access
from secure_attend.access.audit import Audit, AuditReader
from secure_attend.access.course_staff import CourseStaffing
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings

Value = TypeVar("Value")


class Extension(Generic[Value]):
    """A named place in `app.extensions` for values of one type."""

    def __init__(self, name: str) -> None:
        self._name = name

    def put(self, app: Flask, value: Value) -> None:
        """Hold the value for this app, in place of the one before."""
        app.extensions[self._name] = value

    def held_by(self, app: Flask) -> bool:
        """Whether this app holds a value."""
        return self._name in app.extensions

    def of(self, app: Flask) -> Value:
        """Return what this app holds. Raises `KeyError` if it holds nothing."""
        value: Value = app.extensions[self._name]
        return value


@dataclass(frozen=True)
class SiteParts:
    """Everything that the views and the checks of one site's application use."""

    settings: Settings
    version: str
    services: Services
    access: Access
    audit: Audit
    audit_reader: AuditReader
    staffing: CourseStaffing
    admin_notices: tuple[str, ...] = ()


SITE_PARTS: Extension[SiteParts] = Extension("secure_attend.site_parts")


def current_site() -> SiteParts:
    """The parts of the app that answers the present request."""
    return SITE_PARTS.of(current_app)


def current_services() -> Services:
    """The use cases of the app that answers the present request."""
    return current_site().services


def current_access() -> Access:
    """The access control of the app that answers the present request."""
    return current_site().access
