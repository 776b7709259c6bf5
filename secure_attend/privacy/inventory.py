"""The data inventory: what is found in the code, with what is declared of it. Neither may lack what the other has."""

from __future__ import annotations

from secure_attend.privacy.declared import DECLARED, KeptData
from secure_attend.privacy.persisted import Fields, persisted


def faults(found: Fields) -> list[str]:
    """What is kept and was not declared, and what was declared and is not kept, a sentence each."""
    declared = {(place, name) for kept in DECLARED for place, names in kept.where.items() for name in names.split()}
    there = {(place, name) for place, names in found.items() for name in names}
    missing = [f"{place}: {name} is kept, and nobody says what for." for place, name in sorted(there - declared)]
    return missing + [f"{place}: {name} is declared and not kept." for place, name in sorted(declared - there)]


def inventory() -> str:
    """The table, in Markdown. Raises ValueError where code and declaration differ."""
    wrong = faults(persisted())
    if wrong:
        raise ValueError("\n".join(wrong))
    head = "| what | about | what for | until | where, by its names there |\n|---|---|---|---|---|\n"
    return head + "".join(_row(kept) for kept in DECLARED)


def _row(kept: KeptData) -> str:
    where = "; ".join(
        f"{place}: " + ", ".join(f"`{name}`" for name in names.split()) for place, names in kept.where.items()
    )
    return f"| {kept.what} | {kept.about} | {kept.purpose} | {kept.until} | {where} |\n"
