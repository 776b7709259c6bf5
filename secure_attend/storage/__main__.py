"""`python -m secure_attend.storage verify [--data DIR] [--site-key-file FILE]`: is the log as it was written?

Reads only, so it runs beside the server.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from secure_attend.config import PROJECT
from secure_attend.errors import StartRefused
from secure_attend.storage import log_scan
from secure_attend.storage.json_files import LOG, STUDENTS
from secure_attend.storage.ledger import Ledger
from secure_attend.storage.log_file import Reading, holds_records
from secure_attend.storage.students_file import StudentsFile
from secure_attend.storage.unlock import unlock


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; 0 if nothing is wrong, 1 if something is or it cannot be told."""
    parser = argparse.ArgumentParser(prog="python -m secure_attend.storage")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("verify", help="name the first altered, missing, reordered or inserted record")
    command.add_argument("--data", type=Path, default=PROJECT, help="the directory of both JSON files")
    command.add_argument("--site-key-file", type=Path, help="where the site key is, if not in its usual place")
    chosen = parser.parse_args(arguments)
    try:
        good, words = verify(chosen.data, chosen.site_key_file)
    except (StartRefused, OSError) as error:
        good, words = False, error.detail if isinstance(error, StartRefused) else str(error)
    sys.stdout.write(words + "\n")
    return 0 if good else 1


def verify(data: Path, site_key_file: Path | None) -> tuple[bool, str]:
    """Whether the log in `data` is good, and a sentence that says so. Raises StartRefused if it cannot be told."""
    data = data.expanduser().absolute()
    log = data / LOG
    if not holds_records(log):
        return True, f"{log} holds no records."
    roster = StudentsFile(data / STUDENTS).read()
    vault = unlock(roster, data, has_records=True, chosen=site_key_file, make=None).vault
    ledger = Ledger(vault.ledger_key)
    try:
        return _verify_lines(log, ledger)
    except log_scan.EditedLog as damage:
        return _verify_values(log, ledger, damage)


def _verify_lines(log: Path, ledger: Ledger) -> tuple[bool, str]:
    """A record at a time, in constant memory."""
    with log.open("rb", buffering=1 << 20) as file:
        found = log_scan.scan(file, log.stat().st_size, log.name)
        index = found.index
        fault = ledger.verify(Reading(file, index.offsets, range(len(index)), len(index), index.end))
    if fault is not None:
        return False, f"{log}, line {fault.position + 1}: {fault}."
    note = "" if found.torn is None else " The last write was cut off, or is going on: the next start removes its rest."
    return True, f"{log}: all {len(index)} records are as they were written, in their order.{note}"


def _verify_values(log: Path, ledger: Ledger, damage: log_scan.EditedLog) -> tuple[bool, str]:
    """For a file that is not laid out as this program writes it: what its values say, or else where it breaks off."""
    text = log.read_text("utf-8", errors="replace")
    rows, whole = _values(text)
    fault = ledger.verify(rows)
    if fault is not None:
        return False, f"{log}: {fault}."
    which = "All records can be read and" if whole else "The records before that"
    return False, f"{damage.detail} {which} are as they were written."


def _values(text: str) -> tuple[list[object], bool]:
    """The records, and whether the text is a JSON array; if not, what each line holds."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return list(_readable_lines(text)), False
    return (rows, True) if isinstance(rows, list) else ([rows], False)


def _readable_lines(text: str) -> Iterator[object]:
    """The value of each line, None for a line that has none."""
    for line in text.splitlines():
        if line.strip() not in ("[", "]", ""):
            try:
                yield json.loads(line.rstrip(", "))
            except (ValueError, RecursionError):
                yield None


if __name__ == "__main__":
    sys.exit(main())
