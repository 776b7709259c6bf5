"""What is done before a store in a database can be used: its identity, its key, its chain and its faces are checked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import NoResultFound

from secure_attend.errors import StartRefused
from secure_attend.storage.chains import log_chain
from secure_attend.storage.chains.log_chain import CHECKED_AT_START, Fault, LogChain
from secure_attend.storage.keys import key_file
from secure_attend.storage.keys.key_file import Chosen, KeyFile
from secure_attend.storage.keys.unlock import vault_for
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.sql import log_table, sql_seals
from secure_attend.storage.sql.database import Database
from secure_attend.storage.sql.schema import site
from secure_attend.storage.sql.writing import SiteRow, Writing, to_head


def unlock_database(writing: Writing, name: str, chosen: Chosen) -> tuple[Vault, KeyFile]:
    """The vault of the store in the database, and the file of its key; begins the store where there is none.

    Raises StartRefused: key missing, damaged, or of another store. A key is made only with the store itself: a second
    machine is given the first one's.
    """
    if writing.head is not None and writing.head.unfinished_copy:
        raise StartRefused(
            "copy_unfinished",
            f"Copying into the database {name} was interrupted. Run the same copy again: it resumes where it stopped.",
        )
    head = writing.head
    store_id = head.store if head else secrets.token_hex(8)
    file = key_file.file_for(store_id, chosen)
    if head is None:
        vault = Vault(file.read() or file.create(), store_id, file.read_if_changed)
        writing.head = begin(
            writing.connection, SiteRow(store_id, vault.check, None, 1, 0, log_chain.START, False, None)
        )
    else:
        vault = vault_for(file, store_id, head.key_check, name)
    return vault, file


@contextmanager
def refusing_what_was_never_written(name: str) -> Iterator[None]:
    """Raise StartRefused `database_damaged` for values, in any table, that Secure-Attend can't have written."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, NoResultFound) as error:
        raise StartRefused(
            "database_damaged",
            f"The database {name} holds what Secure-Attend did not write ({error!r}). It is left as it is. Restore a "
            "backup.",
        ) from error


def begin(connection: Connection, head: SiteRow) -> SiteRow:
    """Begin a store in empty tables."""
    connection.execute(insert(site).values(one=1, **vars(head)))
    return head


def head_of(connection: Connection) -> SiteRow | None:
    """The site's row as it stands, not locked."""
    row = connection.execute(select(site)).one_or_none()
    return to_head(row) if row is not None else None


def check_chain(writing: Writing, chain: LogChain, name: str) -> None:
    """Check the end of the log, as every start does. Raises StartRefused `log_edited`."""
    head = writing.head
    if head is None:
        return
    fault = fault_in(writing.connection, chain, head, after=max(0, head.records - CHECKED_AT_START))
    if fault is not None:
        raise StartRefused(
            "log_edited",
            f"The database {name}: {fault}. Something other than Secure-Attend changed it. It is left as it is. "
            "Restore a backup. `python -m secure_attend.storage verify` names the first record that is wrong.",
        )


def refuse_unopened(database: Database, vault: Vault) -> None:
    """Raise StartRefused `template_sealed` if a face does not open where it is kept."""
    with database.reading() as connection:
        unopened = sql_seals.unopened(connection, vault)
    if unopened is not None:
        raise StartRefused(
            "template_sealed",
            f"The database {database.name}: {unopened.fault}. It is left as it is. Restore a backup, or delete this "
            "face from it.",
        )


def fault_in(connection: Connection, chain: LogChain, head: SiteRow, after: int = 0) -> Fault | None:
    """The first record behind `after` that is not as it was written; one that is missing at the end, too."""
    previous = log_table.mac_of(connection, after)
    fault = chain.verify(log_table.rows(connection, after), position=after, previous=previous)
    beside = log_table.altered_beside_chain(connection, after)
    if beside is not None and (fault is None or beside[0] < fault.position):
        return Fault(*beside, "altered")
    if fault is not None:
        return fault
    last = connection.scalar(select(log_table.newest())) or 0
    if last != head.records:
        return Fault(min(last, head.records) + 1, None, "missing" if last < head.records else "inserted")
    return None if log_table.mac_of(connection, last) == head.last_mac else Fault(last, None, "altered")
