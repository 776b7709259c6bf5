"""Nightly files of invented people: OneRoster 1.1, and the site's own set."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

MANIFEST = "\n".join(
    [
        "propertyName,value",
        "manifest.version,1.0",
        "oneroster.version,1.1",
        *(f"file.{name},bulk" for name in ("academicSessions", "courses", "classes", "users", "enrollments")),
    ]
)
ONEROSTER = {
    "manifest.csv": MANIFEST,
    "academicSessions.csv": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId\n"
    "t1,,,Autumn 2026,term,2026-10-12,2027-02-05,\n",
    "courses.csv": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId\n"
    "c1,,,t1,Introduction to statistics,STAT110,,o1\nc2,,,t1,Physics,PHYS220,,o1\n",
    "classes.csv": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,termSourcedIds\n"
    "k1,,,Lab A,,c1,A,scheduled,t1\nk2,,,Lab B,,c1,B,scheduled,t1\nk3,,,Lecture,,c2,,scheduled,t1\n"
    "k4,,,Lost,,c9,,scheduled,t1\n",
    "users.csv": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,"
    "identifier,email\n"
    "u1,,,true,o1,student,ann,Ann,Lee,0012,ann@example.org\nu2,,,true,o1,student,bo,Bo,Li,,\n"
    "u3,,,true,o1,student,cy,Cy,Fox,1003,\nu8,,,true,o1,teacher,Ada,Ada,Byron,,ada@example.org\n"
    "u9,,,true,o1,teacher,stranger,Sam,Strange,,sam@example.org\n",
    "enrollments.csv": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate\n"
    "e1,,,k1,o1,u1,student,,,\ne2,,,k2,o1,u2,student,,,\ne3,,,k3,o1,u1,student,,,\ne4,,,k3,o1,u3,student,,,2026-01-01\n"
    "e5,,,k1,o1,u7,student,,,\ne6,,,k9,o1,u1,student,,,\ne7,,,k1,o1,u8,teacher,true,,\ne8,,,k1,o1,u9,teacher,,,\n",
}
OWN = {
    "terms.csv": "term,first_day,last_day\nAutumn 2026,2026-10-12,2027-02-05\n",
    "courses.csv": "code,term,title\nSTAT110,Autumn 2026,Introduction to statistics\n",
    "groups.csv": "code,term,group\nSTAT110,Autumn 2026,Lab A\n",
    "staff.csv": "code,term,account,role\nSTAT110,Autumn 2026,Ada,lecturer\nSTAT110,Autumn 2026,Nobody,assistant\n",
    "members.csv": "code,term,student_id,name,email,group\n"
    "STAT110,Autumn 2026,0012,Ann Lee,ann@example.org,Lab A\nSTAT110,Autumn 2026,1002,Bo Li,,Lab A; Lab B\n",
}


def archive(files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of these files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return written.getvalue()


def own(students: int, **instead: str) -> bytes:
    """Return the site's own set with one course of so many students, and other files in their place."""
    lines = "".join(f"STAT110,Autumn 2026,{1000 + number},Student {_word(number)}\n" for number in range(students))
    return archive({**OWN, "members.csv": "code,term,student_id,name\n" + lines, **instead})


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
