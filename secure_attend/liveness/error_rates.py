"""Error rates with the bounds that the number of tries allows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from secure_attend.proportions import upper_bound


@dataclass(frozen=True)
class Count:
    """Of `tries` so many `hits` (attacks accepted, or people refused). `steps` is how many steps were accepted on
    the way, `note` what the row means."""

    name: str
    tries: int
    hits: int
    steps: int = 0
    note: str = ""

    @property
    def rate(self) -> float:
        """APCER, or BPCER."""
        return self.hits / self.tries if self.tries else float("nan")

    @property
    def upper(self) -> float:
        """The rate's one-sided 95 % upper bound (Clopper & Pearson 1934): near 3/n where there were no hits."""
        return upper_bound(self.hits, self.tries)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Count:
        """What `as_json` gave."""
        return cls(row["name"], row["tries"], row["hits"], row["steps"], row["note"])

    def as_json(self) -> dict[str, object]:
        """Everything, for programs."""
        return {**asdict(self), "rate": round(self.rate, 6), "upper_95": round(self.upper, 6)}


def table(counts: list[Count], hit: str, rate: str) -> list[str]:
    """Markdown rows."""
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
