"""Nightly files: what they say, what in them refers to nothing, and what is refused before it is opened."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path

import pytest

from secure_attend.attendance.imports.nightly_courses import NightlyFile
from secure_attend.attendance.imports.nightly_file import MOST_UNPACKED, read_nightly
from secure_attend.errors import InvalidInput
from secure_attend.settings import PROJECT
from tests.support.nightly_files import MANIFEST, ONEROSTER, OWN, archive

TODAY = date(2026, 11, 22)


def read(files: dict[str, str]) -> NightlyFile:
    return read_nightly(archive(files), TODAY)


def test_oneroster_classes_are_groups_of_their_course_where_it_has_several() -> None:
    stat, phys = read(ONEROSTER).courses
    assert (stat.code, stat.term, stat.title, stat.groups) == (
        "STAT110",
        "Autumn 2026",
        "Introduction to statistics",
        ["Lab A", "Lab B"],
    )
    assert (stat.first_day, stat.last_day) == (date(2026, 10, 12), date(2027, 2, 5))
    assert {each.student_id: (each.name, each.groups) for each in stat.rows.values()} == {
        "0012": ("Ann Lee", ("Lab A",)),
        "u2": ("Bo Li", ("Lab B",)),
    }
    assert phys.groups == []
    assert list(phys.rows) == ["0012"], "1003 left in January"
    assert [(each.names, each.role) for each in stat.staff] == [
        (("Ada", "ada@example.org"), "lecturer"),
        (("stranger", "sam@example.org"), "lecturer"),
    ]


def test_what_refers_to_nothing_is_named() -> None:
    named = [(each.file, each.line, each.message) for each in read(ONEROSTER).warnings]
    assert [(file, line) for file, line, _ in named] == [
        ("classes.csv", 5),
        ("enrollments.csv", 6),
        ("enrollments.csv", 7),
    ]
    assert "'k4'" in named[0][2]
    assert "'u7' is not in users.csv" in named[1][2]
    assert "'k9'" in named[2][2]


def test_the_sites_own_set() -> None:
    file = read(OWN)
    [course] = file.courses
    assert file.kind == "own"
    assert {each.student_id: each.groups for each in course.rows.values()} == {
        "0012": ("Lab A",),
        "1002": ("Lab A", "Lab B"),
    }
    assert [each.names for each in course.staff] == [("Ada",), ("Nobody",)]
    assert not file.warnings


def test_what_is_to_be_deleted_is_not_there() -> None:
    gone = ONEROSTER["enrollments.csv"].replace("e1,,", "e1,tobedeleted,")
    assert list(read({**ONEROSTER, "enrollments.csv": gone}).courses[0].rows) == ["u2"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({**ONEROSTER, "manifest.csv": MANIFEST.replace("users,bulk", "users,delta")}, "users.csv has changes alone"),
        ({**ONEROSTER, "manifest.csv": MANIFEST.replace("version,1.1", "version,1.2")}, "OneRoster 1.2"),
        ({name: text for name, text in ONEROSTER.items() if name != "users.csv"}, "no users.csv"),
        ({**ONEROSTER, "users.csv": "sourcedId,role\nu1,student\n"}, "users.csv: It has no column givenName"),
        ({**OWN, "terms.csv": "term,first_day,last_day\nAutumn 2026,12.10.2026,\n"}, "Fix 2 things"),
        ({**OWN, "members.csv": OWN["members.csv"].replace("Bo Li", "")}, "name"),
        ({**OWN, "members.csv": OWN["members.csv"].replace("1002", "0012")}, "with another name"),
        ({**OWN, "courses.csv": OWN["courses.csv"] * 2}, "is not in terms.csv|twice"),
        ({**ONEROSTER, "users.csv": ONEROSTER["users.csv"].replace("1003", "0012").replace("Cy", "Cy")}, ""),
        ({"roster.csv": "student_id,name\n1,Ann\n"}, "no terms.csv"),
        ({**OWN, "courses.csv": ","}, "courses.csv: It has no rows"),
        ({**OWN, "members.csv": "sep=;"}, "members.csv: It has no rows"),
        ({**ONEROSTER, "manifest.csv": ",,\n"}, "manifest.csv: It has no rows"),
    ],
)
def test_a_fault_is_named_with_its_file(files: dict[str, str], words: str) -> None:
    if not words:  # the other student of this ID has left
        assert read(files).courses
        return
    with pytest.raises(InvalidInput, match=words) as refused:
        read(files)
    assert refused.value.code == "roster_rejected"
    assert refused.value.errors


def bomb() -> bytes:
    return archive({**ONEROSTER, "users.csv": b"0" * (MOST_UNPACKED + 1)})


def twice() -> bytes:
    return archive({**ONEROSTER, "a/users.csv": ONEROSTER["users.csv"]})


def crowded() -> bytes:
    return archive({f"{number}": "" for number in range(100_000)}, zipfile.ZIP_STORED)


def lying(holds: int = 1_000_000) -> bytes:
    """The list says that a member of so many bytes has three."""
    data = bytearray(archive({**ONEROSTER, "users.csv": b"0" * holds}))
    place = data.rindex(b"users.csv") - 46
    data[place + 24 : place + 28] = (3).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"student_id,name\n1,Ann\n", "not a zip archive"),
        (archive(ONEROSTER)[:-40], "not a zip archive"),
        (archive({**ONEROSTER, "../users.csv": "x"}), "leads outside"),
        (archive({**ONEROSTER, "/etc/users.csv": "x"}), "leads outside"),
        (archive({**ONEROSTER, "C:\\users.csv": "x"}), "leads outside"),
        (twice(), "users.csv twice"),
        (bomb(), "more than 48 MB"),
        (lying(), "damaged"),
        (archive({**ONEROSTER, "users.csv": b"\xff\xfe\x00\xd8"}), "users.csv"),
    ],
)
def test_it_is_refused_before_it_is_unpacked(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_nightly(data, TODAY)


def test_no_more_is_unpacked_than_the_list_says() -> None:
    """An archive of a megabyte took 2 GB of memory: what is beyond the list was cut off after it was unpacked."""
    data = lying(holds=50_000_000)
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="damaged"):
        read_nightly(data, TODAY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_student_in_many_groups_takes_time_in_proportion() -> None:
    """Each line copied the groups of all before it: 200,000 lines took more than five minutes."""
    lines = "".join(f"STAT110,Autumn 2026,1,Ann Lee,,g{number}\n" for number in range(30_000))
    began = time.process_time()
    read({**OWN, "members.csv": "code,term,student_id,name,email,group\n" + lines})
    assert time.process_time() - began < 5


MEASURE = """
import resource, sys, time
from datetime import date
from secure_attend.attendance.imports.nightly_file import read_nightly
from secure_attend.errors import InvalidInput
data = open(sys.argv[1], "rb").read()
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    read_nightly(data, date(2026, 11, 22))
except InvalidInput as refusal:
    took, more = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(took, more, refusal.code)
"""


@pytest.mark.parametrize("bad", ["members", "size"])
def test_100000_members_and_50_mb_cost_neither_time_nor_memory(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "bad.zip"
    path.write_bytes(
        crowded() if bad == "members" else archive({**ONEROSTER, "enrollments.csv": b"1,2\n" * 12_500_000})
    )
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True, cwd=PROJECT
    )
    seconds, kilobytes, code = done.stdout.split()
    assert code == "roster_rejected"
    assert float(seconds) < 1
    assert int(kilobytes) < 150_000
