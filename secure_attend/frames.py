"""From bytes to a frame: the header is checked before anything is decoded, and nothing is ever written."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.errors import DomainError, FieldError, InvalidInput, TooLarge, UnsupportedInput

Frame = NDArray[np.uint8]
"""(H, W, 3) uint8, BGR, upright."""

Kind = Literal["jpeg", "png", "webp"]


@dataclass(frozen=True)
class PictureLimits:
    """Limits on pictures. `longer` and `shorter` bound the sides in either orientation. `working_side` is the length
    that the longer side is reduced to after decoding (None: not reduced)."""

    kinds: tuple[Kind, ...]
    max_bytes: int
    longer: int
    shorter: int
    max_pixels: int
    working_side: int | None = None


KIOSK_FRAME = PictureLimits(kinds=("jpeg",), max_bytes=150_000, longer=640, shorter=480, max_pixels=640 * 480)
"""A webcam frame, as the pages send it."""

PHOTO = PictureLimits(
    kinds=("jpeg", "png", "webp"),
    max_bytes=8_000_000,
    longer=12_000,
    shorter=12_000,
    max_pixels=24_000_000,
    working_side=1600,
)
"""An uploaded photo. At 1600 px a face of a twentieth of the width has 80 px."""

SMALLEST_SIDE = 64
"""No detector in use finds a face in a smaller picture."""
MOST_SEGMENTS = 2_000
"""Before a JPEG's size, and chunks of a PNG. A photo of 8 MB with metadata in pieces of 64 kB has 125; a picture of a
million empty ones would keep this reader busy for a second."""
INFLATED_AT_ONCE = 1_000_000  # bytes
MOST_SCANS = 40
"""Of a progressive JPEG, which encoders write in about ten. Each costs the decoder another pass over the picture: 600
took it 2.7 s at 24 megapixels, and 8 MB have room for 60 000."""


@dataclass(frozen=True)
class Header:
    """What a picture's header says; sizes in pixels as stored, before orientation."""

    kind: Kind
    width: int
    height: int
    channels: int
    bits: int
    packed: tuple[memoryview, ...] = ()
    """The compressed rows of a PNG, which are not unpacked yet."""
    needed: tuple[memoryview, ...] = ()
    """The chunks of a PNG that the decoder gets. For each of the others it might write a line to the terminal."""


def decode(data: bytes, limits: PictureLimits = KIOSK_FRAME) -> Frame:
    """Return the picture as an upright BGR frame (EXIF orientation applied), reduced to the limits' working side.

    Raises UnsupportedInput `unsupported_image`, TooLarge `image_too_large` or InvalidInput `unreadable_image`. A
    picture whose header is refused is never decoded.
    """
    if len(data) > limits.max_bytes:
        raise _too_large(f"The picture has {_size(len(data))}. Send one of at most {_size(limits.max_bytes)}.")
    header = read_header(data)
    _judge(header, limits)
    return _reduced(_decoded(data, header, limits), limits)


def read_header(data: bytes) -> Header:
    """Return kind and size, without decoding the pixels. Raises as `decode` does."""
    if not data:
        raise _unreadable("The picture is empty.")
    readers = {b"\xff\xd8\xff": _jpeg_header, b"\x89PNG\r\n\x1a\n": _png_header}
    for signature, reader in readers.items():
        if data.startswith(signature):
            return _guarded(reader, data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _guarded(_webp_header, data)
    raise _unsupported(_why_unsupported(data))


def _guarded(reader: Callable[[bytes], Header], data: bytes) -> Header:
    try:
        return reader(data)
    except (struct.error, IndexError) as error:
        raise _unreadable("The picture is incomplete. Send it again.") from error


def _jpeg_header(data: bytes) -> Header:
    """ITU-T T.81, annex B: marker segments up to the start of frame.

    Only markers followed by a length are skipped. Otherwise, where the decoder continues differently (after a marker
    without a length, say), a picture could show one size here and be decoded at another.
    """
    at = 2
    for _ in range(MOST_SEGMENTS):
        if data[at] != 0xFF:
            raise _damaged("JPEG")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        if marker in _JPEG_FRAMES:
            bits, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            _refuse_many_scans(data, at + 2 + length)
            return Header("jpeg", width, height, channels, bits)
        if marker in (0xD9, 0xDA):
            raise _unreadable("The JPEG picture doesn't give its size. Send it again.")
        if marker not in _JPEG_SEGMENTS or length < 2:
            raise _damaged("JPEG")
        at += 2 + length
    raise _damaged("JPEG")


def _refuse_many_scans(data: bytes, at: int) -> None:
    """Refuse a JPEG with more scans than `MOST_SCANS` between its frame header, which ends at `at`, and its end (EOI).

    Markers are found as the decoder finds them: what it skips isn't counted, such as another picture in a segment, or
    the video that phones put behind the end.
    """
    scans = 0
    for _ in range(MOST_SEGMENTS):
        found = _JPEG_MARKER.search(data, at)
        if found is None or data[found.end() - 1] == 0xD9:
            return
        at = found.end()
        if data[at - 1] == 0xDA:
            scans += 1
        if scans > MOST_SCANS:
            raise _unreadable("The JPEG picture has too many scans. Save it as an ordinary JPEG.")
        length = struct.unpack_from(">H", data, at)[0]
        if data[at - 1] not in _JPEG_PARTS or length < 2:
            raise _damaged("JPEG")
        at += length
    raise _damaged("JPEG")


_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Tables (DHT, DAC, DQT, DRI, DNL), APP0 to APP15 and comments: each says its length.
_JPEG_SEGMENTS = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE}
_JPEG_PARTS = _JPEG_SEGMENTS | {0xDA}
# Not a stuffed byte, a fill byte, TEM or a restart: those belong to the scan they are in.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")


def _png_header(data: bytes) -> Header:
    """PNG (ISO/IEC 15948): IHDR must come first, and every chunk must be whole and match its checksum."""
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    at, kind, count, packed = 8, b"", 0, []
    needed: dict[bytes, list[memoryview]] = {}
    while kind != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        (check,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(memoryview(data)[at + 4 : at + 8 + length]) != check or (kind == b"IHDR") != (at == 8):
            raise _damaged("PNG")
        if kind in (b"acTL", b"fcTL", b"fdAT"):
            raise _animated()
        if kind == b"IDAT":
            packed.append(memoryview(data)[at + 8 : at + 8 + length])
        if kind == b"IDAT" or (kind not in needed and (kind[:1].isupper() or kind == b"eXIf")):
            needed.setdefault(kind, []).append(memoryview(data)[at : at + 12 + length])
        at, count = at + 12 + length, count + 1
        if count > MOST_SEGMENTS:
            raise _damaged("PNG")
    channels = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}.get(colour, 0)
    return Header("png", width, height, channels, bits, tuple(packed), tuple(chain.from_iterable(needed.values())))


def _webp_header(data: bytes) -> Header:
    """RFC 9649: read the size from one of the three kinds of first chunk."""
    if struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise struct.error
    chunk = data[12:16]
    if chunk == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    elif chunk == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8X":
        if data[20] & 0x02:
            raise _animated()
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    else:
        raise _damaged("WebP")
    return Header("webp", width, height, 3, 8)


def _judge(header: Header, limits: PictureLimits) -> None:
    if header.kind not in limits.kinds:
        accepted = " or ".join(kind.upper() for kind in limits.kinds)
        raise _unsupported(f"{header.kind.upper()} pictures aren't accepted here. Send {accepted}.")
    size = f"{header.width} x {header.height}"
    longer, shorter = max(header.width, header.height), min(header.width, header.height)
    if longer > limits.longer or shorter > limits.shorter or longer * shorter > limits.max_pixels:
        raise _too_large(f"The picture is {size} pixels. {_most(limits)}")
    if shorter < SMALLEST_SIDE:
        raise _unreadable(f"The picture is only {size} pixels, too small to show a face. Send a larger one.")
    if header.kind == "jpeg" and header.channels == 4:
        raise _unsupported("The picture has print colours (CMYK). Save it with screen colours (RGB), and send that.")
    if header.bits > 8:
        raise _unsupported(f"The picture has {header.bits} bits per colour. Save it as an ordinary JPEG.")


def _refuse_inflated(header: Header) -> None:
    """Refuse a PNG that unpacks to more than its rows need: the decoder would read 8 GB of a file of 8 MB to their end.

    Twice the rows and their filter bytes leaves room for interlacing, which splits rows.
    """
    row = 1 + (header.width * header.channels * header.bits + 7) // 8
    left = 2 * header.height * row
    inflating = zlib.decompressobj()
    try:
        for part in header.packed:
            waiting: bytes | memoryview = part
            while waiting and not inflating.eof:
                left -= len(inflating.decompress(waiting, INFLATED_AT_ONCE))
                if left < 0:
                    raise _unreadable("The PNG picture holds more than its size needs. Save it again, and send that.")
                waiting = inflating.unconsumed_tail
    except zlib.error as error:
        raise _damaged("PNG") from error


def _decoded(data: bytes, header: Header, limits: PictureLimits) -> Frame:
    _refuse_inflated(header)
    if header.needed:
        data = b"".join((data[:8], *header.needed))
    try:
        frame = cv2.imdecode(np.frombuffer(data, np.uint8), _decoding(header, limits))
    except cv2.error:
        frame = None
    if frame is None or frame.size == 0:
        raise _unreadable("The picture is damaged or incomplete. Send it again.")
    return np.asarray(frame, np.uint8)


def _decoding(header: Header, limits: PictureLimits) -> int:
    """Return the flag that decodes a large JPEG directly at a half, quarter or eighth of its size."""
    if header.kind == "jpeg" and limits.working_side:
        longer = max(header.width, header.height)
        ways = ((8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4), (2, cv2.IMREAD_REDUCED_COLOR_2))
        for factor, flag in ways:
            if longer // factor >= limits.working_side:
                return flag
    return cv2.IMREAD_COLOR


def _reduced(frame: Frame, limits: PictureLimits) -> Frame:
    longer = max(frame.shape[:2])
    if limits.working_side is None or longer <= limits.working_side:
        return frame
    scale = limits.working_side / longer
    size = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _why_unsupported(data: bytes) -> str:
    advice = "Use JPEG, PNG or WebP."
    if data[4:8] == b"ftyp":
        if data[8:12] in (b"avif", b"avis"):
            return f"AVIF pictures aren't accepted. {advice}"
        return (
            "HEIC pictures (the iPhone's own format) aren't accepted. Save it as JPEG. On the iPhone, choose Settings "
            "> Camera > Formats > Most Compatible, or mail the picture to yourself. On a Mac, open it in Preview and "
            "choose File > Export > JPEG. On Windows, open it in Photos and choose Save as > JPEG."
        )
    names = {b"GIF8": "GIF", b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"%PDF": "PDF"}
    for signature, name in names.items():
        if data.startswith(signature):
            return f"{name} files aren't accepted. {advice}"
    if b"<svg" in data[:1024]:
        return f"SVG drawings aren't accepted. {advice}"
    return f"This isn't a picture that can be read. {advice}"


def _unreadable(detail: str) -> DomainError:
    return InvalidInput("unreadable_image", detail, errors=[FieldError("body", detail)])


def _damaged(kind: str) -> DomainError:
    return _unreadable(f"The {kind} picture is damaged. Send it again.")


def _unsupported(detail: str) -> DomainError:
    return UnsupportedInput("unsupported_image", detail, errors=[FieldError("body", detail)])


def _animated() -> DomainError:
    return _unsupported("The picture is animated. Save a single frame as JPEG, and send that.")


def _too_large(detail: str) -> DomainError:
    return TooLarge("image_too_large", detail, errors=[FieldError("body", detail)])


def _most(limits: PictureLimits) -> str:
    if limits.longer * limits.shorter <= limits.max_pixels:
        return f"Send one of at most {limits.longer} x {limits.shorter}."
    return f"Send one of at most {limits.max_pixels // 1_000_000} megapixels."


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, count // 1000)} kB"
