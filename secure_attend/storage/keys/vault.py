"""Seals templates with AES-256-GCM, each bound to its place, under sub-keys of the site key."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from secure_attend.errors import StorageFailed
from secure_attend.storage.keys.key_ring import KeyRing

SEAL_VERSION = 1
NONCE_BYTES = 12
"""96 bits, random: NIST SP 800-38D allows 2^32 seals a key that way, far beyond what a site enrols."""


@dataclass(frozen=True)
class _Seal:
    """One key to seal with. `check`, kept beside the data, shows whether a key fits, and nothing else about
    it."""

    cipher: AESGCM
    check: str


class Vault:
    """The keys of one store. Sub-keys by HKDF-SHA256 (RFC 5869), the store's id as salt, so no two stores share one.

    Of several keys to seal with, one is in use, and all open. `again` gives the keys once more if their file was
    changed: it is asked when nothing fits. Keys once known open until the process ends."""

    def __init__(self, key: KeyRing | bytes, store_id: str, again: Callable[[], KeyRing | None] = lambda: None) -> None:
        ring = key if isinstance(key, KeyRing) else KeyRing(key, (key,))
        self._store_id = store_id
        self._again = again
        self.ledger_key = self._derive(ring.chain, b"chain the log")
        self.audit_key = self._derive(ring.chain, b"chain the audit trail")
        self.record_key = self._derive(ring.chain, b"seal the records")
        self._seals: list[_Seal] = []
        self.take(ring)
        self._now = self._seals[-1]

    def _derive(self, site_key: bytes, purpose: bytes) -> bytes:
        salt = self._store_id.encode("utf-8", "surrogatepass")
        return HKDF(hashes.SHA256(), length=32, salt=salt, info=b"secure-attend 1: " + purpose).derive(site_key)

    def take(self, ring: KeyRing) -> str:
        """Learn the sealing keys that it does not know. The one in use stays. Return the check of the newest."""
        for key in ring.seal:
            check = hmac.digest(self._derive(key, b"check the key"), b"this key fits", "sha256").hex()[:32]
            if not any(known.check == check for known in self._seals):
                self._seals.append(_Seal(AESGCM(self._derive(key, b"seal templates")), check))
        return check

    @property
    def check(self) -> str:
        """The check of the key in use."""
        return self._now.check

    @property
    def newest(self) -> str:
        """The check of the key that was made last."""
        return self._seals[-1].check

    @property
    def several(self) -> bool:
        """Return whether there is more than one key to seal with."""
        return len(self._seals) > 1

    def fits(self, check: str) -> bool:
        """Return whether `check` was made with one of these keys, for this store."""
        return any(secrets.compare_digest(known.check, check) for known in self._seals if check.isascii())

    def use(self, check: str) -> bool:
        """Seal with the key of this check from now on. Return False if there is none."""
        if self._now.check == check:
            return True
        if not self.fits(check):
            self._reload_keys()
        fitting = next((known for known in self._seals if known.check == check), None)
        self._now = fitting or self._now
        return fitting is not None

    def _reload_keys(self) -> bool:
        ring = self._again()
        if ring is not None:
            self.take(ring)
        return ring is not None

    def seal(self, embedding: NDArray[np.float32], *, student_key: str, profile: str, waiting: bool = False) -> str:
        """Return nonce and ciphertext of `embedding`, (D,) float32, as Base64. It opens for this student and profile
        only, and only as what it was sealed as: a template, or a face that is `waiting` for a lecturer."""
        plain = np.ascontiguousarray(embedding, dtype="<f4").tobytes()
        return self._sealed(self._now, plain, self._place(student_key, profile, waiting))

    def _sealed(self, key: _Seal, plain: bytes, place: bytes) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.b64encode(nonce + key.cipher.encrypt(nonce, plain, place)).decode("ascii")

    def open(self, sealed: str, *, student_key: str, profile: str, waiting: bool = False) -> NDArray[np.float32]:
        """The embedding, (D,) float32. Raises StorageFailed `template_sealed` if it was made elsewhere or altered."""
        plain, _ = self._opened(sealed, self._place(student_key, profile, waiting))
        try:
            return np.frombuffer(plain, dtype="<f4").astype(np.float32)
        except ValueError as error:
            raise _unopenable() from error

    def reseal(self, sealed: str, *, student_key: str, profile: str, check: str, waiting: bool = False) -> str:
        """The same embedding sealed with the key of this check; as it is, where it is already. Raises as `open`."""
        place = self._place(student_key, profile, waiting)
        plain, key = self._opened(sealed, place)
        if key.check == check:
            return sealed
        return self._sealed(next(known for known in self._seals if known.check == check), plain, place)

    def _opened(self, sealed: str, place: bytes) -> tuple[bytes, _Seal]:
        """Return what was sealed, and by which key."""
        try:
            data = base64.b64decode(sealed, validate=True)
        except ValueError as error:
            raise _unopenable() from error
        tried: tuple[_Seal, ...] = ()
        while True:
            for key in (self._now, *self._seals):
                if key in tried:
                    continue
                try:
                    return key.cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place), key
                except (InvalidTag, ValueError):
                    tried = (*tried, key)
            if not self._reload_keys():
                raise _unopenable()

    def _place(self, student_key: str, profile: str, waiting: bool) -> bytes:
        """A waiting face has a place of its own: moved among the templates, it does not open, so nobody is spared the
        lecturer's look."""
        what = "secure-attend waiting face" if waiting else "secure-attend template"
        return json.dumps([what, SEAL_VERSION, self._store_id, student_key, profile]).encode()


def _unopenable() -> StorageFailed:
    return StorageFailed(
        "template_sealed",
        "A stored face does not open: it was altered, or belongs to another student, profile or store, or no lecturer "
        "accepted it. Remove the face and register it again, or restore a backup.",
    )
