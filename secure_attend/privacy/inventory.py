"""The data inventory: what is found in the code, with what is declared about it. The two must match."""

from __future__ import annotations

from secure_attend.privacy.declared import DECLARED
from secure_attend.privacy.kept_data import KeptData
from secure_attend.privacy.persisted import Fields, persisted


def faults(kept_data: Fields) -> list[str]:
    """Return a sentence for everything that is kept but not declared, or declared but not kept."""
    declared = {(place, name) for kept in DECLARED for place, names in kept.where.items() for name in names.split()}
    kept_names = {(place, name) for place, names in kept_data.items() for name in names}
    missing = [f"{place}: {name} is kept, but nobody declared why." for place, name in sorted(kept_names - declared)]
    return missing + [f"{place}: {name} is declared, but not kept." for place, name in sorted(declared - kept_names)]


def inventory() -> str:
    """Return the table in Markdown. Raises `ValueError` if code and declaration differ."""
    differences = faults(persisted())
    if differences:
        raise ValueError("\n".join(differences))
    head = "| what | about | what for | until | where, by its names there |\n|---|---|---|---|---|\n"
    return head + "".join(_table_row(kept) for kept in DECLARED)


def _table_row(kept: KeptData) -> str:
    where = "; ".join(
        f"{place}: " + ", ".join(f"`{name}`" for name in names.split()) for place, names in kept.where.items()
    )
    return f"| {kept.what} | {kept.about} | {kept.purpose} | {kept.until} | {where} |\n"
