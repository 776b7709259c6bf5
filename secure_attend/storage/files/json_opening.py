"""What has to be right before a store in files can be used: its key, a log that is whole, the list of erasures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from secure_attend.storage import durable_writes
from secure_attend.storage.chains.audit_chain import AuditChain
from secure_attend.storage.chains.checkpoint import CheckpointFile
from secure_attend.storage.chains.log_chain import LogChain
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.files.audit_file import AUDIT, AuditFile, holds_entries
from secure_attend.storage.files.document_files import DocumentFolder, DocumentsData
from secure_attend.storage.files.git_checkout import mark_skip_worktree
from secure_attend.storage.files.log_file import LogFile, holds_records
from secure_attend.storage.files.students_file import StudentsFile
from secure_attend.storage.keys.key_file import Chosen, KeyFile
from secure_attend.storage.keys.unlock import unlock
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.paths import ERASURES, INSTANCE, LOG, STUDENTS
from secure_attend.storage.sealed_students import StudentsData
from secure_attend.storage.upgrade import with_logged_ids


@dataclass(frozen=True)
class OpenedFiles:
    """The files of a store, read and sound. `roster_in_file` is the roster as it is in its file, `roster` the same
    with the store's id and key check, which are yet to be written."""

    vault: Vault
    key_file: KeyFile
    students_file: StudentsFile
    roster_in_file: StudentsData
    roster: StudentsData
    documents: DocumentsData
    document_folder: DocumentFolder
    log: LogFile
    audit: AuditFile
    erasures: Erasures
    checkpoint: CheckpointFile
    notices: tuple[str, ...]


def open_files(data: Path, site_key_file: Chosen) -> OpenedFiles:
    """Open what is in `data`. Make the key if everything is empty, and repair a torn log.

    Raises StartRefused, and then nothing that a person edited was touched.
    """
    paths = data / STUDENTS, data / LOG
    instance = data / INSTANCE
    erasures = Erasures(instance / ERASURES)
    for path in (*paths, instance / ERASURES):
        durable_writes.remove_leftovers(path)
    students_file = StudentsFile(paths[0])
    roster_in_file = students_file.read()
    document_folder = DocumentFolder(instance)
    documents = document_folder.read()
    document_folder.remove_leftovers(documents)
    has_log = holds_records(paths[1])
    roster = with_logged_ids(roster_in_file, records=has_log)
    unlocked = unlock(roster, data, has_records=has_log or holds_entries(instance / AUDIT), chosen=site_key_file)
    git_notice = mark_skip_worktree(paths)
    audit = AuditFile(instance / AUDIT, AuditChain(unlocked.vault.audit_key))
    checkpoint = CheckpointFile(instance, unlocked.roster.store or "", unlocked.vault.ledger_key)
    checkpoint.refuse_cut_trail(str(instance / AUDIT), audit.state[0], audit.mac_of)
    refuse_cut = partial(checkpoint.refuse_cut, str(paths[1]))
    log = LogFile.open(paths[1], LogChain(unlocked.vault.ledger_key), refuse_cut, roster.persons())
    return OpenedFiles(
        unlocked.vault,
        unlocked.key_file,
        students_file,
        roster_in_file,
        unlocked.roster,
        documents,
        document_folder,
        log,
        audit,
        erasures,
        checkpoint,
        notices=(*unlocked.notices, *log.notices, *([git_notice] if git_notice else [])),
    )
