"""What each route enters in the audit trail, declared where its blueprint is registered. A route that enters nothing
says why.

A change is entered before it happens ("asked") and again when it has ended, so that no change is without an entry, even
if the power fails in between. If the first entry can't be written, nothing is changed. A look is entered before its
answer leaves the server. So is anything whose effect is the answer, such as a log-in: without the answer, nobody gains
anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from secure_attend.access.audit import AuditActor, Fact
from secure_attend.access.audited_actions import AuditedAction
from secure_attend.errors import Conflict, DomainError, InvalidInput, TooLarge, TooMany, UnsupportedInput
from secure_attend.web.http.access_rules import address, caller
from secure_attend.web.http.problems import BadRequest
from secure_attend.web.http.site_parts import Extension, current_site

_REFUSED_UNREAD = (BadRequest, TooLarge, UnsupportedInput, InvalidInput, TooMany, Conflict, HTTPException)
"""Refusals of input before anything was shown, and of setting up a site that is already set up."""
View = Callable[..., Any]


@dataclass(frozen=True)
class Audited:
    """A route whose calls are entered. `about` is the kind of thing that its `<key>` names."""

    action: AuditedAction
    change: bool
    about: str | None = None
    polled: bool = False


@dataclass(frozen=True)
class NotAudited:
    """A route whose calls aren't entered, and the reason."""

    because: str


Declaration = Audited | NotAudited
_DECLARATIONS: Extension[dict[str, Declaration]] = Extension("secure_attend.audit_rules")


def changes(action: AuditedAction, about: str | None = None) -> Audited:
    """Declare a route that changes something."""
    return Audited(action, True, about)


def looks(action: AuditedAction, about: str | None = None, *, polled: bool = False) -> Audited:
    """Declare a route that shows something, or whose answer is its only effect. `polled`: pages ask repeatedly."""
    return Audited(action, False, about, polled)


@dataclass
class AuditNotes:
    """What a view adds to its entry."""

    actor: AuditActor | None = None
    about: list[str] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)


def note(*about: str, **facts: Fact) -> None:
    """Add to the present request's entry what it is about (`student:KEY`), and facts that name nobody."""
    notes = _notes()
    notes.about += [subject for subject in about if subject not in notes.about]
    notes.facts |= facts


def note_students(keys: list[str]) -> None:
    """Add these students, by their keys."""
    note(*(f"student:{key}" for key in keys))


def note_actor(key: str, name: str) -> None:
    """Add who acted, where only the view knows."""
    _notes().actor = AuditActor(key, name, address())


def register(app: Flask) -> None:
    """Prepare the app for declarations."""
    _DECLARATIONS.put(app, {})


def declarations(app: Flask) -> dict[str, Declaration]:
    """The declaration of every endpoint that has one."""
    return _DECLARATIONS.of(app)


def declare(app: Flask, endpoint: str, declaration: Declaration) -> None:
    """Enter the endpoint's calls in the audit trail as declared."""
    declarations(app)[endpoint] = declaration
    if isinstance(declaration, Audited):
        app.view_functions[endpoint] = _with_entries(declaration, app.view_functions[endpoint])


def declare_all(app: Flask, endpoints: set[str], declared: Mapping[str, Declaration] | NotAudited) -> None:
    """Declare the endpoints of one blueprint, by the names of their views."""
    for endpoint in endpoints:
        declaration = declared if isinstance(declared, NotAudited) else declared.get(endpoint.rpartition(".")[2])
        if declaration is not None:
            declare(app, endpoint, declaration)


def _with_entries(route: Audited, view: View) -> View:
    @wraps(view)
    def entered(**arguments: Any) -> Any:
        if route.about is not None and current_site().audit_reader.knows(f"{route.about}:{arguments['key']}"):
            # a key that belongs to nobody may be anything, such as someone's ID, and isn't entered
            note(f"{route.about}:{arguments['key']}")
        asked = _enter_asked(route) if route.change else None
        try:
            answer = view(**arguments)
        except Exception as error:
            _enter_refused(route, error, asked)
            raise
        if not (isinstance(answer, Response) and answer.status_code == 304):  # it shows nothing new
            _enter_done(route, asked)
        return answer

    return entered


def _enter_asked(route: Audited) -> int:
    notes = _notes()
    return current_site().audit.enter(route.action, "asked", _actor(), tuple(notes.about))


def _enter_done(route: Audited, asked: int | None) -> None:
    notes, audit = _notes(), current_site().audit
    if route.polled:
        audit.enter_look(route.action, _actor(), tuple(notes.about), notes.facts)
    else:
        audit.enter(route.action, "done", _actor(), tuple(notes.about), notes.facts, asked)


def _enter_refused(route: Audited, error: Exception, asked: int | None) -> None:
    if asked is None and isinstance(error, _REFUSED_UNREAD):
        return  # nothing was tried, and such requests must not fill the disk
    notes = _notes()
    code = error.code if isinstance(error, DomainError) else f"http_{getattr(error, 'code', None) or 500}"
    facts = {**notes.facts, "why": code}
    current_site().audit.enter(route.action, "refused", _actor(), tuple(notes.about), facts, asked)


def _notes() -> AuditNotes:
    if "audit_notes" not in g:
        g.audit_notes = AuditNotes()
    notes: AuditNotes = g.audit_notes
    return notes


def _actor() -> AuditActor:
    noted = _notes().actor
    if noted is not None:
        return noted
    known = caller()
    return AuditActor(known.id, known.name, address()) if known else AuditActor("nobody", None, address())
