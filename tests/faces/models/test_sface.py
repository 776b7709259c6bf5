"""YuNet and SFace for real: their files come with the installation, so every run can."""

from __future__ import annotations

import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest

from secure_attend.faces.detect.yunet import SCORE
from secure_attend.faces.engine import Face, FaceEngine
from secure_attend.faces.geometry import holds_centre
from secure_attend.faces.matching.decision import Identified, NotRecognised
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.quality import problems
from secure_attend.frames import Frame

RIGHT_EYE, LEFT_EYE = (203, 100), (247, 102)
"""Where the portrait's eyes are, in pixels; the person's own right is on the picture's left."""

NEAR = 6.6
"""Pixels: 15 % of the portrait's eye distance. YuNet's points vary by half of it with what it sees around a face."""


def changed(frame: Frame, scale: float = 1.0, light: float = 1.0) -> Frame:
    resized = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.clip(resized * light, 0, 255).astype(np.uint8)


def gallery_with(engine: FaceEngine, embedding: np.ndarray) -> Gallery:
    gallery = Gallery(engine.profile)
    gallery.replace("eileen", embedding[None], made_by=engine.profile.name)
    return gallery


def test_the_face_is_found_with_its_points(sface: FaceEngine, portrait: Frame) -> None:
    (face,) = sface.find(portrait)
    assert face.score >= SCORE
    assert np.linalg.norm(face.points[0] - RIGHT_EYE) < NEAR
    assert np.linalg.norm(face.points[1] - LEFT_EYE) < NEAR
    assert face.points[2][1] > face.points[1][1], "the nose is below the eyes"
    assert face.points[3][0] < face.points[4][0], "the right corner of the mouth is on the picture's left"


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.3, 3.0])
def test_smaller_and_larger_faces_are_found_where_they_are(sface: FaceEngine, portrait: Frame, scale: float) -> None:
    (face,) = sface.find(changed(portrait, scale))
    assert np.linalg.norm(face.points[0] - np.array(RIGHT_EYE) * scale) < NEAR * scale


def test_a_small_face_in_a_large_frame_is_found_at_the_second_look(sface: FaceEngine, portrait: Frame) -> None:
    frame = np.full((720, 1280, 3), 110, np.uint8)
    frame[300:480, 900:1080] = changed(portrait, 180 / 512)[:180, :180]
    (face,) = sface.find(frame)
    assert np.linalg.norm(face.points[0] - (np.array(RIGHT_EYE) * 180 / 512 + (900, 300))) < NEAR * 180 / 512


def test_no_face_is_an_empty_answer(sface: FaceEngine) -> None:
    assert sface.find(np.full((480, 640, 3), 127, np.uint8)) == ()
    assert sface.find(np.full((1, 1, 3), 127, np.uint8)) == ()
    noise = np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)
    assert sface.find(noise) == ()


def test_two_people_are_two_faces_largest_first(sface: FaceEngine, portrait: Frame) -> None:
    pair = np.hstack([portrait[:400, 100:400], changed(portrait, 1.5)[:400, 200:500]])
    faces = sface.find(pair)
    assert len(faces) == 2
    heights = [face.box[3] - face.box[1] for face in faces]
    assert heights[0] > heights[1]


@pytest.mark.parametrize("smaller", [0.1, 0.2])
def test_a_second_person_beside_a_larger_face_is_seen_at_the_first_look(
    sface: FaceEngine, portrait: Frame, smaller: float
) -> None:
    """Of the longer side; the portrait's face is 92 px wide."""
    frame = np.full((480, 640, 3), 110, np.uint8)
    for left, width in ((0, 0.21), (320, smaller)):
        part = changed(portrait[20:220, 120:330], width * 640 / 92)[:480, :320]
        frame[100 : 100 + part.shape[0], left : left + part.shape[1]] = part[: 480 - 100]
    assert len(sface.find(frame)) == 2


def test_a_followed_face_is_found_near_its_box_and_elsewhere_if_it_is_not_there(
    sface: FaceEngine, portrait: Frame
) -> None:
    (followed,) = sface.follow(portrait)
    (face,) = sface.find(portrait, followed)
    assert holds_centre(face.box, followed.box)
    assert np.linalg.norm(face.points[0] - RIGHT_EYE) < NEAR
    for nowhere in ((400.0, 400.0, 470.0, 470.0), (600.0, 600.0, 700.0, 700.0), (-90.0, -90.0, -10.0, -10.0)):
        (found,) = sface.find(portrait, replace(followed, box=nowhere))
        assert np.linalg.norm(found.points[0] - RIGHT_EYE) < NEAR


def test_one_person_is_near_across_sizes_light_and_looks(sface: FaceEngine, portrait: Frame) -> None:
    (face,) = sface.find(portrait)
    template = sface.embed(portrait, face)
    assert template.shape == (sface.profile.dimension,)
    assert template.dtype == np.float32
    assert np.linalg.norm(template) == pytest.approx(1.0, abs=1e-5)
    gallery, name = gallery_with(sface, template), sface.profile.name
    for other in (changed(portrait, 0.7), changed(portrait, 2.0), changed(portrait, light=0.5), portrait[:, ::-1]):
        frame = np.ascontiguousarray(other)
        (face,) = sface.find(frame)
        assert gallery.identify(sface.embed(frame, face)[None], made_by=name) == Identified("eileen")
    (followed,) = sface.follow(portrait)
    (near,) = sface.find(portrait, followed)
    assert np.linalg.norm(sface.embed(portrait, near) - template) < 0.3


def test_another_face_is_nobody(sface: FaceEngine, portrait: Frame) -> None:
    """The same portrait upside down under her own points: nothing of hers."""
    (face,) = sface.find(portrait)
    gallery = gallery_with(sface, sface.embed(portrait, face))
    elsewhere = Face((50.0, 300.0, 150.0, 400.0), face.points + np.float32([-80, 220]), 1.0)
    assert gallery.identify(sface.embed(portrait, elsewhere)[None], made_by=sface.profile.name) == NotRecognised()


@pytest.mark.parametrize("degrees", [-25.0, -12.0, 12.0, 25.0])
@pytest.mark.parametrize("known", [True, False])
def test_a_tilted_head_is_read_level(sface: FaceEngine, portrait: Frame, degrees: float, known: bool) -> None:
    """Seen first and followed alike; YuNet's own points would stay nearly level."""
    turn = cv2.getRotationMatrix2D((225.0, 120.0), degrees, 1.0)
    frame = np.asarray(cv2.warpAffine(portrait, turn, (512, 512)), np.uint8)
    near = sface.follow(frame)[0] if known else None
    (face,), (upright,) = sface.find(frame, near), sface.find(portrait)
    eyes = face.points[1] - face.points[0]
    assert -np.degrees(np.arctan2(eyes[1], eyes[0])) == pytest.approx(degrees, abs=8)
    assert np.linalg.norm(face.points - (upright.points @ turn[:, :2].T + turn[:, 2]), axis=1).mean() < NEAR
    assert np.linalg.norm(sface.embed(frame, face) - sface.embed(portrait, upright)) < 0.5


def test_the_chip_follows_the_points_not_the_frame(sface: FaceEngine, portrait: Frame) -> None:
    """Turned in the picture by any angle, the same face is the same embedding."""
    (face,) = sface.find(portrait)
    turn = cv2.getRotationMatrix2D((225.0, 120.0), 30.0, 1.4)
    frame = np.asarray(cv2.warpAffine(portrait, turn, (512, 512)), np.uint8)
    points = (face.points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    turned = sface.embed(frame, Face(face.box, points, 1.0))
    assert np.linalg.norm(turned - sface.embed(portrait, face)) < 0.25


def test_points_on_one_spot_are_embedded_without_an_error(sface: FaceEngine, portrait: Frame) -> None:
    nowhere = Face((0.0, 0.0, 9.0, 9.0), np.full((5, 2), 7, np.float32), 1.0)
    assert np.isfinite(sface.embed(portrait, nowhere)).all()


def test_the_portrait_is_good_enough_and_spoilt_ones_are_not(sface: FaceEngine, portrait: Frame) -> None:
    (face,) = sface.find(portrait)

    def hints(frame: Frame) -> tuple[str, ...]:
        return problems(sface.quality(frame, face.box), frame.shape)

    assert hints(portrait) == ()
    assert hints(changed(portrait, light=0.08))[0] == "too_dark"
    assert hints(np.asarray(cv2.GaussianBlur(portrait, (0, 0), 5), np.uint8)) == ("blurred",)


def test_faces_at_the_edge_are_embedded_without_an_error(sface: FaceEngine, portrait: Frame) -> None:
    cut = portrait[90:300, 185:420].copy()
    for face in sface.find(cut):
        assert np.isfinite(sface.embed(cut, face)).all()


def test_threads_get_the_same_answers(sface: FaceEngine, portrait: Frame) -> None:
    expected = sface.embed(portrait, sface.find(portrait)[0])
    answers: list[bool] = []

    def work() -> None:
        for _ in range(3):
            (face,) = sface.find(portrait)
            answers.append(np.array_equal(sface.embed(portrait, face), expected))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 12
