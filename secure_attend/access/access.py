"""Access control, put together, and the question every request asks: who is calling?"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from secure_attend.access.accounts import Accounts
from secure_attend.access.course_staff import StaffLists
from secure_attend.access.demo_link import DemoLink
from secure_attend.access.kiosks import Kiosks
from secure_attend.access.personal_codes import IssuedCodes
from secure_attend.access.rate_limits import RateLimits
from secure_attend.access.scope import CourseLinks, Scope
from secure_attend.access.state import AccessRepository, Role, Token, fingerprint, one_role
from secure_attend.access.student_passes import StudentPass, StudentPasses
from secure_attend.storage.kept_documents import DocumentView, KeptDocuments

TERMINAL = "terminal"
"""Takes the place of an account's key for commands at the server's own terminal that ask the running server."""
TERMINAL_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class Caller:
    """Who is calling. `id` is unique among all callers; `key` is the account's or the kiosk's. A kiosk has no roles."""

    kind: Literal["kiosk", "account"]
    key: str
    name: str
    roles: tuple[Role, ...] = ()

    @property
    def is_kiosk(self) -> bool:
        """Whether it is a kiosk."""
        return self.kind == "kiosk"

    @property
    def role(self) -> Literal["kiosk", "faculty", "admin"]:
        """Return the kind and roles in one word of version 0.1, for programs that know no other."""
        return "kiosk" if self.is_kiosk else one_role(self.roles)

    @property
    def id(self) -> str:
        """An ID that is unique among accounts and kiosks."""
        return f"{self.kind}:{self.key}"

    @property
    def kiosk(self) -> str | None:
        """The kiosk's name; None if the caller has an account."""
        return self.name if self.is_kiosk else None


@dataclass(frozen=True)
class CourseKnowledge:
    """What scopes are made from: the documents that are kept in memory, what these say of courses, and the date at the
    site."""

    documents: KeptDocuments
    links_of: Callable[[DocumentView], CourseLinks]
    today: Callable[[], date]


class Access:
    """Accounts, kiosks and limits of one site."""

    def __init__(
        self,
        repository: AccessRepository,
        clock: Callable[[], datetime],
        site_name: str,
        knowledge: CourseKnowledge | None = None,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._knowledge = knowledge
        self._staff = StaffLists()
        self.limits = RateLimits(repository, clock)
        self.accounts = Accounts(repository, self.limits, clock, site_name)
        self.demo_link = DemoLink(self.accounts)
        self.codes = IssuedCodes(repository, self.limits, clock)
        self.passes = StudentPasses(clock)
        self.kiosks = Kiosks(repository, self.limits, clock)

    def caller(self, secret: str) -> Caller | None:
        """Return who bears this token or kiosk key; None if it isn't valid, or no longer."""
        state = self._repository.read()
        self.kiosks.last_known = state.kiosks.values()
        hashed = fingerprint(secret)
        token = state.tokens.get(hashed)
        if token is not None and token.account == TERMINAL:
            expired = self._clock() >= token.expires_at
            return None if expired else Caller("account", TERMINAL, "The server's terminal", ("admin", "registrar"))
        if token is not None:
            account = state.accounts.get(token.account)
            if account is None or account.disabled or self._clock() >= token.expires_at:
                return None
            return Caller("account", account.key, account.name, account.roles)
        kiosk = next((kiosk for kiosk in state.kiosks.values() if kiosk.secret == hashed), None)
        if kiosk is None:
            return None
        self.kiosks.note_seen(kiosk)
        return Caller("kiosk", kiosk.key, kiosk.name)

    def student_pass(self, secret: str) -> StudentPass | None:
        """Return the student's pass that this secret stands for; None if it isn't valid, or no longer: its time is
        over, the code that was its proof was replaced or deleted, or its kiosk was revoked, in whichever process."""
        known = self.passes.bearer(secret)
        if known is None:
            return None
        if known.kiosk_key is not None and known.kiosk_key not in self._repository.read().kiosks:
            return None
        return known if known.code in (None, self.codes.hash_of(known.student)) else None

    def scope(self, caller: Caller) -> Scope:
        """Return what a caller with an account may see and change now. Commands at the terminal have no scopes.

        Raises `StorageFailed`, and `ValueError` for a kiosk.
        """
        if self._knowledge is None or caller.is_kiosk:
            raise ValueError("only accounts have a scope, and only where courses are known")
        view, day = self._knowledge.documents.view(), self._knowledge.today()
        links = self._knowledge.links_of(view)
        lecturer = "faculty" in caller.roles
        roles = self._staff.roles(view, caller.key, day) if lecturer else {}
        return Scope(
            caller.key,
            caller.roles,
            {course: role for course, role in roles.items() if links.knows(course)},
            everything="registrar" in caller.roles or (lecturer and not links.any_course),
            day=day,
            links=links,
        )

    @contextmanager
    def as_terminal(self) -> Iterator[str]:
        """Give a token for the terminal's question to the running server; it is revoked when the block ends."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._repository.change() as state:
            state.tokens[fingerprint(token)] = Token(TERMINAL, now, now + TERMINAL_LIFETIME)
        try:
            yield token
        finally:
            with self._repository.change() as state:
                state.tokens.pop(fingerprint(token), None)
