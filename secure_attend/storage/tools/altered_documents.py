"""Which documents were written by something else than Secure-Attend: their seals do not fit."""

from __future__ import annotations

from collections.abc import Iterable

from secure_attend.storage.chains.record_seal import RecordSeal, is_mac
from secure_attend.storage.document_values import SealedDocument
from secure_attend.storage.documents import Document


def altered_documents(documents: Iterable[SealedDocument], seal: RecordSeal) -> list[Document]:
    """Return them. The first start of this version seals what version 0.1 did not, so afterwards all have a seal."""
    return [each.document for each in documents if not _fits(each, seal)]


def _fits(sealed: SealedDocument, seal: RecordSeal) -> bool:
    return is_mac(sealed.mac or "", seal.document(sealed.document))
