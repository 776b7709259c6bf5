"""Random lives of a small site: what people do, one thing after the other, to the product and to the reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

from hypothesis import strategies as st

from secure_attend.attendance.courses.course import Course, CourseGroup, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.courses.rules import RulesFrom, StatusRules
from secure_attend.attendance.evidence.canonical_register import canonical_register
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.meetings.meeting_input import MeetingChanges
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.records.excuses import WantedExcuse
from secure_attend.attendance.registers.curriculum import Curricula
from secure_attend.attendance.registers.marks import WantedMark
from secure_attend.attendance.requests.requests import Decision, WantedCorrection
from secure_attend.attendance.services import KEPT_KINDS, Services, assemble
from secure_attend.attendance.students.claims import Actor
from secure_attend.attendance.upkeep.days_kept import DaysKept
from secure_attend.attendance.upkeep.retention import Retention
from secure_attend.errors import DomainError
from secure_attend.settings import Settings
from secure_attend.storage.chains.log_chain import number_of
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry, Student
from tests.support.fakes import Clock
from tests.support.histories.locked_reference import after, groups, refused, takes
from tests.support.histories.register_reference import status, times

BEGIN = date(2026, 11, 23)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
COURSES, PEOPLE = ("A", "B"), ("p", "q")
STAFF = Actor("staff", "staff", None)
DAYS_OF_REQUESTS = 1
KINDS = (
    *("in", "in", "in", "cancel", "mark", "mark", "excuse", "excuse", "member", "rules", "meeting", "meeting"),
    *("lock", "lock", "unlock", "request", "request", "answer", "answer", "pass on", "forget"),
)
VOID = frozenset({"already_excused", "already_locked", "invalid_input", "not_a_member", "not_open", "term_too_long"})
"""Refusals for reasons of another kind: nothing has changed then."""
WAITS = tuple(minutes * MINUTE for minutes in (0, 0, 5, 15, 60, 60, 600, 1440))


def worlds() -> st.SearchStrategy[SimpleNamespace]:
    """Draw a site with two courses and a few classes on two days."""
    return st.builds(
        lambda meetings, people, retain: _world(meetings, people, retain),
        st.lists(st.tuples(*map(st.sampled_from, (COURSES, (0, 0, 1), (0, 30, 60), (30, 60)))), min_size=1, max_size=3),
        st.lists(st.booleans(), min_size=4, max_size=4),
        st.sampled_from((None, None, 2)),
    )


def _world(meetings: list[tuple[str, int, int, int]], members: list[bool], retain: int | None) -> SimpleNamespace:
    world = SimpleNamespace(people=PEOPLE, log=[], locks=[], requests=[], kept=None, begin=BEGIN, retain=retain)
    world.rules = {course: [(None, (15, 10, None))] for course in COURSES}
    pairs = [(course, person) for course in COURSES for person in PEOPLE]
    joined = ("join", BEGIN - 9 * DAY, frozenset({"g"}))
    world.acts = {pair: [joined] if there else [] for pair, there in zip(pairs, members, strict=True)}
    world.meetings = [
        SimpleNamespace(
            key=f"m{number}", course=course, starts=datetime.combine(BEGIN + day * DAY, time(10)) + begin * MINUTE,
            ends=datetime.combine(BEGIN + day * DAY, time(10)) + (begin + length) * MINUTE, zone="UTC", room=None,
            groups=frozenset(), block=None, cancelled=False, may_be_absent=True, held=None, closes=None,
            on_time_until=None,
        )
        for number, (course, day, begin, length) in enumerate(meetings)
    ]  # fmt: skip
    return world


class Life:
    """A site as the product has it, and the world as the reference sees it. `seen` counts what happened."""

    def __init__(
        self, world: SimpleNamespace, store: Store, settings: Settings, clock: Clock, seen: Counter[str]
    ) -> None:
        clock.now = datetime.combine(BEGIN, time(9), timezone.utc)
        self.world, self._store, self._clock, self._seen = world, store, clock, seen
        store.write_students([Student(key, f"id-{key}", key) for key in PEOPLE])
        store.documents.write(list(_documents(world)))
        curricula = Curricula(KeptDocuments(store, KEPT_KINDS))
        self._services: Services = assemble(settings, None, store, clock, ModelStatus(), Mock(), curricula, list)
        self._retention = Retention(store, self._services.time, DaysKept(world.retain or 0, requests=DAYS_OF_REQUESTS))
        self._records: dict[int, str] = {}
        self._locks: dict[tuple[str, date | None, date], str] = {}

    @property
    def now(self) -> datetime:
        """The present of both."""
        return self._clock.now

    def goes_on(self, data: st.DataObject) -> None:
        """Somebody does something, a while later."""
        self._clock.now += data.draw(st.sampled_from(WAITS))
        self.world.kept = self.now - self.world.retain * DAY if self.world.retain else None
        kind = data.draw(st.sampled_from(KINDS))
        draw = {"request": self._request, "answer": self._answer, "pass on": self._pass_on, "forget": self._forget}
        if kind in draw:
            draw[kind](data.draw)
            return
        act = getattr(self, f"_{kind}")(data.draw)
        if act is None:
            return
        act.kind, act.id = kind, self._store.newest_number + 1
        self._do(act)

    def _do(self, act: Any) -> None:
        """Do it, and compare whether it was refused."""
        expected = refused(self.world, act, self.now)
        error = _refusal(lambda: self._carry_out(act))
        if error is not None:
            self._seen[f"{act.kind}: {error.code}"] += 1
            unfinished = act.kind == "lock" and error.code == "invalid_input"
            assert expected or (error.code in VOID and not unfinished), (act, error.code)
            return
        self._seen[act.kind] += 1
        assert not expected, act
        self.world = after(self.world, act)

    def agrees(self) -> None:
        """The registers say what the reference says, and what is locked has its digest."""
        registers = self._services.registers
        found: dict[tuple[str, str], str | None] = {}
        for course in COURSES:
            register = registers.of_course(course)
            for person, cells in (*register.rows, *register.visitors):
                for ruled, cell in zip(register.meetings, cells, strict=True):
                    found[ruled.meeting.key, person.key] = cell.status
        for meeting in self.world.meetings:
            for person in PEOPLE:
                expected = status(self.world, meeting, person, self.now)
                assert found.get((meeting.key, person)) == expected, (meeting, person, self.now)
        for course in COURSES if self.world.retain is None else ():
            for lock in self._services.locks.of_course(course):
                snapshot = registers.snapshot(course)
                assert canonical_register(snapshot.register, snapshot.members, lock.period).digest == lock.digest
        waiting = {(each.student, each.meeting) for each in self._services.requests.all_open()}
        assert waiting == {(each.who, each.meeting) for each in self.world.requests if not is_over(each)}

    # What is drawn

    def _in(self, draw: Any) -> Any:
        return SimpleNamespace(who=draw(st.sampled_from(PEOPLE)), time=self.now, room="*")

    def _cancel(self, draw: Any) -> Any:
        gone = {row.cancels for row in self.world.log if row.kind == "cancel"}
        first = self.world.kept or self.now - 99 * DAY
        standing = [row for row in self.world.log if row.kind == "in" and row.id not in gone and row.time >= first]
        if not standing:
            return None
        row = draw(st.sampled_from(standing))
        return SimpleNamespace(who=row.who, time=self.now, cancels=row.id)

    def _mark(self, draw: Any) -> Any:
        meeting, who = draw(st.sampled_from(self.world.meetings)), draw(st.sampled_from(PEOPLE))
        if self._services.memberships.find(meeting.course, who) is None:
            return None
        marked = draw(st.sampled_from(("present", "late", "excused", "absent", "as_recorded")))
        return SimpleNamespace(who=who, time=self.now, meeting=meeting.key, status=marked)

    def _excuse(self, draw: Any) -> Any:
        who = draw(st.sampled_from(PEOPLE))
        gone = {row.replaces for row in self.world.log if row.kind == "excuse"}
        own = [row for row in self.world.log if row.kind == "excuse" and row.who == who and row.id not in gone]
        own = [row for row in own if row.courses and self.world.retain is None]
        undone = draw(st.sampled_from((None, *own)))
        first = BEGIN + draw(st.sampled_from((-1, 0, 0, 1))) * DAY
        last = first + draw(st.sampled_from((0, 0, 1))) * DAY
        row = SimpleNamespace(
            who=who, time=self.now, from_day=True, meetings=[each.key for each in self.world.meetings]
        )
        row.replaces = undone.id if undone is not None else None
        row.courses = () if undone is not None else draw(st.sampled_from((COURSES, *COURSES)))
        row.since, row.until = datetime.combine(first, time()), datetime.combine(last + DAY, time())
        return row

    def _member(self, draw: Any) -> Any:
        course, who = draw(st.sampled_from(COURSES)), draw(st.sampled_from(PEOPLE))
        day = BEGIN + draw(st.sampled_from((-1, 0, 0, 1, 1, 2))) * DAY
        what, some = (
            draw(st.sampled_from(("join", "join", "leave"))),
            draw(st.sampled_from((frozenset(), frozenset("h")))),
        )
        there = [groups(self.world, course, who, day + number * DAY) is not None for number in range(9)]
        known = self._services.memberships.find(course, who) is not None
        if (what == "join" and any(there) != all(there)) or (what == "leave" and not known):
            return None
        return SimpleNamespace(course=course, who=who, what=what, day=day, groups=some if what == "join" else None)

    def _rules(self, draw: Any) -> Any:
        course = draw(st.sampled_from(COURSES))
        near = draw(st.sampled_from(self.world.meetings)).starts.replace(tzinfo=timezone.utc)
        since = draw(st.sampled_from((None, near, near + MINUTE)))
        return SimpleNamespace(course=course, since=since, rules=draw(st.sampled_from(((15, 10, None), (30, 0, 20)))))

    def _meeting(self, draw: Any) -> Any:
        meeting = draw(st.sampled_from(self.world.meetings))
        moments = times(meeting, self.world.rules[meeting.course])
        is_open = moments.opens <= self.now < moments.closes and not meeting.cancelled
        over = self.now >= moments.closes and not meeting.cancelled
        minutes = draw(st.sampled_from((-90, -30, 30, 1440))) * MINUTE
        possible: list[dict[str, Any]] = [
            {"cancelled": True},
            {"cancelled": False},
            {"starts": meeting.starts + minutes, "ends": meeting.ends + minutes, "closes": None, "on_time_until": None},
            {"groups": draw(st.sampled_from((frozenset(), frozenset("g"))))},
        ]
        if is_open:
            possible.append({"closes": self.now})
        if over:
            possible.append({"held": True})
        return SimpleNamespace(meeting=meeting.key, changes=draw(st.sampled_from(possible)))

    def _lock(self, draw: Any) -> Any:
        last = BEGIN + draw(st.sampled_from((-1, 0, 0, 1))) * DAY
        first = draw(st.sampled_from((None, last, BEGIN)))
        if last > self.now.date() or (first is not None and first > last):
            return None
        return SimpleNamespace(course=draw(st.sampled_from(COURSES)), first=first, last=last)

    def _unlock(self, draw: Any) -> Any:
        if not self.world.locks:
            return None
        course, first, last = draw(st.sampled_from(self.world.locks))
        return SimpleNamespace(course=course, first=first, last=last)

    # What the product does

    def _carry_out(self, act: Any) -> None:
        if act.kind in ("in", "cancel", "mark", "excuse"):
            self._record(act)
            [record] = self._store.records(after=act.id - 1)
            assert number_of(record.id) == act.id
            self._records[act.id] = record.id
        elif act.kind == "member":
            self._change_membership(act)
        elif act.kind == "rules":
            self._services.courses.change_rules(act.course, _rules(act.rules), act.since)
        elif act.kind == "meeting":
            self._change_meeting(act.meeting, act.changes)
        elif act.kind == "lock":
            lock = self._services.locks.lock(act.course, act.first, act.last, "staff")
            self._locks[act.course, act.first, act.last] = lock.key
        else:
            self._services.locks.unlock(act.course, self._locks[act.course, act.first, act.last])

    def _record(self, act: Any) -> None:
        services = self._services
        if act.kind == "in":
            self._store.append(Entry(self.now, "by_hand", f"id-{act.who}", "staff", person=act.who, room="*"))
        elif act.kind == "cancel":
            services.cancellations.cancel(self._records[act.cancels], STAFF, UNLIMITED)
        elif act.kind == "mark":
            _, marks = services.registers.marks(act.meeting, [act.who])
            replaces = marks[act.who].record_id if act.who in marks else None
            services.marks.mark(act.meeting, [WantedMark(act.who, act.status, replaces)], STAFF)
        elif act.replaces is not None:
            services.excuses.undo(act.who, self._records[act.replaces], STAFF, UNLIMITED)
        else:
            course = act.courses if isinstance(act.courses, str) else None
            wanted = WantedExcuse(act.who, course, (), act.since.date(), act.until.date() - DAY)
            services.excuses.add(wanted, STAFF)

    def _change_membership(self, act: Any) -> None:
        memberships = self._services.memberships
        if act.what == "leave":
            memberships.leave(act.course, [act.who], act.day)
        elif groups(self.world, act.course, act.who, act.day) is None:
            memberships.join(act.course, [act.who], act.day, act.groups)
        else:
            memberships.move(act.course, [act.who], act.groups, act.day)

    def _change_meeting(self, key: str, changes: dict[str, Any]) -> None:
        meetings = self._services.meetings
        if "cancelled" in changes:
            (meetings.cancel if changes["cancelled"] else meetings.restore)(key)
        elif "held" in changes:
            meetings.say_held(key)
        elif changes.keys() == {"closes"}:
            meetings.close_early(key)
        else:
            wanted = {name: changes[name] for name in ("starts", "ends", "groups") if name in changes}
            meetings.change(key, MeetingChanges(**wanted))

    # Requests and retention

    def _request(self, draw: Any) -> None:
        there = [
            (meeting, who)
            for meeting in self.world.meetings
            for who in PEOPLE
            if groups(self.world, meeting.course, who, meeting.starts.date()) is not None
        ]
        if not there:
            return
        meeting, who = draw(st.sampled_from(there))
        asked = SimpleNamespace(
            kind="request", who=who, meeting=meeting.key, asks=draw(st.sampled_from(("present", "excused"))),
            accepted=False, answers=0, passed_on=False, key="", at=self.now,
        )  # fmt: skip
        expected = takes(self.world, asked, self.now)
        wanted = WantedCorrection(who, meeting.key, asked.asks)
        error = _refusal(lambda: vars(asked).update(key=self._services.requests.make(wanted).key))
        if error is not None:
            self._seen[f"request: {error.code}"] += 1
            assert not expected, (asked, error.code)
            return
        self._seen["request"] += 1
        assert expected, asked
        self.world.requests.append(asked)

    def _answer(self, draw: Any) -> None:
        if not self.world.requests:
            return
        asked, accept = draw(st.sampled_from(self.world.requests)), draw(st.booleans())
        mark = SimpleNamespace(kind="mark", who=asked.who, time=self.now, meeting=asked.meeting, status=asked.asks)
        meeting = next(each for each in self.world.meetings if each.key == asked.meeting)
        already = status(self.world, meeting, asked.who, self.now) == asked.asks
        number = self._store.newest_number
        mark.id = number + 1
        may = not accept or not refused(self.world, mark, self.now)
        error = _refusal(lambda: self._services.requests.answer(asked.key, Decision(accept), STAFF))
        if error is not None:
            self._seen[f"answer: {error.code}"] += 1
            assert is_over(asked) or not may, (asked, error.code)
            assert list(self._store.records(after=number)) == []
            return
        self._seen["accepted" if accept else "declined"] += 1
        made = list(self._store.records(after=number))
        assert not is_over(asked)
        assert (len(made) == 1 and may) if accept and not already else len(made) <= accept, (asked, made)
        for record in made:
            assert (record.person, record.meeting, record.status) == (asked.who, asked.meeting, asked.asks)
            self.world = after(self.world, mark)
        asked = next(each for each in self.world.requests if each.key == asked.key)
        asked.accepted, asked.answers, asked.at = accept, asked.answers + 1, self.now

    def _pass_on(self, draw: Any) -> None:
        if not self.world.requests:
            return
        asked = draw(st.sampled_from(self.world.requests))
        may = is_over(asked) and not asked.accepted and not asked.passed_on
        error = _refusal(lambda: self._services.requests.pass_on(asked.who, asked.key))
        if error is not None:
            self._seen[f"pass on: {error.code}"] += 1
            assert not may, (asked, error.code)
            return
        self._seen["pass on"] += 1
        assert may, asked
        asked.passed_on, asked.at = True, self.now

    def _forget(self, draw: Any) -> None:
        """Erase what is older than it is kept. No status that is kept may change: `agrees` compares."""
        self._retention.run()
        self._seen["forget"] += 1
        first = self.now - DAYS_OF_REQUESTS * DAY
        self.world.requests = [each for each in self.world.requests if not (is_over(each) and each.at < first)]
        kept = {request.key for person in PEOPLE for request in self._services.requests.of(person)}
        assert kept == {each.key for each in self.world.requests}


def is_over(request: Any) -> bool:
    """Return whether a request waits for nobody: it was accepted, or answered by all whom it was put to."""
    return bool(request.accepted or request.answers > request.passed_on)


def _refusal(do: Callable[[], object]) -> DomainError | None:
    """Do something. Return what refused it."""
    try:
        do()
    except DomainError as error:
        return error
    return None


def _documents(world: SimpleNamespace) -> Any:
    for course in COURSES:
        rules = (RulesFrom(None, _rules(world.rules[course][0][1])),)
        both = (CourseGroup("g", "G"), CourseGroup("h", "H"))
        made = Course(course, course, course, "Autumn", BEGIN - 30 * DAY, BEGIN + 60 * DAY, both)
        yield course_document(replace(made, rules=rules))
        for person in (each for each in PEOPLE if world.acts[course, each]):
            yield membership_document(Membership(course, person, (Span(BEGIN - 9 * DAY, None, frozenset("g")),)))
    for meeting in world.meetings:
        yield meeting_document(Meeting(title="Class", **vars(meeting)))


def _rules(said: tuple[int, int, int | None]) -> StatusRules:
    before, on_time, late = said
    return StatusRules(before * MINUTE, on_time * MINUTE, late * MINUTE if late is not None else None)
