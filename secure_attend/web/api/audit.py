"""/audit: who did what to whom, for admins."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.audit import AuditSelection, AuditSubject, ShownEntry
from secure_attend.access.audited_actions import WORDS, Act
from secure_attend.attendance.records.reports import BYTE_ORDER_MARK, refuse_reversed, safe_cell
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import Rule
from secure_attend.web.http.audit_rules import looks, reader
from secure_attend.web.schemas.audit_schemas import AuditEntryOut, AuditFilter, AuditList, AuditQuery, KeyAndName, What
from secure_attend.web.schemas.serialise import services

blueprint = APIBlueprint("audit", __name__, tag="Audit")
RULE = Rule.ADMIN
AUDIT = {"audit_trail": looks(Act.SEE_AUDIT, polled=True), "audit_csv": looks(Act.DOWNLOAD_AUDIT)}
COLUMNS = ("number", "utc", "who", "who_key", "from", "action", "words", "state", "whom", "whom_key", "facts", "ends")
_ROWS_A_CHUNK = 500


@blueprint.get("/audit")
@blueprint.input(AuditQuery, location="query", arg_name="query")
@blueprint.output(AuditList)
def audit_trail(query: AuditQuery) -> AuditList:
    """Who did what to whom, newest first

    `who`: an account, a kiosk, `nobody` (known), `terminal` or `server`; `place`: the address it came from. A student
    is named as long as there is one with this key. `state` is `done` or `refused` (`facts.why` says why); with
    `asked=1`, also `asked`: what was about to be changed, and of which `ends` of a later entry tells the end. Ask for
    `before` = `next` to go on."""
    entries, following = reader().page(_wanted(query), before=query.before, limit=query.limit)
    return AuditList(
        entries=[_out(shown) for shown in entries],
        next=following,
        actions=[What(name=name, words=words) for name, words in WORDS.items()],
    )


@blueprint.get("/audit.csv")
@blueprint.input(AuditFilter, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="text/csv")
def audit_csv(query: AuditFilter) -> Response:
    """The same as CSV, oldest first"""
    name = f"audit-{services().time.today().isoformat()}.csv"
    content = _pieces(reader().all(_wanted(query)))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


def _wanted(query: AuditFilter) -> AuditSelection:
    time = services().time
    refuse_reversed(query.first, query.last)
    return AuditSelection(
        by=query.who or None,
        about=query.whom or None,
        action=query.action or None,
        since=time.start_of(query.first) if query.first else None,
        until=time.end_of(query.last) if query.last else None,
        asked=query.asked,
    )


def _out(shown: ShownEntry) -> AuditEntryOut:
    deed = shown.entry.deed
    return AuditEntryOut(
        number=shown.entry.number,
        time=utc_text(deed.time),
        who=_named(shown.who),
        place=deed.place,
        action=deed.action,
        words=shown.words,
        state=deed.state,
        whom=[_named(whom) for whom in shown.about],
        facts=dict(deed.facts),
        ends=deed.of,
    )


def _named(whom: AuditSubject) -> KeyAndName:
    return KeyAndName(key=whom.key, name=whom.name)


def _pieces(entries: Iterable[ShownEntry]) -> Iterator[str]:
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    page.write(BYTE_ORDER_MARK)
    writer.writerow(COLUMNS)
    for count, shown in enumerate(entries, start=1):
        writer.writerow([safe_cell(cell) for cell in _cells(shown)])
        if count % _ROWS_A_CHUNK == 0:
            yield page.getvalue()
            page.seek(0)
            page.truncate()
    yield page.getvalue()


def _cells(shown: ShownEntry) -> tuple[str, ...]:
    deed = shown.entry.deed
    return (
        str(shown.entry.number),
        utc_text(deed.time),
        shown.who.name or "",
        shown.who.key,
        deed.place,
        deed.action,
        shown.words,
        deed.state,
        "; ".join(whom.name or "" for whom in shown.about),
        "; ".join(deed.about),
        json.dumps(dict(deed.facts)) if deed.facts else "",
        str(deed.of or ""),
    )
