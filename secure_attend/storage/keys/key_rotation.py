"""Rotation of the key that seals templates, while check-ins continue.

1. The new key is added to the key file, behind the old one. Nothing uses it yet.
2. The key check in the data names the new key: it seals from now on. Both keys open.
3. What the old key sealed is sealed with the new one.
4. The old key is removed from the key file.

If this is interrupted before step 2, nothing has happened, and the next rotation uses the key that is there. If it is
interrupted later, the next start continues with step 3. Log and audit trail are chained with another key, which stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from secure_attend.storage.keys.key_file import KeyFile
from secure_attend.storage.keys.key_ring import KeyRing
from secure_attend.storage.keys.sealing import resealed_waiting
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.sealed_students import SealedStudent, StudentsData

Resealed = dict[str, tuple[SealedStudent, SealedStudent]]
"""By student: as they were kept, and with the new key."""


def prepare(file: KeyFile, vault: Vault) -> str:
    """Take step 1. Return the new key's check. Raises StartRefused, StorageFailed."""

    def prepared(ring: KeyRing) -> KeyRing:
        return ring if vault.take(ring) != vault.check else ring.with_another()

    return vault.take(file.change(prepared))


def retire(file: KeyFile, vault: Vault) -> None:
    """Take step 4, if nothing but the newest key is used. Raises StartRefused, StorageFailed."""
    file.change(lambda ring: ring.newest_alone() if vault.take(ring) == vault.check else ring)


def unfinished(vault: Vault) -> bool:
    """Return whether a rotation was interrupted after step 2, as a start finds it."""
    return vault.several and vault.newest == vault.check


def notice(file: KeyFile, vault: Vault) -> tuple[str, ...]:
    """Return what is to be said at a start about a key that is not used yet."""
    if not vault.several or unfinished(vault):
        return ()
    return (
        f"A new site key is prepared in {file.path} and not in use yet. `python -m secure_attend.admin rotate-key` "
        "exchanges it.",
    )


def resealed(kept: SealedStudent, vault: Vault, check: str) -> SealedStudent:
    """Return the student with everything sealed with the key of this check, unchanged if it is already."""
    student = kept.student
    sealed = tuple(
        vault.reseal(text, student_key=student.key, profile=template.profile, check=check)
        for template, text in zip(student.templates, kept.sealed, strict=True)
    )
    waiting = resealed_waiting(vault, student.key, student.held, kept.waiting, check)
    if sealed == kept.sealed and waiting == kept.waiting:
        return kept
    return replace(kept, sealed=sealed, waiting=waiting)


def resealed_ahead(roster: StudentsData, vault: Vault, check: str) -> Resealed:
    """Seal everybody's faces with the new key, ready to be written, while others may still change the roster."""
    done: Resealed = {}
    for key, kept in roster.students.items():
        done[key] = kept, resealed(kept, vault, check)
        _ = done[key][1].line  # formatted here, so that the write that everybody waits for is short
    return done


def with_key(
    roster: StudentsData, vault: Vault, check: str, ahead: Mapping[str, tuple[SealedStudent, SealedStudent]]
) -> StudentsData:
    """The roster under the key of this check; who did not change since is taken from `ahead`."""
    fresh: dict[str, SealedStudent] = {}
    for key, kept in roster.students.items():
        before, after = ahead.get(key, (None, kept))
        fresh[key] = after if before is kept else resealed(kept, vault, check)
    return replace(roster, key_check=check, students=fresh)


def faces_in(roster: StudentsData) -> int:
    """Return how many templates there are, waiting ones included."""
    return sum(len(kept.sealed) + len(kept.waiting) for kept in roster.students.values())
