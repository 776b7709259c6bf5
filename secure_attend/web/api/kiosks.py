"""/kiosks and /pairings: the browsers and programs that may check students in."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.kiosks import PAIRING_LIFETIME
from secure_attend.access.state import Kiosk
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import Rule, address, known_caller
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.http.site_parts import current_access
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import KioskList, KioskOut, KioskWithKey, NewKiosk, PairingOut

blueprint = APIBlueprint("kiosks", __name__, tag="Kiosks")
RULE = Rule.ADMIN
EXCEPT_FOR = {"begin_pairing": Rule.PUBLIC, "add_this_computer": Rule.HERE}
AUDIT = {
    "begin_pairing": looks(AuditedAction.ASK_FOR_PAIRING),
    "list_kiosks": NotAudited("kiosks are no people"),
    "add_kiosk": changes(AuditedAction.ADD_KIOSK),
    "add_this_computer": changes(AuditedAction.ADD_KIOSK),
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
@blueprint.output(KioskWithKey, status_code=201)
@describe(blueprint, {403: "The browser is not on the server's own computer."})
def add_this_computer() -> KioskWithKey:
    """Make this computer a kiosk

    This works only in a browser on the server's own computer, if the server is bound to that computer alone and has
    no proxy in front of it.
    """
    return _with_key(*current_access().kiosks.add_this_computer())


@blueprint.delete("/kiosks/<key>")
@blueprint.output(KioskOut)
@describe(blueprint, {404: "There is no such kiosk."})
def revoke_kiosk(key: str) -> KioskOut:
    """Revoke a kiosk

    Its key stops working immediately.
    """
    kiosk = current_access().kiosks.revoke(key)
    note(kiosk=kiosk.name)
    return _out(kiosk)


def _with_key(kiosk: Kiosk, key: str | None) -> KioskWithKey:
    note(f"kiosk:{kiosk.key}", kiosk=kiosk.name, program=key is not None)
    return KioskWithKey(kiosk=_out(kiosk), key=key)


def _out(kiosk: Kiosk) -> KioskOut:
    return KioskOut(
        key=kiosk.key,
        name=kiosk.name,
        created_at=utc_text(kiosk.created_at),
        created_by=kiosk.created_by,
        last_seen=utc_text(kiosk.last_seen) if kiosk.last_seen else None,
    )
