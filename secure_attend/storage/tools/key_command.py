"""`python -m secure_attend.storage key ...`: what is done with the site key's file from the terminal."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from secure_attend.errors import Conflict
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys import key_file, key_rotation
from secure_attend.storage.keys.key_file import KeyFile, KeyPlace
from secure_attend.storage.keys.key_ring import SHORTEST_PASSPHRASE
from secure_attend.storage.keys.unlock import vault_for
from secure_attend.storage.paths import STUDENTS
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.migrate import holds_tables
from secure_attend.storage.sql.sql_opening import head_of
from secure_attend.storage.tools.snapshot import is_database

Answer = tuple[bool, str]
ACTS = ("show", "wrap", "unwrap", "passphrase", "prepare")


def add_arguments(command: argparse.ArgumentParser, usual: str) -> None:
    """Add what the command line takes. `usual` is the place whose key it is unless another is named."""
    command.add_argument(
        "act",
        choices=ACTS,
        help="show: where it is; wrap and unwrap: by KEY_PASSPHRASE, or one that is typed; passphrase: another one; "
        "prepare: make the next key, to be copied to other machines before it is exchanged",
    )
    command.add_argument("--data", default=usual, metavar="PLACE", help="whose key, if not that of the server's data")


def run(act: str, place: str, chosen: KeyPlace) -> Answer:
    """Run `key ACT`. Raises StartRefused, StorageFailed, Conflict."""
    store, check, name = _named(place)
    file = key_file.file_for(store, chosen)
    acts: dict[str, Callable[[], str]] = {
        "show": lambda: _shown(file, store, check, name),
        "wrap": lambda: _wrap(file, chosen.passphrase),
        "unwrap": lambda: _unwrap(_readable(file, chosen)),
        "passphrase": lambda: _rewrap(_readable(file, chosen)),
        "prepare": lambda: _prepare(_readable(file, chosen), store, check, name),
    }
    return True, acts[act]()


def _named(place: str) -> tuple[str, str | None, str]:
    """The store's id, the check of the key it uses, and what to call it."""
    if not is_database(place):
        data = Path(place).expanduser().absolute()
        roster = StudentsFile(data / STUDENTS).read()
        return _known(roster.store, data), roster.key_check, str(data)
    database = connect(place)
    try:
        with database.reading() as connection:
            head = head_of(connection) if holds_tables(database) else None
            return _known(head.store if head else None, database.name), head.key_check if head else None, database.name
    finally:
        database.close()


def _known(store: str | None, place: object) -> str:
    if store is None:
        raise Conflict("nothing_there", f"There is no store in {place}.")
    return store


def _readable(file: KeyFile, chosen: KeyPlace) -> KeyFile:
    """The same, with the passphrase asked for where it is needed and was not given."""
    if file.wrapped and chosen.passphrase is None:
        return KeyFile(file.path, _typed("The passphrase: "))
    return file


def _shown(file: KeyFile, store: str, check: str | None, name: str) -> str:
    sentences = [f"{file.path}: {'wrapped by a passphrase' if file.wrapped else 'not wrapped'}."]
    sentences += key_rotation.notice(file, vault_for(file, store, check, name))
    return " ".join(sentences)


def _wrap(file: KeyFile, passphrase: str | None) -> str:
    if file.wrapped:
        raise Conflict("wrapped_already", f"{file.path} is wrapped already. `key passphrase` changes the passphrase.")
    file.wrap(passphrase or _new())
    return (
        f"{file.path} is wrapped: from the next start on the server needs KEY_PASSPHRASE or KEY_PASSPHRASE_FILE. "
        "If you lose the passphrase, you lose the faces. Copies of the file from before open without it: "
        "destroy them."
    )


def _unwrap(file: KeyFile) -> str:
    file.wrap(None)
    return f"{file.path} is not wrapped any more: the file alone opens the faces."


def _rewrap(file: KeyFile) -> str:
    if not file.wrapped:
        raise Conflict("not_wrapped", f"{file.path} is not wrapped. `key wrap` does that.")
    file.read()  # a wrong passphrase is refused before a new one is asked for
    file.wrap(_new())
    return f"{file.path} is wrapped by the new passphrase. Copies made before open with the old one: destroy them."


def _prepare(file: KeyFile, store: str, check: str | None, name: str) -> str:
    key_rotation.prepare(file, vault_for(file, store, check, name))
    return (
        f"{file.path} holds the next key, which is not in use yet. Copy the file to the site's other machines, then "
        "run `python -m secure_attend.admin rotate-key` on one of them, and copy it once more."
    )


def _new() -> str:
    passphrase = _typed("New passphrase: ")
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Conflict("too_short", f"At least {SHORTEST_PASSPHRASE} characters are needed. Nothing was changed.")
    if sys.stdin.isatty() and getpass.getpass("The same again: ") != passphrase:
        raise Conflict("not_the_same", "The two passphrases differ. Nothing was changed.")
    return passphrase


def _typed(prompt: str) -> str:
    """Typed unseen on a terminal, or a line from a pipe: never on the command line, where others see it."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
