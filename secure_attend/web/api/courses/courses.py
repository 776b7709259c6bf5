"""/courses: the list, one course, its groups, and its deletion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.access.course_staff import COURSE_STAFF
from secure_attend.attendance.courses.course import Course, CourseGroup
from secure_attend.attendance.courses.course_input import CourseChanges, CourseDraft, GroupDraft
from secure_attend.errors import InvalidInput, NotFound
from secure_attend.web.http.access_rules import AnyRule, Rule, scope
from secure_attend.web.http.audit_rules import NotAudited, changes, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services, current_site
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.access_schemas import Done
from secure_attend.web.schemas.course_schemas import (
    CourseChange,
    CourseList,
    CourseOut,
    GroupOut,
    NewCourse,
    NewGroup,
)
from secure_attend.web.schemas.courses.serialise_percentages import policy_in_words
from secure_attend.web.schemas.serialise_courses import course_of_list, course_out

blueprint = APIBlueprint("courses", __name__, tag="Courses")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "list_courses": Rule.FACULTY,
    "add_course": Rule.FACULTY,
    "one_course": in_course("lecturer", "assistant", "viewer"),
}
AUDIT = {
    "list_courses": NotAudited("it shows what is taught, and names no student"),
    "one_course": NotAudited("it shows what is taught, and names no student"),
    "add_course": changes(AuditedAction.ADD_COURSE),
    "change_course": changes(AuditedAction.CHANGE_COURSE),
    "delete_course": changes(AuditedAction.DELETE_COURSE),
    "add_group": changes(AuditedAction.CHANGE_COURSE),
    "remove_group": changes(AuditedAction.CHANGE_COURSE),
}
UNKNOWN = {404: "There is no such course, or you are not among its staff."}
ARCHIVED = "The course is archived."
LOCKED = "It would change something inside a lock (`locked`): a registrar can unlock it."


@blueprint.get("/courses")
@blueprint.output(CourseList)
def list_courses() -> CourseList:
    """List the courses

    Lecturers, assistants and viewers get their own courses of today. Registrars get all of them; `role` is null where
    they teach nothing. `next_meeting` is the class that is open, or the next one planned. Without `own_rules` or
    `own_policy` a course follows the site (`/attendance-settings`); one with days `locked` counts as it did then.
    """
    services, seen = current_services(), scope()
    taught, now = services.registers.curriculum(), services.time.now()
    shown = [course for course in services.courses.all() if seen.sees_course(course.key)]
    return CourseList(courses=[course_of_list(course, seen, taught, now) for course in shown])


@blueprint.post("/courses")
@blueprint.input(NewCourse, location="json", arg_name="body")
@blueprint.output(CourseOut, status_code=201)
def add_course(body: NewCourse) -> CourseOut:
    """Add a course

    A lecturer who adds a course becomes its lecturer. `minutes` is how long its classes last, `groups` the names of its
    groups. A course without `faces` takes check-ins by ID and personal code, and by staff: while its class is open,
    kiosks in its room take none by face, and students of such courses alone are not registered.
    """
    services, seen = current_services(), scope()
    draft = CourseDraft(**body.model_dump())
    with services.store.transaction():
        course = services.courses.create(draft)
        if "faculty" in seen.roles:
            note(staff=current_site().staffing.found(course.key, seen.account).facts["after"])
    note(f"course:{course.key}", **_facts(course))
    return _out(course, founded="faculty" in seen.roles)


@blueprint.get("/courses/<course>")
@blueprint.output(CourseOut)
@describe(blueprint, UNKNOWN)
def one_course(course: str) -> CourseOut:
    """Get a course"""
    return _out(current_services().courses.get(course))


@blueprint.patch("/courses/<course>")
@blueprint.input(CourseChange, location="json", arg_name="body")
@blueprint.output(CourseOut)
@describe(blueprint, UNKNOWN | {409: f"{ARCHIVED} `archived: false` brings it back."})
def change_course(course: str, body: CourseChange) -> CourseOut:
    """Change a course, archive it or restore it

    What is left out stays. An empty `room` removes the room. An archived course is read-only: it has its own policy
    from then on, which is the one it counted by, so that a change of the site's no longer changes its percentages.
    """
    courses = current_services().courses
    before = courses.get(course)
    changed = courses.change(course, CourseChanges(**body.model_dump()))
    _note_change(before, changed)
    return _out(changed)


@blueprint.delete("/courses/<course>")
@blueprint.output(Done)
@describe(
    blueprint,
    UNKNOWN
    | {
        403: "It is the site's only course (`last_course`), and you are not a registrar; or you are not its lecturer.",
        409: f"A class of it was held (`course_held`). Archive the course instead. {LOCKED} "
        "There is a hold on it (`on_hold`).",
    },
)
def delete_course(course: str) -> Done:
    """Delete a course

    Its classes, requests of students about them, and memberships are deleted with it. Students stay on the site's list.
    Only a registrar deletes the site's only course, since lecturers of a site without courses see all students.
    """
    services = current_services()
    services.holds.refuse_deleting(course)
    staff = services.store.documents.get(COURSE_STAFF.name, course)
    deleted = services.courses.delete(course, [staff] if staff is not None else [], may_be_last=scope().everything)
    note(f"course:{course}", **_facts(deleted))
    return Done(done=True)


@blueprint.post("/courses/<course>/groups")
@blueprint.input(NewGroup, location="json", arg_name="body")
@blueprint.output(GroupOut, status_code=201)
@describe(blueprint, UNKNOWN | {409: ARCHIVED})
def add_group(course: str, body: NewGroup) -> GroupOut:
    """Add a group to a course"""
    courses = current_services().courses
    before = courses.get(course)
    known = [GroupDraft(group.name, group.key) for group in before.groups]
    try:
        after = courses.change(course, CourseChanges(groups=[*known, GroupDraft(body.name)]), courses.version(course))
    except InvalidInput as error:  # the one field that this body has
        raise InvalidInput(
            error.code, error.detail, errors=[replace(fault, field="name") for fault in error.errors]
        ) from error
    _note_change(before, after)
    added = after.groups[-1]
    return GroupOut(key=added.key, name=added.name)


@blueprint.delete("/courses/<course>/groups/<group>")
@blueprint.output(Done)
@describe(
    blueprint, {404: "There is no such course or group.", 409: f"Students or classes belong to the group. {LOCKED}"}
)
def remove_group(course: str, group: str) -> Done:
    """Remove a group from a course

    Only a group that no student and no class belongs to can be removed.
    """
    courses = current_services().courses
    before = courses.get(course)
    if group not in before.group_keys:
        raise NotFound("unknown_group", "This group doesn't exist. Load the course again.")
    kept = [GroupDraft(each.name, each.key) for each in before.groups if each.key != group]
    _note_change(before, courses.change(course, CourseChanges(groups=kept), courses.version(course)))
    return Done(done=True)


def _out(course: Course, *, founded: bool = False) -> CourseOut:
    services, seen = current_services(), scope()
    out = course_out(course, seen, services.registers.curriculum(), services.time.now())
    return out.model_copy(update={"role": "lecturer"}) if founded else out


def _note_change(before: Course, after: Course) -> None:
    """Note both values of each field that changed."""
    old, new = _facts(before), _facts(after)
    changed = {name for name in old if old[name] != new[name]}
    facts = {f"{name}_before": old[name] for name in changed} | {name: new[name] for name in changed}
    note(f"course:{after.key}", **facts)


def _facts(course: Course) -> dict[str, str | int | bool | None]:
    return {
        "code": course.code,
        "title": course.title,
        "term": course.term,
        "days": f"{course.first_day}..{course.last_day}",
        "groups": _names(course.groups),
        "minutes": course.minutes,
        "room": course.room,
        "archived": course.archived,
        "uses_faces": course.faces,
        "percentages": policy_in_words(course.policy),
    }


def _names(groups: tuple[CourseGroup, ...]) -> str:
    return "; ".join(group.name for group in groups)
