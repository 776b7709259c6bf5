"""/kiosks and /pairings: the browsers and programs that may check students in, and their rooms."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.kiosks import PAIRING_LIFETIME
from secure_attend.access.state import Kiosk
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import Rule, address, known_caller, scope
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.http.site_parts import current_access, current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import (
    KioskChange,
    KioskHere,
    KioskList,
    KioskOut,
    KioskPlace,
    KioskWithKey,
    NewKiosk,
    PairingOut,
)
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.serialise import class_at_kiosk

blueprint = APIBlueprint("kiosks", __name__, tag="Kiosks")
RULE = Rule.ADMIN
SOON = timedelta(hours=1)
"""A kiosk names a class this long before its check-in opens."""
EXCEPT_FOR = {
    "begin_pairing": Rule.PUBLIC,
    "add_this_computer": Rule.HERE,
    "kiosk_place": Rule.KIOSK,
    "list_kiosks": Rule.OFFICE,
    "change_kiosk": Rule.OFFICE,
}
AUDIT = {
    "begin_pairing": looks(AuditedAction.ASK_FOR_PAIRING),
    "kiosk_place": NotAudited("it says what is taught where, and names nobody"),
    "list_kiosks": NotAudited("kiosks are no people"),
    "add_kiosk": changes(AuditedAction.ADD_KIOSK),
    "add_this_computer": looks(AuditedAction.ADD_KIOSK),
    "change_kiosk": changes(AuditedAction.CHANGE_KIOSK, about="kiosk"),
    "revoke_kiosk": changes(AuditedAction.REVOKE_KIOSK, about="kiosk"),
}


@blueprint.post("/pairings")
@blueprint.output(PairingOut, status_code=201)
@describe(blueprint, {429: "Too many browsers are waiting to be paired."})
def begin_pairing() -> PairingOut:
    """Start to pair a kiosk

    Show `code` to an admin, who types it on the faculty page. Until then, `key` is refused. Call `/me` with the key to
    see whether it works yet.
    """
    pairing = current_access().kiosks.begin_pairing(address())
    return PairingOut(code=pairing.code, key=pairing.key, expires_in=PAIRING_LIFETIME.total_seconds())


@blueprint.get("/kiosks")
@blueprint.output(KioskList)
def list_kiosks() -> KioskList:
    """List the kiosks"""
    return KioskList(kiosks=[_out(kiosk) for kiosk in current_access().kiosks.all()])


@blueprint.post("/kiosks")
@blueprint.input(NewKiosk, location="json", arg_name="body")
@blueprint.output(KioskWithKey, status_code=201)
@describe(
    blueprint,
    {404: "No kiosk is showing this code.", 409: "The name is taken.", 429: "Too many wrong codes in a row."},
)
def add_kiosk(body: NewKiosk) -> KioskWithKey:
    """Add a kiosk

    Send the `code` that a kiosk shows to pair that browser. `key` is then null, because only the browser has it. Send
    no code to add a kiosk for a program: `key` is its key. Keep it, because it is not shown again.
    """
    by = known_caller()
    if body.code is not None:
        return _with_key(current_access().kiosks.confirm(body.code, body.name, by.name, by.key), None)
    return _with_key(*current_access().kiosks.add(body.name, by.name))


@blueprint.post("/kiosks/here")
@blueprint.input(KioskHere, location="json", arg_name="body")
@blueprint.output(KioskWithKey, status_code=201)
@describe(
    blueprint,
    {
        403: "The link was used (`wrong_link`), or the browser is not on the server's own computer.",
        429: "Too many wrong links in a row.",
    },
)
def add_this_computer(body: KioskHere) -> KioskWithKey:
    """Make this computer a kiosk

    This works only in a browser on the server's own computer, if the server is bound to that computer alone and has
    no proxy in front of it. `link` is what the address in the terminal has after `#here=`. It works once.
    """
    return _with_key(*current_access().kiosks.add_this_computer(body.link))


@blueprint.get("/kiosk")
@blueprint.output(KioskPlace)
def kiosk_place() -> KioskPlace:
    """Get what this kiosk shows

    `classes` are those in its room that take check-ins, or will within the hour. If there is none, `next` is the next
    one today. `courses` is false on a site without courses: then every check-in counts for the day. `faces` is false
    while all classes that are open here use none, and on a site without faces. Times are local.
    People with an account see the classes of their own courses, in every room.
    """
    services, known = current_services(), known_caller()
    current, now = services.meetings_now.look(), services.time.now()
    room = current.room_of(known.key if known.is_kiosk else None)
    served = [
        ruled
        for ruled in current.served(room)
        if now < ruled.closes_at and (known.is_kiosk or scope().sees_course(ruled.meeting.course))
    ]
    near = [ruled for ruled in served if ruled.opens_at <= now + SOON]
    today = [ruled for ruled in served if services.time.date_of(ruled.starts_at) == services.time.today()]
    settings = services.kiosk_rooms.get(known.key)
    return KioskPlace(
        name=known.name,
        room=settings.room,
        entrance=settings.entrance,
        courses=current.any_course,
        faces=services.face_use.on and current.takes_faces(room, now),
        classes=[class_at_kiosk(current.courses[each.meeting.course], each, services.time) for each in near],
        next=next(
            (class_at_kiosk(current.courses[each.meeting.course], each, services.time) for each in today if not near),
            None,
        ),
    )


@blueprint.patch("/kiosks/<key>")
@blueprint.input(KioskChange, location="json", arg_name="body")
@blueprint.output(KioskOut)
@describe(blueprint, {404: "There is no such kiosk.", 409: "The name is taken."})
def change_kiosk(key: str, body: KioskChange) -> KioskOut:
    """Change a kiosk

    Send what is to change. `room` is where the kiosk stands: its check-ins count for the classes there, and for those
    without a room. Send null for no room. Once a kiosk has a room, one without serves only classes without one, unless
    it is at an `entrance`: such a kiosk serves every room.
    """
    sent = body.model_fields_set
    if not sent:
        raise refused_field("body", "Send a name, a room or entrance.")
    access, rooms = current_access(), current_services().kiosk_rooms
    kiosk, before = access.kiosks.get(key), rooms.get(key)
    room = body.room if "room" in sent else before.room
    entrance = before.entrance if body.entrance is None else body.entrance
    wanted = rooms.checked(key, room, entrance=entrance)
    note(kiosk_before=kiosk.name, room_before=before.room, entrance_before=before.entrance)
    if body.name is not None:
        kiosk = access.kiosks.rename(key, body.name)
    settings = rooms.set(key, wanted.room, entrance=wanted.entrance)
    note(kiosk=kiosk.name, room=settings.room, entrance=settings.entrance)
    return _out(kiosk)


@blueprint.delete("/kiosks/<key>")
@blueprint.output(KioskOut)
@describe(blueprint, {404: "There is no such kiosk."})
def revoke_kiosk(key: str) -> KioskOut:
    """Revoke a kiosk

    Its key stops working immediately.
    """
    kiosk = current_access().kiosks.revoke(key)
    note(kiosk=kiosk.name)
    revoked = _out(kiosk)
    current_services().kiosk_rooms.forget(key)
    return revoked


def _with_key(kiosk: Kiosk, key: str | None) -> KioskWithKey:
    note(f"kiosk:{kiosk.key}", kiosk=kiosk.name, program=key is not None)
    return KioskWithKey(kiosk=_out(kiosk), key=key)


def _out(kiosk: Kiosk) -> KioskOut:
    settings = current_services().kiosk_rooms.get(kiosk.key)
    return KioskOut(
        key=kiosk.key,
        name=kiosk.name,
        created_at=utc_text(kiosk.created_at),
        created_by=kiosk.created_by,
        last_seen=utc_text(kiosk.last_seen) if kiosk.last_seen else None,
        room=settings.room,
        entrance=settings.entrance,
    )
