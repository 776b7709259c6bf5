"""The demo: invented students and two weeks of their attendance in a temporary folder."""

from __future__ import annotations

import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

import numpy as np

from secure_attend.access.open_access import open_access
from secure_attend.access.state import ROLES_OF
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.services import Services, assemble
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor
from secure_attend.faces.engine import Profile
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.ports import Store
from secure_attend.storage.values import EVERY_ROOM, Entry, NewFace, Student

SEED = 2023
DAYS = 14
LECTURER = "Dr Ada Byron"
"""The account that the demo opens with, an admin's."""
KIOSK = "Room 101"
CLASS_BEGINS = time(9, 0)
REGISTERED = 24  # of the invented; the others are yours to register
INVENTED = (
    "Amara Okafor", "Ben Lindqvist", "Chiara Rossi", "Daniel Kowalski", "Elif Yildiz", "Farid Haddad", "Grace Mwangi",
    "Hiro Tanaka", "Ines Carvalho", "Jonas Weber", "Kavya Reddy", "Liam O'Connor", "Mei Chen", "Noah Dubois",
    "Olga Petrova", "Pedro Alvarez", "Quynh Nguyen", "Rosa Jimenez", "Samuel Asante", "Tara Singh", "Umar Farooq",
    "Vera Novakova", "Wanjiru Kamau", "Xin Li", "Yara Mansour", "Zoe Papadaki", "Arjun Mehta", "Bridget Walsh",
)  # fmt: skip


@contextmanager
def temporary(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with data and key in a temporary folder, which is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="secure-attend-demo-") as folder:
        yield replace(settings, data=Path(folder, "data"), site_key_file=Path(folder, "site.key"))


class _Clock:
    """A clock that the demo sets, so that the services write the past."""

    def __init__(self) -> None:
        self.now = datetime.now(timezone.utc)

    def __call__(self) -> datetime:
        return self.now


def fill(settings: Settings, store: Store, profile: Profile) -> None:
    """Add the lecturer, import the roster, pretend that most faces are registered, and let two weeks pass."""
    clock = _Clock()
    until = clock.now
    access = open_access(settings, clock, store)
    account = access.accounts.add(
        LECTURER, secrets.token_urlsafe(32), ROLES_OF["admin"]
    )  # logs in by the demo's link alone
    lecturer = Actor(f"account:{account.key}", account.name, None)
    services = assemble(settings, None, store, clock, ModelStatus(profile=profile), access.codes)
    draw = random.Random(SEED)  # noqa: S311 (invented attendance, the same every time)
    services.roster.load(_roster())
    registered = store.students()[2 : 2 + REGISTERED]
    services.consents.record([one.key for one in registered], "on_paper", lecturer.name, services.consents.text.version)
    _pretend_registered(store, registered, profile, until - timedelta(days=DAYS))
    for begins in _classes(services.time, until):
        _hold_class(services, clock, draw, begins, until, lecturer)
    _cancel_one(services, clock, until, lecturer)


def _classes(time: SiteTime, until: datetime) -> Iterator[datetime]:
    """When classes begin: on weekdays, and today at any hour, so that somebody is present."""
    today = time.today()
    for day in (today - timedelta(days=ago) for ago in range(DAYS - 1, 0, -1)):
        if day.weekday() < 5:
            yield datetime.combine(day, CLASS_BEGINS, tzinfo=time.zone)
    yield min(datetime.combine(today, CLASS_BEGINS, tzinfo=time.zone), until - timedelta(minutes=5))


def _roster() -> bytes:
    """The example roster, with the invented students below it."""
    rows = [(PROJECT / "samples" / "roster.csv").read_text(encoding="utf-8").rstrip("\n")]
    for number, name in enumerate(INVENTED, start=1003):
        address = name.lower().replace(" ", ".").replace("'", "")
        rows.append(f"{number},{name},{address}@example.edu")
    return "\n".join(rows).encode()


def _pretend_registered(store: Store, students: list[Student], profile: Profile, now: datetime) -> None:
    """Give each a random embedding, as far from every face as strangers' faces are from each other."""
    draw = np.random.default_rng(SEED)
    store.set_profile(profile.name)
    for student in students:
        embedding = draw.standard_normal(profile.dimension).astype(np.float32)
        embedding /= np.linalg.norm(embedding)
        store.replace_faces(student.key, profile.name, [NewFace(embedding, profile.name, "camera", now)])


def _hold_class(
    services: Services, clock: _Clock, draw: random.Random, begins: datetime, until: datetime, lecturer: Actor
) -> None:
    """Most students come, from ten minutes early to twelve late. One in fifteen is checked in by hand, and so is every
    student without a face."""
    profile = services.galleries.profile_in_use or ""
    arrivals = sorted(
        (begins + timedelta(seconds=round(draw.triangular(-600, 720, -60))), student.student_id, student)
        for student in services.store.students()
        if draw.random() < 0.86
    )
    for arrival, _, student in arrivals:
        by_hand = draw.random() < 1 / 15 or not student.registered(profile)
        if arrival < until:
            clock.now = arrival.astimezone(timezone.utc)
            _check_in(services, student, lecturer if by_hand else None)


def _check_in(services: Services, student: Student, by_hand: Actor | None) -> None:
    if by_hand:
        services.check_in.by_hand(student.key, by_hand, UNLIMITED)
        return
    # Only a face can check in by face, so the demo writes the record that such a check-in writes.
    profile = services.galleries.profile_in_use
    services.store.append(
        Entry(
            services.time.now(),
            "face",
            student.student_id,
            by="student",
            person=student.key,
            kiosk=KIOSK,
            room=EVERY_ROOM,
            profile=profile,
        )
    )


def _cancel_one(services: Services, clock: _Clock, until: datetime, lecturer: Actor) -> None:
    """Cancel the last check-in as a mistake, twenty minutes later."""
    last = list(services.store.records())[-1]
    clock.now = min(last.time + timedelta(minutes=20), until)
    services.check_in.cancel(last.id, lecturer, UNLIMITED)
