"""/roster?course=KEY: planned, imported as planned, and undone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.access.course_staff import CourseStaff, StaffMember, staff_document
from secure_attend.attendance.courses.course import Course, CourseGroup, course_document, course_of
from secure_attend.attendance.courses.course_input import CourseChanges, GroupDraft
from secure_attend.attendance.courses.last_import import LAST_IMPORTS
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_of
from secure_attend.attendance.services import Services
from secure_attend.errors import StorageFailed
from secure_attend.settings import PROJECT
from secure_attend.storage.chains.audit_chain import AuditSelection
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import access_of, logged_in
from tests.support.web.litany import fields, problem, refuses_other_methods, takes_json_only

A, B = "course-A-key", "course-B-key"
FIRST, LAST = date(2026, 10, 12), date(2027, 2, 5)
FILE = b"student_id,name,group\n1001,Ann Lee,Lab A\n1002,Bo Li,Lab B; Tutorial\n1003,Cy Fox,\n"


class Taught:
    """Two courses. Ada teaches A, Berta B, Anton assists in A; Regine is the registrar."""

    def __init__(self, app: Flask) -> None:
        self.services: Services = SITE_PARTS.of(app).services
        self.store = self.services.store
        self.regine = logged_in(app, "Regine", roles=("admin", "registrar", "faculty"))
        self.ada, self.anton, self.berta = (
            logged_in(app, name, roles=("faculty",)) for name in ("Ada", "Anton", "Berta")
        )
        key = {each.name: each.key for each in access_of(app).accounts.all()}
        staff = (StaffMember(key["Ada"], "lecturer"), StaffMember(key["Anton"], "assistant"))
        self.store.documents.write(
            [
                course_document(Course(A, "STAT110", "S", "T", FIRST, LAST, (CourseGroup("lab-a", "lab a"),))),
                course_document(Course(B, "PHYS220", "P", "T", FIRST, LAST)),
                staff_document(CourseStaff(A, staff)),
                staff_document(CourseStaff(B, (StaffMember(key["Berta"], "lecturer"),))),
            ]
        )

    def send(self, who: FlaskClient, data: bytes = FILE, course: str | None = A, **query: str) -> Any:
        asked = {**query, **({"course": course} if course else {})}
        return who.post("/api/v1/roster", data=data, content_type="text/csv", query_string=asked)

    def plan(self, who: FlaskClient, data: bytes = FILE, course: str = A) -> dict[str, Any]:
        answer = self.send(who, data, course, dry_run="1")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def imported(self, who: FlaskClient, data: bytes = FILE, course: str = A, **query: str) -> dict[str, Any]:
        answer = self.send(who, data, course, plan=self.plan(who, data, course)["digest"], **query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def undo(self, who: FlaskClient, digest: str, course: str = A) -> Any:
        return who.post("/api/v1/roster/undo", json={"course": course, "plan": digest})

    def groups(self) -> dict[str, tuple[date | None, set[str]]]:
        """Who is in A today: by ID, the last day and the names of the groups."""
        document = self.store.documents.get("courses", A)
        assert document is not None
        names = {group.key: group.name for group in course_of(document).groups}
        members = [membership_of(each) for each in self.store.documents.all(MEMBERSHIPS.name)]
        today = self.services.time.today()
        found = {}
        for member in members:
            span, student = member.span_on(today), self.store.student(member.student)
            if member.course == A and span is not None and student is not None:
                found[student.student_id] = (span.last_day, {names[group] for group in span.groups})
        return found

    def key(self, student_id: str) -> str:
        student = self.store.student_with_id(student_id)
        assert student is not None
        return student.key


@pytest.fixture
def taught(app: Flask) -> Taught:
    return Taught(app)


class TestPlan:
    def test_changes_nothing_and_says_who_would_join(self, taught: Taught) -> None:
        before = taught.store.version
        plan = taught.plan(taught.ada)
        assert taught.store.version == before
        assert (plan["applied"], plan["added"], plan["created"], plan["already"]) == (False, 3, 3, 0)
        assert plan["joining"][0] == {"student_id": "1001", "name": "Ann Lee"}
        assert plan["new_groups"] == ["Lab B", "Tutorial"]
        assert plan["not_listed"] == []

    def test_the_same_bytes_apply_it(self, taught: Taught) -> None:
        done = taught.imported(taught.ada)
        assert (done["applied"], done["added"], done["undoable"]) == (True, 3, True)
        assert taught.groups() == {
            "1001": (None, {"lab a"}),
            "1002": (None, {"Lab B", "Tutorial"}),
            "1003": (None, set()),
        }
        again = taught.plan(taught.ada)
        assert (again["added"], again["already"], again["updated"], again["unchanged"]) == (0, 3, 0, 3)

    def test_is_refused_once_it_would_be_another(self, taught: Taught) -> None:
        plan = taught.plan(taught.ada)
        taught.services.students.add("1003", "Cy Fox")
        changed = problem(taught.send(taught.ada, plan=plan["digest"]), 409, "plan_changed")
        assert changed["plan"] == taught.plan(taught.ada)["digest"]
        assert taught.groups() == {}
        problem(taught.send(taught.ada, FILE + b"1004,Di Ray,\n", plan=plan["digest"]), 409, "plan_changed")
        assert taught.store.student_with_id("1001") is None

    def test_the_list_of_the_site_has_plans_too(self, taught: Taught) -> None:
        answer = taught.send(taught.regine, course=None, dry_run="1").get_json()
        assert (answer["applied"], answer["added"], answer["ignored_columns"]) == (False, 3, ["group"])
        assert taught.services.students.counts() == (0, 0)
        done = taught.send(taught.regine, course=None, plan=answer["digest"]).get_json()
        assert (done["applied"], done["added"]) == (True, 3)
        problem(taught.send(taught.regine, course=None, plan=answer["digest"]), 409, "plan_changed")

    def test_a_file_that_needs_no_choice_needs_no_plan(self, taught: Taught) -> None:
        assert taught.send(taught.ada).get_json()["added"] == 3
        problem(taught.send(taught.ada, FILE.replace(b"Cy Fox", b"Cy Wolf")), 409, "plan_needed")
        assert taught.store.student(taught.key("1003")).name == "Cy Fox"  # type: ignore[union-attr]


@pytest.mark.parametrize("course", [A, B])
@pytest.mark.parametrize("name", ["Annie Lee", "Annie Leeward"])
def test_no_plan_tells_a_lecturer_the_official_name_of_a_student_known_by_another(
    taught: Taught, course: str, name: str
) -> None:
    """In the course, and joining one; a registrar's plan has it."""
    student = taught.services.students.add("1001", "Legal Lee", known_as="Annie Lee")
    taught.services.memberships.join(A, [student.key], FIRST, [])
    lecturer = taught.ada if course == A else taught.berta
    file = f"student_id,name\n1001,{name}\n".encode()
    assert "Legal" not in taught.send(lecturer, file, course, dry_run="1").text
    same = taught.send(lecturer, b"student_id,name\n1001,Lee Jones\n", course, dry_run="1", same=student.key)
    assert "Legal" not in same.text
    assert "Legal" in taught.send(taught.regine, b"student_id,name\n1001,Lee Jones\n", course, dry_run="1").text


class TestLeaving:
    def test_only_those_no_longer_listed_and_only_the_course(self, taught: Taught) -> None:
        taught.imported(taught.ada)
        rest = b"student_id,name\n1001,Ann Lee\n"
        plan = taught.plan(taught.ada, rest)
        assert [each["student_id"] for each in plan["not_listed"]] == ["1002", "1003"]
        assert taught.imported(taught.ada, rest)["left"] == 0
        assert len(taught.groups()) == 3
        assert taught.imported(taught.ada, rest, leave=taught.key("1003"))["left"] == 1
        assert taught.imported(taught.ada, rest, leave="1")["left"] == 1
        today = taught.services.time.today()
        assert {student: ends for student, (ends, _) in taught.groups().items()} == {
            "1001": None,
            "1002": today,
            "1003": today,
        }
        assert taught.services.students.counts()[0] == 3, "nobody leaves the site's list"
        assert taught.plan(taught.ada, rest)["not_listed"] == []

    def test_is_for_a_plan_and_its_students_alone(self, taught: Taught) -> None:
        taught.imported(taught.ada)
        rest = b"student_id,name\n1001,Ann Lee\n"
        assert fields(taught.send(taught.ada, rest, leave="1")) == ["leave"]
        digest = taught.plan(taught.ada, rest)["digest"]
        assert fields(taught.send(taught.ada, rest, plan=digest, leave=taught.key("1001"))) == ["leave"]
        assert fields(taught.send(taught.regine, rest, course=None, leave="1")) == ["leave"]
        assert all(ends is None for ends, _ in taught.groups().values())


class TestWhoMay:
    def test_lecturers_of_the_course_and_registrars(self, taught: Taught) -> None:
        problem(taught.send(taught.berta), 404, "unknown_course")
        problem(taught.send(taught.ada, course="no-such-course"), 404, "unknown_course")
        problem(taught.send(taught.anton), 403, "not_allowed")
        problem(taught.send(taught.ada, course=None), 403, "not_allowed")
        assert taught.imported(taught.regine)["added"] == 3
        problem(taught.undo(taught.berta, "0" * 32), 404, "unknown_course")
        problem(taught.undo(taught.anton, "0" * 32), 403, "not_allowed")

    def test_anothers_student_is_added_by_exact_id_and_name(self, taught: Taught) -> None:
        taught.imported(taught.berta, b"student_id,name,email\n7,Zoe Quill,zoe@school.org\n", B)
        guess = taught.plan(taught.ada, b"student_id,name\n7,Mallory\n1001,Ann Lee\n")
        assert "Quill" not in str(guess)
        assert taught.key("7") not in str(guess)
        assert (guess["added"], guess["left_out"], guess["warnings"][0]["line"]) == (1, 1, 2)
        problem(taught.send(taught.ada, b"student_id,name\n7,Mallory\n"), 409, "plan_needed")
        joined = taught.imported(taught.ada, b"student_id,name,email\n7,Zoe Quill,ada@evil.org\n")
        assert joined["joining"] == [{"student_id": "7", "name": "Zoe Quill"}]
        zoe = taught.store.student(taught.key("7"))
        assert zoe is not None
        assert zoe.email == "zoe@school.org", "what the list says of her concerns the other course, too"

    def test_a_shared_students_name_stays(self, taught: Taught) -> None:
        for who, course in ((taught.ada, A), (taught.berta, B)):
            taught.imported(who, b"student_id,name\n7,Zoe Quill\n", course)
        taught.imported(taught.ada, b"student_id,name\n7,Zoe Other\n")
        assert taught.store.student(taught.key("7")).name == "Zoe Quill"  # type: ignore[union-attr]
        taught.imported(taught.regine, b"student_id,name\n7,Zoe Other\n")
        assert taught.store.student(taught.key("7")).name == "Zoe Other"  # type: ignore[union-attr]

    def test_only_a_registrar_brings_back_who_was_removed(self, taught: Taught) -> None:
        taught.imported(taught.ada)
        taught.services.students.remove([taught.key("1001")])
        assert taught.plan(taught.ada)["left_out"] == 1
        assert taught.imported(taught.regine)["restored"] == 1


class TestUndo:
    """POST /roster/undo"""

    def state(self, taught: Taught) -> dict[str, Any]:
        """What undoing brings back; versions and new students' entries apart."""
        listed = {each.student_id: (each.name, each.email, each.removed_at) for each in taught.store.students()}
        kinds = (MEMBERSHIPS.name, "courses")
        documents = {each.id: each.value for kind in kinds for each in taught.store.documents.all(kind)}
        return {"listed": listed, "documents": documents}

    def test_brings_back_what_was(self, taught: Taught) -> None:
        taught.imported(taught.ada)
        before = self.state(taught)
        file = b"student_id,name,group\n1001,Ann Leigh,Lab B\n1009,New One,Lab C\n"
        done = taught.imported(taught.ada, file, leave="1")
        assert self.state(taught) != before
        answer = taught.undo(taught.ada, done["digest"])
        assert answer.get_json() == {"memberships": 4, "restored": 1, "removed": 1}
        after = self.state(taught)
        assert after["listed"].pop("1009")[2] is not None, "removed from the list"
        assert after == before
        problem(taught.undo(taught.ada, done["digest"]), 409, "import_changed")

    def test_ends_with_the_next_change(self, taught: Taught) -> None:
        first = taught.imported(taught.ada)
        second = taught.imported(taught.ada, FILE + b"1004,Di Ray,\n")
        problem(taught.undo(taught.ada, first["digest"]), 409, "import_changed")
        taught.services.memberships.leave(A, [taught.key("1004")], FIRST)
        taught.services.memberships.join(A, [taught.key("1004")])
        problem(taught.undo(taught.ada, second["digest"]), 409, "import_changed")

    def test_is_offered_to_whoever_looks_until_the_next_change(self, taught: Taught) -> None:
        def offered() -> Any:
            return taught.ada.get(f"/api/v1/courses/{A}/members").get_json()["undoable"]

        assert offered() is None
        done = taught.imported(taught.ada)
        assert offered() == {"plan": done["digest"], "students": 3}
        taught.services.memberships.leave(A, [taught.key("1002")], FIRST)
        taught.services.memberships.join(A, [taught.key("1002")])
        assert offered() is None
        taught.imported(taught.ada, FILE + b"1004,Di Ray,\n")
        assert taught.undo(taught.ada, offered()["plan"]).status_code == 200
        assert offered() is None

    @pytest.mark.parametrize("file", [FILE, b"student_id,name\n1001,Ann Lee\n"], ids=["with groups", "without"])
    def test_not_in_an_archived_course(self, taught: Taught, file: bytes) -> None:
        done = taught.imported(taught.ada, file)
        taught.services.courses.change(A, CourseChanges(archived=True))
        assert taught.ada.get(f"/api/v1/courses/{A}/members").get_json()["undoable"] is None
        before = self.state(taught)
        problem(taught.undo(taught.ada, done["digest"]), 409, "course_archived")
        assert self.state(taught) == before

    def test_not_once_a_membership_is_deleted(self, taught: Taught) -> None:
        taught.services.students.add("1001", "Ann Lee")
        taught.services.memberships.join(A, [taught.key("1001")])
        done = taught.imported(taught.ada, b"student_id,name,group\n1001,Ann Lee,Lab B\n")
        taught.services.memberships.leave(A, [taught.key("1001")], FIRST)
        problem(taught.undo(taught.ada, done["digest"]), 409, "import_changed")
        assert taught.groups() == {}

    def test_brings_back_a_membership_that_the_import_deleted(self, taught: Taught) -> None:
        tomorrow = taught.services.time.today() + timedelta(days=1)
        taught.services.students.add("1001", "Ann Lee")
        taught.services.memberships.join(A, [taught.key("1001")], tomorrow)
        before = self.state(taught)
        done = taught.imported(taught.ada, b"student_id,name\n1009,New One\n", leave="1")
        assert taught.services.memberships.find(A, taught.key("1001")) is None
        assert taught.undo(taught.ada, done["digest"]).status_code == 200
        assert self.state(taught)["documents"] == before["documents"]

    def test_not_once_a_former_group_is_gone(self, taught: Taught) -> None:
        taught.services.students.add("1001", "Ann Lee")
        taught.services.memberships.join(A, [taught.key("1001")], groups=["lab-a"])
        done = taught.imported(taught.ada, b"student_id,name,group\n1001,Ann Lee,Lab B\n")
        [lab_b] = [each for each in taught.services.courses.get(A).groups if each.key != "lab-a"]
        taught.services.courses.change(A, CourseChanges(groups=[GroupDraft(lab_b.name, lab_b.key)]))
        problem(taught.undo(taught.ada, done["digest"]), 409, "import_changed")

    def test_who_has_been_seen_since_stays_on_the_list(self, taught: Taught) -> None:
        done = taught.imported(taught.ada)
        taught.ada.post(f"/api/v1/students/{taught.key('1002')}/check-ins")
        assert taught.undo(taught.ada, done["digest"]).get_json()["removed"] == 2
        bo = taught.store.student(taught.key("1002"))
        assert bo is not None
        assert bo.removed_at is None
        assert taught.groups() == {}

    def test_erasing_leaves_nothing_of_the_person(self, taught: Taught) -> None:
        taught.imported(taught.ada)
        taught.imported(taught.regine, b"student_id,name\n1001,Ann Leigh\n")
        key = taught.key("1001")
        taught.services.students.erase(key)
        document = taught.store.documents.get(LAST_IMPORTS.name, A)
        assert document is not None
        assert "Ann" not in str(document)
        assert key not in str(document)

    def test_litany(self, taught: Taught) -> None:
        ask = taught.ada.open

        def api(method: str, path: str, **given: Any) -> Any:
            return ask(f"/api/v1{path}", method=method, **given)

        takes_json_only(api, "POST", "/roster/undo", {"course": A, "plan": "0" * 32})
        refuses_other_methods(api, "/roster/undo", "POST")
        assert fields(api("POST", "/roster/undo", json={})) == ["course", "plan"]
        problem(api("POST", "/roster/undo", json={"course": A, "plan": "0" * 32}), 409, "import_changed")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"plan": "x"}, "plan"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"first_day": "2026-02-30"}, "first_day"),
        ({"first_day": "1999-01-01"}, "first_day"),
        ({"first_day": "2027-12-01"}, "first_day"),
        ({"course": "x" * 129}, "course"),
    ],
)
def test_bad_queries_change_nothing(taught: Taught, query: dict[str, str], field: str) -> None:
    before = taught.store.version
    assert fields(taught.send(taught.ada, **{"course": A, **query})) == [field]
    assert taught.store.version == before


def test_too_many_groups_are_refused(taught: Taught) -> None:
    rows = b"".join(b"%d,Name,Group %d\n" % (number, number) for number in range(101))
    body = problem(taught.send(taught.ada, b"student_id,name,group\n" + rows), 422, "roster_rejected")
    assert "102 groups" in body["detail"]
    assert taught.services.students.counts() == (0, 0)


def test_the_same_file_completes_an_import_that_was_cut_off(taught: Taught, monkeypatch: pytest.MonkeyPatch) -> None:
    """In files, students are written first: without membership they are in no course, and nothing else is lost."""

    def fails(*_: object) -> int:
        raise StorageFailed("storage_failed", "The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(taught.store.documents, "write", fails)
        problem(taught.send(taught.ada), 503, "storage_failed")
    assert (taught.services.students.counts()[0], taught.groups()) == (3, {})
    assert taught.imported(taught.ada)["added"] == 3
    assert len(taught.groups()) == 3


def test_it_is_audited_with_counts_and_whom_it_took_from_others(taught: Taught, app: Flask) -> None:
    taught.imported(taught.berta, b"student_id,name\n7,Zoe Quill\n", B)
    taught.imported(taught.ada, b"student_id,name\n7,Zoe Quill\n1001,Ann Lee\n")
    entry = [*taught.store.audit.all(AuditSelection(action="load_roster"))][-1].deed
    zoe, ann = taught.key("7"), taught.key("1001")
    assert entry.about == (f"student:{zoe}", f"student:{ann}"), "those of others first"
    assert entry.facts["members_before"] == f"none: {zoe} {ann}"
    assert entry.facts["members_after"] == f"{taught.services.time.today()}..: {zoe} {ann}"
    assert (entry.facts["course"], entry.facts["added"], entry.facts["others"]) == (A, 2, 1)


def test_undoing_is_audited_with_both_values(taught: Taught) -> None:
    done = taught.imported(taught.ada, b"student_id,name\n1001,Ann Lee\n")
    assert taught.undo(taught.ada, done["digest"]).status_code == 200
    entry = [*taught.store.audit.all(AuditSelection(action="undo_roster"))][-1].deed
    ann = next(each.key for each in taught.store.students() if each.student_id == "1001")
    assert entry.about == (f"student:{ann}",)
    assert entry.facts["members_before"] == f"{taught.services.time.today()}..: {ann}"
    assert entry.facts["members_after"] == f"none: {ann}"


def test_the_shipped_roster_of_a_course(taught: Taught) -> None:
    done = taught.imported(taught.ada, (PROJECT / "samples" / "course_roster.csv").read_bytes())
    assert (done["added"], done["warnings"], done["ignored_columns"]) == (12, [], [])
    assert done["new_groups"] == ["Lab B"]


def test_an_id_that_looks_like_that_of_somebody_elses_student_is_warned_of(app: Flask) -> None:
    site = Taught(app)
    site.imported(site.berta, b"student_id,name\nS001,Ann Lee\n", B)
    warnings = site.plan(site.ada, "student_id,name\n\u0405001,Bo Li\n".encode())["warnings"]
    words = "The ID \u0405001 looks like another student's. They are kept as different students."
    assert warnings == [{"line": 2, "message": words}]
