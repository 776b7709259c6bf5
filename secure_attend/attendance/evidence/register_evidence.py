"""What an export or a lock says of the register it was made from: the moment, the log's position and the digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from secure_attend.attendance.evidence.canonical_register import canonical_register
from secure_attend.attendance.registers.registers import RegisterSnapshot
from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.ports import AttendanceLog

EVIDENCE_COLUMNS = ("course_key", "exported_at", "log_record", "log_mac", "register_digest")


@dataclass(frozen=True)
class RegisterEvidence:
    """The register of `course` (a key) at `instant` (UTC), when the log had this many `records`, the last with this
    `mac`. `digest` is that of the whole register's canonical form."""

    course: str
    instant: datetime
    records: int
    mac: str
    digest: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts for `EVIDENCE_COLUMNS`."""
        return self.course, to_text(self.instant), str(self.records), self.mac, self.digest


def evidence_in(row: Mapping[str, str]) -> RegisterEvidence:
    """Return the evidence in a row of an export. Raises KeyError, ValueError."""
    course, instant, records, mac, digest = (row[column] for column in EVIDENCE_COLUMNS)
    return RegisterEvidence(course, from_text(instant), int(records), mac, digest)


def evidence_of(snapshot: RegisterSnapshot, log: AttendanceLog) -> RegisterEvidence:
    """Return what vouches for this register."""
    register = canonical_register(snapshot.register, snapshot.members)
    return RegisterEvidence(register.course, snapshot.at, snapshot.number, log.mac_of(snapshot.number), register.digest)
