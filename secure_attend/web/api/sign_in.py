"""/setup, /login, /demo-login, /logout, /me: how faculty come in and go out."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.accounts import LoggedIn
from secure_attend.access.audited_actions import Act
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import Rule, access, address, bearer, known_caller
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note, note_doer
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import DemoLogIn, Done, LoggedInOut, LogIn, Me, NewPassword, SetUp

WAIT = "Several tries in a row; Retry-After says how long to wait."
blueprint = APIBlueprint("sign_in", __name__, tag="Accounts")
RULE = Rule.PUBLIC
EXCEPT_FOR = {"log_in_to_demo": Rule.HERE, "log_out": Rule.FACULTY, "change_password": Rule.FACULTY, "me": Rule.KIOSK}
AUDIT = {
    "set_up": looks(Act.SET_UP),
    "log_in": looks(Act.LOG_IN),
    "log_in_to_demo": looks(Act.LOG_IN),
    "log_out": changes(Act.LOG_OUT),
    "me": NotAudited("it tells callers who they are themselves"),
    "change_password": changes(Act.CHANGE_PASSWORD),
}


@blueprint.post("/setup")
@blueprint.input(SetUp, location="json", arg_name="body")
@blueprint.output(LoggedInOut, status_code=201)
@describe(
    blueprint,
    {
        403: "The code is wrong, or the page that asks is of another site.",
        409: "The site is set up already.",
        429: WAIT,
    },
)
def set_up(body: SetUp) -> LoggedInOut:
    """Make the first account

    `code` is what the terminal printed when the server started. The account is an admin's, and is logged in.
    """
    return _answer(access().accounts.set_up(body.code, body.name, body.password, address()))


@blueprint.post("/login")
@blueprint.input(LogIn, location="json", arg_name="body")
@blueprint.output(LoggedInOut)
@describe(blueprint, {401: "The name or the password is wrong, or the account is disabled.", 429: WAIT})
def log_in(body: LogIn) -> LoggedInOut:
    """Log in

    Send the token with every further request: `Authorization: Bearer` and the token. It ends after twelve hours, at
    `/logout`, and when the password changes.
    """
    account = access().accounts.named(body.name)
    if account is not None:  # what was typed in place of a name may be a password, and is not kept
        note(f"account:{account.key}")
    return _answer(access().accounts.log_in(body.name, body.password, address()))


@blueprint.post("/demo-login")
@blueprint.input(DemoLogIn, location="json", arg_name="body")
@blueprint.output(LoggedInOut)
@describe(blueprint, {403: "The link was used, the server runs no demo, or the browser is on another computer."})
def log_in_to_demo(body: DemoLogIn) -> LoggedInOut:
    """Log in to the demo

    `link` is what the address in the terminal has after `#demo=`. It works once, on the server's own computer.
    """
    return _answer(access().demo_link.redeem(body.link))


@blueprint.post("/logout")
@blueprint.output(Done)
def log_out() -> Done:
    """Log out

    The token that came with the request counts no more.
    """
    access().accounts.log_out(bearer())
    return Done(done=True)


@blueprint.get("/me")
@blueprint.output(Me)
def me() -> Me:
    """Who is calling: an account, or a kiosk"""
    found = known_caller()
    return Me(role=found.role, key=found.key, name=found.name)


@blueprint.post("/me/password")
@blueprint.input(NewPassword, location="json", arg_name="body")
@blueprint.output(LoggedInOut)
@describe(blueprint, {429: WAIT})
def change_password(body: NewPassword) -> LoggedInOut:
    """Change one's own password

    All log-ins of the account end; the answer brings a fresh token.
    """
    found = known_caller()
    return _answer(access().accounts.change_password(found.key, body.old_password, body.new_password, address()))


def _answer(done: LoggedIn) -> LoggedInOut:
    note_doer(f"account:{done.account.key}", done.account.name)
    me_now = Me(role=done.account.role, key=done.account.key, name=done.account.name)
    return LoggedInOut(token=done.token, expires_at=utc_text(done.expires_at), me=me_now)
