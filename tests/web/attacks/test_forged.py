"""A forged client: every call of a check-in, in every order. Nothing but a session played in order ever passes.

The machine keeps its own book of what each session has shown the server; what the server says beyond that is a hole.
FORGED_STEPS is how many calls are made in all (`make bench-forged`: 100,000).
"""

from __future__ import annotations

import os
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from secure_attend import create_app
from secure_attend.attendance.liveness_sessions.kiosk_pauses import PAUSE
from secure_attend.attendance.liveness_sessions.sessions import LIFETIME_IN_STEPS, REMEMBERED
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import agree, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces, Person, Scene, post_frame

STEPS = int(os.environ.get("FORGED_STEPS", "2000"))
CALLS_A_RUN = 40
THREADS = 50
LIFETIME = timedelta(seconds=10 * LIFETIME_IN_STEPS["standard"])
EXTRAS: tuple[dict[str, Any], ...] = (
    {"liveness": True},
    {"state": "passed"},
    {"accepted": ["turn_left"]},
    {"score": 1.0},
    {"student_key": "x"},
)
FORGED = st.one_of(
    st.sampled_from(["", "none", "0", "null", "passed"]),
    st.text("abcdefghijklmnopqrstuvwxyzABC-_0123456789", max_size=24),
)


@dataclass
class Played:
    """A session as the client knows it. `honest`: so far nothing but its own frames went in, in order; `still`: without
    turns of the head, so that ID and code are asked for too."""

    challenge: dict[str, Any]
    person: Person
    opened: datetime
    still: bool = False
    honest: bool = True
    old: list[dict[str, Any]] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    record: str | None = None

    @property
    def id(self) -> str:
        """The session's."""
        found: str = self.challenge["id"]
        return found


class ForgedClient(RuleBasedStateMachine):
    """Plays sessions honestly, and does everything else with them as well."""

    sessions: Bundle[Played] = Bundle("sessions")

    @initialize(target=sessions)
    def begin(self) -> Played:
        """A site with John, whose face is number 1, and a session there."""
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.clock = Clock()
        self.settings = Settings(data=folder, site_key_file=folder / "site.key", liveness="standard")
        self.store = JsonStore.open(folder, site_key_file=self.settings.site_key_file, clock=self.clock)
        app = create_app(self.settings, faces=DrawnFaces(), store=self.store, clock=self.clock)
        self.client = logged_in(app)
        self.other = paired(app)
        self.known: list[Played] = []
        key = self._post("/students", {"student_id": "1001", "name": "John Doe"}).get_json()["key"]
        agree(self.client, key)
        photo = self.client.post(f"/api/v1/students/{key}/faces", data=Scene(1).png(), content_type="image/png")
        assert photo.status_code == 201
        self.code: str = self._post(f"/students/{key}/code", {}).get_json()["code"]
        return self.open(still=False)

    def teardown(self) -> None:
        """Closes the store."""
        if hasattr(self, "store"):
            self.store.close()
            self._folder.cleanup()

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/api/v1{path}", json=body)

    @rule(target=sessions, still=st.booleans())
    def open(self, still: bool) -> Played:
        """A new session; none while the kiosk has as many open as it may, or pauses after those that were left open."""
        answer = self._post("/challenges", {"purpose": "check_in", "without_turning": still})
        for code, seconds in (("too_many_sessions", LIFETIME.total_seconds()), ("kiosk_pause", PAUSE)):
            if answer.status_code == 429:
                assert answer.get_json()["code"] in (code, "kiosk_pause")
                self.clock.tick(seconds)
                answer = self._post("/challenges", {"purpose": "check_in", "without_turning": still})
        assert answer.status_code == 201
        played = Played(answer.get_json(), Person(self.client, self.clock, 1), self.clock.now, still)
        self.known.append(played)
        return played

    def _none_waits(self) -> bool:
        """Whether no session that was played through can still be redeemed: one is enough to be attacked, and each is
        seventy frames."""
        passed = (one for one in self.known if one.challenge["state"] == "passed" and one.record is None)
        return all(self.clock.now - one.opened >= LIFETIME for one in passed)

    @rule(target=sessions, still=st.booleans())
    def play_through(self, still: bool) -> Played:
        """A session played in order from beginning to end: the one way to pass.

        The server draws steps by chance, so how long a session lasts must not decide which rule comes next.
        """
        played = self.open(still)
        if not self._none_waits():
            return played
        self.play(played, 300)
        assert played.challenge["state"] == "passed", played.challenge
        return played

    @rule(extra=st.sampled_from(EXTRAS))
    def open_with_more(self, extra: dict[str, Any]) -> None:
        """No field that is not in the interface is taken."""
        assert self._post("/challenges", {"purpose": "check_in", **extra}).status_code == 422

    @rule(played=sessions, frames=st.integers(1, 30))
    def play(self, played: Played, frames: int) -> None:
        """Goes on as a person would."""
        for _ in range(frames):
            if played.challenge["next"] is None or not played.honest:
                return
            played.person.move(played.challenge)
            self._send(played, played.challenge["next"], played.person.scene.jpeg())

    def _send(self, played: Played, following: dict[str, Any], frame: bytes) -> Any:
        played.old.append(following)
        played.frames.append(frame)
        answer = post_frame(self.client, played.challenge, frame, **following)
        if answer.status_code == 200:
            played.challenge = answer.get_json()
        else:
            played.honest = False
        return answer

    @rule(played=sessions, nonce=FORGED, ahead=st.integers(-2, 3))
    def invent(self, played: Played, nonce: str, ahead: int) -> None:
        """A nonce made up, a number too early or too late."""
        following = played.challenge["next"] or {"number": 1, "nonce": "x"}
        number = max(1, following["number"] + ahead)
        if (number, nonce) != (following["number"], following["nonce"]):
            self._forge(played, number, nonce, played.person.scene.jpeg())

    @rule(played=sessions, which=st.integers(0, 1000))
    def reuse(self, played: Played, which: int) -> None:
        """A nonce of this session used before, with another picture."""
        if played.old:
            old = played.old[which % len(played.old)]
            self._forge(played, old["number"], old["nonce"], Scene(2, noise=which % 64).jpeg())

    @rule(played=sessions, other=sessions)
    def steal(self, played: Played, other: Played) -> None:
        """A nonce, and a picture, of another session."""
        theirs = other.challenge["next"]
        if theirs is not None and other is not played:
            self._forge(played, theirs["number"], theirs["nonce"], other.person.scene.jpeg())

    def _forge(self, played: Played, number: int, nonce: str, frame: bytes) -> None:
        answer = post_frame(self.client, played.challenge, frame, number=number, nonce=nonce)
        assert answer.status_code in (404, 409, 410, 422), answer.text
        # A passed session that has ended can be redeemed a moment more.
        over = answer.status_code == 410 and played.challenge["state"] == "passed"
        if answer.status_code != 422 and not over:
            self._spoilt(played)

    def _spoilt(self, played: Played) -> None:
        """It has failed for good, unless it was redeemed before."""
        played.honest = False
        if played.record is None:
            played.challenge = {**played.challenge, "next": None, "state": "failed"}

    @rule(played=sessions)
    def resend(self, played: Played) -> None:
        """The last frame byte for byte: the same answer but for the pace, which follows the load, and nothing changes.
        Once its time is over it may have failed meanwhile, or be forgotten."""
        if not played.old or not played.honest or played.record is not None:
            return
        answer = post_frame(self.client, played.challenge, played.frames[-1], **played.old[-1])
        age = self.clock.now - played.opened
        if answer.status_code == 404:
            assert age >= LIFETIME + timedelta(seconds=REMEMBERED)
        elif age >= LIFETIME and answer.get_json()["state"] == "failed":
            self._spoilt(played)
        else:
            assert answer.status_code == 200
            assert answer.get_json() | {"pace_ms": 0} == played.challenge | {"pace_ms": 0}

    @rule(played=sessions, extra=st.sampled_from(EXTRAS))
    def frame_with_more(self, played: Played, extra: dict[str, Any]) -> None:
        """More in the query changes nothing but that it is refused."""
        following = played.challenge["next"] or {"number": 1, "nonce": "x"}
        answer = post_frame(self.client, played.challenge, Scene(1).jpeg(), **following, **extra)
        assert answer.status_code == 422

    @rule(played=sessions)
    def other_kiosk(self, played: Played) -> None:
        """From elsewhere the session does not exist, and is not spoilt."""
        address = f"/api/v1/challenges/{played.id}/frames"
        following = played.challenge["next"] or {"number": 1, "nonce": "x"}
        answer = self.other.post(address, query_string=following, data=Scene(1).jpeg(), content_type="image/jpeg")
        assert answer.status_code == 404

    @rule(played=sessions)
    def leave_from_elsewhere(self, played: Played) -> None:
        """Another kiosk ends nobody's session."""
        assert self.other.delete(f"/api/v1/challenges/{played.id}").status_code == 404

    @rule(played=sessions)
    def leave(self, played: Played) -> None:
        """What is left never passes, and what is over is not undone."""
        answer = self.client.delete(f"/api/v1/challenges/{played.id}")
        assert answer.status_code in (200, 404, 410), answer.text
        if answer.status_code == 200:
            assert played.challenge["state"] not in ("passed", "redeemed")
        if played.challenge["state"] != "passed":
            self._spoilt(played)

    @rule(played=sessions, right=st.booleans())
    def redeem_with_code(self, played: Played, right: bool) -> None:
        """ID and code say who it is where they are asked for; a wrong code never checks in who has not yet."""
        code = self.code if right else self.code[::-1] + "0"
        answer = self._post("/check-ins", {"challenge": played.id, "student_id": "1001", "code": code})
        if answer.status_code == 429:
            self.clock.tick(31)
            return
        if played.still and not right and played.record is None:
            assert answer.status_code in (403, 404, 409, 410), answer.text
            return
        self._redeemed(played, answer)

    @rule(played=sessions, extra=st.one_of(st.just({}), st.sampled_from(EXTRAS)))
    def redeem(self, played: Played, extra: dict[str, Any]) -> None:
        """Only what was played to its end checks in, and once."""
        answer = self._post("/check-ins", {"challenge": played.id, **extra})
        if extra:
            assert answer.status_code == 422
            return
        self._redeemed(played, answer)

    def _redeemed(self, played: Played, answer: Any) -> None:
        if answer.status_code in (200, 201):
            record = answer.get_json()["record"]["id"]
            assert played.challenge["state"] == "passed"
            assert len(played.challenge["accepted"]) == played.challenge["total"]
            assert played.record in (None, record)
            played.record = record
            event("checked in")
        else:
            assert played.record is None or answer.status_code == 404
            asked = played.still and played.challenge["state"] == "passed"
            assert answer.status_code in (404, 409, 410, *((403, 422) if asked else ())), answer.text

    @rule(played=sessions)
    def redeem_at_once(self, played: Played) -> None:
        """Fifty threads, one record, every answer the same."""
        before = len(list(self.store.records()))
        answers: list[Any] = []
        barrier = threading.Barrier(THREADS)

        def run() -> None:
            barrier.wait()
            client = self.client.application.test_client()
            client.environ_base = self.client.environ_base
            answer = client.post("/api/v1/check-ins", json={"challenge": played.id})
            while answer.status_code == 429 and answer.get_json()["code"] == "busy":  # fifty are too many at once
                answer = client.post("/api/v1/check-ins", json={"challenge": played.id})
            answers.append(answer)

        threads = [threading.Thread(target=run) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == THREADS
        assert len({(answer.status_code, answer.data) for answer in answers}) == 1
        assert len(list(self.store.records())) - before <= 1
        self._redeemed(played, answers[0])

    @rule(seconds=st.sampled_from([0.05, 1.0, 12.0, 61.0, 400.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.clock.tick(seconds)

    @invariant()
    def records_are_of_sessions_played_to_the_end(self) -> None:
        """As many records as sessions were redeemed with one, and no session passed that was spoilt."""
        if hasattr(self, "store"):
            mine = {played.record for played in self.known if played.record}
            assert {record.id for record in self.store.records()} == mine


TestForgedClient = ForgedClient.TestCase
TestForgedClient.settings = settings(
    max_examples=max(1, STEPS // CALLS_A_RUN),
    stateful_step_count=CALLS_A_RUN,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
