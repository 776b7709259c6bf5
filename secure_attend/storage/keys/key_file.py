"""Where the site key lives: a private file apart from the data it protects, wrapped by a passphrase if one is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from secure_attend.errors import Conflict, StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.keys import key_ring
from secure_attend.storage.keys.key_ring import KeyRing

PATIENCE = 10.0  # seconds for another process to finish its change of the file


@dataclass(frozen=True)
class KeyPlace:
    """What the settings say of the key: its file, if they name one, and what it is wrapped by."""

    path: Path | None = None
    passphrase: str | None = field(default=None, repr=False)


Chosen = Path | KeyPlace | None


def key_path(store_id: str, chosen: Path | None = None) -> Path:
    """`chosen` if the settings name a file, else the user's configuration directory, by the store's id."""
    if chosen is not None:
        return chosen.expanduser().absolute()
    return Path(platformdirs.user_config_dir("secure-attend", appauthor=False)) / "keys" / f"{store_id}.key"


def file_for(store_id: str, chosen: Chosen) -> KeyFile:
    """The file of a store's key."""
    place = chosen if isinstance(chosen, KeyPlace) else KeyPlace(chosen)
    return KeyFile(key_path(store_id, place.path), place.passphrase)


class KeyFile:
    """Reads, makes and changes one key file."""

    def __init__(self, path: Path, passphrase: str | None = None) -> None:
        self.path = path
        self._passphrase = passphrase
        self._seen: durable_writes.Signature | None = None

    def read(self) -> KeyRing | None:
        """The keys, None where there is no such file. Raises StartRefused: it holds none, or the passphrase is missing
        or wrong."""
        self._seen = durable_writes.signature(self.path)  # before it is read: a change in between is read next time
        text = self._text()
        if text is None:
            return None
        try:
            return key_ring.from_text(text, self._passphrase)
        except key_ring.NoKey as error:
            raise StartRefused(
                "site_key_damaged",
                f"{self.path} does not hold a site key (32 bytes in base64). Put back the right file from a backup.",
            ) from error
        except key_ring.PassphraseMissing as error:
            raise StartRefused(
                "key_passphrase_missing",
                f"The site key in {self.path} is wrapped by a passphrase. Give it by KEY_PASSPHRASE, or in a file that "
                "KEY_PASSPHRASE_FILE names.",
            ) from error
        except key_ring.PassphraseWrong as error:
            raise StartRefused(
                "key_passphrase_wrong",
                f"The passphrase does not open the site key in {self.path}. Nothing was changed. Give the one it was "
                "wrapped by.",
            ) from error

    def _text(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StartRefused(
                "site_key_unreadable", f"The site key in {self.path} cannot be read: {durable_writes.in_words(error)}."
            ) from error

    def read_if_changed(self) -> KeyRing | None:
        """The keys, if the file was replaced since it was last read, and can be read."""
        if durable_writes.signature(self.path) == self._seen:
            return None
        try:
            return self.read()
        except StartRefused:
            return None

    @property
    def wrapped(self) -> bool:
        """Return whether a passphrase is needed to read it."""
        text = self._text()
        return text is not None and key_ring.is_wrapped(text)

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what the site's admin should know of the file, a sentence each."""
        sentences = []
        if open_to_others(self.path):
            sentences.append(f"Other users of this machine can read the site key {self.path}.")
        if self._passphrase is not None and not self.wrapped:
            sentences.append(
                f"KEY_PASSPHRASE is given, and the site key {self.path} is not wrapped by it: run `python -m "
                "secure_attend.storage key wrap`."
            )
        return tuple(sentences)

    def create(self) -> KeyRing:
        """Make a new key, on disk when this returns. The file must not exist yet. Raises StartRefused."""
        ring = KeyRing.new()
        try:
            if not self.path.parent.is_dir():
                durable_writes.make_private_directory(self.path.parent)
            durable_writes.create_private(self.path, key_ring.to_text(ring, self._passphrase))
        except OSError as error:
            raise StartRefused(
                "site_key_not_written",
                f"A site key has to be made in {self.path}, and that failed: {durable_writes.in_words(error)}.",
            ) from error
        self._seen = durable_writes.signature(self.path)
        return ring

    def change(self, changed: Callable[[KeyRing], KeyRing]) -> KeyRing:
        """Replace the keys in one step, wrapped as they were. Raises StorageFailed."""
        with self._locked_for_change():
            try:
                ring = changed(self._present())
            except StartRefused as error:
                raise StorageFailed(error.code, error.detail) from error
            self._write(ring, self._passphrase if self.wrapped else None)
        return ring

    def wrap(self, passphrase: str | None) -> None:
        """Wrap the same keys by another passphrase, or by none. Raises StartRefused, StorageFailed."""
        with self._locked_for_change():
            self._write(self._present(), passphrase)
        self._passphrase = passphrase

    def _present(self) -> KeyRing:
        ring = self.read()
        if ring is None:
            raise StartRefused("site_key_missing", f"There is no site key at {self.path}.")
        return ring

    def _write(self, ring: KeyRing, passphrase: str | None) -> None:
        try:
            durable_writes.replace_file(self.path, [key_ring.to_text(ring, passphrase)])
        except (durable_writes.NotWritten, durable_writes.Unsure) as error:
            raise durable_writes.failure(
                "site_key_not_written", f"The site key {self.path} was not changed: {error}.", error
            ) from error
        self._seen = durable_writes.signature(self.path)

    @contextmanager
    def _locked_for_change(self) -> Iterator[None]:
        try:
            lock = self._locked("lock", PATIENCE)
        except Timeout as error:
            raise StorageFailed(
                "site_key_not_written", f"The site key {self.path} was not changed: another process is changing it."
            ) from error
        with lock:
            yield

    @contextmanager
    def rotating(self) -> Iterator[None]:
        """Keep other processes of this machine from rotating the key. Raises Conflict, StorageFailed."""
        try:
            lock = self._locked("rotating.lock", 0)
        except Timeout as error:
            raise Conflict(
                "key_rotating", "The site key is being exchanged already. Wait until that is done."
            ) from error
        with lock:
            yield

    def _locked(self, ending: str, patience: float) -> AbstractContextManager[object]:
        """Return the lock beside the key file, held. Raises Timeout, StorageFailed."""
        try:
            return FileLock(self._beside(ending), mode=durable_writes.PRIVATE_FILE).acquire(timeout=patience)
        except OSError as error:
            if isinstance(error, Timeout):
                raise
            raise StorageFailed(
                "site_key_not_written", f"The site key {self.path} was not changed: {durable_writes.in_words(error)}."
            ) from error

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")


def open_to_others(path: Path) -> bool:
    """Return whether other users of this machine may read the key."""
    return os.name != "nt" and bool(path.stat().st_mode & 0o077)


def missing(path: Path, data: Path | str) -> StartRefused:
    """Return the refusal for data whose key is not where it should be."""
    return StartRefused(
        "site_key_missing",
        f"The data in {data} is sealed with a site key, and there is none at {path}. "
        "Put the key file back from a backup, or name its place in the settings. No new key was made: "
        "it could not open what is there.",
        looked_in=str(path),
    )


def wrong(path: Path) -> StartRefused:
    """Return the refusal for a key of other data."""
    return StartRefused(
        "site_key_wrong",
        f"The site key in {path} is not the one this data was sealed with. Put the right key back from a backup. "
        "Nothing was changed.",
        looked_in=str(path),
    )
