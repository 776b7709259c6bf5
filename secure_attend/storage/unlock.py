"""Finds the key that fits the data, or makes the first one. Never makes another for data that is there already."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import site_key
from secure_attend.storage.students_file import Kept, Roster
from secure_attend.storage.vault import Vault


@dataclass(frozen=True)
class Unlocked:
    """The vault, and the roster with its store id and key check filled in."""

    vault: Vault
    roster: Roster
    notices: tuple[str, ...] = ()


def unlock(
    roster: Roster,
    data: Path,
    *,
    has_records: bool,
    chosen: Path | None = None,
    make: Callable[[Path], bytes] | None = site_key.create_key,
) -> Unlocked:
    """Raises StartRefused: key missing, damaged, or of another store. `make=None` never makes a key."""
    occupied = has_records or roster.sealed()
    if roster.store is None and occupied:
        raise StartRefused(
            "store_id_missing",
            f"{data / 'students_db.json'} does not say which store it is, so the key to the records and faces that "
            "are there is not known. Put the file back from a backup; or, to begin anew, move both files elsewhere.",
        )
    store_id = roster.store or secrets.token_hex(8)
    path = site_key.key_path(store_id, chosen)
    key = site_key.read_key(path)
    if key is None:
        if occupied or make is None:
            raise site_key.missing(path, data)
        key = make(path)
    vault = Vault(key, store_id)
    if occupied:
        _refuse_other_key(vault, roster, path)
    notices = (f"Other users of this machine can read the site key {path}.",) if site_key.open_to_others(path) else ()
    return Unlocked(vault, replace(roster, store=store_id, key_check=vault.check), notices)


def fitting_vault(store_id: str, key_check: str | None, place: str, chosen: Path | None = None) -> Vault:
    """The vault of a store that exists. Raises StartRefused: key missing, damaged, or of another store."""
    path = site_key.key_path(store_id, chosen)
    key = site_key.read_key(path)
    if key is None:
        raise site_key.missing(path, place)
    vault = Vault(key, store_id)
    if key_check is not None and not vault.fits(key_check):
        raise site_key.wrong(path)
    return vault


def _refuse_other_key(vault: Vault, roster: Roster, path: Path) -> None:
    if roster.key_check is not None and not vault.fits(roster.key_check):
        raise site_key.wrong(path)
    for kept in roster.students.values():
        for name, profile, sealed in _faces(kept):
            try:
                vault.open(sealed, student_key=kept.student.key, profile=profile)
            except StorageFailed as error:
                raise StartRefused(
                    "template_sealed",
                    f"students_db.json: face {name} of student {kept.student.student_id} does not open: it was "
                    "altered, or belongs to another student or store. The file is left as it is. Delete this face from "
                    "it, or put the file back from a backup.",
                ) from error


def _faces(kept: Kept) -> Iterator[tuple[str, str, str]]:
    """Id, profile and sealed embedding of each face, those that wait too."""
    for template, sealed in zip(kept.student.templates, kept.sealed, strict=True):
        yield template.id, template.profile, sealed
    if kept.student.held is not None:
        for sealed in kept.waiting:
            yield kept.student.held.id, kept.student.held.profile, sealed
