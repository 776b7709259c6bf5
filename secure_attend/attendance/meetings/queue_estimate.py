"""Whether everybody can check in before they count as late."""

from __future__ import annotations

import math
from datetime import timedelta


def queue_warning(*, students: int, seconds_each: float, kiosks: int, on_time: timedelta) -> str | None:
    """Return a sentence if checking in takes longer than students are on time; None if it does not, or if no kiosk is
    there. `seconds_each` is the measured time of one check-in."""
    if not kiosks or students * seconds_each / kiosks <= on_time.total_seconds():
        return None
    minutes = math.ceil(students * seconds_each / kiosks / 60)
    where = "1 kiosk" if kiosks == 1 else f"{kiosks} kiosks"
    return (
        f"{students} students need about {minutes} minutes at {where}, but count as late after "
        f"{on_time // timedelta(minutes=1)}. Add a kiosk, open earlier, or let students be on time for longer."
    )
