"""/setup, /login, /demo-login, /logout and /me: setting up the site, and logging in and out."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIBlueprint
from flask import current_app

from secure_attend.access.access import Caller
from secure_attend.access.accounts import LoggedIn
from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import AnyRule, Rule, address, bearer, known_caller, operations_for
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note, note_actor
from secure_attend.web.http.site_parts import current_access
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import DemoLogIn, Done, LoggedInOut, LogIn, Me, NewPassword, SetUp

WAIT = "Too many tries in a row. Retry-After says how many seconds to wait."
blueprint = APIBlueprint("sign_in", __name__, tag="Accounts")
RULE = Rule.PUBLIC
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "log_in_to_demo": Rule.HERE,
    "log_out": Rule.ACCOUNT,
    "change_password": Rule.ACCOUNT,
    "me": Rule.CALLER,
}
AUDIT = {
    "set_up": looks(AuditedAction.SET_UP),
    "log_in": looks(AuditedAction.LOG_IN),
    "log_in_to_demo": looks(AuditedAction.LOG_IN),
    "log_out": changes(AuditedAction.LOG_OUT),
    "me": NotAudited("callers see only who they are themselves"),
    "change_password": changes(AuditedAction.CHANGE_PASSWORD),
}


@blueprint.post("/setup")
@blueprint.input(SetUp, location="json", arg_name="body")
@blueprint.output(LoggedInOut, status_code=201)
@describe(
    blueprint,
    {
        403: "The code is wrong, or the page that sent this belongs to another site.",
        409: "The site is already set up.",
        429: WAIT,
    },
)
def set_up(body: SetUp) -> LoggedInOut:
    """Create the first account

    Send the `code` that the terminal printed when the server started. The account is an admin's,
    a registrar's and a lecturer's, and is logged in.
    """
    return _answer(current_access().accounts.set_up(body.code, body.name, body.password, address()))


@blueprint.post("/login")
@blueprint.input(LogIn, location="json", arg_name="body")
@blueprint.output(LoggedInOut)
@describe(blueprint, {401: "The name or the password is wrong, or the account is disabled.", 429: WAIT})
def log_in(body: LogIn) -> LoggedInOut:
    """Log in

    Send the token with every further request, as `Authorization: Bearer TOKEN`. It expires after twelve hours, at
    `/logout`, or when the password changes.
    """
    account = current_access().accounts.named(body.name)
    if account is not None:  # text that is no account's name may be a password, and is not kept
        note(f"account:{account.key}")
    return _answer(current_access().accounts.log_in(body.name, body.password, address()))


@blueprint.post("/demo-login")
@blueprint.input(DemoLogIn, location="json", arg_name="body")
@blueprint.output(LoggedInOut)
@describe(blueprint, {403: "The link was used, the server runs no demo, or the browser is on another computer."})
def log_in_to_demo(body: DemoLogIn) -> LoggedInOut:
    """Log in to the demo

    `link` is what the address in the terminal has after `#demo=`. It works once, on the server's own computer.
    """
    return _answer(current_access().demo_link.redeem(body.link))


@blueprint.post("/logout")
@blueprint.output(Done)
def log_out() -> Done:
    """Log out

    The token of this request stops working.
    """
    current_access().accounts.log_out(bearer())
    return Done(done=True)


@blueprint.get("/me")
@blueprint.output(Me)
def me() -> Me:
    """Get the caller's account or kiosk

    `roles` are those of the account: `admin`, `registrar`, `faculty` (a lecturer) and `officer` (a privacy officer). A
    kiosk has none. `role` is the same in one word, as in version 0.1. `may` lists the operations that the caller may
    call for some student, course or other thing, as `GET /kiosks`; those that are open to everyone are left out.
    """
    return _me(known_caller())


@blueprint.post("/me/password")
@blueprint.input(NewPassword, location="json", arg_name="body")
@blueprint.output(LoggedInOut)
@describe(blueprint, {409: "Somebody changed the account meanwhile (`account_changed`).", 429: WAIT})
def change_password(body: NewPassword) -> LoggedInOut:
    """Change your own password

    This ends all log-ins of the account. The answer has a new token.
    """
    accounts, key = current_access().accounts, known_caller().key
    return _answer(accounts.change_password(key, body.old_password, body.new_password, address()))


def _answer(log_in: LoggedIn) -> LoggedInOut:
    account = log_in.account
    note_actor(f"account:{account.key}", account.name)
    own = _me(Caller("account", account.key, account.name, account.roles))
    return LoggedInOut(token=log_in.token, expires_at=utc_text(log_in.expires_at), me=own)


def _me(known: Caller) -> Me:
    may = operations_for(current_app, known)
    return Me(roles=list(known.roles), role=known.role, key=known.key, name=known.name, may=may)
