"""Where the site key lives: 32 random bytes in a private file apart from the data they protect."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

import platformdirs

from secure_attend.errors import StartRefused
from secure_attend.storage import durable

KEY_BYTES = 32


def key_path(store_id: str, chosen: Path | None = None) -> Path:
    """`chosen` if the settings name a file, else the user's configuration directory, by the store's id."""
    if chosen is not None:
        return chosen.expanduser().absolute()
    return Path(platformdirs.user_config_dir("secure-attend", appauthor=False)) / "keys" / f"{store_id}.key"


def read_key(path: Path) -> bytes | None:
    """The key in `path`, None where there is no such file. Raises StartRefused if it holds no key."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StartRefused(
            "site_key_unreadable", f"The site key in {path} cannot be read: {durable.in_words(error)}."
        ) from error
    return _decoded(text, path)


def _decoded(text: bytes, path: Path) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise StartRefused(
            "site_key_damaged",
            f"{path} does not hold a site key (32 bytes in base64). Put back the right file from a backup.",
        )
    return key


def create_key(path: Path) -> bytes:
    """Makes a new key in `path`, on disk when this returns; the file must not be there yet. Raises StartRefused."""
    key = secrets.token_bytes(KEY_BYTES)
    try:
        if not path.parent.is_dir():
            durable.make_private_directory(path.parent)
        durable.create_private(path, base64.b64encode(key) + b"\n")
    except OSError as error:
        raise StartRefused(
            "site_key_not_written",
            f"A site key has to be made in {path}, and that failed: {durable.in_words(error)}.",
        ) from error
    return key


def open_to_others(path: Path) -> bool:
    """Whether other users of this machine may read the key."""
    return os.name != "nt" and bool(path.stat().st_mode & 0o077)


def missing(path: Path, data: Path | str) -> StartRefused:
    """The refusal for data whose key is not where it should be."""
    return StartRefused(
        "site_key_missing",
        f"The data in {data} is sealed with a site key, and there is none at {path}. "
        "Put the key file back from a backup, or name its place in the settings. No new key was made: "
        "it could not open what is there.",
        looked_in=str(path),
    )


def wrong(path: Path) -> StartRefused:
    """The refusal for a key of other data."""
    return StartRefused(
        "site_key_wrong",
        f"The site key in {path} is not the one this data was sealed with. Put the right key back from a backup. "
        "Nothing was changed.",
        looked_in=str(path),
    )
