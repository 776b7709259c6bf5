"""Error rates, with the confidence bounds that the number of tries allows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from secure_attend.proportions import upper_bound


@dataclass(frozen=True)
class Count:
    """A count of `hits` (attacks accepted, or people refused) in `tries`. `steps` is how many steps were accepted on
    the way, and `note` what the row means."""

    name: str
    tries: int
    hits: int
    steps: int = 0
    note: str = ""

    @property
    def rate(self) -> float:
        """The rate of hits: APCER, or BPCER."""
        return self.hits / self.tries if self.tries else float("nan")

    @property
    def upper(self) -> float:
        """The rate's one-sided 95 % upper bound (Clopper & Pearson 1934): near 3/n if there were no hits."""
        return upper_bound(self.hits, self.tries)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Count:
        """Return the count that `as_json` gave."""
        return cls(row["name"], row["tries"], row["hits"], row["steps"], row["note"])

    def as_json(self) -> dict[str, object]:
        """Return the count with its rates, for programs."""
        return {**asdict(self), "rate": round(self.rate, 6), "upper_95": round(self.upper, 6)}


def table(counts: list[Count], hit: str, rate: str) -> list[str]:
    """Return the counts as the rows of a Markdown table."""
    rows = [
        f"| | tries | {hit} | {rate} | 95 % upper bound | steps accepted | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for count in counts:
        rows.append(
            f"| {count.name} | {count.tries} | {count.hits} | {count.rate:.2%} | {count.upper:.2%} "
            f"| {count.steps} | {count.note} |"
        )
    return rows
