"""What a setting's text says: readers that turn it into a value, and raise ValueError or KeyError for what they do not
take."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Value = TypeVar("Value")


def host(text: str) -> str:
    """An IP address or a host name."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        name = text.lower().rstrip(".")
    # All digits and dots is an address with a slip in it, not a name.
    if len(name) > 253 or re.fullmatch(r"[\d.]+", name):
        raise ValueError(text)
    if not all(re.fullmatch(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", label) for label in name.split(".")):
        raise ValueError(text)
    return name


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within these."""

    def read(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return read


def number(lowest: float, highest: float) -> Callable[[str], float]:
    """A number within these."""

    def read(text: str) -> float:
        value = float(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return read


def share(text: str) -> float:
    """A share of strangers' tries, given as `0.1%` or `0.001`. Raises ValueError for what no site should ask."""
    value = float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    if not 1e-6 <= value <= 0.05:
        raise ValueError(text)
    return value


def minutes(text: str) -> timedelta:
    """At most a day."""
    return timedelta(minutes=number(0, 1440)(text))


def switch(text: str) -> bool:
    """On or off."""
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        text.lower()
    ]


def models(text: str) -> str:
    """A profile's name, or a detector's and a recogniser's. Whether they exist shows when they are loaded."""
    if text.lower() in {"auto", "facenet", "arcface", "bundled"}:
        return text.lower()
    if re.fullmatch(r"[A-Za-z0-9_.-]+\+[A-Za-z0-9_.-]+", text):
        return text
    raise ValueError(text)


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words, in small letters."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return read


def folder(text: str) -> Path:
    """A folder that is there or can be made."""
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(text)
    return path


def file(text: str) -> Path:
    """A file that is there."""
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError(text)
    return path


def passphrase(text: str) -> str:
    """What a key file is wrapped by. The error does not repeat it."""
    if not 12 <= len(text) <= 1000:
        raise ValueError("too short or too long")
    return text


def database_url(text: str) -> str:
    """The address of a database. The error does not repeat it."""
    parts = urlsplit(text)
    if parts.scheme == "sqlite":
        known = text.startswith("sqlite:///") and parts.path.strip("/") != "" and not parts.path.endswith("/")
    else:
        known = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/") != ""
        _ = parts.port  # raises ValueError for what is none
    if not known:
        raise ValueError("not an address of a database")
    return text


def without_password(url: str) -> str:
    """An address of a database as it may be shown."""
    return re.sub(r"^(\w+://[^:/@]*):.*@", r"\1:***@", url)


def new_file(text: str) -> Path:
    """A file that is there or can be made."""
    path = Path(text).expanduser().absolute()
    if path.is_dir():
        raise ValueError(text)
    return path


def list_of(read: Callable[[str], Value]) -> Callable[[str], tuple[Value, ...]]:
    """Several of what `read` takes, with commas between."""
    return lambda text: tuple(read(part.strip()) for part in text.split(",") if part.strip())


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An address, or a network as ADDRESS/BITS."""
    return ipaddress.ip_network(text)


def origin(text: str) -> str:
    """A page's origin as browsers send it."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError(text)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(text)
    host(parts.hostname)
    port = f":{parts.port}" if parts.port else ""
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{name}{port}"


def time_zone(text: str) -> ZoneInfo:
    """An IANA time zone."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(text) from error


def words(text: str) -> str:
    """A line for people, its white space folded."""
    text = " ".join(text.split())
    if not 1 <= len(text) <= 60 or not text.isprintable():
        raise ValueError(text)
    return text
