"""`python -m secure_attend.admin`: manage accounts at the server's own terminal, for example after a lost password, and
import the nightly file.

It works on the files or the database while the server runs or is stopped, and reads the server's settings from the same
variables. It writes to the audit trail, so it needs the site key.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from secure_attend.access.access import Access
from secure_attend.access.audit import Audit, AuditActor, Fact
from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.open_access import open_access
from secure_attend.access.state import ROLES, ROLES_OF, Account, in_order
from secure_attend.attendance.courses.nightly_import import NightlyOrder
from secure_attend.command_line import from_arguments
from secure_attend.errors import Conflict, DomainError
from secure_attend.server import nightly_command
from secure_attend.server.running_server import ask, running_at
from secure_attend.server.terminal import refuse, say
from secure_attend.settings import Settings, WrongSetting
from secure_attend.storage.clock import utc_now
from secure_attend.storage.opening import audit_trail_for_terminal, open_store
from secure_attend.storage.paths import INSTANCE
from secure_attend.storage.ports import Store


@dataclass
class Noted:
    """What an entry of the audit trail says beside the action."""

    facts: dict[str, Fact]
    about: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AdminContext:
    """What the commands work with. `store` is set where several processes may have it open."""

    settings: Settings
    access: Access
    audit: Audit
    store: Store | None

    @contextmanager
    def entered(self, action: AuditedAction, **facts: Fact) -> Iterator[Noted]:
        """Enter a change in the audit trail before and after it is made. The block adds what only it knows."""
        actor, noted = AuditActor("terminal", getpass.getuser(), "terminal"), Noted(facts)
        asked = self.audit.enter(action, "asked", actor)
        try:
            yield noted
        except DomainError as refusal:
            why = {**noted.facts, "why": refusal.code}
            self.audit.enter(action, "refused", actor, tuple(noted.about), why, asked)
            raise
        self.audit.enter(action, "done", actor, tuple(noted.about), noted.facts, asked)


def main(arguments: Sequence[str]) -> int:
    """Run the command. Return the exit code: 0 done, 1 refused."""
    given = _parser().parse_args(arguments)
    try:
        settings = from_arguments([], os.environ)
    except WrongSetting as error:
        refuse(str(error))
        return 1
    if given.data is not None:
        settings = replace(settings, data=Path(given.data).expanduser().absolute())
    if not settings.data.is_dir():
        refuse(f"There is no folder {settings.data}. Use --data to name the folder that holds the server's data.")
        return 1
    try:
        with audit_trail_for_terminal(settings) as (trail, store):
            context = AdminContext(settings, open_access(settings, utc_now, store), Audit(trail, utc_now), store)
            _COMMANDS[given.command](context, given)
    except DomainError as refusal:
        refuse(refusal.detail)
        for fault in refusal.errors if given.command == "import" else ():
            where = f"{fault.field}, line {fault.line}" if fault.line else fault.field
            refuse(f"{where}: {fault.message}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secure_attend.admin", description="Manage accounts at the server's own terminal."
    )
    parser.add_argument(
        "--data", help="the folder that holds the server's data (default: DATA, or the folder of app.py)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="list all accounts and kiosks")
    add = commands.add_parser("add", help="add an account; asks for its password")
    add.add_argument("name")
    chosen = add.add_mutually_exclusive_group()
    chosen.add_argument(
        "--role",
        choices=tuple(ROLES_OF),
        default="faculty",
        help="admin is registrar and lecturer too (default: faculty)",
    )
    chosen.add_argument("--roles", choices=ROLES, nargs="+", help="exactly these roles; faculty are lecturers")
    roles = commands.add_parser("set-roles", help="give an account exactly these roles; faculty are lecturers")
    roles.add_argument("name")
    roles.add_argument("roles", choices=ROLES, nargs="+")
    for command, about in (
        ("disable", "stop an account from logging in, and log it out everywhere"),
        ("enable", "let a disabled account log in again"),
        ("reset-password", "set a new password, and log the account out everywhere; asks for the password"),
    ):
        commands.add_parser(command, help=about).add_argument("name")
    commands.add_parser("rotate-key", help="encrypt all faces with a new site key; students can check in meanwhile")
    certificate = commands.add_parser(
        "certificate", help="show the server's own certificate, so that kiosks can trust it"
    )
    certificate.add_argument("--to", type=Path, metavar="FILE", help="copy the certificate there, without its key")
    nightly = commands.add_parser(
        "import", help="import terms, courses, groups, staff and members from one zip archive: for a nightly timer"
    )
    nightly.add_argument("file", type=Path)
    nightly.add_argument("--dry-run", action="store_true", help="only say what the file would change")
    nightly.add_argument("--plan", metavar="DIGEST", help="the plan that you have looked at, if the import asks")
    commands.add_parser("lift-limits", help="end all waiting times after wrong passwords and codes")
    for each in commands.choices.values():  # people type it before the command or after it
        each.add_argument("--data", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _list(context: AdminContext, given: argparse.Namespace) -> None:
    context.audit.enter(AuditedAction.LIST_ACCOUNTS, "done", AuditActor("terminal", getpass.getuser(), "terminal"))
    for account in context.access.accounts.all():
        say(f"{','.join(account.roles):<24} {account.name}{' (disabled)' if account.disabled else ''}")
    for kiosk in context.access.kiosks.all():
        seen = f"last seen {kiosk.last_seen:%Y-%m-%d %H:%M} UTC" if kiosk.last_seen else "never seen"
        say(f"{'kiosk':<24} {kiosk.name} ({seen})")


def _add(context: AdminContext, given: argparse.Namespace) -> None:
    password = _asked_password()
    roles = in_order(given.roles or ROLES_OF[given.role])
    with context.entered(AuditedAction.ADD_ACCOUNT, roles=" ".join(roles)) as noted:
        account = context.access.accounts.add(given.name, password, roles)
        noted.about.append(f"account:{account.key}")
    say(f"{account.name} can log in.")


def _set_roles(context: AdminContext, given: argparse.Namespace) -> None:
    before, roles = context.access.accounts.find(given.name), in_order(given.roles)
    facts: dict[str, Fact] = {"roles_before": " ".join(before.roles), "roles": " ".join(roles)}
    with context.entered(AuditedAction.CHANGE_ACCOUNT, **facts) as noted:
        noted.about.append(f"account:{before.key}")
        account = context.access.accounts.change(before.key, roles=roles)
    say(f"{account.name} now has these roles: {', '.join(account.roles)}.")


def _disable(context: AdminContext, given: argparse.Namespace) -> None:
    account = _changed(context, given.name, disabled=True)
    say(f"{account.name} is disabled and logged out.")


def _enable(context: AdminContext, given: argparse.Namespace) -> None:
    account = _changed(context, given.name, disabled=False)
    say(f"{account.name} can log in.")


def _reset_password(context: AdminContext, given: argparse.Namespace) -> None:
    account = _changed(context, given.name, password=_asked_password())
    say(f"{account.name} has a new password and is logged out everywhere.")


def _changed(context: AdminContext, name: str, *, disabled: bool | None = None, password: str | None = None) -> Account:
    account = context.access.accounts.find(name)
    with context.entered(AuditedAction.CHANGE_ACCOUNT, disabled=disabled, password=password is not None) as noted:
        noted.about.append(f"account:{account.key}")
        return context.access.accounts.change(account.key, disabled=disabled, password=password)


def _lift_limits(context: AdminContext, given: argparse.Namespace) -> None:
    with context.entered(AuditedAction.LIFT_LIMIT, what="all"):
        context.access.limits.lift_all()
    say("All waiting times are lifted.")


def _rotate_key(context: AdminContext, given: argparse.Namespace) -> None:
    running = running_at(context.settings) if context.store is None else None
    if running is not None:  # the server writes the entry too
        faces = ask(context.settings, context.access, running, "/key/rotations")["faces"]
    else:
        with context.entered(AuditedAction.ROTATE_KEY):
            faces = _rotated(context)
    say(f"Faces encrypted with a new key: {faces}. Back up the key file now. Older backups need the old key file.")


def _rotated(context: AdminContext) -> int:
    if context.store is not None:
        return context.store.rotate_key()
    store = open_store(context.settings)
    try:
        return store.rotate_key()
    finally:
        store.close()


def _import(context: AdminContext, given: argparse.Namespace) -> None:
    order = NightlyOrder(given.dry_run, given.plan)
    data = nightly_command.archive_at(given.file)
    running = running_at(context.settings) if context.store is None else None
    if running is not None:  # the server writes the entry too
        found = nightly_command.ask_server(context.settings, context.access, running, data, order)
    else:
        with context.entered(AuditedAction.IMPORT_NIGHTLY, dry_run=order.dry_run) as noted:
            found, loaded = nightly_command.load_here(context.settings, context.store, data, order)
            noted.about += loaded.about
            noted.facts |= loaded.facts
    for line in nightly_command.in_words(found):
        say(line)


def _certificate(context: AdminContext, given: argparse.Namespace) -> None:
    from secure_attend.server import tls

    path = context.settings.certificate or context.settings.data / INSTANCE / tls.OWN
    about = tls.described(path)
    say(str(path))
    say(f"  for      {', '.join(about.names)}")
    say(f"  until    {about.until:%Y-%m-%d}")
    say(f"  SHA-256  {about.fingerprint}")
    if given.to is not None:
        tls.export(path, given.to)
        say(f"Copied to {given.to}, without its key. To make kiosks trust it, see docs/administrator/https.md.")


_COMMANDS: dict[str, Callable[[AdminContext, argparse.Namespace], None]] = {
    "list": _list,
    "add": _add,
    "set-roles": _set_roles,
    "disable": _disable,
    "enable": _enable,
    "reset-password": _reset_password,
    "lift-limits": _lift_limits,
    "certificate": _certificate,
    "import": _import,
    "rotate-key": _rotate_key,
}


def _asked_password() -> str:
    """Return the password, typed unseen on a terminal or read as one line from a pipe. It is never on the command line,
    where other users can see it."""
    if sys.stdin.isatty():
        password = getpass.getpass("New password: ")
        if getpass.getpass("Repeat the new password: ") != password:
            raise Conflict("not_the_same", "The two passwords are different. Nothing was changed.")
        return password
    return sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
