"""/accounts and /limits: what admins manage, and the waiting times; lecturers lift the kiosks'."""

from __future__ import annotations

from collections.abc import Sequence

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.personal_codes import on_page
from secure_attend.access.rate_limits import belongs_to, for_admins, network_of
from secure_attend.access.state import ROLES_OF, Account, OneRole, Role, in_order
from secure_attend.attendance.site_time import utc_text
from secure_attend.errors import Forbidden
from secure_attend.web.http.access_rules import Rule, address, known_caller
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.http.site_parts import current_access
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
from secure_attend.web.schemas.base import refused_field

blueprint = APIBlueprint("accounts", __name__, tag="Accounts")
RULE = Rule.ADMIN
EXCEPT_FOR = {"list_limits": Rule.STAFF, "lift_limit": Rule.STAFF}
AUDIT = {
    "list_accounts": looks(AuditedAction.LIST_ACCOUNTS, polled=True),
    "add_account": changes(AuditedAction.ADD_ACCOUNT),
    "change_account": changes(AuditedAction.CHANGE_ACCOUNT, about="account"),
    "list_limits": NotAudited("limits name nobody"),
    "lift_limit": changes(AuditedAction.LIFT_LIMIT),
}


@blueprint.get("/accounts")
@blueprint.output(AccountList)
def list_accounts() -> AccountList:
    """List the accounts

    `roles` are all that an account has. `role` is the same in one word, as in version 0.1: `admin` if that is one of
    them, else `faculty`.
    """
    return AccountList(accounts=[_out(account) for account in current_access().accounts.all()])


@blueprint.post("/accounts")
@blueprint.input(NewAccount, location="json", arg_name="body")
@blueprint.output(AccountOut, status_code=201)
@describe(blueprint, {409: "The name is taken."})
def add_account(body: NewAccount) -> AccountOut:
    """Add an account

    `roles` are one or more of `admin`, `registrar`, `faculty` (a lecturer) and `officer` (a privacy officer, who only
    reads). Instead, `role` gives what it gave in version 0.1: `faculty`, or `admin`, who is registrar and lecturer too.
    """
    roles = _wanted(body.roles, body.role)
    if roles is None:
        raise refused_field("roles", "This field is required.")
    account = current_access().accounts.add(body.name, body.password, roles)
    note(f"account:{account.key}", roles=" ".join(account.roles))
    return _out(account)


@blueprint.patch("/accounts/<key>")
@blueprint.input(AccountChange, location="json", arg_name="body")
@blueprint.output(AccountOut)
@describe(blueprint, {404: "There is no such account.", 409: "The site would have no admin or no registrar."})
def change_account(key: str, body: AccountChange) -> AccountOut:
    """Change an account

    `roles` replaces all roles of the account; `role` works as it does for a new one. `disabled: true` or a new
    `password` ends all log-ins of the account.
    """
    accounts, roles = current_access().accounts, _wanted(body.roles, body.role)
    note(disabled=body.disabled, password=body.password is not None)
    if roles is not None:
        note(roles_before=" ".join(accounts.get(key).roles), roles=" ".join(in_order(roles)))
    return _out(accounts.change(key, roles=roles, disabled=body.disabled, password=body.password))


@blueprint.get("/limits")
@blueprint.output(LimitList)
def list_limits() -> LimitList:
    """List the waiting times after too many tries

    `what` says which limit was reached. Names and addresses are not kept. Waits at logging in, setting up and pairing
    are for admins: others are not told of them.
    """
    may = known_caller().roles
    limits = [limit for limit in current_access().limits.reached() if "admin" in may or not for_admins(limit.key)]
    return LimitList(limits=[LimitOut(key=limit.key, what=limit.what, until=utc_text(limit.until)) for limit in limits])


@blueprint.delete("/limits/<key>")
@blueprint.output(Done)
@describe(
    blueprint,
    {
        403: "Only admins can lift it (`admins_lift`), or it is your own (`own_wait`).",
        404: "There is no such waiting time.",
    },
)
def lift_limit(key: str) -> Done:
    """Lift a waiting time

    Those at logging in, setting up and pairing are lifted by admins alone. Nobody lifts a wait for tries of their own,
    or for codes that were typed on the students' page in the network where they are.
    """
    known = known_caller()
    if for_admins(key) and "admin" not in known.roles:
        raise Forbidden("admins_lift", "Only admins can lift this waiting time.")
    if belongs_to(key, known.id, known.key, on_page(network_of(address()))):
        raise Forbidden("own_wait", "You can't lift a waiting time of your own. Wait, or ask a colleague.")
    current_access().limits.lift(key)
    note(what=key.partition(" ")[0])
    return Done(done=True)


def _wanted(roles: Sequence[Role] | None, role: OneRole | None) -> Sequence[Role] | None:
    """Return the roles that a body asks for; None if it names none. Raises `InvalidInput` if it names them twice."""
    if roles is not None and role is not None:
        raise refused_field("role", "Send `roles` or `role`, not both.")
    return ROLES_OF[role] if role is not None else roles


def _out(account: Account) -> AccountOut:
    return AccountOut(
        key=account.key,
        name=account.name,
        roles=list(account.roles),
        role=account.role,
        disabled=account.disabled,
        created_at=utc_text(account.created_at),
    )
