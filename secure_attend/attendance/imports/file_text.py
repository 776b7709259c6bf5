"""The text in a file's bytes: UTF-8 and UTF-16 as they are, anything else only in an encoding that somebody chose."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from secure_attend.attendance.imports.likely_encodings import CODECS, LikelyEncoding, likely_encodings
from secure_attend.errors import FieldError, InvalidInput

SAVE_AS_CSV = "In Excel, choose File, Save As, 'CSV UTF-8 (Comma delimited)'."
ENCODINGS: Mapping[str, str] = {"utf-8": "utf-8-sig", "utf-16": "utf-16", **CODECS}
"""Encodings by the name that a caller gives, and Python's name of each."""

MOST_BYTES_NAMED = 20
"""Bytes that are not UTF-8 and that an answer names, each with its line."""
PLAIN_SHARE = 5
"""Of UTF-16 without a mark at least one character in this many is a plain letter, a digit or a separator."""
_CONTEXT = 12
"""Characters before such a byte that are shown with it."""
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook (.xls). Open it, and save it as .xlsx or as 'CSV UTF-8'."),
    (
        b"<",
        "This is a web page, not a CSV file: perhaps a sign-in page. Open the system it came from, and export again.",
    ),
    (b"%PDF", "This is a PDF, not a CSV file. Export the list as CSV from the system it came from."),
    (codecs.BOM_UTF32_LE, "This file is encoded as UTF-32. Save it as 'CSV UTF-8'."),
)
_UNDECODED = re.compile("[\udc80-\udcff]")
"""What a byte that is not UTF-8 becomes with Python's `surrogateescape`."""
_SHIFTED = re.compile(r"\x1b[$(]|~\{[!-~]{2}")
"""How ISO-2022 and HZ begin letters of East Asia, in bytes that are all ASCII."""
_LINE_END = re.compile("\r\n|\r|\n")
_FOREIGN = re.compile("[^\x00-\x7f\udc80-\udcff]")


class UnreadableFile(ValueError):
    """A file that is no text. The message is a sentence for a person; `faults` name lines."""

    def __init__(self, message: str, faults: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults) or (FieldError("file", message),)


@dataclass(frozen=True)
class FileText:
    """The text of a file, and the name of the encoding that it was read in."""

    text: str
    encoding: str


def file_text(data: bytes, encoding: str | None = None) -> FileText:
    """Return the text of a file, read in the encoding that somebody chose, if any.

    Raises `UnreadableFile`, and `InvalidInput` (`encoding_needed`) where the bytes fit several encodings: its
    `encodings` are those that are likely, each with lines as they read in it.
    """
    for signature, advice in _SIGNATURES:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(signature):
            raise UnreadableFile(advice)
    if encoding is not None:
        return FileText(_strictly(data, encoding), encoding)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        return FileText(_utf_16(data), "utf-16")
    text = data.decode("utf-8-sig", "surrogateescape")
    if _SHIFTED.search(text):
        raise UnreadableFile(f"This file cannot be read as text. {SAVE_AS_CSV}")
    if _UNDECODED.search(text) is None:
        return FileText(text, "utf-8")
    if _almost_utf_8(text):
        raise _bytes_at_fault(text)
    likely = likely_encodings(data)
    if not likely:
        raise UnreadableFile(f"This file cannot be read as text. {SAVE_AS_CSV}")
    raise _choice(likely)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"This file is not {encoding}: a byte on line {line} is not part of it. Choose another encoding."
        raise UnreadableFile(message, [FieldError("encoding", message, line)]) from error
    if "\0" in text:
        raise UnreadableFile(f"This file cannot be read as text. {SAVE_AS_CSV}")
    return text


def _utf_16(data: bytes) -> str:
    """UTF-16, also without a byte order mark, as some databases write it: of plain letters every other byte is zero."""
    first, second = data[0:2000:2], data[1:2000:2]
    little = second.count(0) > first.count(0)
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    plain = max(first.count(0), second.count(0)) * PLAIN_SHARE >= len(second)
    try:
        text = data.decode("utf-16" if marked else "utf-16-le" if little else "utf-16-be")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or not (marked or plain):
        raise UnreadableFile(f"This file cannot be read as text. {SAVE_AS_CSV}")
    return text


def _almost_utf_8(text: str) -> bool:
    """Whether most of what is not ASCII is UTF-8. In other encodings two letters seldom happen to be one of UTF-8's.

    Of short files as many do, but then they are letters, not the signs that accents look like otherwise."""
    foreign = _count(_FOREIGN, text)
    undecoded = _count(_UNDECODED, text)
    if foreign != undecoded:
        return foreign > undecoded
    return foreign > 0 and all(found[0].isalpha() and found[0] < "\u0250" for found in _FOREIGN.finditer(text))


def _count(pattern: re.Pattern[str], text: str) -> int:
    """Return how often a pattern is found. No list is made: there may be millions."""
    return sum(1 for _ in pattern.finditer(text))


def _bytes_at_fault(text: str) -> UnreadableFile:
    faults = []
    line, at = 1, 0
    for found in islice(_UNDECODED.finditer(text), MOST_BYTES_NAMED):
        line += _count(_LINE_END, text[at : found.start()])
        at = found.start()
        before = re.split("[\r\n]", text[max(0, found.start() - _CONTEXT) : found.start()])[-1]
        message = _byte_at_fault(ord(found[0]) - 0xDC00, _UNDECODED.sub("\ufffd", before))
        faults.append(FieldError("file", message, line))
    count = _count(_UNDECODED, text)
    if count == 1:
        return UnreadableFile(f"Line {faults[0].line}: {faults[0].message}", faults)
    return UnreadableFile(
        f"This file is UTF-8, but {count} bytes in it are not. The first is on line {faults[0].line}. "
        f"{faults[0].message}",
        faults,
    )


def _byte_at_fault(byte: int, before: str) -> str:
    where = f"after '{before}'" if before.strip() else "at the start of the line"
    letter = bytes([byte]).decode("cp1252", "ignore")
    meant = f" Windows-1252 reads it as '{letter}'." if letter.isalpha() else ""
    return f"The byte 0x{byte:02X} {where} is not UTF-8.{meant} Correct this line, and save the file as 'CSV UTF-8'."


def _choice(likely: Sequence[LikelyEncoding]) -> InvalidInput:
    asked = (
        "The file does not say in which encoding its letters are. Choose the one in which the names are right, or save "
        "the file as 'CSV UTF-8'."
    )
    return InvalidInput(
        "encoding_needed",
        f"Nothing has changed. {asked}",
        errors=[FieldError("encoding", asked)],
        encodings=[
            {"encoding": each.encoding, "label": each.label, "lines": [list(pair) for pair in each.lines]}
            for each in likely
        ],
    )


def garbled(text: str) -> str | None:
    """Return how a text reads that was UTF-8 and was once read in another encoding; None if it seems to be right.

    Such a text is shorter when it is read again, and whole letters: `JosÃ©` is `José`.
    """
    if text.isascii():
        return None
    for codec in ("cp1252", "cp1250", "cp1251", "cp1254", "mac_roman"):
        encoded = b"".join(_byte_of(character, codec) for character in text)
        try:
            again = encoded.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if len(again) < len(text) and all(each.isalpha() or each.isascii() or each in "’‘ʼ·" for each in again):
            return again
    return None


def _byte_of(character: str, codec: str) -> bytes:
    """The byte of a character; what it cannot be the byte of makes the whole no UTF-8."""
    try:
        return character.encode(codec)
    except UnicodeEncodeError:
        # five bytes that Windows-1252 leaves free, as many programs read them
        return character.encode("latin-1") if "\x80" <= character <= "\x9f" else b"\xff"
