"""The follower of 478 points on a portrait: found, followed, and lost."""

from __future__ import annotations

import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest

from secure_attend.faces.detect.mesh_follower import IBUG, SOLID, MeshFollower, solid_points
from secure_attend.faces.engine import FollowedFace
from secure_attend.frames import Frame
from secure_attend.liveness.eyes import openness
from secure_attend.liveness.head_pose import turn_since
from tests.support.puppet import astronaut

RIGHT_EYE, LEFT_EYE = (203, 100), (247, 102)
"""Where the portrait's eyes are, in pixels; the person's own right is on the picture's left."""
MIDDLE = (225.0, 120.0)


def turned(
    frame: Frame, degrees: float, shift: tuple[float, float] = (0.0, 0.0), scale: float = 1.0
) -> tuple[Frame, np.ndarray]:
    """The frame turned about the portrait's face, and the (2, 3) matrix that turned it."""
    turn = cv2.getRotationMatrix2D(MIDDLE, degrees, scale)
    turn[:, 2] += shift
    rows, columns = frame.shape[:2]
    return np.asarray(cv2.warpAffine(frame, turn, (columns, rows)), np.uint8), turn


def test_the_table_names_each_landmark_once() -> None:
    assert len(IBUG) == len(set(IBUG)) == 68
    assert max(IBUG) < 468, "the last ten points are the irises'"


def test_a_face_is_found_with_landmarks_and_mesh(mesh_follower: MeshFollower, portrait: Frame) -> None:
    (face,) = mesh_follower.follow(portrait)
    assert face.landmarks.shape == (68, 2)
    assert face.landmarks.dtype == np.float32
    assert face.mesh is not None
    assert face.mesh.shape == (478, 3)
    np.testing.assert_array_equal(face.landmarks, face.mesh[list(IBUG), :2])
    assert np.linalg.norm(face.landmarks[36:42].mean(axis=0) - RIGHT_EYE) < 4
    assert np.linalg.norm(face.landmarks[42:48].mean(axis=0) - LEFT_EYE) < 4
    assert np.linalg.norm(face.mesh[468, :2] - RIGHT_EYE) < 4, "the middle of the iris"
    assert face.mesh[4, 2] < face.mesh[234, 2], "the nose is nearer to the camera than the ear"


def test_no_face_is_an_empty_answer(mesh_follower: MeshFollower, portrait: Frame) -> None:
    wall = np.full((480, 640, 3), 127, np.uint8)
    (face,) = mesh_follower.follow(portrait)
    assert mesh_follower.follow(wall) == ()
    assert mesh_follower.follow(wall, face) == ()
    assert mesh_follower.follow(wall, face.box) == ()


def test_two_people_are_two_faces_largest_first(mesh_follower: MeshFollower, portrait: Frame) -> None:
    larger = cv2.resize(portrait, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_AREA)[:400, 200:500]
    one, other = mesh_follower.follow(np.hstack([portrait[:400, 100:400], larger]))
    assert one.box[2] - one.box[0] > other.box[2] - other.box[0]
    assert one.box[0] > other.box[0]


@pytest.mark.parametrize("degrees", [-40.0, 40.0])
def test_landmarks_turn_with_the_face(mesh_follower: MeshFollower, portrait: Frame, degrees: float) -> None:
    (before,) = mesh_follower.follow(portrait)
    frame, turn = turned(portrait, degrees)
    (after,) = mesh_follower.follow(frame)
    expected = before.landmarks @ turn[:, :2].T + turn[:, 2]
    assert np.linalg.norm(after.landmarks - expected, axis=1).mean() < 1.5


def test_a_face_that_moves_is_followed_from_frame_to_frame(mesh_follower: MeshFollower, portrait: Frame) -> None:
    """By the mesh of the frame before in one reading, which answers as the two from its box do."""
    (face,) = mesh_follower.follow(portrait)
    first = face.landmarks
    for step in range(1, 5):
        frame, turn = turned(portrait, 4.0 * step, shift=(9.0 * step, 5.0 * step))
        (by_box,) = mesh_follower.follow(frame, face.box)
        (face,) = mesh_follower.follow(frame, face)
        expected = first @ turn[:, :2].T + turn[:, 2]
        assert np.linalg.norm(face.landmarks - expected, axis=1).mean() < 2.0
        assert np.linalg.norm(by_box.landmarks - face.landmarks, axis=1).mean() < 1.0


def test_landmarks_stay_where_the_face_stays(mesh_follower: MeshFollower, portrait: Frame) -> None:
    (first,) = mesh_follower.follow(portrait)
    face = first
    for _ in range(5):
        (face,) = mesh_follower.follow(portrait, face)
    assert np.linalg.norm(face.landmarks - first.landmarks, axis=1).max() < 1.0


@pytest.mark.parametrize(("shift", "scale"), [((60.0, 0.0), 1.0), ((0.0, 0.0), 1.5), ((0.0, 0.0), 0.6)])
def test_a_face_that_jumps_is_lost_rather_than_another_followed(
    mesh_follower: MeshFollower, portrait: Frame, shift: tuple[float, float], scale: float
) -> None:
    (face,) = mesh_follower.follow(portrait)
    frame, _ = turned(portrait, 0.0, shift, scale)
    assert mesh_follower.follow(frame, face) == ()


def test_looking_around_reads_the_known_face_and_finds_others(mesh_follower: MeshFollower, portrait: Frame) -> None:
    alone = np.ascontiguousarray(portrait[:400, 100:400])
    larger = cv2.resize(portrait, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_AREA)[:400, 200:500]
    (before,) = mesh_follower.follow(alone)
    (same,) = mesh_follower.look(alone, before)
    np.testing.assert_array_equal(same.landmarks, mesh_follower.follow(alone, before)[0].landmarks)
    other, known = mesh_follower.look(np.hstack([alone, larger]), before)
    assert np.linalg.norm(known.landmarks - before.landmarks, axis=1).max() < 1.5
    assert other.box[0] > 300
    assert mesh_follower.look(np.full((480, 640, 3), 127, np.uint8), before) == ()


def test_a_face_followed_without_a_mesh_is_read_from_its_box(mesh_follower: MeshFollower, portrait: Frame) -> None:
    without = replace(mesh_follower.follow(portrait)[0], mesh=None)
    (face,) = mesh_follower.follow(portrait, without)
    (same,) = mesh_follower.follow(portrait, without.box)
    np.testing.assert_array_equal(face.landmarks, same.landmarks)


@pytest.mark.parametrize("held", [{"yaw": 20.0}, {"yaw": -20.0}, {"pitch": 15.0}, {"pitch": -15.0}, {"roll": 12.0}])
def test_the_heads_own_pose_is_read_from_solid_points(mesh_follower: MeshFollower, held: dict[str, float]) -> None:
    (rest,) = mesh_follower.follow(astronaut().frame())
    (seen,) = mesh_follower.follow(astronaut().frame(**held), rest)
    turn = turn_since(solid_points(rest), solid_points(seen))
    ((axis, angle),) = held.items()
    others = [getattr(turn, other) for other in ("yaw", "pitch", "roll") if other != axis]
    assert 0.5 < getattr(turn, axis) / angle < 1.5
    assert max(map(abs, others)) < 6


@pytest.mark.parametrize("held", [{"mouth": 1.0}, {"eyes": 0.0}])
def test_a_face_that_moves_does_not_turn_the_head(mesh_follower: MeshFollower, held: dict[str, float]) -> None:
    (rest,) = mesh_follower.follow(astronaut().frame())
    (seen,) = mesh_follower.follow(astronaut().frame(**held), rest)
    turn = turn_since(solid_points(rest), solid_points(seen))
    assert max(abs(turn.yaw), abs(turn.pitch), abs(turn.roll)) < 6


def test_solid_points_are_named_once() -> None:
    assert len(SOLID) == len(set(SOLID)) == 80


def test_shut_eyes_are_read_as_shut_and_open_ones_as_open(mesh_follower: MeshFollower) -> None:
    """Drawn into a portrait. An open mouth and a turned head leave the eyes open."""
    (rest,) = mesh_follower.follow(astronaut().frame())
    (shut,) = mesh_follower.follow(astronaut().frame(eyes=0.0), rest)
    (mouth,) = mesh_follower.follow(astronaut().frame(mouth=1.0), rest)
    (turned_head,) = mesh_follower.follow(astronaut().frame(yaw=20.0), rest)
    assert openness(shut.landmarks) < 0.5 * openness(rest.landmarks)
    assert openness(mouth.landmarks) > 0.9 * openness(rest.landmarks)
    assert openness(turned_head.landmarks) > 0.9 * openness(rest.landmarks)


def test_an_open_mouth_is_read_as_open(mesh_follower: MeshFollower) -> None:
    (rest,) = mesh_follower.follow(astronaut().frame())
    (mouth,) = mesh_follower.follow(astronaut().frame(mouth=1.0), rest)
    upper, lower = mouth.landmarks[61:64].mean(axis=0), mouth.landmarks[65:68].mean(axis=0)
    before = rest.landmarks[65:68].mean(axis=0) - rest.landmarks[61:64].mean(axis=0)
    assert lower[1] - upper[1] > before[1] + 0.1 * (rest.box[2] - rest.box[0])


@pytest.mark.parametrize("held", [{"yaw": 35.0}, {"yaw": -35.0}, {"pitch": 18.0}, {"pitch": -18.0}])
def test_a_turned_head_is_found_and_followed(mesh_follower: MeshFollower, held: dict[str, float]) -> None:
    frame, known = astronaut().frame(**held), astronaut().landmarks(**held)
    (rest,) = mesh_follower.follow(astronaut().frame())
    (found,), (followed,) = mesh_follower.follow(frame), mesh_follower.follow(frame, rest)
    for face in (found, followed):
        error = np.linalg.norm(face.landmarks - known, axis=1).mean()
        assert error < 0.05 * (face.box[2] - face.box[0])


def test_faces_cut_by_the_edge_are_read_or_not_without_an_error(mesh_follower: MeshFollower, portrait: Frame) -> None:
    for cut in (portrait[90:300, 185:420], portrait[:160, :230], portrait[60:170, 215:]):
        for face in mesh_follower.follow(np.ascontiguousarray(cut)):
            assert np.isfinite(face.landmarks).all()


def test_threads_get_the_same_answers(mesh_follower: MeshFollower, portrait: Frame) -> None:
    (face,) = mesh_follower.follow(portrait)
    answers: list[FollowedFace] = []

    def work() -> None:
        for _ in range(3):
            answers.extend(mesh_follower.follow(portrait))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    assert all(np.array_equal(each.landmarks, face.landmarks) for each in answers)


def test_four_channels_are_warped_to_the_bytes_of_three(portrait: Frame) -> None:
    turn = cv2.getRotationMatrix2D((200.0, 150.0), 17.0, 0.8)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    three, four = (
        cv2.warpAffine(each, turn, (256, 256), flags=how, borderMode=cv2.BORDER_REPLICATE)
        for each in (portrait, cv2.cvtColor(portrait, cv2.COLOR_BGR2BGRA))
    )
    assert np.array_equal(three, four[:, :, :3])
