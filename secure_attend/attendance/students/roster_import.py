"""Importing a roster into the site's list: all or nothing; adds and updates students, never removes any."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from secure_attend.attendance.find_student import by_merged_id
from secure_attend.attendance.imports.roster_rows import PLAIN, Reading, RosterFile, RosterWarning, read_roster
from secure_attend.attendance.imports.roster_shapes import RosterShapes
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.import_progress import ImportProgress, RunningImports
from secure_attend.attendance.students.roster_plan import (
    NEVER,
    NO_CHOICES,
    ListChanges,
    Retiring,
    RosterChoices,
    confirm,
    digest_of,
    plan_list,
    similar_ids,
)
from secure_attend.storage.ports import HasDocuments, StudentStore
from secure_attend.storage.values import PreparedStudents, Student

COMPARED_UNHELD = 3
"""How many times rows are compared while others may change the list. After that it is held, and check-ins wait."""


class RosterStore(StudentStore, HasDocuments, Protocol):
    """The ports that rosters need."""


@dataclass(frozen=True)
class RosterPlan:
    """What a file changes of the site's list."""

    file: RosterFile
    changes: ListChanges
    similar: tuple[RosterWarning, ...]

    @property
    def warnings(self) -> tuple[RosterWarning, ...]:
        """All warnings, by line."""
        return tuple(sorted((*self.file.warnings, *self.similar, *self.changes.once), key=lambda warning: warning.line))

    @property
    def digest(self) -> str:
        """What names this plan."""
        return digest_of(["site", self.changes.outline()])


def plan_roster(
    file: RosterFile,
    students: list[Student],
    choices: RosterChoices = NO_CHOICES,
    retiring: Retiring = NEVER,
    merged: Mapping[str, Student] = MappingProxyType({}),
) -> RosterPlan:
    """Return what a file changes of a list, removed students included. `merged` are students by the IDs of entries that
    were merged into theirs."""
    known = {**merged, **{student.student_id: student for student in students}}
    changes = plan_list(file.rows, known, choices=choices, retiring=retiring)
    return RosterPlan(file, changes, similar_ids(file.rows, students, changes.damaged))


class RosterImport:
    """Brings the list of students up to date with a roster file."""

    def __init__(
        self, store: RosterStore, time: SiteTime, leave_courses: Callable[[Collection[str]], object] = len
    ) -> None:
        """`leave_courses` ends what students who leave the list, by key, are members of."""
        self._store = store
        self._time = time
        self._leave_courses = leave_courses
        self.shapes = RosterShapes(store)
        self.imports = RunningImports()

    def load(
        self,
        data: bytes,
        name: str | None = None,
        *,
        dry_run: bool = False,
        confirmed: str | None = None,
        reading: Reading = PLAIN,
        choices: RosterChoices = NO_CHOICES,
    ) -> RosterPlan:
        """Import the file, with `dry_run` only plan it; the progress is available under `name`. Raises `InvalidInput`
        with every fault by line, or with what is to be chosen, and `Conflict`: `plan_changed` if the plan has another
        digest than `confirmed`, `people_to_decide` if the choices leave open who is who. Then nothing has changed."""
        with self.imports.named(name) as progress:
            reading = replace(reading, remembered=self.shapes.chosen_before)
            file = read_roster(data, reading, lambda done: progress.now("reading", done))
            retiring = Retiring(self._time.now(), self._time.today())

            def planned() -> RosterPlan:
                return plan_roster(file, self._store.students(), choices, retiring, by_merged_id(self._store))

            if dry_run:
                plan = planned()
                confirm(plan.digest, confirmed)
                return plan
            plan = self._apply(planned, confirmed, progress)
            self.shapes.remember(file.columns)
            return plan

    def _apply(self, planned: Callable[[], RosterPlan], confirmed: str | None, progress: ImportProgress) -> RosterPlan:
        """Write. The store is held for that alone, so that check-ins continue while all rows are compared with the
        list. If somebody changed the list meanwhile, they are compared again, the last time while it is held."""
        for _ in range(COMPARED_UNHELD):
            version = self._store.version
            plan, written = self._decided(planned, confirmed)
            if not written.students:
                return plan
            progress.now("writing", 0, len(written.students))
            with self._store.transaction():
                if not self._store.changed_students(version)[1]:
                    self._write(plan, written, progress)
                    return plan
        with self._store.transaction():
            plan, written = self._decided(planned, confirmed)
            self._write(plan, written, progress)
        return plan

    def _decided(self, planned: Callable[[], RosterPlan], confirmed: str | None) -> tuple[RosterPlan, PreparedStudents]:
        """Return a plan that may be applied, and the students that it writes."""
        plan = planned()
        confirm(plan.digest, confirmed)
        plan.changes.refuse_open()
        return plan, self._store.prepare_students(plan.changes.to_write)

    def _write(self, plan: RosterPlan, written: PreparedStudents, progress: ImportProgress) -> None:
        retired, count = [each.after.key for each in plan.changes.retired], len(written.students)
        self._leave_courses(retired)
        self._store.write_students(
            written, drop_faces=retired, progress=lambda done: progress.now("writing", done, count)
        )
