"""Pictures as they come: what is read, what is refused, and in which words."""

from __future__ import annotations

import contextlib
import struct
import time
import zlib
from typing import Any

import cv2
import numpy as np
import pytest

from secure_attend import frames
from secure_attend.errors import DomainError, InvalidInput, TooLarge, UnsupportedInput
from secure_attend.frames import KIOSK_FRAME, PHOTO, Frame, decode

ORIENTED = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, 6, 0)
"""Exif: turn a quarter clockwise to see it upright."""


def picture(width: int = 320, height: int = 240) -> Frame:
    across = np.linspace(0, 255, width, dtype=np.uint8)
    blue, green = np.tile(across, (height, 1)), np.full((height, width), 90, np.uint8)
    return np.dstack([blue, green, np.zeros((height, width), np.uint8)])


def encoded(kind: str, frame: Frame | None = None) -> bytes:
    return cv2.imencode(f".{kind}", picture() if frame is None else frame)[1].tobytes()


def png(width: int, height: int, bits: int = 8, colour: int = 2, body: bytes = b"", interlaced: bool = False) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def with_exif(jpeg: bytes) -> bytes:
    exif = b"Exif\0\0" + ORIENTED
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.fixture
def never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoding(*_: object) -> None:
        raise AssertionError("decoded what its header should have refused")

    monkeypatch.setattr(frames.cv2, "imdecode", decoding)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_a_photo_is_read(kind: str) -> None:
    frame = decode(encoded(kind), PHOTO)
    assert frame.shape == (240, 320, 3)
    assert frame.dtype == np.uint8
    assert abs(frame.astype(int) - picture()).mean() < 3


def test_grey_becomes_colour() -> None:
    assert decode(encoded("jpg", picture()[:, :, 0])).shape == (240, 320, 3)


def test_the_orientation_a_phone_writes_is_respected() -> None:
    upright = decode(with_exif(encoded("jpg")), PHOTO)
    assert upright.shape == (320, 240, 3)
    assert upright[10].mean() < upright[-10].mean(), "what was on the left is on top"


def test_a_large_photo_is_reduced_to_the_working_size() -> None:
    frame = decode(encoded("jpg", picture(4000, 3000)), PHOTO)
    assert frame.shape == (1200, 1600, 3)


def test_a_kiosk_frame_may_stand_upright() -> None:
    assert decode(encoded("jpg", picture(480, 640))).shape == (640, 480, 3)


@pytest.mark.parametrize(("width", "height"), [(641, 480), (640, 481), (600, 600), (480, 641)])
@pytest.mark.usefixtures("never_decoded")
def test_a_kiosk_frame_is_at_most_640_by_480(width: int, height: int) -> None:
    with pytest.raises(TooLarge, match=f"{width} x {height} pixels. Send one of at most 640 x 480"):
        decode(encoded("jpg", picture(width, height)))


@pytest.mark.usefixtures("never_decoded")
def test_a_kiosk_frame_is_a_jpeg_of_at_most_150_kb() -> None:
    with pytest.raises(UnsupportedInput, match="Send JPEG"):
        decode(encoded("png"))
    with pytest.raises(TooLarge, match="150 kB"):
        decode(encoded("jpg") + bytes(150_000))


@pytest.mark.parametrize(
    ("data", "kind", "code", "words"),
    [
        (b"", InvalidInput, "unreadable_image", "empty"),
        (b"\0\0\0\x18ftypheic" + bytes(40), UnsupportedInput, "unsupported_image", "Most Compatible"),
        (b"\0\0\0\x18ftypmif1" + bytes(40), UnsupportedInput, "unsupported_image", "save it as JPEG|Save it as JPEG"),
        (b"\0\0\0\x18ftypavif" + bytes(40), UnsupportedInput, "unsupported_image", "AVIF"),
        (b"GIF89a" + bytes(40), UnsupportedInput, "unsupported_image", "GIF"),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", UnsupportedInput, "unsupported_image", "SVG"),
        (b"https://example.org/face.jpg", UnsupportedInput, "unsupported_image", "isn't a picture"),
        (b"/etc/passwd", UnsupportedInput, "unsupported_image", "isn't a picture"),
        (b"data:image/png;base64,iVBORw0KGgo=", UnsupportedInput, "unsupported_image", "isn't a picture"),
        (b"BM" + bytes(60), UnsupportedInput, "unsupported_image", "BMP"),
        (b"\xff\xd8\xff\xe0", InvalidInput, "unreadable_image", "incomplete"),
        (b"\xff\xd8\xff\xd9" + bytes(40), InvalidInput, "unreadable_image", "give its size"),
        (png(20_000, 20_000), TooLarge, "image_too_large", "at most 24 megapixels"),
        (png(1, 1), InvalidInput, "unreadable_image", "too small"),
        (png(320, 240, bits=16), UnsupportedInput, "unsupported_image", "16 bits"),
        (png(320, 240)[:-8], InvalidInput, "unreadable_image", "incomplete"),
        (png(320, 240).replace(b"x\x9c", b"x!"), InvalidInput, "unreadable_image", "damaged"),
        (bytes(8_000_001), TooLarge, "image_too_large", "8.0 MB"),
        (encoded("webp")[:60], InvalidInput, "unreadable_image", "incomplete"),
        (b"RIFF\x20\0\0\0WEBPJUNK" + bytes(40), InvalidInput, "unreadable_image", "damaged"),
    ],
)
@pytest.mark.usefixtures("never_decoded")
def test_what_cannot_be_used_is_refused_before_decoding(
    data: bytes, kind: type[DomainError], code: str, words: str
) -> None:
    with pytest.raises(kind, match=words) as refused:
        decode(data, PHOTO)
    assert refused.value.code == code


@pytest.mark.usefixtures("never_decoded")
def test_print_colours_are_refused() -> None:
    jpeg = bytearray(encoded("jpg"))
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 9] = 4
    with pytest.raises(UnsupportedInput, match="CMYK"):
        decode(bytes(jpeg), PHOTO)


@pytest.mark.usefixtures("never_decoded")
@pytest.mark.parametrize("kind", ["VP8 ", "VP8L", "VP8X"])
def test_every_kind_of_webp_says_its_size_in_its_header(kind: str) -> None:
    lossy = struct.pack("<HH", 12_345, 400)
    heads = {
        "VP8 ": bytes(6) + lossy,
        "VP8L": b"\x2f" + struct.pack("<I", 12_344 | 399 << 14),
        "VP8X": bytes(4) + (12_344).to_bytes(3, "little") + (399).to_bytes(3, "little"),
    }
    body = b"WEBP" + kind.encode() + bytes(4) + heads[kind] + bytes(20)
    with pytest.raises(TooLarge, match="12345 x 400"):
        decode(b"RIFF" + struct.pack("<I", len(body)) + body, PHOTO)


def test_half_a_jpeg_is_refused() -> None:
    jpeg = encoded("jpg")
    with pytest.raises(InvalidInput, match="incomplete"):
        decode(jpeg[: len(jpeg) // 2])


def test_damaged_bytes_are_refused_or_read_but_never_break_anything() -> None:
    random = np.random.default_rng(1)
    for kind in ("png", "webp"):
        good = bytearray(encoded(kind, picture(160, 120)))
        for _ in range(60):
            bad = bytearray(good)
            for at in random.integers(0, len(bad), 4):
                bad[at] = int(random.integers(256))
            with contextlib.suppress(UnsupportedInput, InvalidInput, TooLarge):
                assert decode(bytes(bad[: int(random.integers(1, len(bad) + 1))]), PHOTO).ndim == 3


@pytest.mark.usefixtures("never_decoded")
def test_a_png_that_unpacks_to_more_than_its_rows_is_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """V10: a photo of 7.9 MB whose rows unpack to 8 GB took a core for 46 s."""
    real, unpacked = zlib.decompressobj, list[int]()

    class Counting:
        def __init__(self) -> None:
            self._inflating = real()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inflating, name)

        def decompress(self, data: bytes, most: int) -> bytes:
            rows = self._inflating.decompress(data, most)
            unpacked.append(len(rows))
            return rows

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    bomb = png(100, 100, body=bytes(50_000_000))
    with pytest.raises(InvalidInput) as refused:
        decode(bomb, PHOTO)
    assert "more than its size needs" in refused.value.detail
    assert sum(unpacked) <= 1_000_000


@pytest.mark.parametrize("kind", [b"gAMA", b"iCCP", b"tEXt", b"eXIf", b"PLTE"])
def test_no_png_fills_the_terminal(kind: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    """The decoder wrote a line for each of its odd chunks: 45 kB for a picture of 25 kB."""
    whole, odd = encoded("png"), struct.pack(">I", 7) + kind + bytes(7) + struct.pack(">I", zlib.crc32(kind + bytes(7)))
    assert decode(whole[:33] + 1_500 * odd + whole[33:], PHOTO).shape == (240, 320, 3)
    assert len(capfd.readouterr().err) < 200


def test_interlaced_pngs_are_read() -> None:
    rows = b"".join(
        (b"\0" + bytes(3 * width)) * height
        for width, height in [(13, 13), (12, 13), (25, 12), (25, 25), (50, 25), (50, 50), (100, 50)]
    )
    assert decode(png(100, 100, body=rows, interlaced=True), PHOTO).shape == (100, 100, 3)


def test_limits_are_said_in_the_callers_terms() -> None:
    with pytest.raises(TooLarge, match="at most 640 x 480"):
        decode(encoded("jpg", picture(700, 300)), KIOSK_FRAME)


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("side", [320, 3600])
def test_all_eight_orientations(turned: int, side: int) -> None:
    """EXIF 2.32, table 6: where the corner that is bright as stored is seen; also when it is decoded to a half."""
    stored = np.full((side * 3 // 4, side, 3), 40, np.uint8)
    stored[: side // 8, : side // 8] = 250
    exif = b"Exif\0\0" + b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, turned, 0)
    jpeg = encoded("jpg", stored)
    frame = decode(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:], PHOTO)
    assert (frame.shape[0] > frame.shape[1]) == (turned >= 5)
    top, left = {1: (1, 1), 2: (1, 0), 3: (0, 0), 4: (0, 1), 5: (1, 1), 6: (1, 0), 7: (0, 0), 8: (0, 1)}[turned]
    assert frame[5 if top else -5, 5 if left else -5].mean() > 200


@pytest.mark.usefixtures("never_decoded")
def test_a_jpeg_shows_its_decoder_no_other_size() -> None:
    """After a marker that stands alone (TEM) its decoder reads on at once; here a frame of 20 000 x 20 000."""
    start = b"\xff\xd8\xff\x01\xff\xe0\x00\x10JFIF\0" + bytes(9)
    start += b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 20_000, 20_000, 1) + b"\x01\x11\0"
    shown = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 240, 320, 1) + b"\x01\x11\0"
    with pytest.raises(InvalidInput, match="damaged"):
        decode(start + bytes(4 + 0xFFE0 - len(start)) + shown + bytes(40), PHOTO)


def test_the_decoder_has_a_limit_of_its_own() -> None:
    """Behind the header, which is read first."""
    with pytest.raises(cv2.error, match="CV_IO_MAX_IMAGE_PIXELS"):
        cv2.imdecode(np.frombuffer(encoded("jpg", picture(6001, 4001)), np.uint8), cv2.IMREAD_COLOR)


def test_a_progressive_jpeg_is_read() -> None:
    assert progressive().count(b"\xff\xda") > 5
    assert decode(progressive()).shape == (240, 320, 3)


SCANS = b"\xff\xda" * 2 * frames.MOST_SCANS
SCAN = b"\xff\xda\0\x08\x01\x01\0\x01\x3f\0" + bytes(4)
"""A scan of one component, after a frame header."""


def progressive() -> bytes:
    return cv2.imencode(".jpg", picture(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


@pytest.mark.parametrize("whole", [encoded("jpg"), progressive()], ids=["in one pass", "progressive"])
def test_what_no_decoder_reads_counts_for_no_pass(whole: bytes) -> None:
    """Another picture or a video behind the end, as phones write them, a thumbnail, a depth map, or a comment."""
    within = whole.index(b"\xff\xda")
    tables = whole.rindex(b"\xff\xc4")
    for data in (
        whole + SCANS,
        whole + whole * frames.MOST_SCANS,
        whole + b"\0\0\0\x18ftypmp42" + SCANS + np.random.default_rng(1).bytes(4_000_000),
        whole[:2] + segment(0xE1, b"Exif\0\0" + SCANS) + whole[2:],
        whole[:2] + segment(0xE2, SCANS) * 20 + whole[2:],
        whole[:within] + segment(0xFE, SCANS) + whole[within:],
        whole[:tables] + segment(0xE1, SCANS) + whole[tables:],
    ):
        assert np.array_equal(decode(data, PHOTO), decode(whole, PHOTO))


@pytest.mark.usefixtures("never_decoded")
def test_passes_are_counted_wherever_the_decoder_finds_them() -> None:
    whole = progressive()
    begin, end = whole[: whole.index(b"\xff\xda")], whole[-2:]
    many = frames.MOST_SCANS + 1
    for between in (b"", b"rubbish", b"\xff\0\xff\xd7", b"\xff\x01", b"\xff" * 9, segment(0xE1, b"a" + end)):
        for tail in (end, b"", end * 2):
            with pytest.raises(InvalidInput, match="too many scans"):
                decode(begin + (SCAN + between) * many + tail, PHOTO)


@pytest.mark.usefixtures("never_decoded")
@pytest.mark.parametrize("filling", [b"\xff", b"\xff\0", b"\xff\x01", b"\xff\xd0", b"\xff\xe1\0\x02", b"\xff\xd8"])
def test_a_jpeg_of_markers_is_read_at_once(filling: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_decoded", lambda *_: picture())
    start = encoded("jpg")[: encoded("jpg").index(b"\xff\xda")] + SCAN
    began = time.process_time()
    with contextlib.suppress(InvalidInput):
        decode(start + filling * (7_900_000 // len(filling)), PHOTO)
    assert time.process_time() - began < 0.5


@pytest.mark.usefixtures("never_decoded")
def test_pictures_that_move_are_refused() -> None:
    moving_png = png(320, 240)[:33] + struct.pack(">I", 8) + b"acTL" + bytes(8)
    moving_png += struct.pack(">I", zlib.crc32(b"acTL" + bytes(8))) + png(320, 240)[33:]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0\x3f\x01\0\xef\0\0"
    for moving in (moving_png, b"RIFF" + struct.pack("<I", len(body)) + body, b"GIF89a" + bytes(40)):
        with pytest.raises(UnsupportedInput):
            decode(moving, PHOTO)
