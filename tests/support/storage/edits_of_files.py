"""Edits of a stopped site's files by somebody with write access and no key, each with what must find it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["refused", "named", "shut", "unseen"]
"""The start is refused; the start names it in a notice; nobody gets in with these accounts; nothing finds it."""
Edit = Callable[[Path], None]


def on_lines(change: Callable[[list[str]], object]) -> Edit:
    """Edit the log by its lines: line 0 is the bracket, line n record n."""

    def edit(data: Path) -> None:
        path = data / "attendance_log.json"
        lines = path.read_text().split("\n")
        change(lines)
        path.write_text("\n".join(lines))

    return edit


def altered(field: str, value: object, at: int = 5) -> Edit:
    def change(lines: list[str]) -> None:
        row = json.loads(lines[at].rstrip(","))
        assert row.get(field) != value
        lines[at] = json.dumps(row | {field: value}, separators=(",", ":")) + ","

    return on_lines(change)


def cut(data: Path) -> None:
    path = data / "attendance_log.json"
    body = [line.rstrip(",") for line in path.read_text().split("\n") if line.startswith("{")][:-3]
    path.write_text("[\n" + ",\n".join(body) + "\n]\n")


def forged(lines: list[str]) -> None:
    row = json.loads(lines[5].rstrip(",")) | {"id": "6-0123456789abcdef", "student_id": "S7"}
    lines.insert(6, json.dumps(row, separators=(",", ":")) + ",")


def exchanged(lines: list[str]) -> None:
    lines[5], lines[6] = lines[6], lines[5]


def without_checkpoint(edit: Edit) -> Edit:
    def both(data: Path) -> None:
        edit(data)
        (data / "instance" / "checkpoint.json").unlink()

    return both


def truncated(data: Path) -> None:
    path = data / "attendance_log.json"
    path.write_bytes(path.read_bytes()[:-150])


def in_json(name: str, change: Callable[[Any], object]) -> Edit:
    """Edit a JSON file: `name` may have a star for the number."""

    def edit(data: Path) -> None:
        (path,) = data.glob(name)
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

    return edit


def in_students(change: Callable[[dict[str, Any]], object]) -> Edit:
    return in_json("students_db.json", lambda value: change(value["students"]))


def in_kind(kind: str, change: Callable[[dict[str, Any]], object]) -> Edit:
    return in_json(f"instance/documents/{kind}.*.json", lambda value: change(value["documents"][kind]))


def in_access(change: Callable[[dict[str, Any]], object]) -> Edit:
    return in_json("instance/access.json", change)


def swap_ids(students: dict[str, Any]) -> None:
    students["S1"], students["S2"] = students["S2"], students["S1"]


def accept(students: dict[str, Any]) -> None:
    """Move the waiting face of S6 among the templates, as if a lecturer had accepted it."""
    (sealed,) = students["S6"].pop("held")["sealed"]
    students["S6"]["templates"].append(students["S6"]["templates"][0] | {"id": "accepted", "sealed": sealed})


def accept_as_0_1(data: Path) -> None:
    in_students(accept)(data)
    all_of_0_1(data)


def token_of_mine(book: dict[str, Any]) -> None:
    book["kiosks"]["evil"] = book["kiosks"]["k"] | {"key": "evil", "name": "evil", "secret": "1" * 64}
    book["tokens"]["1" * 64] = dict(book["tokens"]["0" * 64])


def all_of_0_1(data: Path) -> None:
    """Take all MACs away, as if version 0.1 had written everything."""

    def strip(value: dict[str, Any]) -> None:
        value["format"] = 1
        for student in value["students"].values():
            student["name"] += "!"
            del student["mac"]

    in_json("students_db.json", strip)(data)


def written(name: str, content: str) -> Edit:
    """Put other content into a file."""

    def edit(data: Path) -> None:
        (data / name).write_text(content)

    return edit


def taken_out(name: str) -> Edit:
    """Remove a file."""
    return lambda data: (data / name).unlink()


def of_another_store(data: Path) -> None:
    cut(data)
    in_json("instance/checkpoint.json", lambda value: value.update(store="other"))(data)


def on_trail(change: Callable[[list[str]], object]) -> Edit:
    def edit(data: Path) -> None:
        path = data / "instance" / "audit.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        change(lines)
        path.write_text("".join(lines))

    return edit


def alter_entry(lines: list[str]) -> None:
    lines[3] = lines[3].replace("Ada", "Eve")


def mac_of_no_text(lines: list[str]) -> None:
    lines[3] = json.dumps(json.loads(lines[3]) | {"mac": "\ud800"}, separators=(",", ":")) + "\n"


INF = float("inf")
OF_FILES: dict[str, tuple[Outcome, Edit]] = {
    # of every file: records and IDs altered, taken out, put in, cut off
    "time altered": ("refused", altered("time", "2026-11-23T11:00:00.000Z")),
    "whose it is altered": ("refused", altered("student_id", "S7")),
    "by altered": ("refused", altered("by", "Eve")),
    "kiosk altered": ("refused", altered("kiosk", "Room 9")),
    "method altered": ("refused", altered("method", "face")),
    "a record taken out": ("refused", on_lines(lambda lines: lines.pop(6))),
    "the first taken out": ("refused", on_lines(lambda lines: lines.pop(1))),
    "two exchanged": ("refused", on_lines(exchanged)),
    "one doubled": ("refused", on_lines(lambda lines: lines.insert(6, lines[5]))),
    "one forged between": ("refused", on_lines(forged)),
    "3 cut off at the end": ("refused", cut),
    "3 cut off and the checkpoint removed": ("unseen", without_checkpoint(cut)),
    "mac altered": ("refused", altered("mac", "0" * 64)),
    "profile altered": ("refused", altered("profile", "dlib")),
    "a name given twice in a record": (
        "refused",
        on_lines(lambda lines: lines.__setitem__(5, lines[5].replace('{"id"', '{"student_id":"S7","id"', 1))),
    ),
    "a space in a record": (
        "refused",
        on_lines(lambda lines: lines.__setitem__(5, lines[5].replace('":"', '": "', 1))),
    ),
    "log cut in the middle of a record": ("refused", truncated),
    "two IDs exchanged": ("named", in_students(swap_ids)),
    "a name exchanged": ("named", in_students(lambda students: students["S3"].update(name="Somebody Else"))),
    "kiosk and token put into the access book": ("shut", in_access(token_of_mine)),
    "audit entry altered": ("refused", on_trail(alter_entry)),
    "audit entry taken out": ("refused", on_trail(lambda lines: lines.pop(3))),
    "audit cut at its end": ("refused", on_trail(lambda lines: lines.__delitem__(slice(-4, None)))),
    "audit emptied": ("refused", on_trail(lambda lines: lines.clear())),
    # of every field
    "email altered": ("named", in_students(lambda students: students["S3"].update(email="eve@x.org"))),
    "key altered": ("named", in_students(lambda students: students["S3"].update(key="other"))),
    "consent invented": (
        "named",
        in_students(
            lambda students: students["S3"]["consent"].update(
                given_by="Eve", method="in_person", version="ffffffffffff"
            )
        ),
    ),
    "consent taken away": ("named", in_students(lambda students: students["S3"].update(consent=None))),
    "a student removed from the list": (
        "named",
        in_students(lambda students: students["S3"].update(removed_at="2026-11-23T12:00:00.000Z")),
    ),
    "a student's mac taken away": ("named", in_students(lambda students: students["S3"].pop("mac"))),
    "a student's mac altered": ("named", in_students(lambda students: students["S3"].update(mac="0" * 64))),
    "a mac of somebody else": ("named", in_students(lambda students: students["S3"].update(mac=students["S4"]["mac"]))),
    "a student added": (
        "named",
        in_students(lambda students: students.update(S9=students["S3"] | {"key": "new", "mac": None})),
    ),
    "an ID for records of version 0.1": (
        "named",
        in_students(lambda students: students["S3"].update(logged_id="S4", logged_mac="0" * 64)),
    ),
    "everything given out as version 0.1's": ("named", all_of_0_1),
    **{
        f"{kind} altered": ("named", in_kind(kind, lambda document: document["value"].update(late=999)))
        for kind in ("course", "membership", "meeting", "rules", "lock", "request")
    },
    "whom a membership is about altered": ("named", in_kind("membership", lambda value: value.update(about=["k2"]))),
    "version of a document altered": ("named", in_kind("rules", lambda value: value.update(version=3))),
    "mac of a document taken away": ("named", in_kind("rules", lambda value: value.update(mac=None))),
    "password of an account altered": ("shut", in_access(lambda book: book["accounts"]["a"].update(password="x"))),
    "roles of an account altered": (
        "shut",
        in_access(lambda book: book["accounts"]["a"].update(roles=["admin", "registrar"])),
    ),
    "mac of the access book taken away": ("shut", in_access(lambda book: (token_of_mine(book), book.pop("mac")))),
    "access book given out as version 0.1's": (
        "shut",
        in_access(lambda book: (token_of_mine(book), book.pop("mac"), book.update(format=1))),
    ),
    "kiosk's secret altered": ("shut", in_access(lambda book: book["kiosks"]["k"].update(secret="1" * 64))),
    "audit entry moved": ("refused", on_trail(lambda lines: lines.insert(2, lines.pop(5)))),
    "audit entry doubled": ("refused", on_trail(lambda lines: lines.insert(2, lines[2]))),
    "checkpoint says less": ("refused", in_json("instance/checkpoint.json", lambda value: value.update(entries=1))),
    "checkpoint of an older format": (
        "refused",
        in_json("instance/checkpoint.json", lambda value: (value.update(format=1), value.pop("entries"))),
    ),
    "a waiting face moved among the templates": ("refused", in_students(accept)),
    "a waiting face moved, and everything given out as version 0.1's": ("refused", accept_as_0_1),
    "a waiting face in the place of a template": (
        "refused",
        in_students(lambda all: all["S6"]["templates"][0].update(sealed=all["S6"]["held"]["sealed"][0])),
    ),
    "a template in the place of a waiting face": (
        "refused",
        in_students(lambda all: all["S6"]["held"].update(sealed=[all["S6"]["templates"][0]["sealed"]])),
    ),
    "a mac that is no text": ("named", in_students(lambda students: students["S3"].update(mac="\ud800"))),
    "a mac of the access book that is no text": ("refused", in_access(lambda book: book.update(mac="\ud800"))),
    "a mac of the trail that is no text": ("refused", on_trail(mac_of_no_text)),
    "a number without end in a document": (
        "refused",
        in_kind("rules", lambda value: value.update(value={"late": INF})),
    ),
    "a number without end in the checkpoint": (
        "refused",
        in_json("instance/checkpoint.json", lambda value: value.update(records=INF)),
    ),
    "a checkpoint of brackets": ("refused", written("instance/checkpoint.json", "[" * 100_000)),
    "access book without an account": ("shut", written("instance/access.json", "{}")),
    "access book of another shape": ("refused", written("instance/access.json", "[]")),
    "access book cut to nothing": ("refused", written("instance/access.json", "")),
    "the list of documents taken out": ("refused", taken_out("instance/documents.json")),
    "the trail saved with other line ends": (
        "refused",
        on_trail(lambda lines: lines.__setitem__(slice(None), [line.replace("\n", "\r\n") for line in lines])),
    ),
    # what nobody can find
    "all accounts taken out": ("unseen", taken_out("instance/access.json")),
    "how a face was registered altered": (
        "unseen",
        in_students(lambda students: students["S6"]["templates"][0].update(source="photo", quality=1.0)),
    ),
    "3 cut off and the checkpoint given out as another store's": ("unseen", of_another_store),
    "identity of a record nulled": (
        "unseen",
        on_lines(
            lambda lines: lines.__setitem__(
                5,
                json.dumps(
                    json.loads(lines[5].rstrip(",")) | {"student_id": None, "person": None, "salt": None},
                    separators=(",", ":"),
                )
                + ",",
            )
        ),
    ),
    "a student's whole entry taken out": ("unseen", in_students(lambda students: students.pop("S0"))),
    "a kind of documents taken out": (
        "unseen",
        in_json("instance/documents.json", lambda value: value["files"].pop("rules")),
    ),
    "audit cut and the checkpoint removed": (
        "unseen",
        without_checkpoint(on_trail(lambda lines: lines.__delitem__(slice(-4, None)))),
    ),
}
