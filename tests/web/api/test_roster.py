"""/roster"""

from __future__ import annotations

from typing import Any

import pytest

from secure_attend.attendance.services import Services
from secure_attend.web.api.roster import SAMPLE
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_bytes_only
from tests.support.web.taught_course import TaughtCourse

FILE = b"student_id,name,phone\n1001,John Doe,5\n007,Ann Lee,6\n"


def upload(api: Api, data: bytes, kind: str = "text/csv") -> Any:
    return api("POST", "/roster", data=data, content_type=kind)


class TestUpload:
    """POST /roster"""

    def test_reports_what_it_did(self, api: Api) -> None:
        api("POST", "/students", json={"student_id": "7", "name": "Bob"})
        body = api("POST", "/roster", data=FILE, content_type="text/csv").get_json()
        assert len(body.pop("digest")) == 32
        assert body == {
            "applied": True,
            "added": 2,
            "created": 2,
            "already": 0,
            "updated": 0,
            "unchanged": 0,
            "restored": 0,
            "joining": [],
            "renamed": [],
            "handed": [],
            "damaged": [],
            "retired": [],
            "not_listed": [],
            "left": 0,
            "left_out": 0,
            "new_groups": [],
            "undoable": False,
            "ignored_columns": ["phone"],
            "columns": {"student_id": 1, "name": 2},
            "warnings": [
                {"line": 3, "message": "The ID 007 looks like 7. They are kept as different students."},
            ],
            "encoding": "utf-8",
            "delimiter": ",",
        }

    def test_does_not_offer_to_remove_those_whom_the_file_does_not_name(self, api: Api, jane: str) -> None:
        body = upload(api, FILE).get_json()
        assert jane not in str(body)
        assert api("GET", "/students").get_json()["total"] == 3

    @pytest.mark.parametrize("into", ["list", "course"])
    def test_the_id_of_a_merged_entry_is_not_given_to_another_person(self, api: Api, into: str) -> None:
        query: dict[str, str] = {}
        if into == "course":
            query["course"] = TaughtCourse(api, 0).key
        key = api("POST", "/students", json={"student_id": "1001", "name": "John Doe"}).get_json()["key"]
        api("POST", "/students", json={"student_id": "A77", "name": "Johnny Doe"})
        assert api("POST", f"/students/{key}/merge", json={"other": "A77"}).status_code == 200
        before = api("GET", "/students").get_json()

        def send(name: str, **more: str) -> Any:
            data = f"student_id,name\n1001,John Doe\nA77,{name}\n".encode()
            return api("POST", "/roster", data=data, content_type="text/csv", query_string={**query, **more})

        problem(send("Tomasz Nowak"), 409, "people_to_decide")
        for more in ({}, {"dry_run": "1"}):
            refused = problem(send("Tomasz Nowak", another=key, **more), 409, "merged_id")
            assert "Line 3 gives the ID A77 to Tomasz Nowak" in refused["detail"]
            assert "undo the merge. Otherwise correct the ID in the file." in refused["detail"]
        assert api("GET", "/students").get_json() == before
        report = send("John Doe", dry_run="1").get_json()
        assert "Lines 2 and 3 are one person" in report["warnings"][0]["message"]

    def test_asks_for_the_encoding_and_reads_the_file_in_it(self, api: Api) -> None:
        data = "student_id;name\n1;Şükrü Gökdağ\n".encode("cp1254")
        body = problem(upload(api, data), 422, "encoding_needed")
        assert body["encodings"][0] == {
            "encoding": "windows-1254",
            "label": "Turkish (Windows-1254)",
            "lines": [[2, "1;Şükrü Gökdağ"]],
        }
        assert api("GET", "/students").get_json()["total"] == 0
        assert api("POST", "/roster?encoding=windows-1254", data=data, content_type="text/csv").status_code == 200
        assert api("GET", "/students").get_json()["students"][0]["name"] == "Şükrü Gökdağ"

    def test_asks_for_the_columns_once_for_files_of_a_shape(self, api: Api) -> None:
        data = b"Kennung,Wer\n1,Ines Duarte\n"
        assert problem(upload(api, data), 422, "columns_needed")["rows"][0]["cells"] == ["Kennung", "Wer"]
        chosen = api("POST", "/roster?columns=student_id:1,name:2,header:1", data=data, content_type="text/csv")
        assert chosen.get_json()["columns"] == {"student_id": 1, "name": 2}
        assert upload(api, data.replace(b"1,I", b"2,A")).get_json()["added"] == 1

    def test_a_dry_run_remembers_no_columns(self, api: Api) -> None:
        data = b"Kennung,Wer\n1,Ines Duarte\n"
        api("POST", "/roster?columns=student_id:1,name:2&dry_run=1", data=data, content_type="text/csv")
        problem(upload(api, data), 422, "columns_needed")

    def test_names_every_bad_row_and_changes_nothing(self, api: Api, john: str) -> None:
        before = api("GET", "/students").headers["ETag"]
        body = problem(upload(api, b"student_id,name\n1001,X\n,Y\n1.2E+9,Z\n"), 422, "roster_rejected")
        assert [(fault["line"], fault["field"]) for fault in body["errors"]] == [(3, "student_id"), (4, "student_id")]
        assert body["errors_total"] == 2
        assert api("GET", "/students").headers["ETag"] == before

    @pytest.mark.parametrize("kind", ["text/csv; charset=utf-8", "text/plain", "application/vnd.ms-excel"])
    def test_takes_the_types_that_browsers_give_a_csv(self, api: Api, kind: str) -> None:
        assert api("POST", "/roster", data=FILE, content_type=kind).status_code == 200

    def test_a_large_roster_is_taken(self, api: Api) -> None:
        rows = "".join(f"{number:06},Student Number {number}\n" for number in range(5_000))
        assert (
            api("POST", "/roster", data=b"student_id,name\n" + rows.encode(), content_type="text/csv").status_code
            == 200
        )
        body = api("GET", "/students?limit=1000").get_json()
        assert (body["total"], len(body["students"])) == (5_000, 1_000)

    def test_a_list_that_would_be_too_long_is_refused_whole(self, api: Api) -> None:
        for first in (0, 15_000):
            rows = "".join(f"{number},n\n" for number in range(first, first + 15_000))
            response = api("POST", "/roster", data=b"student_id,name\n" + rows.encode(), content_type="text/csv")
        problem(response, 409, "store_full")
        assert api("GET", "/health").get_json()["students"] == 15_000

    def test_litany(self, api: Api) -> None:
        takes_bytes_only(api, "/roster", FILE, "text/csv", 16_000_000)
        refuses_other_methods(api, "/roster", "POST")


class TestImport:
    """GET /roster/imports/{name}"""

    def test_is_followed_under_its_name_until_it_is_over(self, api: Api, services: Services) -> None:
        problem(api("GET", "/roster/imports/my-roster"), 404, "unknown_import")
        with services.roster.imports.named("my-roster") as importing:
            importing.now("writing", 3, 4)
            body = api("GET", "/roster/imports/my-roster").get_json()
            assert body == {"stage": "writing", "done": 3, "total": 4}
            twice = api("POST", "/roster?name=my-roster", data=FILE, content_type="text/csv")
            problem(twice, 409, "import_running")
        problem(api("GET", "/roster/imports/my-roster"), 404, "unknown_import")
        assert api("POST", "/roster?name=my-roster", data=FILE, content_type="text/csv").status_code == 200

    def test_litany(self, api: Api) -> None:
        assert fields(api("POST", "/roster?name=a+b", data=FILE, content_type="text/csv")) == ["name"]
        refuses_other_methods(api, "/roster/imports/my-roster", "GET")


class TestSample:
    """GET /roster/sample.csv"""

    def test_is_the_shipped_file_and_loads(self, api: Api) -> None:
        response = api("GET", "/roster/sample.csv")
        assert response.data == SAMPLE.read_bytes()
        assert response.mimetype == "text/csv"
        assert "roster.csv" in response.headers["Content-Disposition"]
        assert upload(api, response.data).status_code == 200
        names = [student["name"] for student in api("GET", "/students").get_json()["students"]]
        assert names == ["John Doe", "Jane Smith"]
        refuses_other_methods(api, "/roster/sample.csv", "GET")
