"""Find the key that fits the data, or make the first one: never another for data that is there already."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from secure_attend.errors import StartRefused
from secure_attend.storage.keys import key_file, key_rotation
from secure_attend.storage.keys.key_file import Chosen, KeyFile
from secure_attend.storage.keys.sealing import first_unopened, placed_waiting
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.sealed_students import StudentsData


@dataclass(frozen=True)
class Unlocked:
    """The vault, and the roster with its store id and key check filled in."""

    vault: Vault
    key_file: KeyFile
    roster: StudentsData
    notices: tuple[str, ...] = ()


def unlock(
    roster: StudentsData,
    data: Path,
    *,
    has_records: bool,
    chosen: Chosen = None,
    make: bool = True,
) -> Unlocked:
    """Find the key of a site in files, or make the first one. `make=False` never makes one. Raises StartRefused: key
    missing, damaged, or of another store."""
    occupied = has_records or roster.sealed()
    if roster.store is None and occupied:
        raise StartRefused(
            "store_id_missing",
            f"{data / 'students_db.json'} does not say which store it is, so the key to the records and faces that "
            "are there is not known. Put the file back from a backup. To begin a new site, move both files elsewhere.",
        )
    store_id = roster.store or secrets.token_hex(8)
    file = key_file.file_for(store_id, chosen)
    ring = file.read()
    if ring is None:
        if occupied or not make:
            raise key_file.missing(file.path, data)
        ring = file.create()
    vault = Vault(ring, store_id, file.read_if_changed)
    if occupied:
        _refuse_other_key(vault, roster, file.path)
        roster = _with_waiting_placed(vault, roster)
        _refuse_unopened(vault, roster)
    roster = replace(roster, store=store_id, key_check=vault.check)
    if key_rotation.unfinished(vault):
        roster = key_rotation.with_key(roster, vault, vault.check, {})
    return Unlocked(vault, file, roster, (*file.notices, *key_rotation.notice(file, vault)))


def fitting_vault(store_id: str, key_check: str | None, place: str, chosen: Chosen = None) -> Vault:
    """The vault of a store that exists. Raises StartRefused: key missing, damaged, or of another store."""
    return vault_for(key_file.file_for(store_id, chosen), store_id, key_check, place)


def vault_for(file: KeyFile, store_id: str, key_check: str | None, place: str) -> Vault:
    """The same for a key whose file is known."""
    ring = file.read()
    if ring is None:
        raise key_file.missing(file.path, place)
    vault = Vault(ring, store_id, file.read_if_changed)
    if key_check is not None and not vault.use(key_check):
        raise key_file.wrong(file.path)
    return vault


def _refuse_other_key(vault: Vault, roster: StudentsData, path: Path) -> None:
    if roster.key_check is not None and not vault.use(roster.key_check):
        raise key_file.wrong(path)


def _with_waiting_placed(vault: Vault, roster: StudentsData) -> StudentsData:
    """Return the roster with waiting faces of version 0.1, which gave nobody a MAC, in the place of waiting faces."""
    if any(kept.mac is not None for kept in roster.students.values()):
        return roster
    placed = {
        key: replace(kept, waiting=placed_waiting(vault, key, kept.student.held, kept.waiting))
        if kept.waiting
        else kept
        for key, kept in roster.students.items()
    }
    return replace(roster, students=placed)


def _refuse_unopened(vault: Vault, roster: StudentsData) -> None:
    unopened = first_unopened(vault, (face for kept in roster.students.values() for face in kept.faces()))
    if unopened is not None:
        raise StartRefused(
            "template_sealed",
            f"students_db.json: {unopened.fault}. The file is left as it is. Delete this face from it, or put the file "
            "back from a backup.",
        )
