"""Each cause of a refusal that can occur has words for staff, and no other has: by the server's code, not by a list."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import get_args

import pytest

from secure_attend import errors
from secure_attend.access import passwords
from secure_attend.access.personal_codes import IssuedCodes
from secure_attend.access.rate_limits import RateLimits
from secure_attend.attendance import find_student
from secure_attend.attendance.liveness_sessions.session_state import FAILURES
from secure_attend.attendance.records import check_in, identity_check
from secure_attend.attendance.refusal_causes import (
    REFUSAL_CAUSES,
    ErrorCause,
    SessionFailure,
    Unanswered,
    cause_of,
)
from secure_attend.errors import DomainError, NotFound, StorageFailed, StorageFull
from secure_attend.liveness.actions import Action
from secure_attend.liveness.challenge import Failure, State
from secure_attend.liveness.presence import Away

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "secure_attend"
SCRIPT = (ROOT / "static/js/logic/faculty/refusals.js").read_text(encoding="utf-8")
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, DomainError)}
RAISING = (
    identity_check,
    check_in.class_without_faces,
    check_in.CheckIn._redeem,
    check_in.CheckIn._record_identified,
    check_in.CheckIn._record_check_in,
    check_in.CheckIn.by_code,
    IssuedCodes.prove,
    passwords.busy,
    RateLimits._refuse,
    find_student,
)
"""What a check-in calls that raises errors of its own."""
QUESTIONS = {"ambiguous_face", "code_needed"}
ERASED_MEANWHILE = "unknown_student"
OF_ACCOUNTS = {"not_allowed", "own_cell"}
"""What only an account is answered, which no kiosk is."""
HINTS_FROM = (
    *(f"liveness/{name}.py" for name in ("actions", "challenge", "neutral", "presence")),
    "faces/quality.py",
    "faces/matching/template_quality.py",
    "attendance/liveness_sessions/face_tracker.py",
    "attendance/liveness_sessions/picture_times.py",
)
MOVEMENTS = {action.value for action in Action}
NO_HINTS = {*MOVEMENTS - {"come_closer"}, *get_args(Failure), *get_args(State), *get_args(Away), "draw", "inf"}


def words(table: str) -> set[str]:
    """The codes that staff read in words, of one table of the script."""
    (lines,) = re.findall(rf"const {table} = \{{\n(.*?)\n\}};", SCRIPT, re.DOTALL)
    return set(re.findall(r"^  (\w+):", lines, re.MULTILINE))


def codes_of(source: str) -> Iterator[str]:
    """The codes of the errors that this source makes."""
    for call in ast.walk(ast.parse(dedent(source))):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in ERRORS:
            continue
        if call.args and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def constants(path: Path) -> set[str]:
    """The texts in a file that look like a code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in found if isinstance(text, str) and re.fullmatch("[a-z_]+", text)}


def test_each_cause_has_words_and_no_other_has() -> None:
    assert words("CAUSES") == set(REFUSAL_CAUSES)


def test_each_error_of_a_check_in_is_a_cause_or_a_question() -> None:
    raised = {code for place in RAISING for code in codes_of(inspect.getsource(place))}
    assert raised - QUESTIONS - OF_ACCOUNTS - {ERASED_MEANWHILE} <= set(get_args(ErrorCause))
    assert raised >= QUESTIONS


def test_each_error_that_is_a_cause_is_raised() -> None:
    raised = {code for file in SERVER.rglob("*.py") for code in codes_of(file.read_text(encoding="utf-8"))}
    assert set(get_args(ErrorCause)) <= raised


def test_each_failure_of_a_session_occurs() -> None:
    judges = ("liveness/challenge.py", "liveness/presence.py", "attendance/recognition/face_evidence.py")
    found = set().union(*(constants(SERVER / file) for file in (*judges, "attendance/liveness_sessions/sessions.py")))
    assert set(get_args(SessionFailure)) <= found
    assert set(FAILURES) == set(get_args(SessionFailure))


def test_each_cause_of_its_own_occurs() -> None:
    of_their_own = {*get_args(Unanswered), "other_movements", "history_mismatch"}
    records = [*(SERVER / "attendance/records").glob("*.py"), SERVER / "attendance/liveness_sessions/session.py"]
    assert of_their_own <= set().union(*map(constants, records))


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (StorageFull("not_written", ""), "storage_full"),
        (StorageFailed("database_busy", ""), "storage_failed"),
        (NotFound(ERASED_MEANWHILE, ""), "other"),
        (NotFound("challenge_expired", ""), "challenge_expired"),
    ],
)
def test_whatever_the_store_fails_of_is_one_of_two_causes(error: DomainError, cause: str) -> None:
    assert cause_of(error) == cause


def test_staff_and_student_read_each_hint_in_words_and_no_other() -> None:
    hints = set().union(*(constants(SERVER / file) for file in HINTS_FROM)) - NO_HINTS
    assert words("HINTS") == hints
    for catalogue in (ROOT / "static/i18n").glob("*.json"):
        keys = json.loads(catalogue.read_text(encoding="utf-8"))["messages"]
        assert {key.removeprefix("cause.") for key in keys if key.startswith("cause.")} == hints, catalogue.name


def test_staff_read_each_movement_in_words_and_no_other() -> None:
    assert words("STEPS") == MOVEMENTS
