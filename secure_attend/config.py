"""Every setting, its default, and its environment variable; nonsense is refused at start, in one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """How this site runs. Built by `from_arguments`; tests build it directly."""

    host: str = "127.0.0.1"
    port: int = 5000
    port_chosen: bool = False
    https: bool = False
    certificate: Path | None = None
    certificate_key: Path | None = None
    models: str = "auto"
    data: Path = PROJECT
    site_key_file: Path | None = None
    without_access_control: bool = False
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    check_in_interval: timedelta = timedelta(minutes=10)
    step_seconds: float = 10.0
    threads: int = 8
    site_name: str = "Secure-Attend"
    contact: str = "your lecturer"
    demo: bool = False
