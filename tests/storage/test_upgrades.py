"""Sites that version 0.1 left behind (tests/fixtures/v0_1) open as they were, and continue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from secure_attend.access.access import Access
from secure_attend.access.open_access import open_access, open_repository
from secure_attend.errors import StartRefused, Unauthorized
from secure_attend.settings import Settings
from secure_attend.storage.opening import open_store
from secure_attend.storage.paths import INSTANCE
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.snapshot import contents_of
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.upgrade import UPGRADED
from secure_attend.storage.values import Entry
from tests.support.postgres import NewDatabase, Postgres
from tests.support.storage.described import described_access, described_store
from tests.support.storage.site import wrong_macs

FIXTURES = Path(__file__).parent.parent / "fixtures" / "v0_1"
KINDS = ["files", "sqlite", "postgresql"]
VARIANTS = ["without_faces", "with_faces", "rotated_key"]
NOT_DATA = ("expected.json", "site-key.invented.txt", "site.sql")


@dataclass(frozen=True)
class OldSite:
    """A copy of a fixture. Its clock shows a minute after 0.1 closed it."""

    settings: Settings
    expected: dict[str, Any]

    def clock(self) -> datetime:
        return datetime.fromisoformat(self.expected["now"]) + timedelta(minutes=1)

    @contextmanager
    def opened(self) -> Iterator[Store]:
        store = open_store(self.settings, self.clock)
        try:
            yield store
        finally:
            store.close()

    def described(self, store: Store) -> dict[str, Any]:
        """Return what the code of today reads, under the names of `expected`."""
        state = open_repository(self.settings, store).read()
        return {**described_store(store, self.expected), **described_access(state)}

    @property
    def place(self) -> str:
        """Its folder or address, as the commands of the terminal take it."""
        return self.settings.database_url or str(self.settings.data)

    def verified(self) -> tuple[bool, str]:
        """Run `verify` on it."""
        return verify_place(self.place, self.settings.site_key_file, self.settings.data / INSTANCE)


def copied(kind: str, variant: str, folder: Path) -> OldSite:
    """Copy the files of a fixture to `folder`; a dump is not among them."""
    source, data, key = FIXTURES / kind / variant, folder / "data", folder / "site.key"
    shutil.copytree(source, data, ignore=shutil.ignore_patterns(*NOT_DATA))
    shutil.copyfile(source / "site-key.invented.txt", key)
    key.chmod(0o600)
    url = f"sqlite:///{data / 'site.db'}" if kind == "sqlite" else None
    expected = json.loads((source / "expected.json").read_text("utf-8"))
    return OldSite(Settings(data=data, site_key_file=key, database_url=url), expected)


def restored(variant: str, folder: Path, url: str, postgres: Postgres) -> OldSite:
    """Copy a fixture to `folder` and load its dump into the empty database at `url`."""
    site = copied("postgresql", variant, folder)
    postgres.administer((FIXTURES / "postgresql" / variant / "site.sql").read_text("utf-8"), url.rsplit("/", 1)[1])
    return replace(site, settings=replace(site.settings, database_url=url))


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, variant: str, tmp_path: Path, new_database: NewDatabase) -> OldSite:
    """A site of 0.1 in each kind of store."""
    if request.param != "postgresql":
        return copied(request.param, variant, tmp_path)
    url = new_database("postgresql", tmp_path)
    return restored(variant, tmp_path, url, request.getfixturevalue("postgres"))


def test_the_fixtures_hold_what_they_are_for(variant: str) -> None:
    """Every kind of store tells the same story, and no kind of data is missing from the tests below."""
    sites = [json.loads((FIXTURES / kind / variant / "expected.json").read_text("utf-8")) for kind in KINDS]
    assert len({story(site) for site in sites}) == 1
    site = sites[0]
    profiles = [profile for profile, templates in site["embeddings"].items() if templates]
    methods = {record["method"] for record in site["records"]}
    assert any(record["student_id"] is None for record in site["records"])
    assert any(student["removed_at"] for student in site["students"])
    assert (len(site["cancellations"]), len(site["erased"]), len(site["codes"])) == (1 + bool(profiles), 1, 2)
    if variant == "without_faces":
        assert (profiles, methods) == ([], {"by_hand", "code", "cancellation"})
        return
    assert (profiles, methods) == (["bundled", "facenet"], {"by_hand", "code", "cancellation", "face"})
    assert (site["profile"], site["site_limit"], len(site["alike"])) == ("bundled", "facenet", 1)
    assert len(site["held_faces"]) == 1
    consents = [student["consent"] for student in site["students"] if student["consent"]]
    assert {consent["way"] for consent in consents} == {"in_person", "on_paper", "kiosk"}
    assert sum(consent["withdrawn_at"] is not None for consent in consents) == 1
    assert ("rotate_key done" in site["audit"]["actions"]) == (variant == "rotated_key")


def story(site: dict[str, Any]) -> str:
    """Return what happened, without what is random: keys, and how long the movements took that the server drew."""
    people = [(student["student_id"], student["name"], bool(student["templates"])) for student in site["students"]]
    records = [(record["method"], record["student_id"], record["by"]) for record in site["records"]]
    return json.dumps([people, records, site["audit"]["actions"], site["accounts"], site["kiosks"]])


def without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def test_all_is_read_as_0_1_read_it(old: OldSite) -> None:
    with old.opened() as store:
        assert old.described(store) == without(old.expected, "secrets", "erased", "now")
        assert store.notices == (UPGRADED,)
    assert wrong_macs(old.place, store) == []
    with old.opened() as store:
        assert old.described(store) == without(old.expected, "secrets", "erased", "now")
        assert store.notices == ()
    with contents_of(old.place) as contents:
        erased = {key: time.isoformat() for key, time in contents.erased.items()}
    assert erased == old.expected["erased"]


def test_its_records_belong_to_who_had_the_id(old: OldSite) -> None:
    keys = {student["student_id"]: student["key"] for student in old.expected["students"]}
    for _ in range(2):
        with old.opened() as store:
            records = list(store.records())
            assert [record.person for record in records] == [keys.get(record.student_id or "") for record in records]
            assert {record.room for record in records} == {"*"}
            for key in keys.values():
                assert list(store.records(person=key)) == [record for record in records if record.person == key]
            latest = {key: record.id for key in keys.values() if (record := store.latest_check_in(key)) is not None}
            cancelled = {record.cancels for record in records}
            standing = [one for one in records if one.is_check_in and one.person and one.id not in cancelled]
            assert latest == {one.person: one.id for one in standing}


def test_it_verifies_before_and_after_it_was_opened(old: OldSite) -> None:
    if old.settings.database_url is not None:  # whose tables the first start brings up to date
        with pytest.raises(StartRefused, match="Start this version's server once"):
            old.verified()
        with old.opened():
            pass
    for _ in range(2):
        good, words = old.verified()
        assert good, words
        assert "no checkpoint" not in words, "it was read, too"
        with old.opened():
            pass


def test_it_continues(old: OldSite) -> None:
    """One more record, and the chain holds over both versions."""
    with old.opened() as store:
        student = store.student_with_id("1009")
        assert student is not None
        record = store.append(Entry(old.clock(), "by_hand", "1009", "Bea Cole", person=student.key))
    with old.opened() as store:
        assert list(store.records())[-1] == record
        assert store.latest_check_in(student.key) == record
        found = old.described(store)
    assert found["records"][:-1] == old.expected["records"]
    assert without(found, "records") == without(old.expected, "records", "secrets", "erased", "now")
    assert old.verified()[0]


def test_the_same_people_and_kiosks_get_in(old: OldSite) -> None:
    secrets = old.expected["secrets"]
    with old.opened() as store:
        access = open_access(old.settings, old.clock, store)
        for name in ("Ada Byron", "Bea Cole"):
            assert access.accounts.log_in(name, secrets["passwords"][name], "127.0.0.1").account.name == name
        with pytest.raises(Unauthorized):
            access.accounts.log_in("Cy Dunn", secrets["passwords"]["Cy Dunn"], "127.0.0.1")
        kiosk = access.caller(secrets["kiosk"]["key"])
        assert kiosk is not None
        assert (kiosk.role, kiosk.name) == ("kiosk", secrets["kiosk"]["name"])
        assert proved(access, secrets["codes"]) == list(secrets["codes"])


def proved(access: Access, codes: dict[str, str]) -> list[str]:
    return [access.codes.prove(student, code, "a kiosk") for student, code in codes.items()]
