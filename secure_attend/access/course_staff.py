"""Who teaches a course: lecturers, assistants and viewers, from a day to a day. As values, and as documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol, get_args

from secure_attend.access.scope import CourseRole, Scope
from secure_attend.access.state import AccessRepository
from secure_attend.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from secure_attend.storage.chains.audit_chain import Fact
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.kept_documents import DocumentView
from secure_attend.storage.ports import HasDocuments, Transactional

COURSE_ROLES: tuple[CourseRole, ...] = get_args(CourseRole)
MOST_MEMBERS = 200
DAY = timedelta(days=1)


@dataclass(frozen=True)
class StaffMember:
    """An account's role in a course, on local days of the site, both included. No first day: since ever. No last day:
    until further notice."""

    account: str
    role: CourseRole
    first_day: date | None = None
    last_day: date | None = None

    def serves_on(self, day: date) -> bool:
        """Whether the role is in force on this day."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    def ends_before(self, day: date) -> bool:
        """Whether the role is over by this day."""
        return self.last_day is not None and self.last_day < day


@dataclass(frozen=True)
class CourseStaff:
    """All who teach, taught or will teach a course. An account may be listed for several times."""

    course: str
    members: tuple[StaffMember, ...] = ()

    def role_of(self, account: str, day: date) -> CourseRole | None:
        """Return the account's role on this day, the one that may do most; None if it has none."""
        held = {member.role for member in self.members if member.account == account and member.serves_on(day)}
        return next((role for role in COURSE_ROLES if role in held), None)

    def lecturers(self, day: date) -> frozenset[str]:
        """Return the accounts that are lecturers on this day."""
        return frozenset(
            member.account for member in self.members if member.role == "lecturer" and member.serves_on(day)
        )


_EXAMPLE = CourseStaff(
    "key of the course", (StaffMember("key of the account", "lecturer", date(2026, 10, 12), date(2027, 2, 5)),)
)


def _value(staff: CourseStaff) -> dict[str, object]:
    return {
        "members": [
            {
                "account": member.account,
                "role": member.role,
                "first_day": member.first_day.isoformat() if member.first_day else None,
                "last_day": member.last_day.isoformat() if member.last_day else None,
            }
            for member in staff.members
        ]
    }


COURSE_STAFF = DocumentKind("course_staff", erasing="drop", example=_value(_EXAMPLE))


def staff_document(staff: CourseStaff, version: int = 0) -> Document:
    """Return the staff of a course as a document, in the place of that with this `version`."""
    return COURSE_STAFF.document(staff.course, _value(staff), version=version)


def staff_of(document: Document) -> CourseStaff:
    """Return the staff that a document holds."""
    return CourseStaff(
        document.key,
        tuple(
            StaffMember(
                member["account"],
                member["role"],
                date.fromisoformat(member["first_day"]) if member["first_day"] else None,
                date.fromisoformat(member["last_day"]) if member["last_day"] else None,
            )
            for member in document.value["members"]
        ),
    )


class StaffLists:
    """The staff of all courses, read again when a document has changed."""

    def __init__(self) -> None:
        self._last: tuple[Mapping[str, Document], list[CourseStaff]] | None = None

    def roles(self, view: DocumentView, account: str, day: date) -> dict[str, CourseRole]:
        """Return the account's role in each course that it is staff of on this day."""
        held = ((staff.course, staff.role_of(account, day)) for staff in self._all(view.kinds[COURSE_STAFF.name]))
        return {course: role for course, role in held if role is not None}

    def _all(self, documents: Mapping[str, Document]) -> list[CourseStaff]:
        last = self._last
        if last is not None and last[0] is documents:
            return last[1]
        staff = [staff_of(document) for document in documents.values()]
        self._last = documents, staff
        return staff


@dataclass(frozen=True)
class StaffChange:
    """The staff of a course before a change, and after it."""

    before: CourseStaff
    after: CourseStaff

    @property
    def facts(self) -> dict[str, Fact]:
        """Return both for the audit trail. They name accounts by their keys."""
        return {"before": _in_words(self.before), "after": _in_words(self.after)}


class StaffStore(Transactional, HasDocuments, Protocol):
    """The ports that staffing needs."""


class CourseStaffing:
    """Changes who teaches a course. Only the course's lecturers and registrars may."""

    def __init__(self, store: StaffStore, repository: AccessRepository) -> None:
        self._store = store
        self._repository = repository

    def staff(self, course: str) -> CourseStaff:
        """Return the staff of a course."""
        document = self._store.documents.get(COURSE_STAFF.name, course)
        return staff_of(document) if document is not None else CourseStaff(course)

    def found(self, course: str, account: str) -> StaffChange:
        """Make an account the lecturer of a course that is new. Raises `Conflict` if the course has staff already."""
        staff = first_staff(course, account)
        self._store.documents.write([staff])
        return StaffChange(CourseStaff(course), staff_of(staff))

    def account_named(self, names: Sequence[str]) -> str | None:
        """Return the account with one of these names, whatever their case, that may teach; None if there is none."""
        wanted = {name.casefold() for name in names}
        accounts = self._repository.read().accounts.values()
        return next((each.key for each in accounts if each.teaches and each.name.casefold() in wanted), None)

    def listed(self, course: str, day: date) -> frozenset[str]:
        """Return the accounts that have a role in the course on this day or later."""
        return frozenset(member.account for member in self.staff(course).members if not member.ends_before(day))

    def enlist(self, course: str, roles: Mapping[str, CourseRole]) -> StaffChange:
        """Add accounts to the staff of a course, for an import. Who may do so is decided before. Raises `Conflict`."""
        with self._store.transaction():
            document = self._store.documents.get(COURSE_STAFF.name, course)
            before = staff_of(document) if document is not None else CourseStaff(course)
            added = (StaffMember(account, role) for account, role in roles.items())
            after = CourseStaff(course, (*before.members, *added))
            if len(after.members) > MOST_MEMBERS:
                raise Conflict("staff_full", f"A course has at most {MOST_MEMBERS} entries of staff.")
            self._store.documents.write([staff_document(after, document.version if document is not None else 0)])
        return StaffChange(before, after)

    def appoint(self, scope: Scope, course: str, member: StaffMember) -> StaffChange:
        """Add someone, from a day to a day for a substitute, or change the role that begins on the same day.

        Raises `NotFound`, `Forbidden`, `InvalidInput`, and `Conflict` if the course would have no lecturer today.
        """
        _allow(scope, course)
        self._check(member)

        def appointed(staff: CourseStaff) -> tuple[StaffMember, ...]:
            begins = (member.account, member.first_day)
            others = tuple(other for other in staff.members if (other.account, other.first_day) != begins)
            if len(others) >= MOST_MEMBERS:
                raise Conflict("staff_full", f"A course has at most {MOST_MEMBERS} entries of staff.")
            return (*others, member)

        return self._write(course, scope.day, appointed)

    def end(self, scope: Scope, course: str, account: str, last_day: date) -> StaffChange:
        """End the account's roles in the course after this day. Roles that would begin later are dropped.

        Raises `NotFound`, `Forbidden`, and `Conflict` if the course would have no lecturer today.
        """
        _allow(scope, course)
        return self._write(course, scope.day, lambda staff: _ended(staff, account, last_day))

    def hand_over(self, scope: Scope, leaving: str, to: str) -> list[StaffChange]:
        """Give all roles that the account has now or later to another, from today: someone left, or is ill. Only
        registrars may. Raises `Forbidden`, `InvalidInput`."""
        if "registrar" not in scope.roles:
            raise Forbidden("not_allowed", "Only registrars can hand over somebody's courses.")
        if leaving == to:
            raise _unfit("to", "Choose another account.")
        self._check(StaffMember(to, "lecturer"))
        with self._store.transaction():
            lists = [staff_of(document) for document in self._store.documents.all(COURSE_STAFF.name)]
            concerned = [staff.course for staff in lists if _left_of(staff, leaving, scope.day)]
            return [self._write(course, scope.day, _Handover(leaving, to, scope.day)) for course in concerned]

    def _write(self, course: str, day: date, change: Callable[[CourseStaff], tuple[StaffMember, ...]]) -> StaffChange:
        with self._store.transaction():
            document = self._store.documents.get(COURSE_STAFF.name, course)
            before = staff_of(document) if document is not None else CourseStaff(course)
            after = CourseStaff(course, change(before))
            if self._working_lecturers(before, day) and not self._working_lecturers(after, day):
                raise Conflict("last_lecturer", "This is the course's last lecturer. Add another lecturer first.")
            self._store.documents.write([staff_document(after, document.version if document is not None else 0)])
        return StaffChange(before, after)

    def _working_lecturers(self, staff: CourseStaff, day: date) -> frozenset[str]:
        accounts = self._repository.read().accounts
        return frozenset(key for key in staff.lecturers(day) if key in accounts and accounts[key].teaches)

    def _check(self, member: StaffMember) -> None:
        account = self._repository.read().accounts.get(member.account)
        if account is None or not account.teaches:
            raise _unfit("account", "Choose an account that is not disabled and has the role Lecturer.")
        if member.first_day and member.last_day and member.last_day < member.first_day:
            raise _unfit("last_day", "The last day is before the first.")


@dataclass(frozen=True)
class _Handover:
    """Turns the staff of a course into the same with another account from a day on."""

    leaving: str
    to: str
    day: date

    def __call__(self, staff: CourseStaff) -> tuple[StaffMember, ...]:
        taken = tuple(
            replace(member, account=self.to, first_day=max(member.first_day or self.day, self.day))
            for member in _left_of(staff, self.leaving, self.day)
        )
        return (*_ended(staff, self.leaving, self.day - DAY), *taken)


def first_staff(course: str, account: str) -> Document:
    """Return the staff of a new course: the one who creates it."""
    return staff_document(CourseStaff(course, (StaffMember(account, "lecturer"),)))


def _allow(scope: Scope, course: str) -> None:
    if not scope.sees_course(course):
        raise unknown_course()
    if not scope.may(course, "lecturer"):
        raise Forbidden("not_allowed", "Only the course's lecturers and registrars can change its staff.")


def unknown_course() -> NotFound:
    """Return the refusal for a course that does not exist, or that the caller may not see."""
    return NotFound("unknown_course", "This course doesn't exist, or you are not among its staff.")


def _left_of(staff: CourseStaff, account: str, day: date) -> list[StaffMember]:
    return [member for member in staff.members if member.account == account and not member.ends_before(day)]


def _ended(staff: CourseStaff, account: str, last_day: date) -> tuple[StaffMember, ...]:
    kept = (member for member in staff.members if member.account != account or _begun(member, last_day))
    return tuple(
        replace(member, last_day=last_day) if member.account == account and not member.ends_before(last_day) else member
        for member in kept
    )


def _begun(member: StaffMember, day: date) -> bool:
    return member.first_day is None or member.first_day <= day


def _in_words(staff: CourseStaff) -> str:
    return "; ".join(
        f"account:{member.account} {member.role} {member.first_day or ''}..{member.last_day or ''}"
        for member in staff.members
    )


def _unfit(field: str, message: str) -> InvalidInput:
    return InvalidInput("invalid_input", f"{field}: {message}", errors=[FieldError(field, message)])
