"""What a site decides about one of its kiosks: its room, and whether it is at an entrance. The name is in `access`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.values import EVERY_ROOM


@dataclass(frozen=True)
class KioskSettings:
    """`kiosk` is the kiosk's key. One at an `entrance` serves every room."""

    kiosk: str
    room: str | None = None
    entrance: bool = False


KIOSK_SETTINGS = DocumentKind("kiosk_settings", erasing="drop", example={"room": "Hall B", "entrance": False})


def kiosk_document(settings: KioskSettings, version: int = 0) -> Document:
    """Return the settings as a document, in the place of that with this `version`."""
    value = {"room": settings.room, "entrance": settings.entrance}
    return KIOSK_SETTINGS.document(settings.kiosk, value, version=version)


def kiosk_settings_of(document: Document) -> KioskSettings:
    """Return the settings that a document holds."""
    return KioskSettings(document.key, document.value["room"], document.value["entrance"])


def site_has_rooms(kiosks: Iterable[KioskSettings]) -> bool:
    """Return whether any kiosk of the site has a room."""
    return any(kiosk.room is not None for kiosk in kiosks)


def room_of_check_in(kiosk: KioskSettings | None, *, rooms: bool) -> str | None:
    """Return the room that a check-in at this kiosk records. `rooms`: whether the site has rooms. None is a kiosk
    without a room on a site with rooms: it serves only meetings without one."""
    if not rooms or (kiosk is not None and kiosk.entrance):
        return EVERY_ROOM
    return kiosk.room if kiosk is not None else None


def serves(room: str | None, meeting_room: str | None) -> bool:
    """Return whether a check-in in `room` counts for a meeting in `meeting_room`."""
    return meeting_room is None or room in (EVERY_ROOM, meeting_room)
