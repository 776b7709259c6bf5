"""Registers as files: CSV and Excel workbooks, of one course or of several."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apiflask import APIBlueprint, FileSchema
from flask import Response

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.exports.csv_file import csv_pieces
from secure_attend.attendance.exports.register_table import Form
from secure_attend.attendance.table import Table
from secure_attend.web.api.courses.courses import UNKNOWN
from secure_attend.web.http.access_rules import AnyRule, scope
from secure_attend.web.http.attachments import CSV, XLSX, csv_attachment, xlsx_attachment
from secure_attend.web.http.audit_rules import looks, note
from secure_attend.web.http.course_rules import in_course, require_in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.export_schemas import CoursesCsvQuery, CoursesQuery, RegisterCsvQuery, RegisterXlsxQuery

blueprint = APIBlueprint("register_exports", __name__, tag="Registers")
RULE = in_course("lecturer")
EXCEPT_FOR: Mapping[str, AnyRule] = {}
AUDIT = {
    view: looks(AuditedAction.EXPORT_REGISTER)
    for view in ("register_csv", "register_xlsx", "registers_csv", "registers_xlsx")
}
UNKNOWN_COURSES = {404: "One of the `courses` doesn't exist."}


@blueprint.get("/courses/<course>/register.csv")
@blueprint.input(RegisterCsvQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=CSV)
@describe(blueprint, UNKNOWN)
def register_csv(course: str, query: RegisterCsvQuery) -> Response:
    """Download the register of a course as CSV

    `form=grid` has a row for each student and a column for each class, `form=long` a row for each student and class.
    Statuses are `P`, `L`, `E` and `A`; reasons and notes are never in it. Times are local to the class, beside their
    `timezone`. The last columns name the moment, the log's newest record and the register's digest.
    """
    pieces = csv_pieces(_table(course, query.form, "csv"), query.separator)
    return csv_attachment(pieces, _name(course, query.form))


@blueprint.get("/courses/<course>/register.xlsx")
@blueprint.input(RegisterXlsxQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=XLSX)
@describe(blueprint, UNKNOWN)
def register_xlsx(course: str, query: RegisterXlsxQuery) -> Response:
    """Download the register of a course as an Excel workbook

    It has the rows and columns of the CSV file. Student IDs are text, so that `007` stays as it is.
    """
    return xlsx_attachment(_table(course, query.form, "xlsx"), _name(course, query.form))


@blueprint.get("/reports/registers.csv")
@blueprint.input(CoursesCsvQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=CSV)
@describe(blueprint, UNKNOWN_COURSES)
def registers_csv(query: CoursesCsvQuery) -> Response:
    """Download the registers of several courses as CSV

    `courses` are keys, separated by commas. Without it, all courses: those where you are a lecturer, or those of the
    site for registrars. There is a row for each student and class. Each course is as of the moment in `exported_at`.
    """
    return csv_attachment(csv_pieces(_tables(query.courses, "csv"), query.separator), "registers")


@blueprint.get("/reports/registers.xlsx")
@blueprint.input(CoursesQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type=XLSX)
@describe(blueprint, UNKNOWN_COURSES)
def registers_xlsx(query: CoursesQuery) -> Response:
    """Download the registers of several courses as an Excel workbook

    It has the rows and columns of the CSV file. What is too long for a sheet is on further ones.
    """
    return xlsx_attachment(_tables(query.courses, "xlsx"), "registers")


def _table(course: str, form: Form, file: str) -> Table:
    note(f"course:{course}", form=form, file=file)
    return current_services().register_exports.of_course(course, form)


def _tables(courses: str | None, file: str) -> Table:
    """Return the table of the courses that were named; of all where the caller is a lecturer, if none was."""
    seen, services = scope(), current_services()
    if courses:
        keys = list(dict.fromkeys(courses.split(",")))
        for key in keys:
            require_in_course(RULE, seen, {"course": key})
    else:
        keys = [key for key in services.registers.curriculum().courses if seen.may(key, "lecturer")]
    note(*(f"course:{key}" for key in keys), courses=len(keys), form="long", file=file)
    return services.register_exports.of_courses(keys)


def _name(course: str, form: Form) -> str:
    return course_in_file_name("register", course) + ("-long" if form == "long" else "")


def course_in_file_name(what: str, course: str) -> str:
    """Return the file's name without date: of the course's code what every system takes."""
    code = re.sub(r"[^A-Za-z0-9]+", "-", current_services().registers.curriculum().course(course).code).strip("-")
    return "-".join(filter(None, (what, code)))
