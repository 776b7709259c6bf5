"""A field trial: people and attacks before a real kiosk, declared by a supervisor, judged as ever, and only counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from secure_attend.attendance.field_trial.counts import TrialCounts, TrialTally
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions, Rules, SessionState
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.errors import NotFound
from secure_attend.liveness import limits
from secure_attend.liveness.error_rates import Count, table

__all__ = ["PRESENTATIONS", "Count", "DeclaredTry", "FieldTrial", "Medium", "Presentation", "TryOutcome"]

Presentation = Literal["bona fide", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "other"]
Medium = Literal["none", "print", "phone", "screen"]

PRESENTATIONS: Mapping[Presentation, str] = {
    "bona fide": "a person, as themselves",
    "a": "still photo",
    "b": "photo moved about and brought closer",
    "c": "photo tilted, mostly the way asked",
    "d": "photo bent round a cylinder, and tilted",
    "e": "photo folded along the nose, and tilted",
    "f": "three pose photos swapped (straight, left, right)",
    "g": "photo with the eyes covered and uncovered",
    "h": "video of an earlier check-in, replayed",
    "i": "a clip of every movement, the one asked for shown on demand",
    "j": "another face from somewhere midway",
    "k": "a live person's face shown by a screen",
    "other": "another attack: a mask, for example",
}
MOST_DECLARED = 1000
BONA_FIDE: Presentation = "bona fide"


@dataclass(frozen=True)
class DeclaredTry:
    """What the supervisor says a try is. `person` is a number for who plays or whose picture is shown, so that the
    table can say how many different ones there were."""

    presentation: Presentation
    medium: Medium
    person: int
    without_turning: bool


@dataclass(frozen=True)
class TryOutcome:
    """What came of a try; `failure` where it was not passed."""

    passed: bool
    failure: str | None


class FieldTrial:
    """Opens sessions from which nobody is checked in, and counts how they end."""

    def __init__(self, challenges: LivenessSessions, recognition: Recognition, rules: Rules, book: TrialCounts) -> None:
        self._challenges = challenges
        self._recognition = recognition
        self._rules = rules
        self._book = book
        self._declared: dict[str, DeclaredTry] = {}
        self._lock = Lock()

    def begin(self, supervisor: str, declared: DeclaredTry) -> SessionState:
        """A session for this try, for this supervisor alone. Raises as `LivenessSessions.open` does."""
        standing = self._challenges.open("trial", supervisor, without_turning=declared.without_turning)
        with self._lock:
            while len(self._declared) >= MOST_DECLARED:
                self._declared.pop(next(iter(self._declared)))
            self._declared[standing.id] = declared
        return standing

    def end(self, session_id: str, supervisor: str) -> TryOutcome:
        """Counts the try as it stands, once: one that is still open is given up and was not passed.

        Raises `NotFound`, `StorageFailed`.
        """
        with self._challenges.ended(session_id, supervisor, "trial") as session:
            if isinstance(session.outcome, TryOutcome):
                return session.outcome
            declared = self._declared.get(session_id)
            if declared is None:
                raise NotFound("unknown_challenge", "There is no such session any more. Start again.")
            standing = session.standing
            outcome = TryOutcome(standing.state == "passed", standing.failure)
            kind = (self._setting(declared), declared.presentation, declared.medium)
            self._book.add(kind, passed=outcome.passed, steps=len(standing.accepted), person=declared.person)
            session.outcome = outcome
            return outcome

    def sections(self) -> dict[str, list[Count]]:
        """A table a setting, as `make bench-liveness` has them. Raises `StorageFailed`."""
        found: dict[str, list[Count]] = {}
        order = list(PRESENTATIONS)
        for tally in sorted(self._book.read(), key=lambda one: (one.setting, order.index(_known(one)), one.medium)):
            found.setdefault(tally.setting, []).append(_count(tally))
        return found

    def forget(self) -> None:
        """Begins anew. Raises `StorageFailed`."""
        self._book.forget()

    def markdown(self) -> str:
        """The tables as docs/evidence/liveness.md shows them."""
        lines = ["# Field trial of the liveness check", ""]
        for setting, counts in self.sections().items():
            lines += [f"**{setting}**", "", *table(counts, "refused or accepted", "rate"), ""]
        return "\n".join(lines)

    def csv(self) -> str:
        """The tables for programs and spreadsheets."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["setting", "species", "tries", "hits", "rate", "upper_95", "steps", "note"])
        for setting, counts in self.sections().items():
            for count in counts:
                rates = (f"{count.rate:.6f}", f"{count.upper:.6f}")
                writer.writerow([setting, count.name, count.tries, count.hits, *rates, count.steps, count.note])
        return out.getvalue()

    def _setting(self, declared: DeclaredTry) -> str:
        words = [f"`{self._rules.mode}`"]
        if self._rules.step_seconds != limits.STEP_SECONDS:
            words.append(f"{self._rules.step_seconds:g} s a step")
        if declared.without_turning:
            words.append("for who cannot turn the head")
        if self._recognition.engine.has_passive:
            words.append("with the passive network")
        return ", ".join(words)


def _known(tally: TrialTally) -> Presentation:
    return next((one for one in PRESENTATIONS if one == tally.presentation), "other")


def _count(tally: TrialTally) -> Count:
    presentation = _known(tally)
    honest = presentation == BONA_FIDE
    name = tally.presentation if tally.medium == "none" else f"{tally.presentation}, {tally.medium}"
    people = f"{len(tally.people)} {'person' if len(tally.people) == 1 else 'people'}"
    hits = tally.tries - tally.passed if honest else tally.passed
    return Count(name, tally.tries, hits, tally.steps, f"{PRESENTATIONS[presentation]}; {people}")
