"""The store in a database, PostgreSQL or SQLite: one site, served by several processes and machines at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, and_, select

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage.chains.audit_chain import AuditChain
from secure_attend.storage.chains.checkpoint import CheckpointFile, Checkpoints, State
from secure_attend.storage.chains.edits import Edits
from secure_attend.storage.chains.log_chain import START, LogChain, number_of
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.clock import utc_now
from secure_attend.storage.conflicts import refuse_unknown, unknown_record
from secure_attend.storage.keys import key_rotation
from secure_attend.storage.keys.key_file import Chosen, KeyFile
from secure_attend.storage.keys.sealing import opened_waiting, sealed_templates, sealed_waiting
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.paths import ERASURES, INSTANCE
from secure_attend.storage.ports import Store
from secure_attend.storage.sql import (
    audit_table,
    bulk_students,
    erasing,
    log_table,
    resealing,
    sql_seals,
    students_table,
)
from secure_attend.storage.sql.audit_table import AuditTable
from secure_attend.storage.sql.database import Database, connect
from secure_attend.storage.sql.documents_table import DocumentsTable
from secure_attend.storage.sql.log_questions import LogQuestions
from secure_attend.storage.sql.migrate import migrate
from secure_attend.storage.sql.schema import site, students
from secure_attend.storage.sql.sql_opening import (
    check_chain,
    head_of,
    refuse_unopened,
    refusing_what_was_never_written,
    unlock_database,
)
from secure_attend.storage.sql.students_table import StudentCache, storable
from secure_attend.storage.sql.writing import Writing
from secure_attend.storage.upgrade import UPGRADED
from secure_attend.storage.values import (
    Entry,
    MergedInto,
    NewFace,
    PendingFaces,
    PreparedStudents,
    Record,
    Spared,
    Student,
    Template,
    entries_of,
    person_of,
)

CHANGES_WITHIN_S = 1.0
"""What changed is asked before every search, which does without where the database hangs; it takes 0.2 ms."""


class SqlStore(LogQuestions, Store):
    """A site in a database. Use `open` to get one.

    Writes of all processes happen one after the other: each locks the site's row first. This process keeps the
    list of students in memory, and brings it up to date by the site's version whenever it is asked for.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        key_file: KeyFile,
        store_id: str,
        instance: Path,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(database)
        self._vault = vault
        self._key_file = key_file
        self._id = store_id
        self._ledger = LogChain(vault.ledger_key)
        self._erased_here = instance / ERASURES
        self._clock = clock
        self._mirror = StudentCache()
        self.seal = RecordSeal(vault.record_key)
        self._audit = AuditTable(database, AuditChain(vault.audit_key))
        self.audit = self._audit
        self._documents = DocumentsTable(database, self.seal, clock)
        self.documents = self._documents
        self._notices: tuple[str, ...] = ()
        self._edited = Edits()
        self._checkpoint = CheckpointFile(instance, store_id, vault.ledger_key)
        self._checkpoints = Checkpoints(self._checkpoint, self._log_state, clock)
        self._audit.appended = self._checkpoints.note

    @classmethod
    def open(
        cls, url: str, *, data: Path, site_key_file: Chosen = None, clock: Callable[[], datetime] = utc_now
    ) -> SqlStore:
        """Open the store at a `DATABASE_URL`, or begin one there. Bring its tables up to date.

        `data` is a directory of this machine. Its `instance` holds the list of students erased from here, which is
        replayed if the database was restored from an older backup. Raises StartRefused.
        """
        database = connect(url, make=True)
        try:
            with refusing_what_was_never_written(database.name):
                return cls._open(database, data.expanduser().absolute(), site_key_file, clock)
        except StorageFailed as error:
            database.close()
            raise StartRefused(error.code, f"The database {database.name}: {error.detail}") from error
        except BaseException:
            database.close()
            raise

    @classmethod
    def _open(cls, database: Database, data: Path, site_key_file: Chosen, clock: Callable[[], datetime]) -> SqlStore:
        migrate(database)
        with database.writing() as writing:
            vault, key_file = unlock_database(writing, database.name, site_key_file)
            check_chain(writing, LogChain(vault.ledger_key), database.name)
            if writing.head is not None and writing.head.consents_from is None:
                writing.head.consents_from = clock()
            store = cls(database, vault, key_file, writing.head.store if writing.head else "", data / INSTANCE, clock)
            mac_of = partial(log_table.mac_of, writing.connection)
            store._checkpoint.refuse_cut(f"The database {database.name}", store._log_state()[0], mac_of)
        store._audit.check()
        state = store._log_state()
        with database.reading() as connection:
            trail_mac_of = partial(audit_table.mac_of, connection)
            store._checkpoint.refuse_cut_trail(f"The database {database.name}", state.entries, trail_mac_of)
        sealed_before = store._checkpoint.knows_seals()
        store._checkpoints.begin(state)
        store._notices = (
            *key_file.notices,
            *key_rotation.notice(key_file, vault),
            *store._erase_again(),
            *store._upgrade(sealed_before),
        )
        refuse_unopened(database, vault)
        if key_rotation.unfinished(vault):
            store._finish_rotation()
        return store

    def _log_state(self) -> State:
        """Return how many records and audit entries there are, and the macs of the last."""
        with self._database.reading() as connection:
            head = head_of(connection)
            trail = audit_table.state_in(connection)
        return State(head.records, head.last_mac, *trail) if head is not None else State(0, START, *trail)

    def _upgrade(self, sealed_before: bool) -> tuple[str, ...]:
        """Add the MACs that data of version 0.1 does not have, and judge those that are there."""
        upgraded = False
        with self._database.writing() as writing:
            if not sealed_before:
                upgraded = sql_seals.seal_unsealed(writing, self.seal, self._vault, self._documents)
            self._edited = sql_seals.edited(writing.connection, self.seal, sealed_before)
        return (UPGRADED,) if upgraded else ()

    def _erase_again(self) -> tuple[str, ...]:
        """Erase whom this machine had erased, or the database lists, and who are in it once more."""
        with self._database.writing() as writing:
            again = erasing.reappeared(writing, self._erased_here)
            if again:
                self._erase(writing, sorted(again))
            self._documents.forget(writing, erasing.listed(writing, self._erased_here))
        if not again:
            return ()
        return (f"Erased again: {len(again)} of the erased students were in the database once more.",)

    def _erase(self, writing: Writing, entries: Sequence[str]) -> int:
        records = erasing.erase(writing, entries, self._erased_here, self._clock())
        self._documents.forget(writing, entries)
        return records

    # What is there

    @property
    def id(self) -> str:
        return self._id

    @property
    def notices(self) -> tuple[str, ...]:
        problem = self._checkpoints.problem
        return self._notices if problem is None else (*self._notices, problem)

    @property
    def edited(self) -> Edits:
        return self._edited

    @property
    def version(self) -> int:
        return self._of_site(site.c.version) or 0

    @property
    def database(self) -> Database:
        """The database, for what else is kept in it."""
        return self._database

    @property
    def consents_from(self) -> datetime:
        with self._database.reading() as connection:
            return connection.scalar(select(site.c.consents_from)) or self._clock()

    def _of_site(self, column: Column[Any]) -> Any:
        """Return what the site's row says, as the present transaction has it."""
        held = self._database.held
        if held is not None and held.head is not None:
            return getattr(held.head, column.name)
        with self._database.reading() as connection:
            return connection.scalar(select(column))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._database.writing():
            yield

    def changed_students(self, since: int) -> tuple[int, tuple[str, ...]]:
        held = self._database.held
        with self._database.reading(CHANGES_WITHIN_S) as connection:
            version = held.committed_version if held is not None else connection.scalar(select(site.c.version)) or 0
            return version, students_table.changed(connection, since, version) if version != since else ()

    # Students

    def profile(self) -> str | None:
        name: str | None = self._of_site(site.c.profile)
        return name

    def set_profile(self, name: str | None) -> None:
        with self._database.writing() as writing:
            if name != self.profile():
                writing.change().profile = name

    def students(self) -> list[Student]:
        held, version = self._database.held, self.version
        with self._database.reading() as connection:
            if held is not None and version != held.committed_version:
                return students_table.select_students(connection, students.c.merged_into.is_(None))
            return self._mirror.students(connection, version)

    def student(self, key: str) -> Student | None:
        if not storable(key):
            return None
        with self._database.reading() as connection:
            listed = and_(students.c.key == key, students.c.merged_into.is_(None))
            return students_table.find(connection, listed)

    def student_with_id(self, student_id: str) -> Student | None:
        if not storable(student_id):
            return None
        with self._database.reading() as connection:
            found = students_table.find(connection, students.c.student_id == student_id)
            if found is None or found.merged_into is None:
                return found
            return self.student(person_of(found.key, students_table.merged_into(connection)))

    def merged_into(self) -> MergedInto:
        with self._database.reading() as connection:
            return students_table.merged_into(connection)

    def merged_entry(self, key: str) -> Student | None:
        if not storable(key):
            return None
        with self._database.reading() as connection:
            merged = and_(students.c.key == key, students.c.merged_into.is_not(None))
            return students_table.find(connection, merged)

    def prepare_students(self, put: Sequence[Student]) -> PreparedStudents:
        return bulk_students.prepared(put, self.seal.student)

    def write_students(
        self,
        put: Sequence[Student] | PreparedStudents,
        *,
        drop_faces: Sequence[str] = (),
        progress: Callable[[int], object] | None = None,
    ) -> None:
        prepared = put if isinstance(put, PreparedStudents) else self.prepare_students(put)
        with self._database.writing() as writing:
            version = writing.change().version
            students_table.put(writing.connection, version, prepared, progress)
            if drop_faces:
                merged = students_table.merged_into(writing.connection)
                entries = {entry for key in drop_faces for entry in (key, *entries_of(key, merged))}
                students_table.drop_faces(writing.connection, version, sorted(entries))
                writing.erases = True

    def replace_faces(self, key: str, profile: str, faces: Sequence[NewFace]) -> tuple[Template, ...]:
        with self._database.writing() as writing:
            students_table.student_id_of(writing.connection, key)
            templates = sealed_templates(self._sealing(writing), key, profile, faces)
            students_table.replace_faces(writing.connection, key, profile, templates)
            students_table.touch(writing.connection, writing.change().version, [key])
        return tuple(template for template, _ in templates)

    def hold_faces(self, key: str, held: PendingFaces, faces: Sequence[NewFace]) -> None:
        with self._database.writing() as writing:
            students_table.student_id_of(writing.connection, key)
            sealed = sealed_waiting(self._sealing(writing), key, held, faces)
            students_table.set_held(writing.connection, key, held, sealed)
            students_table.touch(writing.connection, writing.change().version, [key])

    def held_faces(self, key: str, profile: str | None = None) -> list[NDArray[np.float32]]:
        with self._database.reading() as connection:
            held, waiting = students_table.held_of(connection, key)
        return opened_waiting(self._vault, key, held, waiting, profile) if held is not None else []

    def drop_held(self, keys: Sequence[str]) -> None:
        with self._database.writing() as writing:
            if keys:
                students_table.drop_held(writing.connection, writing.change().version, keys)
                writing.erases = True

    def drop_profiles(self, profiles: Collection[str], profile: str | None) -> None:
        with self._database.writing() as writing:
            head = writing.change()
            students_table.drop_profiles(writing.connection, head.version, profiles)
            head.profile = profile
            writing.erases = True

    def erase(self, key: str) -> int:
        with self._database.writing() as writing:
            students_table.student_id_of(writing.connection, key)
            return self._erase(writing, entries_of(key, students_table.merged_into(writing.connection)))

    def forget_before(self, time: datetime, spared: Spared | None = None) -> int:
        return erasing.forget_before(self._database, time, spared)

    def erase_notes_before(self, time: datetime, spared: Spared | None = None) -> int:
        return erasing.erase_notes_before(self._database, time, spared)

    def erase_note(self, record_id: str) -> bool:
        with self._database.writing() as writing:
            noted = log_table.record(writing.connection, record_id)
            if noted is None:
                raise unknown_record()
            erased = log_table.erase_note(writing.connection, number_of(record_id) or 0)
            if erased:
                version, keys = writing.change().version, [noted.person] if noted.person is not None else []
                students_table.touch(writing.connection, version, keys)
                writing.erases = True
            return erased

    def embeddings(
        self, profile: str, keys: Collection[str] | None = None
    ) -> Iterator[tuple[str, NDArray[np.float32]]]:
        with self._database.reading() as connection:
            for key, sealed in students_table.sealed_faces(connection, profile, keys):
                yield key, self._vault.open(sealed, student_key=key, profile=profile)

    def _sealing(self, writing: Writing) -> Vault:
        """Return the vault with the key that the database says is in use: another process may have exchanged it."""
        if writing.head is not None and not self._vault.use(writing.head.key_check):
            raise StorageFailed(
                "site_key_old",
                "The site key was exchanged on another machine, and this one has the old file. Copy the new one here.",
            )
        return self._vault

    def rotate_key(self) -> int:
        with self._key_file.rotating():
            with self._database.writing() as writing:
                self._sealing(writing)
            check = key_rotation.prepare(self._key_file, self._vault)
            with self._database.writing() as writing:
                writing.change().key_check = check
            return self._finish_rotation()

    def _finish_rotation(self) -> int:
        count = resealing.reseal_faces(self._database, self._sealing)
        key_rotation.retire(self._key_file, self._vault)
        return count

    # The log

    def append(self, entry: Entry) -> Record:
        with self._database.writing() as writing:
            connection = writing.connection
            earlier = log_table.redeemed(connection, entry.redemption) if entry.redemption is not None else None
            if earlier is not None:
                return earlier
            refuse_unknown(entry, partial(log_table.record, connection))
            self._checkpoints.note()
            return log_table.append(connection, writing.change(), self._ledger, [entry])[0]

    def append_all(self, entries: Sequence[Entry]) -> list[Record]:
        if not entries:
            return []
        with self._database.writing() as writing:
            for entry in entries:
                refuse_unknown(entry, partial(log_table.record, writing.connection))
            self._checkpoints.note()
            return log_table.append(writing.connection, writing.change(), self._ledger, entries)

    # The process

    def note_address(self, url: str) -> None:
        """Do nothing: processes of one site run side by side."""

    def close(self) -> None:
        self._checkpoints.close()
        self._database.close()
