"""`python -m secure_attend.storage verify | seal | copy | backup | restore | key`: what is done with a store from the
terminal.

A PLACE is a directory with both files, or a database's address; the word DATABASE_URL stands for that setting, so that
no password shows in the list of processes. Where a place or the site key is not named, it is the server's own: the
settings are read from the same variables.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from secure_attend.command_line import from_arguments, read_database_url
from secure_attend.errors import DomainError
from secure_attend.settings import Settings, WrongSetting
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


@dataclass(frozen=True)
class Command:
    """What was asked for, by somebody whose server has these settings."""

    settings: Settings
    chosen: argparse.Namespace

    def place(self, name: str) -> str:
        """Return the place that an option names. Raises WrongSetting."""
        return self.place_of(getattr(self.chosen, name))

    def place_of(self, text: str) -> str:
        """Return what a PLACE stands for. Raises WrongSetting."""
        if text == VARIABLE:
            if self.settings.database_url is None:
                raise WrongSetting(f"The variable {VARIABLE} is not set.")
            return self.settings.database_url
        return read_database_url(text, "PLACE") if is_database(text) else str(_folder(text))

    @property
    def key(self) -> KeyPlace:
        """Where the site key is, and its passphrase."""
        return KeyPlace(self.chosen.site_key_file, self.settings.key_passphrase)


def _folder(text: str) -> Path:
    """Return what is meant, where the shell leaves `~` as it is: in `--to=~/site`."""
    return Path(text).expanduser().absolute()


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Return 0 if nothing is wrong, 1 if something is or it cannot be decided."""
    try:
        settings = from_arguments([], os.environ)
        chosen = _parser(settings).parse_args(arguments)
        run: Callable[[Command], tuple[bool, str]] = chosen.run
        good, words = run(Command(settings, chosen))
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


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secure_attend.storage",
        epilog="A PLACE is a directory, or a database's address; the word DATABASE_URL stands for that setting. What "
        "is not named is the server's own: its settings are read from the same variables.",
    )
    usual = str(settings.data) if settings.database_url is None else VARIABLE
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("verify", help="name the first altered, missing, reordered or inserted record")
    command.set_defaults(run=_verify)
    command.add_argument("--data", default=usual, metavar="PLACE", help="what to check, if not the server's data")
    command.add_argument(
        "--checkpoint", type=Path, metavar="FOLDER", help="where checkpoint.json is, if not in the data's instance/"
    )
    about = "check an exported register (CSV, XLSX) and its course's locks, and name what was changed by hand"
    command.add_argument("--export", type=Path, metavar="FILE", help=about)
    command = commands.add_parser("seal", help="accept students and documents as they are, after a change from outside")
    command.set_defaults(run=_seal)
    command.add_argument("--data", default=usual, metavar="PLACE", help="what to seal, if not the server's data")
    command.add_argument("--accounts", action="store_true", help="accept accounts, kiosks and codes as well")
    command = commands.add_parser("copy", help="move everything to an empty place; an interrupted copy resumes")
    command.set_defaults(run=_copy)
    _from_to(command)
    command = commands.add_parser("backup", help="copy everything into an empty directory")
    command.set_defaults(run=_backup)
    _from_to(command, usual)
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
    about = "the directory of this machine's list of erasures, if not the server's"
    command.add_argument("--data", type=_folder, default=settings.data, help=about)
    command = commands.add_parser("key", help="the site key: show, wrap it by a passphrase, make the next one")
    command.set_defaults(run=_key)
    key_command.add_arguments(command, usual)
    about = "where the site key is, if not where the server keeps it"
    for command in commands.choices.values():
        command.add_argument("--site-key-file", type=Path, default=settings.site_key_file, metavar="FILE", help=about)
    return parser


def _from_to(command: argparse.ArgumentParser, usual: str | None = None) -> None:
    about = None if usual is None else "what to copy, if not the server's data"
    command.add_argument("--from", dest="source", default=usual, required=usual is None, metavar="PLACE", help=about)
    command.add_argument("--to", dest="target", required=True, metavar="PLACE")


def _key(command: Command) -> tuple[bool, str]:
    return key_command.run(command.chosen.act, command.place("data"), command.key)


def _verify(command: Command) -> tuple[bool, str]:
    place, export = command.place("data"), command.chosen.export
    good, words = verify_place(place, command.key, command.chosen.checkpoint)
    if export is None:
        return good, words
    # Only this needs to know what a register is, which takes a second to load.
    from secure_attend.attendance.locks.export_check import check_export_at

    same, told = check_export_at(place, command.key, export, command.settings.retain_days)
    return good and same, f"{words}\n{told}"


def _seal(command: Command) -> tuple[bool, str]:
    return seal_place(command.place("data"), command.key, accounts=command.chosen.accounts)


def _copy(command: Command) -> tuple[bool, str]:
    with contents_of(command.place("source")) as source:
        with tqdm(total=source.count, unit=" records", file=sys.stderr) as bar:
            copy(source, command.place("target"), command.key, bar.update)
        counted = f"{len(source.roster.students)} students and {source.count} records"
        return True, f"Copied {counted} from {source.place}, and read them back: they are the same."


def _backup(command: Command) -> tuple[bool, str]:
    if is_database(command.place("target")):
        raise WrongSetting("A backup is made in a directory.")
    done, words = _copy(command)
    return done, f"{words} Keep the site key as well, elsewhere: without it the faces do not open."


def _restore(command: Command) -> tuple[bool, str]:
    target = command.place("target")
    erased: dict[str, datetime] = {}
    withdrawn: dict[str, Consent] = {}
    for place in command.chosen.erased:
        with contents_of(command.place_of(place)) as other:
            erased.update(other.erased)
            withdrawn.update(_withdrawn(other))
    _, words = _copy(command)
    key = command.key
    settings = Settings(data=command.chosen.data, site_key_file=key.path, key_passphrase=key.passphrase)
    target_settings = (
        replace(settings, database_url=target) if is_database(target) else replace(settings, data=Path(target))
    )
    Erasures(target_settings.data / INSTANCE / ERASURES).add(erased)
    # The log that is put back may end before the one that was lost, whose checkpoint would call it cut off.
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
