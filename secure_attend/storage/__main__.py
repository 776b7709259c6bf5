"""`python -m secure_attend.storage verify | seal | copy | backup | restore | key`: what is done with a store from the
terminal.

A PLACE is a directory with both files, or a database's address; the word DATABASE_URL stands for that variable, so that
no password shows in the list of processes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from secure_attend.command_line import from_arguments, read_database_url, read_passphrase
from secure_attend.errors import DomainError
from secure_attend.settings import PROJECT, Settings, WrongSetting
from secure_attend.storage.chains import checkpoint
from secure_attend.storage.durable_writes import NotWritten, Unsure, in_words
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.keys.key_file import KeyPlace
from secure_attend.storage.opening import open_store
from secure_attend.storage.paths import ERASURES, INSTANCE
from secure_attend.storage.ports import Store
from secure_attend.storage.tools import key_command
from secure_attend.storage.tools.copy import copy
from secure_attend.storage.tools.seal_again import seal_place
from secure_attend.storage.tools.snapshot import StoreSnapshot, contents_of, is_database
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import Consent

VARIABLE = "DATABASE_URL"


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Return 0 if nothing is wrong, 1 if something is or it cannot be decided."""
    chosen = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], tuple[bool, str]] = chosen.run
    try:
        good, words = run(chosen)
    except DomainError as error:
        good, words = False, error.detail
    except WrongSetting as error:
        good, words = False, str(error)
    except (NotWritten, Unsure) as error:
        good, words = False, f"It was not written: {error}."
    except OSError as error:
        good, words = False, in_words(error)
    sys.stdout.write(words + "\n")
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secure_attend.storage",
        epilog="A PLACE is a directory, or a database's address; the word DATABASE_URL stands for that variable.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("verify", help="name the first altered, missing, reordered or inserted record")
    command.set_defaults(run=_verify)
    usual = VARIABLE if os.environ.get(VARIABLE) else os.environ.get("DATA") or str(PROJECT)
    about = "what to check, if not where the variables DATABASE_URL or DATA say that the server keeps it"
    command.add_argument("--data", default=usual, metavar="PLACE", help=about)
    command.add_argument(
        "--checkpoint", type=Path, metavar="FOLDER", help="where checkpoint.json is, if not in the data's instance/"
    )
    about = "check an exported register (CSV, XLSX) and its course's locks, and name what was changed by hand"
    command.add_argument("--export", type=Path, metavar="FILE", help=about)
    command = commands.add_parser("seal", help="accept students and documents as they are, after a change from outside")
    command.set_defaults(run=_seal)
    command.add_argument("--data", default=usual, metavar="PLACE", help="what to seal, if not what the server uses")
    command.add_argument("--accounts", action="store_true", help="accept accounts, kiosks and codes as well")
    command = commands.add_parser("copy", help="move everything to an empty place; an interrupted copy resumes")
    command.set_defaults(run=_copy)
    _from_to(command)
    command = commands.add_parser("backup", help="copy everything into an empty directory")
    command.set_defaults(run=_backup)
    _from_to(command)
    command = commands.add_parser(
        "restore", help="copy a backup to an empty place, and erase again who was erased since"
    )
    command.set_defaults(run=_restore)
    _from_to(command)
    command.add_argument(
        "--erased",
        metavar="PLACE",
        action="append",
        default=[],
        help="whose erasures and withdrawals to replay, too",
    )
    command.add_argument("--data", type=Path, default=PROJECT, help="the directory of this machine's list of erasures")
    command = commands.add_parser("key", help="the site key: show, wrap it by a passphrase, make the next one")
    command.set_defaults(run=_key)
    key_command.add_arguments(command)
    for command in commands.choices.values():
        command.add_argument("--site-key-file", type=Path, help="where the site key is, if not in its usual place")
    return parser


def _from_to(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", dest="source", required=True, metavar="PLACE")
    command.add_argument("--to", dest="target", required=True, metavar="PLACE")


def _place(text: str) -> str:
    text = os.environ.get(VARIABLE, "") if text == VARIABLE else text
    if not text:
        raise WrongSetting(f"The variable {VARIABLE} is not set.")
    return read_database_url(text, "PLACE") if is_database(text) else text


def _key_place(chosen: argparse.Namespace) -> KeyPlace:
    return KeyPlace(chosen.site_key_file, read_passphrase(os.environ))


def _key(chosen: argparse.Namespace) -> tuple[bool, str]:
    return key_command.run(chosen.act, _place(chosen.data), _key_place(chosen))


def _verify(chosen: argparse.Namespace) -> tuple[bool, str]:
    good, words = verify_place(_place(chosen.data), _key_place(chosen), chosen.checkpoint)
    if chosen.export is None:
        return good, words
    # Only this needs to know what a register is, which takes a second to load.
    from secure_attend.attendance.locks.export_check import check_export_at

    retain_days = from_arguments([], os.environ).retain_days
    same, told = check_export_at(_place(chosen.data), _key_place(chosen), chosen.export, retain_days)
    return good and same, f"{words}\n{told}"


def _seal(chosen: argparse.Namespace) -> tuple[bool, str]:
    return seal_place(_place(chosen.data), _key_place(chosen), accounts=chosen.accounts)


def _copy(chosen: argparse.Namespace) -> tuple[bool, str]:
    with contents_of(_place(chosen.source)) as source:
        with tqdm(total=source.count, unit=" records", file=sys.stderr) as bar:
            copy(source, _place(chosen.target), _key_place(chosen), bar.update)
        counted = f"{len(source.roster.students)} students and {source.count} records"
        return True, f"Copied {counted} from {source.place}, and read them back: they are the same."


def _backup(chosen: argparse.Namespace) -> tuple[bool, str]:
    if is_database(_place(chosen.target)):
        raise WrongSetting("A backup is made in a directory.")
    done, words = _copy(chosen)
    return done, f"{words} Keep the site key as well, elsewhere: without it the faces do not open."


def _restore(chosen: argparse.Namespace) -> tuple[bool, str]:
    target = _place(chosen.target)
    erased: dict[str, datetime] = {}
    withdrawn: dict[str, Consent] = {}
    for place in chosen.erased:
        with contents_of(_place(place)) as other:
            erased.update(other.erased)
            withdrawn.update(_withdrawn(other))
    _, words = _copy(chosen)
    key = _key_place(chosen)
    settings = Settings(data=chosen.data, site_key_file=key.path, key_passphrase=key.passphrase)
    target_settings = (
        replace(settings, database_url=target) if is_database(target) else replace(settings, data=Path(target))
    )
    Erasures(target_settings.data / INSTANCE / ERASURES).add(erased)
    # The log that is put back may end before the one that was lost: that is what is known from target_settings on.
    (target_settings.data / INSTANCE / checkpoint.NAME).unlink(missing_ok=True)
    store = open_store(target_settings)  # which erases again whom the lists name
    notices = (*store.notices, *_withdraw_again(store, withdrawn))
    store.close()
    return True, " ".join((words, *notices))


def _withdrawn(contents: StoreSnapshot) -> Iterator[tuple[str, Consent]]:
    for key, kept in contents.roster.students.items():
        if kept.student.consent is not None and not kept.student.consents:
            yield key, kept.student.consent


def _withdraw_again(store: Store, withdrawn: Mapping[str, Consent]) -> tuple[str, ...]:
    """Erase the faces of students who, as another place knows, withdrew a consent that the backup still has."""
    with store.transaction():
        again = [
            replace(student, consent=withdrawn[student.key])
            for student in store.students()
            if student.consent is not None and student.key in withdrawn
            if student.consents and student.consent.given_at <= withdrawn[student.key].given_at
        ]
        if again:
            store.write_students(again, drop_faces=[student.key for student in again])
    return (f"Withdrawn again: {len(again)} of the consents; these faces are erased.",) if again else ()


if __name__ == "__main__":
    sys.exit(main())
