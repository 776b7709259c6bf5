"""Consents and pending faces as they are in the file and in the database: JSON objects, read back strictly."""

from __future__ import annotations

from typing import Any, get_args

from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.values import Consent, ConsentWay, FormerIdentity, PendingFaces, Source

JsonObject = dict[str, Any]
_WAYS = frozenset(get_args(ConsentWay))
_SOURCES = frozenset(get_args(Source))


def consent_value(consent: Consent | None) -> JsonObject | None:
    """Return what is written."""
    if consent is None:
        return None
    withdrawn = to_text(consent.withdrawn_at) if consent.withdrawn_at else None
    return {**vars(consent), "given_at": to_text(consent.given_at), "withdrawn_at": withdrawn}


def to_consent(value: JsonObject | None) -> Consent | None:
    """Return the consent that was written. Raises KeyError, TypeError, ValueError or AttributeError for what was never
    written."""
    if value is None:
        return None
    if value["way"] not in _WAYS:
        raise ValueError(f"way {value['way']!r}")
    withdrawn_at, withdrawn_by = value.get("withdrawn_at"), value.get("withdrawn_by")
    return Consent(
        version=word(value["version"]),
        given_at=from_text(value["given_at"]),
        way=value["way"],
        recorded_by=text(value["recorded_by"]),
        withdrawn_at=from_text(withdrawn_at) if withdrawn_at is not None else None,
        withdrawn_by=text(withdrawn_by) if withdrawn_by is not None else None,
    )


def held_value(held: PendingFaces | None, sealed: tuple[str, ...]) -> JsonObject | None:
    """Return what is written of waiting faces, their sealed embeddings included."""
    if held is None:
        return None
    lists = {"quality": list(held.quality), "made_by": list(held.made_by), "sealed": list(sealed)}
    return {**vars(held), "created_at": to_text(held.created_at), **lists}


def to_held(value: JsonObject | None) -> tuple[PendingFaces | None, tuple[str, ...]]:
    """Return the waiting faces that were written, and their sealed embeddings. Raises as `to_consent`."""
    if value is None:
        return None, ()
    source = value.get("source", "camera")
    if source not in _SOURCES:
        raise ValueError(f"source {source!r}")
    held = PendingFaces(
        id=word(value["id"]),
        number=word(value["number"]),
        profile=word(value["profile"]),
        version=word(value["version"]),
        kiosk=word(value["kiosk"]),
        created_at=from_text(value["created_at"]),
        quality=tuple(share(quality) for quality in value.get("quality", ())),
        made_by=tuple(word(profile) for profile in value.get("made_by", ())),
        source=source,
    )
    sealed = tuple(word(embedding) for embedding in value["sealed"])
    if len(held.profiles(len(sealed))) != len(sealed):
        raise ValueError(f"{len(sealed)} faces of the models {held.made_by!r}")
    return held, sealed


def former_value(former: tuple[FormerIdentity, ...]) -> list[JsonObject]:
    """Return what is written of earlier IDs and names."""
    return [{**vars(each), "until": to_text(each.until)} for each in former]


def to_former(value: list[JsonObject] | None) -> tuple[FormerIdentity, ...]:
    """Return the earlier IDs and names that were written. Raises as `to_consent`."""
    return tuple(
        FormerIdentity(text(each["student_id"]), text(each["name"]), from_text(each["until"])) for each in value or ()
    )


def share(value: object) -> float | None:
    """Return the value if it is None or a share, from 0 to 1. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"share {value!r}")
    return float(value)


def text(value: object) -> str:
    """Return the value if it is text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {value!r}")
    return value


def word(value: object) -> str:
    """Return the value if it is text that is not empty. Raises TypeError or ValueError."""
    if not text(value):
        raise ValueError("empty text")
    return text(value)
