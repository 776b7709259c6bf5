"""Whether an admin lets the faces of this site loosen the limit of recognition."""

from __future__ import annotations

from secure_attend.storage.documents import DocumentKind
from secure_attend.storage.ports import Documents

SITE_LIMIT = DocumentKind("site_limit", erasing="delete", example={"profile": "sface"})
_KEY = "site"


def site_limit(documents: Documents) -> str | None:
    """Return the profile for which the site's own faces may loosen the limit; None for none."""
    document = documents.get(SITE_LIMIT.name, _KEY)
    return str(document.value["profile"]) if document is not None else None


def set_site_limit(documents: Documents, profile: str | None) -> None:
    """Set the profile for which the site's own faces may loosen the limit."""
    known = documents.get(SITE_LIMIT.name, _KEY)
    if profile is not None:
        documents.write([SITE_LIMIT.document(_KEY, {"profile": profile}, version=known.version if known else 0)])
    elif known is not None:
        documents.write([], [known])
