"""/kiosks and /pairings: which browsers and programs may check students in."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import Act
from secure_attend.access.kiosks import PAIRING_LIFETIME
from secure_attend.access.state import Kiosk
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import Rule, access, address, known_caller
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import KioskList, KioskOut, KioskWithKey, NewKiosk, PairingOut

blueprint = APIBlueprint("kiosks", __name__, tag="Kiosks")
RULE = Rule.ADMIN
EXCEPT_FOR = {"begin_pairing": Rule.PUBLIC, "add_this_computer": Rule.HERE}
AUDIT = {
    "begin_pairing": looks(Act.ASK_FOR_PAIRING),
    "list_kiosks": NotAudited("kiosks are nobody"),
    "add_kiosk": changes(Act.ADD_KIOSK),
    "add_this_computer": changes(Act.ADD_KIOSK),
    "revoke_kiosk": changes(Act.REVOKE_KIOSK, about="kiosk"),
}


@blueprint.post("/pairings")
@blueprint.output(PairingOut, status_code=201)
@describe(blueprint, {429: "Too many browsers wait to be paired."})
def begin_pairing() -> PairingOut:
    """Ask to become a kiosk

    Show `code`; an admin types it. `key` opens nothing until then: ask `/me` with it to see when that is.
    """
    waiting = access().kiosks.begin_pairing(address())
    return PairingOut(code=waiting.code, key=waiting.key, expires_in=PAIRING_LIFETIME.total_seconds())


@blueprint.get("/kiosks")
@blueprint.output(KioskList)
def list_kiosks() -> KioskList:
    """All kiosks, by name, with the time each was last seen"""
    return KioskList(kiosks=[_out(kiosk) for kiosk in access().kiosks.all()])


@blueprint.post("/kiosks")
@blueprint.input(NewKiosk, location="json", arg_name="body")
@blueprint.output(KioskWithKey, status_code=201)
@describe(
    blueprint,
    {404: "No kiosk shows this code now.", 409: "The name is taken.", 429: "Too many wrong codes in a row."},
)
def add_kiosk(body: NewKiosk) -> KioskWithKey:
    """Pair a kiosk, or make one for a program

    With the `code` that a kiosk shows, that browser is let in, and `key` is null: only the browser has it. Without a
    code, `key` is the new kiosk's, told this once.
    """
    by = known_caller()
    if body.code is not None:
        return _with_key(access().kiosks.confirm(body.code, body.name, by.name, by.key), None)
    return _with_key(*access().kiosks.add(body.name, by.name))


@blueprint.post("/kiosks/here")
@blueprint.output(KioskWithKey, status_code=201)
@describe(blueprint, {403: "The browser is not on the server's own computer."})
def add_this_computer() -> KioskWithKey:
    """Make the browser on the server's own computer a kiosk

    Only where the server answers to this computer alone, and without a proxy before it.
    """
    return _with_key(*access().kiosks.add_here())


@blueprint.delete("/kiosks/<key>")
@blueprint.output(KioskOut)
@describe(blueprint, {404: "There is no such kiosk."})
def revoke_kiosk(key: str) -> KioskOut:
    """Revoke a kiosk

    Its key counts no more, at once.
    """
    kiosk = access().kiosks.revoke(key)
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
