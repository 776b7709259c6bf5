"""A field trial: people and attacks at a real kiosk, declared by a supervisor, judged as usual, and only counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from secure_attend.attendance.field_trial.counts import TrialCounts, TrialTally
from secure_attend.attendance.liveness_sessions.session_state import SessionState
from secure_attend.attendance.liveness_sessions.sessions import LivenessSessions, Rules
from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.errors import NotFound
from secure_attend.liveness import limits
from secure_attend.liveness.error_rates import Count, table

__all__ = ["PRESENTATIONS", "Count", "DeclaredTry", "FieldTrial", "Medium", "Presentation", "TryOutcome"]

Presentation = Literal["bona fide", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "other"]
Medium = Literal["none", "print", "phone", "screen"]

PRESENTATIONS: Mapping[Presentation, str] = {
    "bona fide": "a person, as themselves",
    "a": "still photo",
    "b": "photo moved around and brought closer",
    "c": "photo tilted, mostly as asked",
    "d": "photo bent around a cylinder and tilted",
    "e": "photo folded along the nose and tilted",
    "f": "three pose photos swapped (straight, left, right)",
    "g": "photo with the eyes covered and uncovered",
    "h": "video of an earlier check-in, replayed",
    "i": "a clip of every movement, the right one shown on demand",
    "j": "another face halfway through",
    "k": "a live person's face shown on a screen",
    "other": "another attack: a mask, for example",
}
MOST_DECLARED = 1000
BONA_FIDE: Presentation = "bona fide"


@dataclass(frozen=True)
class DeclaredTry:
    """What the supervisor declares a try to be. `person` is a number for the person who takes part or whose picture is
    shown, so that the table can count different people."""

    presentation: Presentation
    medium: Medium
    person: int
    without_turning: bool


@dataclass(frozen=True)
class TryOutcome:
    """The result of a try; `failure` says why it was not passed."""

    passed: bool
    failure: str | None


class FieldTrial:
    """Opens liveness sessions that check nobody in, and counts how they end."""

    def __init__(
        self, liveness_sessions: LivenessSessions, engines: EngineHolder, rules: Rules, counts: TrialCounts
    ) -> None:
        self._liveness_sessions = liveness_sessions
        self._engines = engines
        self._rules = rules
        self._counts = counts
        self._declared: dict[str, DeclaredTry] = {}
        self._lock = Lock()

    def begin(self, supervisor: str, declared: DeclaredTry) -> SessionState:
        """Open a liveness session for this try, for this supervisor alone. Raises as `LivenessSessions.open` does."""
        state = self._liveness_sessions.open("trial", supervisor, without_turning=declared.without_turning)
        with self._lock:
            while len(self._declared) >= MOST_DECLARED:
                self._declared.pop(next(iter(self._declared)))
            self._declared[state.id] = declared
        return state

    def end(self, session_id: str, supervisor: str) -> TryOutcome:
        """Count the try once, as it is now. A try that is still open ends here and counts as not passed.

        Raises `NotFound`, `StorageFailed`.
        """
        with self._liveness_sessions.ended(session_id, supervisor, "trial") as session:
            if isinstance(session.outcome, TryOutcome):
                return session.outcome
            declared = self._declared.get(session_id)
            if declared is None:
                raise NotFound("unknown_challenge", "This try is over. Start again.")
            state = session.state
            outcome = TryOutcome(state.phase == "passed", state.failure)
            kind = (self._setting_name(declared), declared.presentation, declared.medium)
            self._counts.add(kind, passed=outcome.passed, steps=len(state.accepted), person=declared.person)
            session.outcome = outcome
            return outcome

    def sections(self) -> dict[str, list[Count]]:
        """Return a table for each setting, like those of `make bench-liveness`. Raises `StorageFailed`."""
        sections: dict[str, list[Count]] = {}
        for tally in sorted(self._counts.read(), key=_sort_key):
            sections.setdefault(tally.setting, []).append(_as_count(tally))
        return sections

    def forget(self) -> None:
        """Delete all counts. Raises `StorageFailed`."""
        self._counts.forget()

    def markdown(self) -> str:
        """Return the tables as docs/evidence/liveness.md shows them."""
        lines = ["# Field trial of the liveness check", ""]
        for setting, counts in self.sections().items():
            lines += [f"**{setting}**", "", *table(counts, "refused or accepted", "rate"), ""]
        return "\n".join(lines)

    def csv(self) -> str:
        """Return the tables as CSV, for programs and spreadsheets."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["setting", "species", "tries", "hits", "rate", "upper_95", "steps", "note"])
        for setting, counts in self.sections().items():
            for count in counts:
                rates = (f"{count.rate:.6f}", f"{count.upper:.6f}")
                writer.writerow([setting, count.name, count.tries, count.hits, *rates, count.steps, count.note])
        return out.getvalue()

    def _setting_name(self, declared: DeclaredTry) -> str:
        """Return the setting under which a try is counted. It is stored with the counts, so its words stay."""
        words = [f"`{self._rules.mode}`"]
        if self._rules.step_seconds != limits.STEP_SECONDS:
            words.append(f"{self._rules.step_seconds:g} s a step")
        if declared.without_turning:
            words.append("for who cannot turn the head")
        if self._engines.engine.has_passive:
            words.append("with the passive network")
        return ", ".join(words)


def _sort_key(tally: TrialTally) -> tuple[str, int, str]:
    """Return the place of a tally in the tables."""
    return tally.setting, list(PRESENTATIONS).index(_presentation_of(tally)), tally.medium


def _presentation_of(tally: TrialTally) -> Presentation:
    return next((presentation for presentation in PRESENTATIONS if presentation == tally.presentation), "other")


def _as_count(tally: TrialTally) -> Count:
    presentation = _presentation_of(tally)
    bona_fide = presentation == BONA_FIDE
    name = tally.presentation if tally.medium == "none" else f"{tally.presentation}, {tally.medium}"
    people = f"{len(tally.people)} {'person' if len(tally.people) == 1 else 'people'}"
    hits = tally.tries - tally.passed if bona_fide else tally.passed
    return Count(name, tally.tries, hits, tally.steps, f"{PRESENTATIONS[presentation]}; {people}")
