"""Sealing: what is sealed opens in its place only."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from secure_attend.errors import StorageFailed
from secure_attend.storage.keys.vault import Vault
from tests.support.storage.site import face

KEY = bytes(range(32))


@pytest.fixture
def vault() -> Vault:
    return Vault(KEY, "store")


def test_what_is_sealed_opens(vault: Vault) -> None:
    given = face().embedding
    sealed = vault.seal(given, student_key="k", profile="p")
    opened = Vault(KEY, "store").open(sealed, student_key="k", profile="p")
    np.testing.assert_array_equal(opened, given)
    opened[0] = 0  # a copy of its own


def test_each_seal_has_its_own_nonce(vault: Vault) -> None:
    sealed = {vault.seal(face().embedding, student_key="k", profile="p") for _ in range(50)}
    assert len({base64.b64decode(one)[:12] for one in sealed}) == 50


@pytest.mark.parametrize(
    ("key", "store", "student_key", "profile"),
    [
        (KEY, "store", "other", "p"),
        (KEY, "store", "k", "other"),
        (KEY, "other", "k", "p"),
        (bytes(32), "store", "k", "p"),
    ],
)
def test_it_opens_nowhere_else(vault: Vault, key: bytes, store: str, student_key: str, profile: str) -> None:
    sealed = vault.seal(face().embedding, student_key="k", profile="p")
    with pytest.raises(StorageFailed) as failed:
        Vault(key, store).open(sealed, student_key=student_key, profile=profile)
    assert failed.value.code == "template_sealed"


def test_a_waiting_face_and_a_template_open_in_their_own_place_only(vault: Vault) -> None:
    given = face().embedding
    for waiting in (True, False):
        sealed = vault.seal(given, student_key="k", profile="p", waiting=waiting)
        opened = vault.open(sealed, student_key="k", profile="p", waiting=waiting)
        np.testing.assert_array_equal(opened, given)
        with pytest.raises(StorageFailed, match="no lecturer accepted it"):
            vault.open(sealed, student_key="k", profile="p", waiting=not waiting)
        with pytest.raises(StorageFailed):
            vault.reseal(sealed, student_key="k", profile="p", check=vault.check, waiting=not waiting)


@pytest.mark.parametrize("change", [lambda text: text[:-8], lambda text: "", lambda text: "!" + text, lambda text: "é"])
def test_altered_text_is_refused(vault: Vault, change: object) -> None:
    sealed = vault.seal(face().embedding, student_key="k", profile="p")
    with pytest.raises(StorageFailed):
        vault.open(change(sealed), student_key="k", profile="p")  # type: ignore[operator]


def test_every_flipped_bit_is_noticed(vault: Vault) -> None:
    sealed = base64.b64decode(vault.seal(np.zeros(4, np.float32), student_key="k", profile="p"))
    for at in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(StorageFailed):
            vault.open(base64.b64encode(flipped).decode(), student_key="k", profile="p")


def test_sub_keys_differ_by_store_and_purpose(vault: Vault) -> None:
    assert vault.ledger_key not in (KEY, Vault(KEY, "other").ledger_key)
    assert vault.fits(Vault(KEY, "store").check)
    assert not vault.fits(Vault(bytes(32), "store").check)
    assert not vault.fits("é")
