"""What somebody chose for the columns of a file, kept for the next file of the same columns."""

from __future__ import annotations

from collections.abc import Mapping

from secure_attend.attendance.imports.roster_columns import RosterColumns, chosen_columns
from secure_attend.attendance.imports.roster_spellings import Role
from secure_attend.storage.documents import DocumentKind
from secure_attend.storage.ports import HasDocuments

ROSTER_SHAPES = DocumentKind("roster_shape", erasing="delete", example={"columns": "student_id:3,name:1"})
MOST_SHAPES = 500


class RosterShapes:
    """Remembers the columns of files by their shape. A site gets rosters from few systems."""

    def __init__(self, store: HasDocuments) -> None:
        self._documents = store.documents

    def chosen_before(self, shape: str) -> Mapping[Role, int] | None:
        """Return what was chosen for files of this shape: the place of each role from 0."""
        document = self._documents.get(ROSTER_SHAPES.name, shape)
        return None if document is None else chosen_columns(document.value["columns"]).places

    def remember(self, columns: RosterColumns | None) -> None:
        """Keep what was chosen for the columns of an imported file; what their names say anyway needs no keeping."""
        if columns is None or not columns.chosen or not any(columns.cells):
            return
        value = {"columns": ",".join(f"{role}:{place + 1}" for role, place in columns.places.items())}
        known = self._documents.get(ROSTER_SHAPES.name, columns.shape)
        if known is not None and known.value == value:
            return
        if known is not None or len(self._documents.all(ROSTER_SHAPES.name)) < MOST_SHAPES:
            version = known.version if known is not None else 0
            self._documents.write([ROSTER_SHAPES.document(columns.shape, value, version=version)])
