"""The site key wrapped by a passphrase: opened by it alone, changed in one step, left alone by a refused start."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.__main__ import main
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.keys import key_ring
from secure_attend.storage.keys.key_file import KeyFile, KeyPlace
from secure_attend.storage.keys.key_ring import Cost, KeyRing, NoKey, PassphraseMissing, PassphraseWrong
from tests.support.storage.site import JOHN, Site, entry, face

WORDS = "four words make one"
OTHERS = "and others make more"
Run = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What wrapping costs in life is said in the file; here it takes next to no time."""
    monkeypatch.setattr(key_ring, "COST", Cost(1, 8, 1))


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.new().with_another()


def test_a_single_key_stands_in_the_file_as_it_always_did() -> None:
    ring = KeyRing.new()
    assert len(key_ring.to_text(ring, None)) == 45
    assert key_ring.from_text(key_ring.to_text(ring, None), None) == ring


@pytest.mark.parametrize("passphrase", [None, WORDS, "tsch\u00fc\u00df mit \u2603"])
def test_keys_come_back_as_they_were(ring: KeyRing, passphrase: str | None) -> None:
    text = key_ring.to_text(ring, passphrase)
    assert key_ring.from_text(text, passphrase) == ring
    assert key_ring.is_wrapped(text) == (passphrase is not None)
    assert key_ring.to_text(ring, passphrase) != text or passphrase is None  # salt and nonce are fresh each time


def test_the_same_words_typed_elsewhere_open_it(ring: KeyRing) -> None:
    assert key_ring.from_text(key_ring.to_text(ring, "caf\u00e9 au lait, please"), "cafe\u0301 au lait, please") == ring


def test_without_the_passphrase_nothing_opens(ring: KeyRing) -> None:
    text = key_ring.to_text(ring, WORDS)
    with pytest.raises(PassphraseMissing):
        key_ring.from_text(text, None)
    with pytest.raises(PassphraseWrong):
        key_ring.from_text(text, OTHERS)
    plain = json.loads(key_ring.to_text(ring, None))
    assert not any(key in text.decode() for key in (plain["chain"], *plain["seal"]))


@pytest.mark.parametrize("name", ["time", "memory", "lanes", "salt", "nonce", "keys", "kdf"])
def test_a_wrapped_key_that_was_altered_does_not_open(ring: KeyRing, name: str) -> None:
    value = json.loads(key_ring.to_text(ring, WORDS))
    old = value["wrapped"][name]
    value["wrapped"][name] = old + 8 if isinstance(old, int) else ("B" if old[0] == "A" else "A") + old[1:]
    with pytest.raises((NoKey, PassphraseWrong)):
        key_ring.from_text(json.dumps(value).encode(), WORDS)


def test_a_file_cannot_make_the_start_wait_or_fill_the_memory(ring: KeyRing) -> None:
    for name, much in (("time", 10**6), ("memory", 10**9), ("lanes", 10**4), ("time", 0)):
        value = json.loads(key_ring.to_text(ring, WORDS))
        value["wrapped"][name] = much
        with pytest.raises(NoKey):
            key_ring.from_text(json.dumps(value).encode(), WORDS)


@pytest.mark.parametrize(
    "text",
    [b"{}", b"{", b'{"format": 3}', b'{"format": 2, "chain": "AAAA", "seal": []}', b'{"format": 2, "wrapped": 1}'],
)
def test_what_is_no_key_is_said(text: bytes) -> None:
    with pytest.raises(NoKey):
        key_ring.from_text(text, WORDS)


def opened(site: Site, passphrase: str | None) -> JsonStore:
    return JsonStore.open(site.data, site_key_file=KeyPlace(site.key_file, passphrase))


@pytest.fixture
def wrapped(site: Site) -> Site:
    """A site with a face and a record, whose first start had a passphrase."""
    store = opened(site, WORDS)
    store.write_students([JOHN])
    store.replace_faces(JOHN.key, "sface", [face()])
    store.append(entry())
    store.close()
    assert KeyFile(site.key_file).wrapped
    return site


def test_a_site_that_begins_with_a_passphrase_has_a_wrapped_key(wrapped: Site) -> None:
    store = opened(wrapped, WORDS)
    assert len(list(store.embeddings("sface"))) == 1
    assert store.notices == ()
    store.close()


@pytest.mark.parametrize(
    ("passphrase", "code", "words"),
    [(None, "key_passphrase_missing", "KEY_PASSPHRASE"), (OTHERS, "key_passphrase_wrong", "Nothing was changed")],
)
def test_the_start_is_refused_with_words_and_touches_nothing(
    wrapped: Site, passphrase: str | None, code: str, words: str
) -> None:
    files = {path: path.read_bytes() for path in (wrapped.key_file, wrapped.students, wrapped.log)}
    with pytest.raises(StartRefused, match=words) as refusal:
        opened(wrapped, passphrase)
    assert refusal.value.code == code
    assert {path: path.read_bytes() for path in files} == files
    assert OTHERS not in refusal.value.detail


def test_a_passphrase_for_a_key_that_is_not_wrapped_is_remarked_on(site: Site, store: JsonStore) -> None:
    store.close()
    again = opened(site, WORDS)
    assert "is not wrapped by it" in again.notices[0]
    again.close()


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(act: str, *typed: str, passphrase: str | None = None) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        monkeypatch.delenv("KEY_PASSPHRASE", raising=False)
        if passphrase is not None:
            monkeypatch.setenv("KEY_PASSPHRASE", passphrase)
        code = main(["key", act, "--data", str(site.data), "--site-key-file", str(site.key_file)])
        return code, capsys.readouterr().out

    return command


def test_wrapping_changing_and_unwrapping(site: Site, store: JsonStore, run: Run) -> None:
    store.replace_faces(JOHN.key, "sface", [face()])
    store.close()
    ring = KeyFile(site.key_file).read()
    assert "not wrapped" in run("show")[1]
    assert run("wrap", WORDS)[0] == 0
    assert KeyFile(site.key_file, WORDS).read() == ring
    assert run("wrap", OTHERS)[0] == 1
    assert run("passphrase", OTHERS, passphrase=WORDS)[0] == 0
    assert KeyFile(site.key_file, OTHERS).read() == ring
    code, said = run("passphrase", WORDS, WORDS)
    assert (code, "does not open" in said) == (1, True)
    assert run("passphrase", OTHERS, WORDS)[0] == 0
    assert run("passphrase", "short", passphrase=WORDS)[0] == 1
    assert "wrapped by a passphrase" in run("show", passphrase=WORDS)[1]
    assert run("unwrap", passphrase=OTHERS)[0] == 1
    assert run("unwrap", WORDS)[0] == 0
    assert KeyFile(site.key_file).read() == ring
    assert run("wrap", passphrase=WORDS)[0] == 0
    again = opened(site, WORDS)
    assert len(list(again.embeddings("sface"))) == 1
    again.close()
    assert site.key_file.stat().st_mode & 0o077 == 0


def test_other_commands_take_the_passphrase_too(
    wrapped: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = ["--site-key-file", str(wrapped.key_file)]
    assert main(["verify", "--data", str(wrapped.data), *key]) == 1
    assert "KEY_PASSPHRASE" in capsys.readouterr().out
    monkeypatch.setenv("KEY_PASSPHRASE", WORDS)
    assert main(["verify", "--data", str(wrapped.data), *key]) == 0
    assert main(["backup", "--from", str(wrapped.data), "--to", str(tmp_path / "backup"), *key]) == 0


def test_cut_off_the_file_is_the_old_one_or_the_new(
    site: Site, store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = KeyFile(site.key_file)
    before = site.key_file.read_bytes()

    def full(path: Path, chunks: object) -> None:
        raise durable_writes.NotWritten("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(durable_writes, "replace_file", full)
        with pytest.raises(StorageFailed, match="the disk is full"):
            file.wrap(WORDS)
    assert site.key_file.read_bytes() == before
    assert KeyFile(site.key_file).read() is not None
