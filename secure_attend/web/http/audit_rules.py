"""What of each route goes into the audit trail: declared where its blueprint is registered, "nothing, because"
included.

A change is entered before it is made ("asked") and once more when it has ended, so that none is without an entry, were
the power cut in between; if the first cannot be written, nothing is changed. A look is entered before the answer goes
out. So is what only an answer gives, a log-in for example: without the answer nobody has got anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, g
from werkzeug.exceptions import HTTPException

from secure_attend.access.audit import Act, Audit, AuditActor, AuditReader, Fact
from secure_attend.errors import Conflict, DomainError, InvalidInput, TooLarge, TooMany, UnsupportedInput
from secure_attend.web.http.access_rules import address, caller
from secure_attend.web.http.problems import BadRequest

_AUDITS = "secure_attend_audits"
_KNOCKS = (BadRequest, TooLarge, UnsupportedInput, InvalidInput, TooMany, Conflict, HTTPException)
"""Refusals of input before anything was looked at, and of setting up a site that is set up."""
View = Callable[..., Any]


@dataclass(frozen=True)
class Audited:
    """A route that is entered. `about` is the kind of what its `<key>` names."""

    act: Act
    change: bool
    about: str | None = None
    polled: bool = False


@dataclass(frozen=True)
class NotAudited:
    """A route that is not, and why that is right."""

    because: str


Declared = Audited | NotAudited


def changes(act: Act, about: str | None = None) -> Audited:
    """For a route that changes something."""
    return Audited(act, True, about)


def looks(act: Act, about: str | None = None, *, polled: bool = False) -> Audited:
    """For a route that shows something, or whose answer is all that it gives. `polled`: pages ask again and again."""
    return Audited(act, False, about, polled)


@dataclass
class AuditNotes:
    """What a view adds to its entry."""

    doer: AuditActor | None = None
    about: list[str] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)


def note(*about: str, **facts: Fact) -> None:
    """Adds to the present request's entry whom or what it is about (`student:KEY`), and facts that name nobody."""
    notes = _notes()
    notes.about += [one for one in about if one not in notes.about]
    notes.facts |= facts


def note_students(keys: list[str]) -> None:
    """Adds these students, by their keys."""
    note(*(f"student:{key}" for key in keys))


def note_doer(key: str, name: str) -> None:
    """Says who it was, where that shows only in the view."""
    _notes().doer = AuditActor(key, name, address())


def audit() -> Audit:
    """The audit trail of the app that answers the present request."""
    found: Audit = current_app.extensions["secure_attend_audit"]
    return found


def reader() -> AuditReader:
    """What reads it."""
    found: AuditReader = current_app.extensions["secure_attend_audit_reader"]
    return found


def register(app: Flask) -> None:
    """Makes room for the declarations."""
    app.extensions[_AUDITS] = {}


def declared(app: Flask) -> dict[str, Declared]:
    """What every endpoint declares that does."""
    given: dict[str, Declared] = app.extensions[_AUDITS]
    return given


def declare(app: Flask, endpoint: str, one: Declared) -> None:
    """Has the endpoint's calls entered as it declares."""
    declared(app)[endpoint] = one
    if isinstance(one, Audited):
        app.view_functions[endpoint] = _entered(one, app.view_functions[endpoint])


def declare_all(app: Flask, endpoints: set[str], given: Mapping[str, Declared] | NotAudited) -> None:
    """Declares for the endpoints of one blueprint, by the names of their views."""
    for endpoint in endpoints:
        one = given if isinstance(given, NotAudited) else given.get(endpoint.rpartition(".")[2])
        if one is not None:
            declare(app, endpoint, one)


def _entered(one: Audited, view: View) -> View:
    @wraps(view)
    def entered(**named: Any) -> Any:
        if one.about is not None and reader().knows(f"{one.about}:{named['key']}"):
            note(f"{one.about}:{named['key']}")  # what is nobody's key may be anything, somebody's ID for example
        asked = _ask(one) if one.change else None
        try:
            answer = view(**named)
        except Exception as error:
            _refused(one, error, asked)
            raise
        if not (isinstance(answer, Response) and answer.status_code == 304):  # which shows nothing that was not shown
            _done(one, asked)
        return answer

    return entered


def _ask(one: Audited) -> int:
    notes = _notes()
    return audit().enter(one.act, "asked", _doer(), tuple(notes.about))


def _done(one: Audited, asked: int | None) -> None:
    notes = _notes()
    if one.polled:
        audit().look(one.act, _doer(), tuple(notes.about), notes.facts)
    else:
        audit().enter(one.act, "done", _doer(), tuple(notes.about), notes.facts, asked)


def _refused(one: Audited, error: Exception, asked: int | None) -> None:
    if asked is None and isinstance(error, _KNOCKS):
        return  # nothing was tried, and whoever only knocks must not fill the disk
    notes = _notes()
    code = error.code if isinstance(error, DomainError) else f"http_{getattr(error, 'code', None) or 500}"
    audit().enter(one.act, "refused", _doer(), tuple(notes.about), {**notes.facts, "why": code}, asked)


def _notes() -> AuditNotes:
    if "audit_notes" not in g:
        g.audit_notes = AuditNotes()
    found: AuditNotes = g.audit_notes
    return found


def _doer() -> AuditActor:
    given = _notes().doer
    if given is not None:
        return given
    known = caller()
    return AuditActor(known.id, known.name, address()) if known else AuditActor("nobody", None, address())
