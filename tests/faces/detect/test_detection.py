"""What is done with what detectors answer: sizes, fragments, order, missing points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secure_attend.faces.detect.deepface import DeepFaceDetector
from secure_attend.faces.detect.mesh_follower import MeshFollower
from secure_attend.faces.detect.retinaface import FOLLOWED_PIXELS, GLANCED_PIXELS, RetinaFaceDetector
from secure_attend.faces.detect.windows import (
    CUT,
    EDGE,
    FAR,
    GRID,
    REDUCED_MARGIN,
    inside,
    pixels_of,
    wider_windows,
    window_around,
)
from secure_attend.faces.engine import Box, Face
from secure_attend.faces.geometry import box_of_points, grown, largest_first
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.retinaface_graph import RetinaFaceGraph
from secure_attend.frames import Frame
from tests.support.fakes import followed_in


def face(*box: float) -> Face:
    return Face((box[0], box[1], box[2], box[3]), np.zeros((5, 2), np.float32), 1.0)


def test_fragments_inside_a_larger_face_are_dropped() -> None:
    whole, eye, neighbour = face(0, 0, 100, 120), face(10, 20, 50, 60), face(90, 0, 160, 80)
    assert largest_first([eye, neighbour, whole]) == (whole, neighbour)
    assert largest_first([]) == ()


class Package:
    """In place of `retinaface.RetinaFace`: answers faces for frames at least so wide, and keeps what it was asked."""

    def __init__(self, least_width: int) -> None:
        self.least_width = least_width
        self.asked: list[tuple[tuple[int, ...], dict[str, Any]]] = []

    def detect_faces(self, frame: Frame, **options: Any) -> dict[str, Any]:
        self.asked.append((frame.shape, options))
        if frame.shape[1] < self.least_width:
            return {}
        marks = {
            "right_eye": [np.float32(100.25), np.float32(80.5)],
            "left_eye": [np.float32(140.0), np.float32(81.0)],
            "nose": [np.float32(120.0), np.float32(100.0)],
            "mouth_right": [np.float32(105.0), np.float32(120.0)],
            "mouth_left": [np.float32(135.0), np.float32(120.0)],
        }
        area = [np.int64(80), np.int64(50), np.int64(160), np.int64(140)]
        return {"face_1": {"score": np.float32(0.99), "facial_area": area, "landmarks": marks}}


class Network(RetinaFaceGraph):
    """In place of RetinaFace's: it is not run, only told apart from what it is without the finest level."""

    def __init__(self) -> None:
        """Nothing to load."""

    coarse = "without the finest level"  # type: ignore[assignment]


NETWORK = Network()


def frame(width: int, height: int) -> Frame:
    return np.zeros((height, width, 3), np.uint8)


def test_retinaface_glances_and_then_looks_closely() -> None:
    """The glance shows a face from 400, 250 to 800, 700; the frame there is reduced until it is small enough."""
    package = Package(least_width=1)
    (found,) = RetinaFaceDetector(package, NETWORK).find(frame(960, 720))
    (glance, _), (close, _) = package.asked
    assert glance == (144, 192, 3)
    assert close[0] * close[1] == pytest.approx(GLANCED_PIXELS, rel=0.01)
    closely = package.asked[1][1]
    assert closely == {"threshold": 0.9, "model": NETWORK.coarse, "allow_upscaling": False}
    assert package.asked[0][1]["threshold"] < 0.9
    assert package.asked[0][1]["model"] is NETWORK
    scale = close[0] / (700 + REDUCED_MARGIN - 250 + REDUCED_MARGIN)
    assert np.allclose(found.box, (392 + 80 / scale, 242 + 50 / scale, 392 + 160 / scale, 242 + 140 / scale), atol=1)
    assert all(type(side) is float for side in found.box)
    assert found.points.dtype == np.float32
    assert np.allclose(found.points[0], (392 + 100.25 / scale, 242 + 80.5 / scale), atol=1)
    assert type(found.score) is float


def test_a_followed_face_is_looked_for_where_it_is_with_the_pixels_of_the_frame() -> None:
    package = Package(least_width=1)
    (found,) = RetinaFaceDetector(package, NETWORK).find(
        frame(640, 480), near=followed_in((290.0, 140.0, 390.0, 240.0))
    )
    ((shape, options),) = package.asked
    assert shape[0] * shape[1] <= FOLLOWED_PIXELS
    assert shape[0] % EDGE == shape[1] % EDGE == 0
    assert options["model"] == NETWORK.coarse
    corner = np.array(found.box[:2]) - (80, 50)
    assert (corner % GRID == 0).all()


def test_a_larger_face_keeps_itspixels_of() -> None:
    package, near = Package(least_width=1), (200.0, 150.0, 370.0, 320.0)
    (found,) = RetinaFaceDetector(package, NETWORK).find(frame(640, 480), followed_in(near))
    ((shape, _),) = package.asked
    assert 0.9 * FOLLOWED_PIXELS < shape[0] * shape[1] <= FOLLOWED_PIXELS
    assert found.box[2] - found.box[0] == 80, "not reduced"


def test_for_a_face_too_large_for_that_the_frame_is_reduced() -> None:
    package, near = Package(least_width=1), (150.0, 80.0, 450.0, 380.0)
    RetinaFaceDetector(package, NETWORK).find(frame(640, 480), followed_in(near))
    shape, _ = package.asked[0]
    assert shape[0] * shape[1] == pytest.approx(FOLLOWED_PIXELS, rel=0.01)
    assert shape[1] % GRID, "not a window of the frame's own pixels"


@settings(deadline=None)
@given(
    x=st.floats(-50, 690),
    y=st.floats(-50, 530),
    width=st.floats(2, 600),
    height=st.floats(2, 600),
    cells=st.integers(20, 80),
)
@example(x=165.0, y=0.0, width=165.0, height=226.0, cells=20)
@example(x=168.0, y=168.0, width=168.0, height=168.0, cells=34)  # fits with a margin, but not on the grid
def test_a_window_holds_the_face_and_as_much_around_it_as_its_pixels_allow(
    x: float, y: float, width: float, height: float, cells: int
) -> None:
    picture, pixels = frame(640, 480), cells * GRID * GRID
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    window, scale = window_around(picture, box, pixels)
    left, top, right, bottom = window
    assert left >= 0
    assert top >= 0
    assert right <= 640
    assert bottom <= 480
    assert scale <= 1
    assert pixels_of(window) * scale**2 <= pixels * 1.001
    off_grid = inside(picture, grown(box, REDUCED_MARGIN))
    assert window == off_grid or left % GRID == top % GRID == 0
    assert scale == 1 or window == off_grid
    if window != off_grid and pixels_of(window):
        cut = CUT * math.sqrt(width * height) + 1e-6
        assert left <= max(0, box[0] + cut)
        assert top <= max(0, box[1] + cut)
        assert right >= min(640, box[2] - cut)
        assert bottom >= min(480, box[3] - cut)
        assert all(pixels_of(wider) > pixels for wider in wider_windows(picture, window, box))
        assert max(box[0] - left, box[1] - top) < FAR + GRID
        assert max(right - box[2], bottom - box[3]) < FAR + EDGE


def test_a_small_face_is_looked_for_on_every_level() -> None:
    package = Package(least_width=1)
    RetinaFaceDetector(package, NETWORK).find(frame(640, 480), near=followed_in((300.0, 200.0, 335.0, 235.0)))
    assert package.asked[0][1]["model"] is NETWORK


@pytest.mark.parametrize(
    "near", [(600.0, 440.0, 700.0, 540.0), (900.0, 900.0, 950.0, 950.0), (-400.0, -400.0, 9e3, 9e3)]
)
def test_a_box_at_the_edge_or_beyond_is_no_error(near: Box) -> None:
    package = Package(least_width=1)
    assert RetinaFaceDetector(package, NETWORK).find(frame(640, 480), near=followed_in(near))
    assert all(shape[0] and shape[1] for shape, _ in package.asked)


def test_what_is_not_where_it_was_followed_is_looked_for_everywhere() -> None:
    package = Package(least_width=480)
    followed = followed_in((500.0, 300.0, 600.0, 400.0))
    (found,) = RetinaFaceDetector(package, NETWORK).find(frame(960, 720), near=followed)
    assert [shape[1] for shape, _ in package.asked][1:3] == [192, 480]
    assert found.box == (160.0, 100.0, 320.0, 280.0), "where a close look shows it no more, it stays where it was seen"


class Marked(Package):
    """Answers a face where the frame is white, half a pixel of whatever it is shown farther right."""

    def detect_faces(self, frame: Frame, **options: Any) -> dict[str, Any]:
        answer = super().detect_faces(frame, **options)
        rows, columns = np.nonzero(frame[..., 0])
        for found in answer.values():
            found["facial_area"] = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            found["landmarks"] = {key: [columns.min() + 0.5, rows.min()] for key in found["landmarks"]}
        return answer


def test_what_a_reduced_frame_shows_is_looked_at_again_with_the_frames_ownpixels_of() -> None:
    package, picture = Marked(least_width=193), frame(960, 720)
    picture[300:380, 500:560] = 255
    (found,) = RetinaFaceDetector(package, NETWORK).find(picture)
    *_, (shape, options) = package.asked
    assert [asked[1] for asked, _ in package.asked][:2] == [192, 480]
    assert shape[0] % EDGE == shape[1] % EDGE == 0
    assert shape[0] * shape[1] <= GLANCED_PIXELS
    assert options["threshold"] == package.asked[1][1]["threshold"]
    assert found.box == (500.0, 300.0, 560.0, 380.0)
    assert found.points[0, 0] == 500.5


def test_small_faces_are_looked_for_at_full_size_only_when_there_are_no_others() -> None:
    package = Package(least_width=900)
    (found,) = RetinaFaceDetector(package, NETWORK).find(frame(960, 720))
    assert [shape[1] for shape, _ in package.asked] == [192, 480, 960]
    assert found.box == (80.0, 50.0, 160.0, 140.0)


def test_a_small_frame_is_never_enlarged() -> None:
    package = Package(least_width=9_999)
    assert RetinaFaceDetector(package, NETWORK).find(frame(320, 240)) == ()
    assert [shape[1] for shape, _ in package.asked] == [320]


class Client:
    """In place of one of deepface's detectors."""

    def __init__(self, **region: Any) -> None:
        self.region = region

    def detect_faces(self, _frame: Frame) -> list[Any]:
        return [module("deepface.models.Detector").FacialAreaRegion(**self.region)] if self.region else []


def test_points_a_detector_does_not_give_come_from_the_landmarks(portrait: Frame, mesh_follower: MeshFollower) -> None:
    client = Client(x=178, y=54, w=94, h=124, left_eye=(247, 102), confidence=0.9)
    (found,) = DeepFaceDetector(client, mesh_follower).find(portrait)
    right_eye, left_eye, nose, mouth_right, mouth_left = found.points
    assert np.allclose(left_eye, (247, 102))
    assert np.linalg.norm(right_eye - (203, 100)) < 6
    assert np.linalg.norm(nose - (223, 129)) < 8
    assert mouth_right[0] < mouth_left[0]
    assert found.box == (178.0, 54.0, 272.0, 178.0)


def test_a_region_drawn_otherwise_is_read_by_a_look_at_the_frame(portrait: Frame, mesh_follower: MeshFollower) -> None:
    """Some detectors draw the whole head, which is too large a square to follow the face from."""
    client = Client(x=140, y=0, w=170, h=220, confidence=0.9)
    (found,) = DeepFaceDetector(client, mesh_follower).find(portrait)
    assert np.linalg.norm(found.points[0] - (203, 100)) < 6


def test_what_has_no_points_is_no_face(portrait: Frame, mesh_follower: MeshFollower) -> None:
    wall = np.full_like(portrait, 127)
    assert DeepFaceDetector(Client(x=178, y=54, w=94, h=124, confidence=0.9), mesh_follower).find(wall) == ()


def test_no_face_is_no_face_and_not_the_whole_frame(portrait: Frame, mesh_follower: MeshFollower) -> None:
    assert DeepFaceDetector(Client(), mesh_follower).find(portrait) == ()
    assert DeepFaceDetector(Client(x=5, y=5, w=0, h=0), mesh_follower).find(portrait) == ()


def test_the_square_follows_the_points() -> None:
    points = np.array([[40, 50], [80, 50], [60, 72], [45, 92], [75, 92]], np.float32)
    left, top, right, bottom = box_of_points(points)
    assert right - left == pytest.approx(bottom - top)
    assert left < 40
    assert right > 80
    moved = box_of_points(points * 2 + 10)
    assert np.allclose(moved, np.array([left, top, right, bottom]) * 2 + 10)
