"""/accounts and /limits: what admins, and for limits all faculty, do for others."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import Act
from secure_attend.access.state import Account
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.http.access_rules import Rule, access
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import (
    AccountChange,
    AccountList,
    AccountOut,
    Done,
    LimitList,
    LimitOut,
    NewAccount,
)

blueprint = APIBlueprint("accounts", __name__, tag="Accounts")
RULE = Rule.ADMIN
EXCEPT_FOR = {"list_limits": Rule.FACULTY, "lift_limit": Rule.FACULTY}
AUDIT = {
    "list_accounts": looks(Act.LIST_ACCOUNTS, polled=True),
    "add_account": changes(Act.ADD_ACCOUNT),
    "change_account": changes(Act.CHANGE_ACCOUNT, about="account"),
    "list_limits": NotAudited("limits name nobody"),
    "lift_limit": changes(Act.LIFT_LIMIT),
}


@blueprint.get("/accounts")
@blueprint.output(AccountList)
def list_accounts() -> AccountList:
    """All accounts, by name"""
    return AccountList(accounts=[_out(account) for account in access().accounts.all()])


@blueprint.post("/accounts")
@blueprint.input(NewAccount, location="json", arg_name="body")
@blueprint.output(AccountOut, status_code=201)
@describe(blueprint, {409: "The name is taken."})
def add_account(body: NewAccount) -> AccountOut:
    """Add an account"""
    account = access().accounts.add(body.name, body.password, body.role)
    note(f"account:{account.key}", role=account.role)
    return _out(account)


@blueprint.patch("/accounts/<key>")
@blueprint.input(AccountChange, location="json", arg_name="body")
@blueprint.output(AccountOut)
@describe(blueprint, {404: "There is no such account.", 409: "No admin would be left."})
def change_account(key: str, body: AccountChange) -> AccountOut:
    """Change an account

    `disabled: true` and a new `password` end all its log-ins.
    """
    note(role=body.role, disabled=body.disabled, password=body.password is not None)
    return _out(access().accounts.change(key, role=body.role, disabled=body.disabled, password=body.password))


@blueprint.get("/limits")
@blueprint.output(LimitList)
def list_limits() -> LimitList:
    """Who has to wait after too many tries

    Neither names nor addresses are kept: `what` says which limit it is.
    """
    paused = access().limits.paused()
    return LimitList(limits=[LimitOut(key=one.key, what=one.what, until=utc_text(one.until)) for one in paused])


@blueprint.delete("/limits/<key>")
@blueprint.output(Done)
@describe(blueprint, {404: "Nobody waits for this."})
def lift_limit(key: str) -> Done:
    """Let whoever waits go on at once"""
    access().limits.lift(key)
    note(what=key.partition(" ")[0])
    return Done(done=True)


def _out(account: Account) -> AccountOut:
    return AccountOut(
        key=account.key,
        name=account.name,
        role=account.role,
        disabled=account.disabled,
        created_at=utc_text(account.created_at),
    )
