"""/audit: who did what, for privacy officers and admins."""

from __future__ import annotations

import json

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.audit import AuditSelection, AuditSubject, ShownEntry
from secure_attend.access.audited_actions import WORDS, AuditedAction
from secure_attend.attendance.exports.csv_file import csv_pieces
from secure_attend.attendance.records.reports import refuse_reversed
from secure_attend.attendance.site_time import utc_text
from secure_attend.attendance.table import Table
from secure_attend.web.http.access_rules import Rule
from secure_attend.web.http.attachments import csv_attachment
from secure_attend.web.http.audit_rules import looks
from secure_attend.web.http.named_students import student_key
from secure_attend.web.http.site_parts import current_services, current_site
from secure_attend.web.schemas.audit_schemas import (
    AuditActionOut,
    AuditEntryOut,
    AuditFilter,
    AuditList,
    AuditQuery,
    KeyAndName,
)

blueprint = APIBlueprint("audit", __name__, tag="Audit")
RULE = Rule.OFFICER
AUDIT = {"audit_trail": looks(AuditedAction.SEE_AUDIT, polled=True), "audit_csv": looks(AuditedAction.DOWNLOAD_AUDIT)}
COLUMNS = ("number", "utc", "who", "who_key", "from", "action", "words", "state", "whom", "whom_key", "facts", "ends")


@blueprint.get("/audit")
@blueprint.input(AuditQuery, location="query", arg_name="query")
@blueprint.output(AuditList)
def audit_trail(query: AuditQuery) -> AuditList:
    """List the audit trail, newest first

    `who` is an account, a kiosk, `nobody` (an unknown caller), `terminal` or `server`. `place` is the address that the
    request came from. Students are named while they are in the store. `state` is `done` or `refused` (`facts.why` says
    why). With `asked=1` you also get `asked`: a change that was about to happen; `ends` of a later entry is its
    number. For the next page, ask for `before` = `next`.
    """
    entries, following = current_site().audit_reader.page(_selection(query), before=query.before, limit=query.limit)
    return AuditList(
        entries=[_out(shown) for shown in entries],
        next=following,
        actions=[AuditActionOut(name=name, words=words) for name, words in WORDS.items()],
    )


@blueprint.get("/audit.csv")
@blueprint.input(AuditFilter, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
def audit_csv(query: AuditFilter) -> Response:
    """Download the audit trail as CSV, oldest first"""
    entries = current_site().audit_reader.all(_selection(query))
    # Commas stand in the facts themselves, which are JSON.
    return csv_attachment(csv_pieces(Table(COLUMNS, map(_cells, entries)), read_with=";"), "audit")


def _selection(query: AuditFilter) -> AuditSelection:
    time = current_services().time
    refuse_reversed(query.first, query.last)
    return AuditSelection(
        by=query.who or None,
        about=_whom(query.whom) or None,
        action=query.action or None,
        since=time.start_of(query.first) if query.first else None,
        until=time.end_of(query.last) if query.last else None,
        asked=query.asked,
    )


def _whom(whom: str) -> str:
    """Return whom entries are about, a student by key."""
    kind, _, named = whom.partition(":")
    return f"student:{student_key(named)}" if kind == "student" else whom


def _out(shown: ShownEntry) -> AuditEntryOut:
    event = shown.entry.deed
    return AuditEntryOut(
        number=shown.entry.number,
        time=utc_text(event.time),
        who=_key_and_name(shown.who),
        place=event.place,
        action=event.action,
        words=shown.words,
        state=event.state,
        whom=[_key_and_name(subject) for subject in shown.about],
        facts=dict(event.facts),
        ends=event.of,
    )


def _key_and_name(subject: AuditSubject) -> KeyAndName:
    return KeyAndName(key=subject.key, name=subject.name)


def _cells(shown: ShownEntry) -> tuple[str, ...]:
    event = shown.entry.deed
    return (
        str(shown.entry.number),
        utc_text(event.time),
        shown.who.name or "",
        shown.who.key,
        event.place,
        event.action,
        shown.words,
        event.state,
        "; ".join(subject.name or "" for subject in shown.about),
        "; ".join(event.about),
        json.dumps(dict(event.facts)) if event.facts else "",
        str(event.of or ""),
    )
