"""The site key as values and as text: one key at first, more while it is exchanged, wrapped by a passphrase or not.

What templates are sealed with can be exchanged; what the log and the audit trail are chained with stays, or nobody
could check what was written before. A site that never exchanged its key has one key for both."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import unicodedata
from dataclasses import asdict, dataclass, replace
from typing import Any

from argon2.exceptions import Argon2Error
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
FORMAT = 2
SHORTEST_PASSPHRASE = 12


class NoKey(Exception):
    """The text holds no site key."""


class PassphraseMissing(Exception):
    """The key is wrapped, and no passphrase was given."""


class PassphraseWrong(Exception):
    """The key is wrapped by another passphrase."""


@dataclass(frozen=True)
class Cost:
    """Of argon2id (RFC 9106): passes, KiB of memory, lanes."""

    time: int
    memory: int
    lanes: int


# RFC 9106, section 4, the second recommended option, as for passwords; once a start.
COST = Cost(time=3, memory=65_536, lanes=4)
# A file that asks for more was not written here, and would only keep the start waiting.
MOST_COST = Cost(time=20, memory=1_048_576, lanes=16)


@dataclass(frozen=True)
class KeyRing:
    """`chain` is what records and entries are chained with, `seal` what templates are sealed with, oldest first."""

    chain: bytes
    seal: tuple[bytes, ...]

    @classmethod
    def new(cls) -> KeyRing:
        """A first key, random."""
        key = secrets.token_bytes(KEY_BYTES)
        return cls(key, (key,))

    def with_another(self) -> KeyRing:
        """A new key to seal with, behind those that are there."""
        return replace(self, seal=(*self.seal, secrets.token_bytes(KEY_BYTES)))

    def newest_alone(self) -> KeyRing:
        """Without the keys that nothing is sealed with any more."""
        return replace(self, seal=self.seal[-1:])


def is_wrapped(text: bytes) -> bool:
    """Return whether a passphrase is needed to read it."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and "wrapped" in value


def to_text(ring: KeyRing, passphrase: str | None) -> bytes:
    """The file's bytes: base64 of a single key, or JSON; wrapped where there is a passphrase."""
    if passphrase is not None:
        return json.dumps({"format": FORMAT, "wrapped": _wrapped(ring, passphrase)}, indent=1).encode() + b"\n"
    if ring.seal == (ring.chain,):
        return _in_base64(ring.chain).encode() + b"\n"
    return json.dumps({"format": FORMAT, **_plain(ring)}, indent=1).encode() + b"\n"


def from_text(text: bytes, passphrase: str | None) -> KeyRing:
    """Return the keys in the file's bytes. Raises NoKey, PassphraseMissing, PassphraseWrong."""
    try:
        if not text.lstrip().startswith(b"{"):
            key = _from_base64(text.strip().decode("ascii"))
            return KeyRing(key, (key,))
        value = json.loads(text)
        if value["format"] != FORMAT:
            raise NoKey(f"it has format {value['format']!r}")
        return _unwrapped(value["wrapped"], passphrase) if "wrapped" in value else _ring(value)
    except (ValueError, KeyError, TypeError, AttributeError, Argon2Error) as error:
        raise NoKey("it holds no key") from error


def _plain(ring: KeyRing) -> dict[str, Any]:
    return {"chain": _in_base64(ring.chain), "seal": [_in_base64(key) for key in ring.seal]}


def _ring(value: dict[str, Any]) -> KeyRing:
    seal = tuple(_from_base64(text) for text in value["seal"])
    if not seal:
        raise ValueError("no key to seal with")
    return KeyRing(_from_base64(value["chain"]), seal)


def _wrapped(ring: KeyRing, passphrase: str) -> dict[str, Any]:
    head = {"kdf": "argon2id", **asdict(COST), "salt": _in_base64(secrets.token_bytes(SALT_BYTES))}
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _cipher(head, passphrase).encrypt(nonce, json.dumps(_plain(ring)).encode(), _covered(head))
    return {**head, "nonce": _in_base64(nonce), "keys": _in_base64(sealed)}


def _unwrapped(value: dict[str, Any], passphrase: str | None) -> KeyRing:
    if passphrase is None:
        raise PassphraseMissing
    nonce, sealed = (base64.b64decode(value[name], validate=True) for name in ("nonce", "keys"))
    head = {name: value[name] for name in ("kdf", "time", "memory", "lanes", "salt")}
    try:
        plain = _cipher(head, passphrase).decrypt(nonce, sealed, _covered(head))
    except InvalidTag as error:
        raise PassphraseWrong from error
    return _ring(json.loads(plain))


def _cipher(head: dict[str, Any], passphrase: str) -> AESGCM:
    cost = Cost(int(head["time"]), int(head["memory"]), int(head["lanes"]))
    if head["kdf"] != "argon2id" or any(
        not 1 <= asked <= most for asked, most in zip(vars(cost).values(), vars(MOST_COST).values(), strict=True)
    ):
        raise ValueError("not wrapped by this program")
    secret = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    salt = base64.b64decode(head["salt"], validate=True)
    return AESGCM(hash_secret_raw(secret, salt, cost.time, cost.memory, cost.lanes, KEY_BYTES, Type.ID))


def _covered(head: dict[str, Any]) -> bytes:
    return json.dumps(["secure-attend site key", FORMAT, *head.values()]).encode()


def _in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("not 32 bytes")
    return key
