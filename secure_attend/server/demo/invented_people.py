"""The demo's students: a roster of invented names, most of them with a pretended face."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from secure_attend.faces.engine import Profile
from secure_attend.settings import PROJECT
from secure_attend.storage.ports import StudentsAndState
from secure_attend.storage.values import NewFace, Student

INVENTED = (
    "Amara Okafor", "Ben Lindqvist", "Chiara Rossi", "Daniel Kowalski", "Elif Yildiz", "Farid Haddad", "Grace Mwangi",
    "Hiro Tanaka", "Ines Carvalho", "Jonas Weber", "Kavya Reddy", "Liam O'Connor", "Mei Chen", "Noah Dubois",
    "Olga Petrova", "Pedro Alvarez", "Quynh Nguyen", "Rosa Jimenez", "Samuel Asante", "Tara Singh", "Umar Farooq",
    "Vera Novakova", "Wanjiru Kamau", "Xin Li", "Yara Mansour", "Zoe Papadaki", "Arjun Mehta", "Bridget Walsh",
)  # fmt: skip


def invented_roster() -> bytes:
    """Return the example roster, with the invented students below it."""
    rows = [(PROJECT / "samples" / "roster.csv").read_text(encoding="utf-8").rstrip("\n")]
    for number, name in enumerate(INVENTED, start=1003):
        address = name.lower().replace(" ", ".").replace("'", "")
        rows.append(f"{number},{name},{address}@example.edu")
    return "\n".join(rows).encode()


def pretend_registered(
    store: StudentsAndState, students: list[Student], profile: Profile, now: datetime, seed: int
) -> None:
    """Give each a random embedding, as far from every face as strangers' faces are from each other."""
    draw = np.random.default_rng(seed)
    store.set_profile(profile.name)
    for student in students:
        embedding = draw.standard_normal(profile.dimension).astype(np.float32)
        embedding /= np.linalg.norm(embedding)
        store.replace_faces(student.key, profile.name, [NewFace(embedding, profile.name, "camera", now)])
