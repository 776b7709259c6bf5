"""The rooms of the site's kiosks, set and read."""

from __future__ import annotations

from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.meetings.kiosk_settings import (
    KIOSK_SETTINGS,
    KioskSettings,
    kiosk_document,
    kiosk_settings_of,
)
from secure_attend.storage.ports import Documents
from secure_attend.storage.values import EVERY_ROOM


class KioskRooms:
    """Knows which kiosk is in which room."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def all(self) -> list[KioskSettings]:
        """Return the settings of all kiosks that have some, by key."""
        return [kiosk_settings_of(document) for document in self._documents.all(KIOSK_SETTINGS.name)]

    def get(self, kiosk: str) -> KioskSettings:
        """Return the settings of a kiosk: the defaults if nobody set any."""
        document = self._documents.get(KIOSK_SETTINGS.name, kiosk)
        return kiosk_settings_of(document) if document is not None else KioskSettings(kiosk)

    def set(self, kiosk: str, room: str | None, *, entrance: bool = False) -> KioskSettings:
        """Set room and kind of a kiosk; None or an empty text for no room. Raises `InvalidInput`."""
        settings = self.checked(kiosk, room, entrance=entrance)
        known = self._documents.get(KIOSK_SETTINGS.name, kiosk)
        if known is None or kiosk_settings_of(known) != settings:
            self._documents.write([kiosk_document(settings, known.version if known is not None else 0)])
        return settings

    def checked(self, kiosk: str, room: str | None, *, entrance: bool = False) -> KioskSettings:
        """Return what `set` would set, and set nothing. Raises `InvalidInput`."""
        faults = FieldFaults()
        room = faults.optional_line("room", room, "room")
        if room == EVERY_ROOM:
            faults.add("room", "Choose another name: the star is for kiosks at an entrance.")
        faults.refuse()
        return KioskSettings(kiosk, room, entrance)

    def forget(self, kiosk: str) -> None:
        """Delete the settings of a kiosk that was removed."""
        known = self._documents.get(KIOSK_SETTINGS.name, kiosk)
        if known is not None:
            self._documents.write([], [known])
