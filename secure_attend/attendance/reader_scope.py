"""What the reader of students and records may see. `access` decides it (`Scope`); the use cases only ask."""

from __future__ import annotations

from typing import Literal, Protocol

from secure_attend.storage.values import Record

StaffRole = Literal["lecturer", "assistant", "viewer"]


class ReaderScope(Protocol):
    """Which students and records somebody may see. Students are named by their keys."""

    @property
    def everything(self) -> bool:
        """Whether the reader sees everything of everybody: official names, too."""

    def sees(self, student: str) -> bool:
        """Whether to show this student, with the attendance."""

    def sees_course(self, course: str) -> bool:
        """Whether to show this course, by key."""

    def reads(self, student: str) -> bool:
        """Whether to show what the list of students says of this one."""

    def role_for(self, student: str) -> StaffRole | None:
        """Return as what the reader may act on this student: the highest role in a course that the student is in."""

    def shows(self, student: str, record: Record) -> bool:
        """Whether to show this record of the student."""

    def changes(self, student: str, record: Record) -> bool:
        """Whether to let the reader cancel this check-in of the student."""

    def reads_notes(self, course: str | None) -> bool:
        """Whether to show remark and note of a mark of this course; None: of an excuse from all courses."""


class Unlimited:
    """Sees everything: for what the program does for itself, and for people who have proved who they are."""

    everything = True

    def sees(self, student: str) -> bool:
        """Return true."""
        return True

    def sees_course(self, course: str) -> bool:
        """Return true."""
        return True

    def reads(self, student: str) -> bool:
        """Return true."""
        return True

    def role_for(self, student: str) -> StaffRole:
        """Return the role that may do most."""
        return "lecturer"

    def shows(self, student: str, record: Record) -> bool:
        """Return true."""
        return True

    def changes(self, student: str, record: Record) -> bool:
        """Return true."""
        return True

    def reads_notes(self, course: str | None) -> bool:
        """Return true."""
        return True


UNLIMITED = Unlimited()
