"""/imports/nightly: terms, courses, groups, staff and members in one file, planned and imported."""

from __future__ import annotations

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.courses.nightly_import import NightlyOrder
from secure_attend.web.http.access_rules import Rule
from secure_attend.web.http.audit_rules import changes, note
from secure_attend.web.http.body import NIGHTLY
from secure_attend.web.http.site_parts import current_services, current_site
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.courses.nightly_schemas import NightlyQuery, NightlyReportOut
from secure_attend.web.schemas.serialise_roster import nightly_out

blueprint = APIBlueprint("nightly_file", __name__, tag="Roster")
RULE = Rule.REGISTRAR
AUDIT = {"import_nightly": changes(AuditedAction.IMPORT_NIGHTLY)}


@blueprint.post("/imports/nightly")
@blueprint.input(NightlyQuery, location="query", arg_name="query")
@blueprint.output(NightlyReportOut)
@describe(
    blueprint,
    {
        409: "Nothing was changed. More than 10 % of a course or 2 % of the site's students would leave: `plan_needed` "
        "names them in `leaving`, and the plan in `plan`. The plan is another by now (`plan_changed`). The file leaves "
        "open who is who (`people_to_decide`): the plan says it in `handed` and `damaged`.",
        422: "Nothing was changed. The file has errors (`roster_rejected`): `errors` lists them; `field` is the "
        "file in the archive, and `line` its line.",
    },
    takes=NIGHTLY,
)
def import_nightly(query: NightlyQuery) -> NightlyReportOut:
    """Import a nightly file

    Send a zip archive with terms, courses, groups, staff and members: OneRoster 1.1 (bulk: `manifest.csv`,
    `academicSessions.csv`, `courses.csv`, `classes.csv`, `users.csv`, `enrollments.csv`), or the site's own set:
    `terms.csv` (`term,first_day,last_day`), `courses.csv` (`code,term,title`), `members.csv`
    (`code,term,student_id,name,email,group`), and optionally `groups.csv` (`code,term,group`) and `staff.csv`
    (`code,term,account,role`).

    A course is known by its code and term. Of OneRoster, several classes of a course in a term are its groups, and a
    student's ID is the `identifier`, or else the `sourcedId`. Courses that the file does not have stay as they are.
    Students whom a course's file no longer lists leave it after today; none leaves the site's list. Staff are added if
    an account has their name (`username` or `email`), and never removed. What refers to something that the file does
    not have is left out, and named in `warnings`.

    `dry_run=1` changes nothing and answers the plan. The same file with `plan` = `digest` imports exactly that. If more
    than 10 % of a course or 2 % of the site's students would leave, a file is imported only with `plan`. Give a long
    import a `name` to follow it at `/roster/imports/{name}`.
    """
    order = NightlyOrder(query.dry_run, query.plan, query.name)
    loaded = current_services().nightly.load(NIGHTLY.read(), order, current_site().staffing)
    note(*loaded.about, dry_run=query.dry_run, **loaded.facts)
    return nightly_out(loaded.plan, applied=not query.dry_run)
