"""A check-in by face while a class is on: who is of the class may lie a little farther from the template."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.services import Services
from secure_attend.faces.matching.operating_point import threshold
from tests.conftest import Site
from tests.support.campus import FIRST, LECTURE, Campus
from tests.support.fakes import PROFILE, Clock, Person, embedding

STRANGERS = 1_000
OPEN, CLOSED = "10:01", "08:00"
IN_CLASS, WHOLE, OTHERS = (
    threshold(PROFILE, people, target) for people, target in ((100, 5e-4), (STRANGERS, 1e-3), (STRANGERS, 5e-4))
)
FRAMES_OFF = 0.006
"""The frames of a drawn person lie this far from each other at most."""


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Power cuts are other tests' business."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class LargeCampus(Campus):
    """A campus where a thousand strangers are registered too. Ann, who is in the class, is face 1, and Bob face 2."""

    def __init__(self, app: Flask, services: Services, site: Site, clock: Clock) -> None:
        super().__init__(app, services, site, clock)
        for who, name in ((1, "Ann"), (2, "Bob")):
            assert site.register(self.keys[name], who).status_code == 201
        rows = np.random.default_rng(8).normal(size=(STRANGERS, 32)).astype(np.float32)
        for number, row in enumerate(rows / np.linalg.norm(rows, axis=1, keepdims=True)):
            self.gallery.replace(f"stranger {number}", 3 * row[None], made_by=PROFILE.name)
        self.teach(LECTURE)

    @property
    def gallery(self) -> Any:
        """The gallery that is searched."""
        return self.services.galleries.current

    def place(self, key: str, who: int, away: float) -> None:
        """Put the student's template this far from this person's frames."""
        row = embedding(who).copy()
        off = np.zeros(32, np.float32)
        off[3] = away
        self.gallery.replace(key, (row + off)[None], made_by=PROFILE.name)

    def face(self, who: int, kiosk: FlaskClient, at: str, **claim: str) -> Any:
        """Check this person in by face at this local time; return the response."""
        self.at(at)
        challenge = Person(kiosk, self.clock, who).play(
            kiosk.post("/api/v1/challenges", json={"purpose": "check_in"}).get_json()
        )
        assert challenge["state"] == "passed", challenge
        body = {"challenge": challenge["id"]}
        answer = kiosk.post("/api/v1/check-ins", json=body)
        return kiosk.post("/api/v1/check-ins", json=body | claim) if claim else answer


@pytest.fixture
def campus(app: Flask, services: Services, site: Site, clock: Clock) -> LargeCampus:
    return LargeCampus(app, services, site, clock)


def test_the_limits_differ_by_more_than_frames_do() -> None:
    assert OTHERS + 2 * FRAMES_OFF < WHOLE < IN_CLASS - 2 * FRAMES_OFF


@pytest.mark.parametrize(
    ("name", "hall", "at", "limit"),
    [
        ("Ann", "hall_b", OPEN, IN_CLASS),
        ("Bob", "hall_b", OPEN, OTHERS),
        ("Ann", "hall_c", OPEN, WHOLE),
        ("Ann", "hall_b", CLOSED, WHOLE),
    ],
    ids=["in class", "of no class, while there is one", "another hall's kiosk", "before check-in opens"],
)
def test_the_limit_is_that_of_kiosk_and_moment(
    campus: LargeCampus, name: str, hall: str, at: str, limit: float
) -> None:
    who, kiosk = {"Ann": 1, "Bob": 2}[name], getattr(campus, hall)
    campus.place(campus.keys[name], who, limit + FRAMES_OFF)
    refused = campus.face(who, kiosk, at)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "not_recognised")
    campus.place(campus.keys[name], who, limit - FRAMES_OFF)
    accepted = campus.face(who, kiosk, at)
    assert accepted.status_code == 201, accepted.text
    assert accepted.get_json()["student"]["name"] == name


def test_no_answer_says_which_limit_let_somebody_in(campus: LargeCampus) -> None:
    answers = []
    for away in (0.0, IN_CLASS - FRAMES_OFF):
        campus.place(campus.keys["Ann"], 1, away)
        answers.append(campus.face(1, campus.hall_b, OPEN))
    near, far = answers
    assert (near.status_code, far.status_code) == (201, 200), "the second is within the interval"
    assert _shape(near.get_json()) == _shape(far.get_json())
    refused = []
    for name, who in (("Ann", 1), ("Bob", 2)):
        campus.place(campus.keys[name], who, IN_CLASS + FRAMES_OFF if name == "Ann" else OTHERS + FRAMES_OFF)
        refused.append(campus.face(who, campus.hall_b, OPEN))
    assert refused[0].get_json() | {"instance": ""} == refused[1].get_json() | {"instance": ""}


def _shape(answer: object) -> object:
    """The members of an answer, without what they say."""
    if isinstance(answer, dict):
        return {name: _shape(value) for name, value in answer.items()}
    return [_shape(each) for each in answer] if isinstance(answer, list) else type(answer)


def test_a_claim_is_verified_by_the_limit_that_found_the_face(campus: LargeCampus) -> None:
    """Somebody of no class is about as near: the margin is kept, and Ann says that she is Ann."""
    campus.place(campus.keys["Ann"], 1, IN_CLASS - 2 * FRAMES_OFF)
    campus.gallery.replace("look-alike", _beside(campus, 0.04), made_by=PROFILE.name)
    asked = campus.face(1, campus.hall_b, OPEN)
    assert asked.get_json()["code"] == "ambiguous_face"
    claimed = campus.face(1, campus.hall_b, OPEN, student_id="1")
    assert claimed.status_code == 201, claimed.text
    assert campus.records("Ann")[-1].method == "face"


def _beside(campus: LargeCampus, farther: float) -> np.ndarray:
    row = embedding(1).copy()
    row[7] += IN_CLASS - 2 * FRAMES_OFF + farther
    return row[None]


def test_who_joins_the_course_is_of_the_class_at_once(campus: LargeCampus) -> None:
    campus.place(campus.keys["Bob"], 2, WHOLE + FRAMES_OFF)
    assert campus.face(2, campus.hall_b, OPEN).status_code == 422
    joined = Membership("stat", campus.keys["Bob"], (Span(FIRST, None),))
    campus.services.store.documents.write([membership_document(joined)])
    assert campus.face(2, campus.hall_b, OPEN).status_code == 201


def test_only_those_whom_the_open_class_names_are_of_it(campus: LargeCampus) -> None:
    look = campus.services.meetings_now.look
    now = campus.clock

    def named(room: str | None, at: str) -> set[str]:
        campus.at(at)
        return {name for name, key in campus.keys.items() if key in look().in_class(room, now())}

    assert named("Hall B", OPEN) == {"Ann"}
    assert named("*", OPEN) == {"Ann"}
    assert named("Hall C", OPEN) == named(None, OPEN) == set()
    assert named("Hall B", "09:29") == set()
    assert named("Hall B", "11:30") == set()
    campus.change("m1", groups=frozenset({"lab-b"}))
    assert named("Hall B", OPEN) == set()
    campus.change("m1", groups=frozenset({"lab-a"}))
    assert named("Hall B", OPEN) == {"Ann"}
    campus.change("m1", cancelled=True)
    assert named("Hall B", OPEN) == set()
