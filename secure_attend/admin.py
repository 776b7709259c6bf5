"""`python -m secure_attend.admin`: the accounts, for whoever is at the server's own terminal (a lost password).

Works on the files, whether the server runs or not.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from secure_attend.access.access import Access, open_access
from secure_attend.config import PROJECT, Settings
from secure_attend.errors import Conflict, DomainError
from secure_attend.terminal import refuse, say


def main(arguments: Sequence[str]) -> int:
    """Does what the command line asks. The exit code: 0 done, 1 refused."""
    given = _parser().parse_args(arguments)
    settings = Settings(data=Path(given.data).expanduser().absolute())
    if not settings.data.is_dir():
        refuse(f"There is no folder {settings.data}. Name the one that the server keeps its data in with --data.")
        return 1
    try:
        access = open_access(settings, lambda: datetime.now(timezone.utc))
        _COMMANDS[given.command](access, given)
    except DomainError as refusal:
        refuse(refusal.detail)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secure_attend.admin", description="Accounts, at the server's own terminal."
    )
    parser.add_argument("--data", default=str(PROJECT), help="the folder that the server keeps its data in")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="all accounts and kiosks")
    add = commands.add_parser("add", help="a new account; asks for its password")
    add.add_argument("name")
    add.add_argument("--role", choices=("admin", "faculty"), default="faculty")
    for command, about in (
        ("disable", "the account logs in no more, and is logged out everywhere"),
        ("enable", "the account logs in again"),
        ("reset-password", "a new password, asked for; all log-ins of the account end"),
    ):
        commands.add_parser(command, help=about).add_argument("name")
    commands.add_parser("lift-limits", help="nobody has to wait after wrong passwords and codes any more")
    return parser


def _list(access: Access, given: argparse.Namespace) -> None:
    for account in access.accounts.all():
        say(f"{account.role:<8} {account.name}{' (disabled)' if account.disabled else ''}")
    for kiosk in access.kiosks.all():
        seen = f"last seen {kiosk.last_seen:%Y-%m-%d %H:%M} UTC" if kiosk.last_seen else "never seen"
        say(f"kiosk    {kiosk.name} ({seen})")


def _add(access: Access, given: argparse.Namespace) -> None:
    account = access.accounts.add(given.name, _asked_password(), given.role)
    say(f"{account.name} can log in.")


def _disable(access: Access, given: argparse.Namespace) -> None:
    account = access.accounts.find(given.name)
    access.accounts.change(account.key, disabled=True)
    say(f"{account.name} is disabled and logged out.")


def _enable(access: Access, given: argparse.Namespace) -> None:
    account = access.accounts.find(given.name)
    access.accounts.change(account.key, disabled=False)
    say(f"{account.name} can log in.")


def _reset_password(access: Access, given: argparse.Namespace) -> None:
    account = access.accounts.find(given.name)
    access.accounts.change(account.key, password=_asked_password())
    say(f"{account.name} has a new password and is logged out everywhere.")


def _lift_limits(access: Access, given: argparse.Namespace) -> None:
    access.limits.lift_all()
    say("Nobody has to wait any more.")


_COMMANDS: dict[str, Callable[[Access, argparse.Namespace], None]] = {
    "list": _list,
    "add": _add,
    "disable": _disable,
    "enable": _enable,
    "reset-password": _reset_password,
    "lift-limits": _lift_limits,
}


def _asked_password() -> str:
    """The password, typed unseen on a terminal or read as one line from a pipe: never on the command line, where others
    see it."""
    if sys.stdin.isatty():
        password = getpass.getpass("New password: ")
        if getpass.getpass("The same again: ") != password:
            raise Conflict("not_the_same", "The two passwords differ. Nothing was changed.")
        return password
    return sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
