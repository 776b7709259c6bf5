"""Bad inputs by kind: what each endpoint that takes the kind is sent, and what it must answer.

Values are built here, not read from files, so that each says what is wrong with it.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np

from tests.support.fakes import Scene
from tests.support.storage.workbook_files import ANN, FAR, HEADER, SHEET, sheet, workbook

DEEP = 200_000
Answers = frozenset[int]
"""The statuses that are right."""


def _is(*statuses: int) -> Answers:
    return frozenset(statuses)


MALFORMED, UNFIT = _is(400), _is(422)

BODIES: dict[str, tuple[bytes, Answers]] = {
    "nothing": (b"", MALFORMED),
    "spaces": (b"  \n", MALFORMED),
    "null": (b"null", UNFIT),
    "true": (b"true", UNFIT),
    "a number": (b"12", UNFIT),
    "text": (b'"text"', UNFIT),
    "an array": (b"[]", UNFIT),
    "an array of objects": (b"[{}]", UNFIT),
    "cut off": (b'{"name": "Jo', MALFORMED),
    "a trailing comma": (b'{"name": "Jo",}', MALFORMED),
    "two objects": (b"{}{}", MALFORMED),
    "single quotes": (b"{'name': 'Jo'}", MALFORMED),
    "names without quotes": (b'{name: "Jo"}', MALFORMED),
    "a comment": (b"{} // yes", MALFORMED),
    "NaN": (b'{"name": NaN}', MALFORMED),
    "Infinity": (b'{"name": -Infinity}', MALFORMED),
    "a name twice": (b'{"name": "a", "name": "b"}', MALFORMED),
    "a name twice inside": (b'{"a": {"b": 1, "b": 2}}', MALFORMED),
    "half a character": (b'{"name": "\\ud800"}', MALFORMED),
    "half a character as a name": (b'{"\\udfff": 1}', MALFORMED),
    "half a character in UTF-8": (b'{"name": "\xed\xa0\x80"}', MALFORMED),
    "a control character": (b'{"name": "a\x07"}', MALFORMED),
    "an unknown escape": (b'{"name": "\\x41"}', MALFORMED),
    "brackets": (b"[" * 60_000, MALFORMED),
    "200 000 brackets": (b"[" * DEEP, _is(400, 413)),
    "objects in objects": (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, MALFORMED),
    "21 levels": (b'{"a":' * 21 + b"1" + b"}" * 21, MALFORMED),
    "a huge integer": (b'{"name": ' + b"9" * 10_000 + b"}", MALFORMED),
    "a huge number": (b'{"name": 1e999}', UNFIT),
    "a number with a leading zero": (b'{"name": 007}', MALFORMED),
    "UTF-16": ('{"name": "Jo"}'.encode("utf-16"), MALFORMED),
    "UTF-16 without its mark": ('{"name": "Jo"}'.encode("utf-16-le"), MALFORMED),
    "UTF-32": ('{"name": "Jo"}'.encode("utf-32"), MALFORMED),
    "Latin-1": ('{"name": "J\u00f6"}'.encode("latin-1"), MALFORMED),
    "overlong UTF-8": (b'{"name": "\xc0\xaf"}', MALFORMED),
    "a byte order mark": (b'\xef\xbb\xbf{"name": "Jo"}', MALFORMED),
    "NUL bytes": (b"\0" * 100, MALFORMED),
    "gzip": (gzip.compress(b'{"name": "Jo"}', mtime=0), MALFORMED),
    "a form": (b"name=Jo&student_id=1", MALFORMED),
    "XML": (b"<?xml version='1.0'?><name>Jo</name>", MALFORMED),
    "a prototype": (b'{"__proto__": {"admin": true}}', UNFIT),
    "a constructor": (b'{"constructor": {"prototype": {"admin": true}}}', UNFIT),
    "an unknown field": (b'{"is_admin": true}', UNFIT),
    "100 000 names": (json.dumps(dict.fromkeys(map(str, range(5_000)), 0)).encode(), UNFIT),
}
"""Bodies that are no JSON object, or none that any endpoint takes."""

VALUES: dict[str, object] = {
    "null": None,
    "a number": 5,
    "a fraction": 0.5,
    "a huge integer": 10**300,
    "an empty array": [],
    "an array": ["a"],
    "an empty object": {},
    "an operator": {"$ne": ""},
    "10 000 characters": "x" * 10_000,
    "NUL": "a\0b",
}
"""In place of any text that an endpoint takes: none of them is one, or none that is taken anywhere."""

IDS: dict[str, str] = {
    "blank": "   ",
    "a no-break space": "\u00a0",
    "65 characters": "1" * 65,
    "1 001 characters": "1" * 1001,
    "10 000 characters": "1" * 10_000,
    "NUL": "10\u000001",
    "a bell": "10\u000701",
    "delete": "10\u007f01",
    "a line break": "10\n01",
    "a tab": "10\t01",
    "a tag character": "1001\U000e0041",
    "a private character": "\ue000",
    "a line separator": "10\u202801",
    "up and away": "../../etc/passwd",
    "up": "../",
    "away": "/etc/passwd",
    "backwards": "..\\..\\windows",
    "a formula": "=1+1",
    "a command": "=cmd|' /C calc'!A0",
    "plus": "+491234",
    "minus": "-5",
    "at": "@SUM(A1)",
    "a prototype": "__proto__",
    "a script": "<script>alert(1)</script>",
    "SQL": "' OR 1=1 --",
    "rounded by Excel": "1.23E+10",
    "Excel's complaint": "#NAME?",
}
"""Student IDs that no institution gives."""

COMPOSED, DECOMPOSED = "M\u00fcller-7", "Mu\u0308ller-7"
"""The same ID in NFC and NFD."""


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, bits: int = 8, colour: int = 2, size: int = 0, extra: bytes = b"") -> bytes:
    """A PNG that says this of itself; `size` bytes of it are pixels, as far as they go."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    noise = np.random.default_rng(1).bytes(size)
    return b"\x89PNG\r\n\x1a\n" + header + extra + _chunk(b"IDAT", zlib.compress(noise, 0)) + _chunk(b"IEND", b"")


def _frame_header(width: int, height: int, channels: int = 1, bits: int = 8, kind: int = 0xC0) -> bytes:
    components = b"".join(bytes([number + 1, 0x11, 0]) for number in range(channels))
    return bytes([0xFF, kind]) + struct.pack(">HBHHB", 8 + 3 * channels, bits, height, width, channels) + components


def _jpeg_of_two_sizes() -> bytes:
    """A marker that stands alone (TEM) comes first. Who takes the two bytes after it for a length passes over all that
    the decoder reads, to a frame header that says 320 x 240; the decoder finds 20 000 x 20 000."""
    inner = b"\xff\xe0\x00\x10JFIF\0\x01\x01" + bytes(7) + _frame_header(20_000, 20_000)
    start = b"\xff\xd8\xff\x01" + inner
    return start + bytes(4 + 0xFFE0 - len(start)) + _frame_header(320, 240) + bytes(40)


def _jpeg_of_many_passes(count: int = 5_000, after_each: bytes = b"") -> bytes:
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + bytes([1, 0, 1, 63, 0]) + bytes(2)
    return b"\xff\xd8" + _frame_header(640, 480, kind=0xC2) + (scan + after_each) * count + b"\xff\xd9"


def _webp(chunk: bytes, body: bytes) -> bytes:
    content = b"WEBP" + chunk + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _encoded(extension: str, frame: np.ndarray | None = None) -> bytes:
    return bytes(cv2.imencode(extension, Scene().frame() if frame is None else frame)[1])


def _zip(name: str, content: bytes = b"x") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


@cache
def images() -> dict[str, bytes]:
    """Bytes that are no picture, or none that is read here."""
    return _no_pictures() | _other_formats() | _wrapped() | _jpegs() | _pngs() | _webps()


def _no_pictures() -> dict[str, bytes]:
    return {
        "empty": b"",
        "one byte": b"\xff",
        "zeros": bytes(5_000),
        "text": b"not a picture",
        "an address": b"https://example.org/face.jpg",
        "an address inside": b"http://169.254.169.254/latest/meta-data/",
        "a path": b"/etc/passwd",
        "a data address": b"data:image/jpeg;base64,/9j/4AAQSkZJRg==",
        "base64": b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgG",
        "JSON": b'{"image": "/9j/4AAQSkZJRg=="}',
        "HTML": b"<!doctype html><img src=x onerror=alert(1)>",
    }


def _other_formats() -> dict[str, bytes]:
    return {
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "SVG that loads": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        "SVG packed": gzip.compress(b"<svg/>", mtime=0),
        "GIF": b"GIF89a\x01\0\x01\0\x80\0\0" + bytes(20),
        "GIF that moves": b"GIF89a\x40\x01\xf0\0\x80\0\0" + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + bytes(40),
        "GIF that is a script": b"GIF89a=1;alert(1)//",
        "BMP": _encoded(".bmp"),
        "TIFF": _encoded(".tiff"),
        "TIFF big-endian": b"MM\0*" + bytes(60),
        "icon": b"\0\0\x01\0\x01\0" + bytes(60),
        "PSD": b"8BPS\0\x01" + bytes(60),
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
        "JPEG XL": b"\xff\x0a" + bytes(60),
        "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0",
        "AVIF": b"\0\0\0\x18ftypavif\0\0\0\0",
        "AVIF that moves": b"\0\0\0\x18ftypavis\0\0\0\0",
        "PDF": b"%PDF-1.7\n" + bytes(60),
        "portable pixmap": b"P6 320 240 255\n" + bytes(320 * 240 * 3),
        "raw pixels": Scene().frame().tobytes()[:100_000],
        "RIFF sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(30),
    }


def _wrapped() -> dict[str, bytes]:
    jpeg = Scene().jpeg()
    return {
        "archive": _zip("face.jpg", jpeg),
        "archive before a JPEG": _zip("x") + jpeg,
        "script before a JPEG": b"#!/bin/sh\n" + jpeg,
    }


def _jpegs() -> dict[str, bytes]:
    jpeg = Scene().jpeg()
    size = b"\x00\xf0\x01\x40"  # of the scene, as its header says it
    return {
        "a JPEG's beginning": jpeg[:20],
        "half a JPEG": jpeg[: len(jpeg) // 2],
        "a JPEG's header alone": jpeg[: jpeg.index(b"\xff\xda")],
        "a JPEG without a size": b"\xff\xd8\xff\xd9",
        "a JPEG that says 65535": jpeg.replace(size, b"\xff\xff\xff\xff", 1),
        "a JPEG that says 0": jpeg.replace(size, bytes(4), 1),
        "a JPEG of 1x1": _encoded(".jpg", np.zeros((1, 1, 3), np.uint8)),
        "a JPEG of 20 000 x 20 000": jpeg.replace(size, struct.pack(">HH", 20_000, 20_000), 1),
        "a JPEG of two sizes": _jpeg_of_two_sizes(),
        "a JPEG of 5 000 passes": _jpeg_of_many_passes(),
        "a JPEG of 50 passes between comments that end it": _jpeg_of_many_passes(50, b"\xff\xfe\0\x04\xff\xd9"),
        "a JPEG of empty segments after its size": b"\xff\xd8" + _frame_header(640, 480) + b"\xff\xe1\0\x02" * 30_000,
        "a JPEG of fill bytes": b"\xff\xd8" + b"\xff" * 100_000,
        "a JPEG of empty segments": b"\xff\xd8" + b"\xff\xe1\x00\x02" * 30_000,
        "a JPEG with a length of 0": b"\xff\xd8\xff\xe0\0\0" + jpeg[2:],
        "a JPEG with rubbish between": jpeg[:2] + b"?" * 50 + jpeg[2:],
        "a CMYK JPEG": b"\xff\xd8" + _frame_header(320, 240, channels=4) + jpeg[20:],
        "a 12-bit JPEG": b"\xff\xd8" + _frame_header(320, 240, bits=12, kind=0xC1) + jpeg[20:],
        "a lossless JPEG": b"\xff\xd8" + _frame_header(320, 240, bits=16, kind=0xC3) + jpeg[20:],
    }


def _pngs() -> dict[str, bytes]:
    still = Scene().png()
    return {
        "a PNG cut off": still[: len(still) // 2],
        "a PNG damaged": still[:60] + b"?" + still[61:],
        "a PNG of 1x1": png(1, 1),
        "a PNG of 0x0": png(0, 0),
        "a PNG of 16 bits": png(320, 240, bits=16),
        "a PNG of 1 MB that says 20 000 x 20 000": png(20_000, 20_000, size=1_000_000),
        "a PNG that says 2 000 000 000": png(2_000_000_000, 2_000_000_000),
        "a PNG without a header": b"\x89PNG\r\n\x1a\n" + _chunk(b"tEXt", bytes(13)) + still[8:],
        "a PNG with two headers": still[:33]
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", 9_000, 9_000, 8, 2, 0, 0, 0))
        + still[33:],
        "a PNG that moves": png(320, 240, extra=_chunk(b"acTL", struct.pack(">II", 2, 0))),
        "a PNG of empty chunks": png(320, 240, extra=_chunk(b"teXt", b"") * 8_000),
    }


def _webps() -> dict[str, bytes]:
    return {
        "a WebP cut off": _encoded(".webp")[:60],
        "a WebP that moves": _webp(b"VP8X", b"\x02\0\0\0" + b"\x3f\x01\0" + b"\xef\0\0"),
        "a WebP of 16 384": _webp(b"VP8X", bytes(4) + b"\xff\x3f\0" + b"\xff\x3f\0"),
        "a WebP of an unknown kind": _webp(b"JUNK", bytes(60)),
    }


_HEAD = b"student_id,name\n"


def _no_rosters() -> dict[str, bytes]:
    return {
        "an Excel workbook": _zip("xl/workbook.xml", b"<workbook/>"),
        "an old Excel workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "a Numbers file": _zip("Index/Document.iwa"),
        "a sheet alone": _zip(SHEET, b"<worksheet/>"),
        "a sheet with a far cell": workbook(sheet(HEADER + FAR)),
        "a sheet with a far cell under a prefix": workbook(sheet(HEADER + FAR, prefix="x-y")),
        "a sheet with cells that do not say where": workbook(sheet("<row><c/></row>" * 2 + "<c/>" * 1_100_000)),
        "a sheet beside a path that leads outside": workbook(sheet(HEADER + ANN), more={"../out.xml": "x"}),
        "a sheet of blanks that unpacks to 70 MB": workbook(b"<worksheet>" + b" " * 70_000_000),
        "a sheet in an encoding that nobody knows": workbook('<?xml version="1.0" encoding="foo"?><worksheet/>'),
        "a workbook with macros": workbook(sheet(HEADER + ANN), more={"xl/vbaProject.bin": b"x"}),
        "a workbook with links": workbook(sheet(HEADER + ANN), more={"xl/externalLinks/externalLink1.xml": "<x/>"}),
        "a workbook with a formula": workbook(sheet(HEADER + ANN.replace("<is><t>1</t></is>", "<f>1+1</f><v>2</v>"))),
        "East Asia in ASCII": "student_id,name\n1,鈴木\n".encode("iso2022_jp"),
        "a formula": _HEAD + b'1,"=HYPERLINK(""http://evil.example"")"\n',
        "numbers of rows": b"No,Name\n1,Ann\n2,Bo\n",
        "cells of 130 001 marks": _HEAD + (("a" + "\u0301" * 130_000 + ",") * 2).encode(),
        "another encoding": "student_id,name\n1,José\n".encode("cp1252"),
        "almost UTF-8": "student_id,name\n1,José\n2,Ren".encode() + b"\xe9\n",
        "a PDF": b"%PDF-1.7\n",
        "a web page from Excel": b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table></table></html>",
        "XML from Excel": b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?><Workbook/>",
        "JSON": b'[{"student_id": "1", "name": "a"}]',
        "half a UTF-16": b"\xff\xfea",
        "UTF-16 with half characters": b"\xff\xfe" + "student_id,name\n1,".encode("utf-16-le") + b"\x00\xd8\n\0",
        "UTF-32": "student_id,name\n1,a\n".encode("utf-32"),
    }


def _wrong_rosters() -> dict[str, bytes]:
    return {
        "empty": b"",
        "blank lines": b"\r\n\r\n",
        "a mark alone": b"\xef\xbb\xbf",
        "binary": bytes(range(256)),
        "NUL": _HEAD + b"1,\0\n",
        "no header": b"1001,John\n",
        "a header alone": _HEAD,
        "a header twice": b"student_id,student_id,name\n1,2,a\n",
        "another header": b"Matrikel,Nachname\n1,a\n",
        "one column": b"student_id\n1\n",
        "a quotation mark never closed": b'student_id,name\n1,"John\n2,Jane\n',
        "text after a quotation mark": b'student_id,name\n1,"Jo"hn\n',
        "10 001 quotation marks": b'"' * 10_001,
        "100 000 separators": b"," * 100_000,
        "one long line": b"x" * 1_000_000,
        "a cell of 200 000": _HEAD + b"1," + b"x" * 200_000,
        "a million rows": _HEAD + b"1,a\n" * 1_000_000,
        "more cells than columns": _HEAD + b"1,a,b\n",
        "no ID": _HEAD + b",John\n",
        "no name": _HEAD + b"1,\n",
        "an ID twice": _HEAD + b"1,a\n1,b\n",
        "an ID twice, composed and not": _HEAD + f"{COMPOSED},a\n{DECOMPOSED},b\n".encode(),
        "rounded by Excel": _HEAD + b"1.23E+10,a\n",
        "rounded by a German Excel": b"student_id;name\n1,23E+10;a\n",
        "Excel's complaint": _HEAD + b"#REF!,a\n",
        "a summary line": _HEAD + b"1001,John\n=COUNTA(A2:A2),\n",
    }


@cache
def _event(*lines: str) -> bytes:
    begin, end = "DTSTART:20261201T100000", "DTEND:20261201T113000"
    event = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", "SUMMARY:Lecture", *(lines or (begin, end)), "END:VEVENT"]
    return "\r\n".join([*event, "END:VCALENDAR", ""]).encode()


def calendars() -> dict[str, tuple[bytes, Answers]]:
    """Files of classes that no course takes."""
    start, end = "DTSTART:20261201T100000", "DTEND:20261201T113000"
    unfit = {
        "nothing": b"",
        "NUL bytes": b"\0" * 100,
        "a picture": png(64, 64),
        "cut off": _event()[:-30],
        "no event": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "an end before its start": _event(start, "DTEND:20261201T090000"),
        "a day of 24 hours": _event(start, "DTEND:20261202T100000"),
        "a day that does not exist": _event("DTSTART:20260230T100000", "DTEND:20260230T110000"),
        "an unknown zone": _event(
            "DTSTART;TZID=Middle/Earth:20261201T100000", "DTEND;TZID=Middle/Earth:20261201T113000"
        ),
        "a zone that is a folder of zones": _event("DTSTART;TZID=Europe:20261201T100000", end),
        "a zone with a name of 300 letters": _event(f"DTSTART;TZID={'x' * 300}:20261201T100000", end),
        "a start of two kinds": _event("DTSTART;VALUE=DATE,DATE-TIME:20261201T100000", end),
        "a rule of two kinds": _event(start, end, "RRULE;VALUE=RECUR,TEXT:FREQ=DAILY;COUNT=2"),
        "every second for ever": _event(start, end, "RRULE:FREQ=SECONDLY"),
        "a thousand million classes": _event(start, end, "RRULE:FREQ=DAILY;COUNT=1000000000"),
        "a rule of rubbish": _event(start, end, "RRULE:FREQ=SOMETIMES"),
        "columns that nobody knows": b"a,b\n1,2\n",
    }
    return {name: (data, UNFIT) for name, data in unfit.items()}


_CLASS: dict[str, object] = {"title": "Lecture", "day": "2026-12-01", "from": "10:00", "to": "11:30"}
_WEEKLY = {"weekdays": [1], "last_day": "2026-12-31", "except": []}
CLASSES: dict[str, tuple[dict[str, object], str]] = {
    "that ends before it starts": ({**_CLASS, "to": "09:00"}, "to"),
    "of 24 hours": ({**_CLASS, "to": "10:00"}, "to"),
    "until 24:00": ({**_CLASS, "to": "24:00"}, "to"),
    "on a day that does not exist": ({**_CLASS, "day": "2026-02-30"}, "day"),
    "on a day before the calendar": ({**_CLASS, "day": "0000-00-00"}, "day"),
    "of another course's group": ({**_CLASS, "groups": ["foreign"]}, "groups"),
    "with a control character": ({**_CLASS, "title": "a\x07b"}, "title"),
    "double, the second before the first has ended": (
        {**_CLASS, "block": [{"from": "11:00", "to": "12:00"}]},
        "block.0.from",
    ),
    "double, the second ending before it starts": (
        {**_CLASS, "block": [{"from": "12:00", "to": "11:45"}]},
        "block.0.to",
    ),
    "double, the second at no time": ({**_CLASS, "block": [{"from": "12:00", "to": "24:00"}]}, "block.0.to"),
    "of nine times": (
        {**_CLASS, "block": [{"from": f"{hour}:00", "to": f"{hour}:30"} for hour in range(12, 20)]},
        "block",
    ),
    "weekly without an end": ({**_CLASS, "weekly": {"weekdays": [1]}}, "weekly.last_day"),
    "weekly until null": ({**_CLASS, "weekly": {**_WEEKLY, "last_day": None}}, "weekly.last_day"),
    "weekly until the year 9999": ({**_CLASS, "weekly": {**_WEEKLY, "last_day": "9999-12-31"}}, "last_day"),
    "weekly until yesterday": ({**_CLASS, "weekly": {**_WEEKLY, "last_day": "2026-11-01"}}, "last_day"),
    "weekly on no day": ({**_CLASS, "weekly": {**_WEEKLY, "weekdays": []}}, "weekly.weekdays"),
    "weekly on an eighth day": ({**_CLASS, "weekly": {**_WEEKLY, "weekdays": [7]}}, "weekly.weekdays.0"),
}
"""Classes that nobody can plan, with the field to name."""
_MOVE: dict[str, object] = {"action": "move", "starts": "2026-12-01T10:00", "ends": "2026-12-01T11:30", "room": None}
CHANGES: dict[str, tuple[dict[str, object], str]] = {
    "to an end before its start": ({**_MOVE, "ends": "2026-12-01T09:00"}, "ends"),
    "to 24 hours": ({**_MOVE, "ends": "2026-12-02T10:00"}, "ends"),
    "to a time with a zone": ({**_MOVE, "starts": "2026-12-01T10:00+25:00"}, "starts"),
    "to a day that does not exist": ({**_MOVE, "starts": "2026-02-30T10:00"}, "starts"),
    "longer than a day": ({"action": "extend", "minutes": 1_000_000}, "minutes"),
    "to something unheard of": ({"action": "explode"}, "action"),
}
"""Changes of a class that nobody can make."""
_MARK: dict[str, object] = {"student": "somebody", "status": "present", "replaces": None}
MARKS: dict[str, tuple[dict[str, object], str]] = {
    "of an unknown status": ({**_MARK, "status": "sleeping"}, "marks.0.status"),
    "of no status": ({**_MARK, "status": None}, "marks.0.status"),
    "that replaces a number": ({**_MARK, "replaces": 5}, "marks.0.replaces"),
    "at a time that does not exist": ({**_MARK, "remark": "left_early", "at": "25:61"}, "marks.0.at"),
}
"""Marks that nobody can make."""
_DAYS: dict[str, object] = {"first_day": "2026-11-23", "last_day": "2026-12-04"}
_NOON = {"first_day": "2026-11-23", "first_time": "12:00", "last_day": "2026-11-23", "last_time": "12:00"}
MERGES: dict[str, tuple[dict[str, object], int, str | None]] = {
    "with nobody": ({}, 422, "other"),
    "with a stranger": ({"other": "nobody"}, 404, None),
    "with itself, by ID": ({"other": "1001"}, 409, None),
    "with a list": ({"other": ["1001"]}, 422, "other"),
    "with a number": ({"other": 1001}, 422, "other"),
    "with NUL": ({"other": "a\0b"}, 422, "other"),
    "with half a letter": ({"other": "\ud800"}, 400, "body"),
    "with a long name": ({"other": "x" * 129}, 422, "other"),
    "with a prototype": ({"other": "__proto__"}, 404, None),
    "that keeps a third ID": ({"other": "nobody", "id_of": "third"}, 422, "id_of"),
    "that keeps no name": ({"other": "nobody", "name_of": None}, 422, "name_of"),
    "that keeps both faces": ({"other": "nobody", "face_of": ["this", "other"]}, 422, "face_of"),
    "that sets the name": ({"other": "nobody", "name": "Mallory"}, 422, "name"),
}
"""Two entries of one person: the body, the status, and the field at fault."""
MERGE_QUERIES: dict[str, tuple[str, int, str | None]] = {
    "with nobody": ("", 422, "other"),
    "with a stranger": ("other=nobody", 404, None),
    "with itself": ("other=1001", 409, None),
    "with a path": ("other=..%2f..%2fsite.key", 404, None),
    "of a third ID": ("other=nobody&id_of=third", 422, "id_of"),
    "of an unknown field": ("other=nobody&name=Mallory", 422, "name"),
}
EXCUSES: dict[str, tuple[dict[str, object], str]] = {
    "of nothing": ({}, "first_day"),
    "of one day alone": ({"first_day": "2026-11-23"}, "last_day"),
    "that ends before it starts": ({"first_day": "2026-11-24", "last_day": "2026-11-23"}, "last_day"),
    "that ends as it starts": (_NOON, "last_time"),
    "of a time without its day": ({"first_time": "12:00", "last_day": "2026-11-23"}, "first_day"),
    "of a day that does not exist": ({**_DAYS, "last_day": "2026-02-30"}, "last_day"),
    "until the year 9999": ({**_DAYS, "last_day": "9999-12-31"}, "last_day"),
    "since the year 1": ({**_DAYS, "first_day": "0001-01-01"}, "first_day"),
    "of years": ({**_DAYS, "last_day": "2027-12-31"}, "last_day"),
    "until 24:00": ({**_DAYS, "last_time": "24:00"}, "last_time"),
    "for an unknown reason": ({**_DAYS, "reason": "illness"}, "reason"),
    "with a remark as its reason": ({**_DAYS, "reason": "online"}, "reason"),
    "from a class of nobody": ({"meetings": ["none"]}, "meetings"),
    "from two classes in one": ({"meetings": ["none none"]}, "meetings"),
    "from too many classes": ({"meetings": ["none"] * 101}, "meetings"),
    "with a control character": ({**_DAYS, "note": "a\x07b"}, "note"),
    "with a character without a meaning": ({**_DAYS, "note": "a\ue000b"}, "note"),
    "with NUL": ({**_DAYS, "note": "a\0b"}, "note"),
    "with a formula": ({**_DAYS, "note": '=HYPERLINK("x")'}, "note"),
    "with a formula behind a semicolon": ({**_DAYS, "note": "a;=1+1"}, "note"),
    "with a long note": ({**_DAYS, "note": "x" * 201}, "note"),
    "of another course in its body": ({**_DAYS, "course": "c"}, "course"),
}
"""Bodies that excuse nobody, with the field at fault."""


def rosters() -> dict[str, tuple[bytes, Answers]]:
    """Files that are no roster, or have a row that cannot be used."""
    ids = {
        f"id {name}": _HEAD + f'"{text}",a\n'.encode()
        for name, text in IDS.items()
        if "\n" not in text and "\t" not in text
    }
    answers = {name: (data, UNFIT) for name, data in (_no_rosters() | _wrong_rosters() | ids).items()}
    too_long = _HEAD + b"".join(b"%07d,a\n" % number for number in range(1_000_000))
    too_many = _HEAD + b"".join(b"%d,a\n" % number for number in range(20_001))
    return answers | {"a million students": (too_long, _is(413, 422)), "20 001 students": (too_many, _is(409))}


ADDRESSES: dict[str, tuple[str, Answers]] = {
    "limit too high": ("/students?limit=99999999999999999999999", UNFIT),
    "limit below 1": ("/students?limit=-1", UNFIT),
    "limit of NUL": ("/students?limit=%00", UNFIT),
    "limit in other digits": ("/students?limit=1e3", UNFIT),
    "a search too long": ("/students?search=" + "x" * 201, UNFIT),
    "a search with NUL": ("/students?search=%00", UNFIT),
    "a page too long": ("/students?after=" + "x" * 129, UNFIT),
    "an unknown parameter": ("/students?admin=1", UNFIT),
    "a month too many": ("/reports/attendance.csv?from=2026-13-01", UNFIT),
    "a day too many": ("/reports/attendance.csv?from=2026-02-30", UNFIT),
    "year 0": ("/reports/attendance.csv?from=0000-01-01", UNFIT),
    "a number as a date": ("/reports/attendance.csv?from=1e400", UNFIT),
    "days the wrong way round": ("/reports/attendance.csv?from=2026-11-22&to=2026-11-01", UNFIT),
    "a roster of no course": ("/roster.csv?course=nowhere", _is(404)),
    "a roster of a course that goes up": ("/roster.xlsx?course=..%2F..%2Fsite.key", _is(404)),
    "a roster with a separator that is none": ("/roster.csv?separator=|", UNFIT),
    "a switch that is none": ("/reports/attendance.csv?by_day=perhaps", UNFIT),
    "a separator that is none, of the report": ("/reports/attendance.csv?separator=;", UNFIT),
    "two separators of the report": ("/reports/attendance.csv?separator=comma&separator=tab", UNFIT),
    "a separator of the report as a workbook": ("/reports/attendance.xlsx?separator=comma", UNFIT),
    "a day too many, in a workbook": ("/reports/attendance.xlsx?from=2026-02-30", UNFIT),
    "days the wrong way round, in a workbook": ("/reports/attendance.xlsx?from=2026-11-22&to=2026-11-01", UNFIT),
    "a form that is none": ("/courses/nowhere/register.csv?form=wide", _is(404, 422)),
    "a separator that is none": ("/reports/registers.csv?separator=|", UNFIT),
    "a separator of a workbook": ("/reports/registers.xlsx?separator=comma", UNFIT),
    "courses that go up": ("/reports/registers.csv?courses=../../site.key,__proto__", _is(404)),
    "courses of nothing": ("/reports/registers.xlsx?courses=,,,", _is(404)),
    "courses with NUL": ("/reports/registers.csv?courses=a%00b", UNFIT),
    "courses too long": ("/reports/registers.csv?courses=" + "x" * 20_001, UNFIT),
    "a sheet of no course": ("/courses/__proto__/sheet", _is(404)),
    "a sheet of no class": ("/meetings/%F0%9F%98%80/sheet", _is(404)),
    "a statement of nobody": ("/students/a%00b/statement", _is(404)),
    "a key": ("/students/%F0%9F%98%80", _is(404)),
    "a key with NUL": ("/students/a%00b", _is(404)),
    "a key of 10 000": ("/students/" + "x" * 10_000, _is(404)),
    "a key not in UTF-8": ("/students/%FF%FE", _is(404)),
    "a key with a slash": ("/students/a/b", _is(404)),
    "a key that goes up": ("/students/%2e%2e%2f%2e%2e%2fsite.key", _is(404)),
    "a prototype": ("/students/__proto__", _is(404)),
    "a template": ("/students/{{7*7}}", _is(404)),
}
"""What stands in the address."""
ROSTER_QUERIES: dict[str, tuple[str, Answers]] = {
    "a plan of a roster that is none": ("plan=DROP", UNFIT),
    "a plan of another roster": ("plan=" + "0" * 32, _is(409)),
    "a dry run that is none": ("dry_run=perhaps", UNFIT),
    "a roster into no course": ("course=nowhere", _is(404)),
    "a roster into a course that goes up": ("course=..%2F..%2Fsite.key", _is(404)),
    "a roster into a course of 10 000": ("course=" + "x" * 10_000, UNFIT),
    "a roster from a day too many": ("course=nowhere&first_day=2026-02-30", UNFIT),
    "everybody leaves no course": ("leave=1", UNFIT),
    "more leave than fit": ("course=nowhere&leave=" + "x," * 60_000, _is(422, 414, 431, 404)),
}
"""What stands in the address of a roster that is fine by itself."""


def sizes(most: int) -> Iterator[tuple[str, bytes]]:
    """Bodies longer than `most`."""
    yield "one byte too many", b" " * (most + 1)
    yield "ten times too many", b" " * (10 * most)
