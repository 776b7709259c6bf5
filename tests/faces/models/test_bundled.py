"""The bundled models for real: they come with the installation, so every run can."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.geometry import as_face
from secure_attend.faces.matching.gallery import Gallery, Identified, NotRecognised
from secure_attend.faces.quality import problems
from secure_attend.frames import Frame

RIGHT_EYE, LEFT_EYE = (203, 100), (247, 102)
"""Where the portrait's eyes are, in pixels; the person's own right is on the picture's left."""


def changed(frame: Frame, scale: float = 1.0, light: float = 1.0) -> Frame:
    resized = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.clip(resized * light, 0, 255).astype(np.uint8)


def test_the_face_is_found_with_its_points(bundled: FaceEngine, portrait: Frame) -> None:
    (face,) = bundled.find(portrait)
    assert np.linalg.norm(face.points[0] - RIGHT_EYE) < 4
    assert np.linalg.norm(face.points[1] - LEFT_EYE) < 4
    assert face.points[2][1] > face.points[1][1], "the nose is below the eyes"
    assert face.points[3][0] < face.points[4][0], "the right corner of the mouth is on the picture's left"


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_smaller_and_larger_faces_are_found_where_they_are(bundled: FaceEngine, portrait: Frame, scale: float) -> None:
    (face,) = bundled.find(changed(portrait, scale))
    assert np.linalg.norm(face.points[0] - np.array(RIGHT_EYE) * scale) < 5 * scale


def test_no_face_is_an_empty_answer(bundled: FaceEngine) -> None:
    wall = np.full((480, 640, 3), 127, np.uint8)
    assert bundled.find(wall) == ()
    assert bundled.follow(wall) == ()


def test_two_people_are_two_faces(bundled: FaceEngine, portrait: Frame) -> None:
    pair = np.hstack([portrait[:400, 100:400], changed(portrait, 1.5)[:400, 200:500]])
    faces = bundled.find(pair)
    assert len(faces) == 2
    assert len(bundled.follow(pair)) == 2
    heights = [face.box[3] - face.box[1] for face in faces]
    assert heights[0] > heights[1], "largest first"


@pytest.mark.parametrize("smaller", [0.155, 0.2])
def test_a_second_person_beside_a_larger_face_is_seen_at_the_first_look(
    bundled: FaceEngine, portrait: Frame, smaller: float
) -> None:
    """Of the longer side; the portrait's face is 90 px wide."""
    frame = np.full((480, 640, 3), 110, np.uint8)
    for left, width in ((0, 0.21), (320, smaller)):
        part = changed(portrait[20:220, 120:330], width * 640 / 90)[:480, :320]
        frame[100 : 100 + part.shape[0], left : left + part.shape[1]] = part[: 480 - 100]
    assert len(bundled.find(frame)) == 2


def test_the_follower_gives_68_landmarks_in_fractions_of_pixels(bundled: FaceEngine, portrait: Frame) -> None:
    (followed,) = bundled.follow(portrait)
    assert followed.landmarks.shape == (68, 2)
    assert followed.landmarks.dtype == np.float32
    assert np.linalg.norm(followed.landmarks[36:42].mean(axis=0) - RIGHT_EYE) < 4
    assert np.linalg.norm(followed.landmarks[42:48].mean(axis=0) - LEFT_EYE) < 4
    assert (followed.landmarks != np.round(followed.landmarks)).any()


def test_landmarks_move_with_the_face_by_less_than_a_pixel(bundled: FaceEngine, portrait: Frame) -> None:
    (before,) = bundled.follow(portrait)
    shift = np.array([[1, 0, 7.5], [0, 1, -4.25]])
    (after,) = bundled.follow(np.asarray(cv2.warpAffine(portrait, shift, (512, 512)), np.uint8))
    assert np.abs(np.median(after.landmarks - before.landmarks, axis=0) - (7.5, -4.25)).max() < 1.0


def test_one_person_is_near_across_sizes_light_and_follower(bundled: FaceEngine, portrait: Frame) -> None:
    (face,) = bundled.find(portrait)
    template = bundled.embed(portrait, face)
    assert template.shape == (bundled.profile.dimension,)
    assert template.dtype == np.float32
    gallery = Gallery(bundled.profile)
    gallery.replace("eileen", template[None], made_by=gallery.profile.name)
    for other in (
        changed(portrait, 0.7),
        changed(portrait, 2.0),
        changed(portrait, light=0.5),
        portrait[:, ::-1].copy(),
    ):
        (face,) = bundled.find(other)
        assert gallery.identify(bundled.embed(other, face)[None], made_by=gallery.profile.name) == Identified("eileen")
    (followed,) = bundled.follow(portrait)
    assert gallery.identify(
        bundled.embed(portrait, as_face(followed))[None], made_by=gallery.profile.name
    ) == Identified("eileen")


def test_another_face_is_nobody(bundled: FaceEngine, portrait: Frame) -> None:
    """The same portrait with its features moved apart: a face, and not hers."""
    (face,) = bundled.find(portrait)
    gallery = Gallery(bundled.profile)
    gallery.replace("eileen", bundled.embed(portrait, face)[None], made_by=gallery.profile.name)
    squeezed = np.asarray(cv2.resize(portrait, None, fx=0.75, fy=1.25), np.uint8)
    (face,) = bundled.find(squeezed)
    assert gallery.identify(bundled.embed(squeezed, face)[None], made_by=gallery.profile.name) == NotRecognised()


def test_the_portrait_is_good_enough_and_spoilt_ones_are_not(bundled: FaceEngine, portrait: Frame) -> None:
    (face,) = bundled.find(portrait)

    def hints(frame: Frame) -> tuple[str, ...]:
        return problems(bundled.quality(frame, face.box), frame.shape)

    assert hints(portrait) == ()
    assert hints(changed(portrait, light=0.08))[0] == "too_dark"
    assert hints(changed(portrait, light=3.0)) == ("too_bright",)
    assert hints(np.asarray(cv2.GaussianBlur(portrait, (0, 0), 5), np.uint8)) == ("blurred",)


def test_faces_at_the_edge_are_embedded_without_an_error(bundled: FaceEngine, portrait: Frame) -> None:
    cut = portrait[90:300, 185:420].copy()
    for face in bundled.find(cut):
        assert np.isfinite(bundled.embed(cut, face)).all()
    for followed in bundled.follow(cut):
        assert np.isfinite(followed.landmarks).all()


def test_threads_get_the_same_answers(bundled: FaceEngine, portrait: Frame) -> None:
    expected = bundled.follow(portrait)[0].landmarks
    answers: list[bool] = []

    def work() -> None:
        for _ in range(3):
            (face,) = bundled.find(portrait)
            answers.append(bool(np.isfinite(bundled.embed(portrait, face)).all()))
            answers.append(np.array_equal(bundled.follow(portrait)[0].landmarks, expected))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 24
