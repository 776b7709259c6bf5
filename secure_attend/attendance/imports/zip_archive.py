"""A zip archive, judged before anything in it is opened: its members, their names, and what they unpack to."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo, is_zipfile

from secure_attend.attendance.imports.file_text import UnreadableFile

ZIP = b"PK\x03\x04"
_LISTED = b"PK\x01\x02"
"""What each member begins with in the archive's list."""
DAMAGE = (BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, LookupError)
"""What Python raises for an archive that is none, that is locked, or whose part names an encoding there isn't."""
_DAMAGED = "This archive is damaged, or locked with a password. Export it again."


def crowded(data: bytes, most: int) -> bool:
    """Return whether an archive has more members than that. Counted in its bytes: the list itself need not be built,
    and what the archive says of its length may be wrong."""
    return data.count(_LISTED) > most


def packed_unusually(member: ZipInfo) -> bool:
    """Return whether a member is packed in another way than programs do. Of bzip2 and LZMA, Python unpacks everything
    that a few kilobytes hold before it returns a part: gigabytes."""
    return member.compress_type not in (ZIP_STORED, ZIP_DEFLATED)


def outside(name: str) -> bool:
    """Return whether a member's name leads out of the folder that the archive is unpacked to."""
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name


def texts_of_archive(data: bytes, wanted: frozenset[str], most_members: int, most_unpacked: int) -> Mapping[str, bytes]:
    """Return the wanted members by name in small letters, wherever their folder. Others are not opened.

    Raises `UnreadableFile` for an archive that is damaged, has too many members, names that lead outside, the same
    file twice, or wanted members that unpack to more bytes than `most_unpacked` together.
    """
    if not data.startswith(ZIP) or not is_zipfile(io.BytesIO(data)):
        raise UnreadableFile("This is not a zip archive. Send the .zip file as the other system exports it.")
    if crowded(data, most_members):
        raise UnreadableFile(f"This archive has more than {most_members} files. Send the CSV files alone.")
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            found = _wanted(archive.infolist(), wanted)
            if sum(each.file_size for each in found.values()) > most_unpacked:
                message = (
                    f"The files in this archive have more than {most_unpacked // 1_000_000} MB. Send fewer courses."
                )
                raise UnreadableFile(message)
            if any(map(packed_unusually, found.values())):
                raise UnreadableFile(_DAMAGED)
            return {name: _content(archive, each) for name, each in found.items()}
    except DAMAGE as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(_DAMAGED) from error


def _content(archive: ZipFile, member: ZipInfo) -> bytes:
    """Return as many bytes as the archive's list says. Reading "to the end" would first unpack all that the member
    holds, and then cut it off: a megabyte of archive took 2 GB of memory."""
    with archive.open(member) as source:
        return source.read(member.file_size)


def _wanted(members: list[ZipInfo], wanted: frozenset[str]) -> dict[str, ZipInfo]:
    found: dict[str, ZipInfo] = {}
    for each in members:
        if outside(each.filename):
            raise UnreadableFile("A file in this archive has a name that leads outside. Export it again.")
        folder, _, name = each.filename.rpartition("/")
        if name.casefold() not in wanted or folder.startswith("__MACOSX"):
            continue
        if name.casefold() in found:
            raise UnreadableFile(f"This archive has {name} twice. Send one export at a time.")
        found[name.casefold()] = each
    return found
