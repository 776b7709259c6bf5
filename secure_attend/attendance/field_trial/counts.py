"""The counts of a field trial in `instance/field_trial.json`: no image, no embedding, no name, no time of a try."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from secure_attend.errors import StorageFailed
from secure_attend.storage import durable_writes

PATIENCE = 10.0  # seconds for another process of the site


@dataclass(frozen=True)
class TrialTally:
    """The results of all tries of one kind under one setting. `people` are the numbers that the supervisor gave to the
    people who took part, or whose pictures were shown."""

    setting: str
    presentation: str
    medium: str
    tries: int = 0
    passed: int = 0
    steps: int = 0
    people: frozenset[int] = frozenset()

    @property
    def kind(self) -> tuple[str, str, str]:
        """The setting, presentation and medium, which identify the tally."""
        return self.setting, self.presentation, self.medium


_ADAPTER: TypeAdapter[list[TrialTally]] = TypeAdapter(list[TrialTally])


class TrialCounts:
    """The file of counts, read and written whole. Several processes of a site may count in it. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "field_trial.json"
        self._thread = Lock()
        self._process = FileLock(folder / "field_trial.lock", timeout=PATIENCE, mode=durable_writes.PRIVATE_FILE)

    def read(self) -> list[TrialTally]:
        """Return all tallies. Raises `StorageFailed`."""
        try:
            return _ADAPTER.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as error:
            raise StorageFailed(
                "trial_not_readable",
                f"The counts of the field trial cannot be read. Move {self._path.name} away to start again.",
            ) from error

    def add(self, kind: tuple[str, str, str], *, passed: bool, steps: int, person: int) -> None:
        """Count one try. It is on disk when this returns. Raises `StorageFailed`."""
        with self._thread:
            try:
                durable_writes.make_private_directory(self._path.parent)
                with self._process:
                    tallies = {tally.kind: tally for tally in self.read()}
                    tally = tallies.get(kind, TrialTally(*kind))
                    tallies[kind] = replace(
                        tally,
                        tries=tally.tries + 1,
                        passed=tally.passed + passed,
                        steps=tally.steps + steps,
                        people=tally.people | {person},
                    )
                    self._replace_file(list(tallies.values()))
            except (Timeout, OSError) as error:
                raise _not_written(error) from error

    def forget(self) -> None:
        """Delete all counts. Raises `StorageFailed`."""
        with self._thread:
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                raise _not_written(error) from error

    def _replace_file(self, tallies: list[TrialTally]) -> None:
        try:
            durable_writes.replace_file(self._path, [_ADAPTER.dump_json(tallies, indent=1) + b"\n"])
        except (durable_writes.NotWritten, durable_writes.Unsure) as error:
            raise _not_written(error) from error


def _not_written(cause: Exception) -> StorageFailed:
    message = "This try was not counted: the file of the field trial cannot be written now."
    return durable_writes.failure("trial_not_written", message, cause)
