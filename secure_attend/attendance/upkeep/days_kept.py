"""How long this site keeps what, by kind."""

from __future__ import annotations

from dataclasses import dataclass

from secure_attend.settings import Settings
from secure_attend.storage.documents import KeptAs


@dataclass(frozen=True)
class DaysKept:
    """Days that identities in records, unused faces, reasons and notes, and answered requests are kept; 0: for good.
    Notes are kept no longer than identities."""

    identities: int = 0
    faces: int = 0
    notes: int = 0
    requests: int = 30

    def of(self, kept_as: KeptAs) -> int:
        """Return the days for documents that are kept as this."""
        return {"identities": self.identities, "notes": self.notes, "requests": self.requests}[kept_as]


def days_kept(settings: Settings) -> DaysKept:
    """Return the days that the settings come to."""
    identities, faces, notes = settings.retain_days, settings.retain_faces_days, settings.retain_notes_days
    limits = [days for days in (identities, notes) if days]
    return DaysKept(
        identities,
        identities if faces is None else faces,
        min(limits, default=0),
        settings.retain_requests_days,
    )
