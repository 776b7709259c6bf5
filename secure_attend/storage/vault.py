"""Seals templates with AES-256-GCM, each bound to its place, under sub-keys of the site key."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from secure_attend.errors import StorageFailed

SEAL_VERSION = 1
NONCE_BYTES = 12
"""96 bits, random: NIST SP 800-38D allows 2^32 seals a key that way, far beyond what a site enrols."""


class Vault:
    """The keys of one store. Sub-keys by HKDF-SHA256 (RFC 5869), the store's id as salt, so no two stores share one."""

    def __init__(self, site_key: bytes, store_id: str) -> None:
        self._store_id = store_id
        self._cipher = AESGCM(self._derive(site_key, b"seal templates"))
        self._check_key = self._derive(site_key, b"check the key")
        self.ledger_key = self._derive(site_key, b"chain the log")
        self.audit_key = self._derive(site_key, b"chain the audit trail")

    def _derive(self, site_key: bytes, purpose: bytes) -> bytes:
        salt = self._store_id.encode("utf-8", "surrogatepass")
        return HKDF(hashes.SHA256(), length=32, salt=salt, info=b"secure-attend 1: " + purpose).derive(site_key)

    @property
    def check(self) -> str:
        """Kept beside the data, tells a fitting key from another, and says nothing else about it."""
        return hmac.digest(self._check_key, b"this key fits", "sha256").hex()[:32]

    def fits(self, check: str) -> bool:
        """Whether `check` was made with this key for this store."""
        return hmac.compare_digest(self.check.encode(), check.encode("utf-8", "surrogatepass"))

    def seal(self, embedding: NDArray[np.float32], *, student_key: str, profile: str) -> str:
        """Base64 of nonce and ciphertext of `embedding`, (D,) float32, opened for this student and profile only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = np.ascontiguousarray(embedding, dtype="<f4").tobytes()
        sealed = self._cipher.encrypt(nonce, plain, self._place(student_key, profile))
        return base64.b64encode(nonce + sealed).decode("ascii")

    def open(self, sealed: str, *, student_key: str, profile: str) -> NDArray[np.float32]:
        """The embedding, (D,) float32. Raises StorageFailed `template_sealed` if it was made elsewhere or altered."""
        try:
            data = base64.b64decode(sealed, validate=True)
            plain = self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], self._place(student_key, profile))
            return np.frombuffer(plain, dtype="<f4").astype(np.float32)
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise StorageFailed(
                "template_sealed",
                "A stored face does not open: it was altered, or belongs to another student, profile or store. "
                "Remove the face and register it again, or restore a backup.",
            ) from error

    def _place(self, student_key: str, profile: str) -> bytes:
        return json.dumps(["secure-attend template", SEAL_VERSION, self._store_id, student_key, profile]).encode()
