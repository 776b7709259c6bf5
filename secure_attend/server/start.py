"""The start: settings, store, port, models, application, server, and what the terminal says meanwhile.

Nothing heavy is imported before the first line is printed.
"""

from __future__ import annotations

import os
import platform
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING

from secure_attend import ModelStatus, __version__, create_app, memory
from secure_attend.config import Settings, from_arguments
from secure_attend.errors import DomainError, NotReady
from secure_attend.options import WrongSetting
from secure_attend.server.terminal import TerminalProgress, log_to_terminal, refuse, say, say_at_length

if TYPE_CHECKING:
    from flask import Flask

    from secure_attend.faces.engine import FaceEngine
    from secure_attend.storage.ports import Store

HISTORY_OPEN = "HISTORY_ACCESS=open: whoever is at a kiosk and knows a student's ID can read that student's attendance."
REFUSED = 1
WRONG_SETTING = 2
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Runs the server until it is stopped. The exit code: 0 stopped, 1 refused to start, 2 a wrong setting."""
    try:
        settings = from_arguments(arguments, os.environ)
    except WrongSetting as error:
        refuse(str(error))
        return WRONG_SETTING
    say(f"Secure-Attend {__version__} is starting on Python {platform.python_version()} ...")
    log_to_terminal()
    memory.one_heap()
    try:
        with _termination_as_interrupt():
            _run(settings)
    except DomainError as refusal:
        refuse(refusal.detail)
        return WRONG_SETTING if refusal.code == "unknown_models" else REFUSED
    except ImportError as error:
        refuse(f"A package does not load here: {error}. Install again what requirements.txt lists (make clean run).")
        return REFUSED
    except KeyboardInterrupt:
        say("\nStopped before it was ready.")
        return INTERRUPTED
    say("Stopped.")
    return 0


def _run(settings: Settings) -> None:
    with ExitStack() as closing:
        if settings.demo:
            from secure_attend.server.demo import temporary

            settings = closing.enter_context(temporary(settings))
        from secure_attend.storage.opening import open_store

        store = open_store(settings)
        closing.callback(store.close)

        from secure_attend.server import serve

        server = serve.bind(settings)
        closing.callback(server.stop)
        if settings.port not in {0, server.port}:
            say(f"Port {settings.port} is in use by another program: taking {server.port}.")
        addresses = serve.base_addresses(settings, server.port)
        store.note_address(addresses[0])

        faces, note = loaded_models(settings, store)
        if settings.demo and note.profile:
            from secure_attend.server.demo import fill

            fill(settings, store, note.profile)
        old = old_models(settings, store, faces)
        note = moving_from(old, note)
        application = create_app(settings, faces=faces, store=store, profile_note=note, old_faces=old)
        application.extensions["secure_attend"].maintenance.keep_up()
        with suppress(KeyboardInterrupt):
            _say_ready(settings, application, faces, note, addresses)
            serve.serve_until_stopped(server, application)
        say("\nStopping ...")


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Makes a request to terminate (systemd, docker, kill) end the server as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def loaded_models(settings: Settings, store: Store) -> tuple[FaceEngine | None, ModelStatus]:
    """The loaded engine, None where the models cannot be had, and how the profile came about."""
    try:
        with TerminalProgress("Looking for the face models and loading them") as progress:
            from secure_attend.faces.models import loading

            choice, faces = loading.start(settings.models, store.profile(), progress.downloaded, settings.runtime)
    except NotReady as problem:
        choice = loading.choose(settings.models, store.profile())
        return None, ModelStatus(choice.reason, choice.advice, choice.profile, problem)
    return faces, ModelStatus(choice.reason, choice.advice, choice.profile)


def old_models(settings: Settings, store: Store, faces: FaceEngine | None) -> FaceEngine | None:
    """The models the site is moving from, loaded; None where it moves from none. Raises StartRefused, NotReady."""
    if not settings.keep_old or faces is None:
        return None
    from secure_attend.attendance.recognition.model_migration import models_left
    from secure_attend.faces.models import loading, profiles

    before = models_left(store, faces.profile.name)
    if before is None:
        return None
    with TerminalProgress(f"Loading {before} too, by which students are registered") as progress:
        return loading.load(profiles.named(before), progress.downloaded, settings.runtime)


def moving_from(old: FaceEngine | None, note: ModelStatus) -> ModelStatus:
    """The note, saying what happens to those whom other models registered."""
    if old is None:
        return note
    advice = (
        f"Students registered with {old.profile.name} check in as before; each moves at the next check-in, and "
        "nobody needs registering again. Keep --keep-old until the faculty page says that all have moved."
    )
    return replace(note, advice=advice)


def _say_ready(
    settings: Settings, application: Flask, faces: FaceEngine | None, note: ModelStatus, addresses: Sequence[str]
) -> None:
    students, registered = application.extensions["secure_attend"].students.counts()
    if faces:
        say(f"Models loaded. Starting {faces.profile.recogniser.lower()} server...")
    else:
        say("Models NOT loaded. Starting without them: checking in by hand works, by face does not.")
    say()
    if note.problem:
        say_at_length("Problem", note.problem.detail)
    if note.profile:
        say_at_length("Models", f"{note.profile.name}: {note.reason}")
    if note.advice:
        say_at_length("", note.advice)
    kept = "a temporary folder, removed at the end" if settings.demo else settings.place
    say_at_length("Data", f"{kept} ({students} students, {registered} with a registered face)")
    for notice in application.extensions["secure_attend"].store.notices:
        say_at_length("Note", notice)
    for advice in _advice_on_the_network(settings):
        say_at_length("Note", advice)
    code = application.extensions["secure_attend_access_control"].accounts.new_setup_code()
    if code:
        say_at_length("Set up", f"There is no account yet. Make the first with this code: {code}, or by opening")
        say(f"{'':<12}{addresses[0]}/faculty#setup={code}")
    for page in ("faculty", "student"):
        for number, address in enumerate(addresses):
            say(f"  {page.capitalize() if not number else '':<10}{address}/{page}")
    say(f"  {'Stop':<10}Ctrl-C")
    say()


def _advice_on_the_network(settings: Settings) -> Iterator[str]:
    if settings.demo:
        yield "This is a DEMO: invented students, nothing is kept."
    if settings.history_access == "open" and not settings.demo:
        yield HISTORY_OPEN
    if not settings.loopback and not settings.https:
        yield "Browsers give the camera to pages from another computer only over HTTPS: start with --https."
    if settings.https and not settings.certificate:
        from secure_attend.server.serve import certificate_of
        from secure_attend.server.tls import fingerprint

        yield (
            "The certificate is this server's own, and browsers ask once whether to trust it. Its SHA-256 fingerprint: "
            + fingerprint(certificate_of(settings)[0])
        )
