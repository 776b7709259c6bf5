"""`instance/erasures.json`: whom to erase again when a backup from before is restored. Only random keys and times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.clock import from_text, to_text

FORMAT = 1


class Erasures:
    """The keys of erased students, with the time of each erasure. Raises StartRefused for a damaged file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._times = self._read()

    def _read(self) -> dict[str, datetime]:
        try:
            return _parsed(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StartRefused(
                "erasures_damaged",
                f"{self._path} cannot be read ({error!r}). It lists erased students, so that a restored backup does "
                "not bring them back. Put it back from a backup.",
            ) from error

    def __contains__(self, key: object) -> bool:
        return key in self._times

    @property
    def times(self) -> Mapping[str, datetime]:
        """When each was erased."""
        return self._times

    def add(self, erased: Mapping[str, datetime]) -> None:
        """List these keys, on disk when this returns. Raises NotWritten, Unsure, OSError."""
        if erased.items() <= self._times.items():
            return
        times = {**self._times, **erased}
        durable_writes.make_private_directory(self._path.parent)
        listed = [{"key": key, "time": to_text(time)} for key, time in times.items()]
        durable_writes.replace_file(
            self._path, [json.dumps({"format": FORMAT, "erased": listed}, indent=1).encode() + b"\n"]
        )
        self._times = times


def _parsed(data: bytes) -> dict[str, datetime]:
    value = json.loads(data)
    if value["format"] != FORMAT:
        raise ValueError(f"format {value['format']!r}")
    return {str(entry["key"]): from_text(entry["time"]) for entry in value["erased"]}
