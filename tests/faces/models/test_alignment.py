"""The alignment deepface's recognisers are fed with, against deepface's own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from secure_attend.faces.embed.alignment import upright
from secure_attend.faces.embed.recognisers import _fitted
from secure_attend.faces.engine import Face
from secure_attend.faces.models.deepface_patches import module
from secure_attend.frames import Frame


def aligned_by_deepface(frame: Frame, face: Face) -> Frame:
    """`deepface.modules.detection.extract_face`, given the face as its detectors would: whole pixels, black border."""
    detection, detector = module("deepface.modules.detection"), module("deepface.models.Detector")
    rows, columns = frame.shape[0] // 2, frame.shape[1] // 2
    bordered = cv2.copyMakeBorder(frame, rows, rows, columns, columns, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    left, top, right, bottom = (int(side) for side in face.box)
    eyes = [(int(x) + columns, int(y) + rows) for x, y in face.points[:2]]
    region = detector.FacialAreaRegion(
        x=left + columns,
        y=top + rows,
        w=right - left,
        h=bottom - top,
        right_eye=eyes[0],
        left_eye=eyes[1],
        confidence=1,
    )
    found = detection.extract_face(
        facial_area=region,
        img=bordered,
        align=True,
        expand_percentage=0,
        width_border=columns,
        height_border=rows,
        detector_backend="retinaface",
    )
    return np.asarray(found.img, np.uint8)


def face(box: tuple[float, float, float, float], right_eye: tuple[float, float], left_eye: tuple[float, float]) -> Face:
    rest = [(0.0, 0.0)] * 3
    return Face(box, np.array([right_eye, left_eye, *rest], np.float32), 1.0)


@pytest.mark.parametrize(
    "shown",
    [
        face((178, 54, 272, 178), (203, 99), (247, 102)),
        face((178, 54, 273, 179), (203, 110), (247, 92)),
        face((178, 54, 272, 178), (203, 100), (247, 100)),
        face((0, 0, 120, 141), (30, 60), (90, 40)),
        face((420, 400, 511, 511), (440, 440), (490, 452)),
        face((200, 60, 261, 171), (247, 102), (203, 99)),
    ],
)
def test_it_is_deepfaces_alignment(portrait: Frame, shown: Face) -> None:
    ours, theirs = upright(portrait, shown).astype(int), aligned_by_deepface(portrait, shown).astype(int)
    assert ours.shape == theirs.shape
    # the same turn computed about another origin rounds otherwise in a pixel of thousands
    assert np.abs(ours - theirs).max() <= 1
    assert (ours != theirs).mean() < 0.001


def test_fractions_of_pixels_are_kept(portrait: Frame) -> None:
    whole = upright(portrait, face((178, 54, 272, 178), (203, 99), (247, 102)))
    finer = upright(portrait, face((178, 54, 272, 178), (203.4, 99.9), (247.4, 102)))
    assert whole.shape == finer.shape
    assert not np.array_equal(whole, finer)


def test_beyond_the_frame_it_is_black(portrait: Frame) -> None:
    out = upright(portrait, face((-60, -80, 40, 60), (-30, -20), (10, -20)))
    assert out.shape == (140, 100, 3)
    assert out[:70, :50].max() == 0
    assert out[90:, 70:].mean() > 10


def test_a_box_wholly_outside_gives_black_not_an_error(portrait: Frame) -> None:
    assert upright(portrait, face((900, 900, 950, 950), (910, 910), (940, 910))).max() == 0


@pytest.mark.parametrize("size", [(160, 160), (47, 55), (112, 112)])
@pytest.mark.parametrize("shape", [(131, 98), (98, 131), (20, 20), (300, 11)])
def test_a_face_is_fitted_as_deepface_does(portrait: Frame, size: tuple[int, int], shape: tuple[int, int]) -> None:
    shown = np.ascontiguousarray(portrait[: shape[0], : shape[1]])
    theirs = module("deepface.modules.preprocessing").resize_image(
        shown.astype(np.float32) / np.float32(255), (size[1], size[0])
    )
    assert np.array_equal(_fitted(shown, *size), theirs)
