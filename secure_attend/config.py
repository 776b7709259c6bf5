"""How a site is set: by the command line and the environment; nonsense is refused at start, in one line."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from secure_attend.options import OPTIONS, WrongSetting
from secure_attend.setting_values import database_url, passphrase, without_password

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
    hsts: bool = False
    models: str = "auto"
    runtime: Literal["onnxruntime", "openvino"] = "onnxruntime"
    keep_old: bool = False
    keep_old_days: int = 30
    data: Path = PROJECT
    database_url: str | None = field(default=None, repr=False)  # with its password
    site_key_file: Path | None = None
    key_passphrase: str | None = field(default=None, repr=False)
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    check_in_interval: timedelta = timedelta(minutes=10)
    step_seconds: float = 10.0
    history_access: Literal["proof", "open"] = "proof"
    false_accept_target: float = 0.001
    liveness: Literal["quick", "standard", "strict"] = "standard"
    require_passive: bool = False
    threads: int = 16
    site_name: str = "Secure-Attend"
    contact: str = "your lecturer"
    consent_text: Path | None = None
    self_registration: bool = False
    retain_days: int = 0
    demo: bool = False

    @property
    def loopback(self) -> bool:
        """Whether only this computer can reach the server."""
        return is_loopback(self.host)

    @property
    def place(self) -> str:
        """Where everything is kept, as it may be shown: without a password."""
        return str(self.data) if self.database_url is None else without_password(self.database_url)


def is_loopback(host: str) -> bool:
    """Whether `host` names this computer alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_database_url(text: str, said_by: str) -> str:
    """The address of a database, if it is one. Raises WrongSetting, which does not repeat it."""
    option = next(option for option in OPTIONS if option.name == "database_url")
    return str(option.value(text, said_by))


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongSetting(f"{message}. `python app.py --help` lists what can be set.")


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="python app.py",
        description="Secure-Attend: attendance by face.",
        epilog="Each can be set by the environment variable in capitals instead. The command line wins.",
        allow_abbrev=False,
    )
    for option in OPTIONS:
        about = f"{option.about} ({option.allowed}; default: {option.default})".replace("%", "%%")
        if not option.flag:
            continue
        if option.is_switch:
            parser.add_argument(option.flag, action="store_const", const="1", dest=option.name, help=about)
        else:
            parser.add_argument(option.flag, metavar=option.variable, dest=option.name, help=about)
    parser.add_argument("--demo", action="store_true", help="try it: invented students, nothing is kept")
    return parser


def from_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """The settings a command line and an environment ask for; an empty variable counts as not set.

    Raises WrongSetting, and SystemExit after `--help`.
    """
    given = _parser().parse_args(arguments)
    values: dict[str, object] = {}
    for option in OPTIONS:
        text = getattr(given, option.name, None)
        said_by = option.flag
        if text is None:
            text = environment.get(option.variable, "").strip() or None
            said_by = option.variable
        if text is not None:
            values[option.name] = option.value(text, said_by)
    values["port_chosen"] = "port" in values
    values["demo"] = given.demo
    if given.demo and given.data is not None:
        raise WrongSetting("--demo keeps its data in a temporary folder; leave --data out, or leave --demo out.")
    if given.demo and "database_url" in values:
        raise WrongSetting("--demo keeps its data in a temporary folder; leave DATABASE_URL out, or leave --demo out.")
    if given.demo:
        values.setdefault("models", "bundled")
        values.setdefault("history_access", "open")
    values = _with_files(values)
    if "time_zone" not in values:
        values["time_zone"] = _time_zone_of_this_computer()
    return _checked(Settings(**_with_certificate(values)))  # type: ignore[arg-type]


def _with_files(values: dict[str, object]) -> dict[str, object]:
    """The values with the secrets that stand in files."""
    for name, read, what in _IN_FILES:
        variable, path = name.upper(), values.pop(f"{name}_file", None)
        if not isinstance(path, Path):
            continue
        if name in values:
            raise WrongSetting(f"{variable} and {variable}_FILE are both given. Leave one out.")
        try:
            values[name] = read(path.read_text("utf-8").strip())
        except (OSError, ValueError):
            raise WrongSetting(f"{variable}_FILE={path} does not hold {what}.") from None
    return values


_IN_FILES: tuple[tuple[str, Callable[[str], str], str], ...] = (
    ("key_passphrase", passphrase, "a passphrase of 12 to 1000 characters"),
    ("database_url", database_url, "the address of a database"),
)


def read_passphrase(environment: Mapping[str, str]) -> str | None:
    """What an environment says that the site key is wrapped by. Raises WrongSetting, which does not repeat it."""
    values: dict[str, object] = {}
    for option in OPTIONS:
        text = environment.get(option.variable, "").strip()
        if text and option.name in ("key_passphrase", "key_passphrase_file"):
            values[option.name] = option.value(text, option.variable)
    found = _with_files(values).get("key_passphrase")
    return found if isinstance(found, str) else None


def _with_certificate(values: dict[str, object]) -> dict[str, object]:
    if "certificate_key" in values and "certificate" not in values:
        raise WrongSetting("CERTIFICATE_KEY needs CERTIFICATE, the certificate it belongs to (a PEM file).")
    return {**values, "https": True} if "certificate" in values else values


def _checked(settings: Settings) -> Settings:
    if settings.keep_old and settings.models == "auto":
        raise WrongSetting("KEEP_OLD needs MODELS, the models to move to: for example --models facenet --keep-old.")
    if settings.hsts and settings.certificate is None:
        raise WrongSetting("HSTS needs CERTIFICATE, one of yours: browsers would lock people out of a self-made one.")
    if settings.demo and not settings.loopback:
        raise WrongSetting(f"The demo serves this computer only; leave HOST={settings.host} out, or use 127.0.0.1.")
    return settings


def _time_zone_of_this_computer() -> ZoneInfo:
    import tzlocal  # only when it is needed: the README's table is made without it

    try:
        name = tzlocal.get_localzone_name()
        if name:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        name = None
    if not datetime.now(timezone.utc).astimezone().utcoffset():
        return ZoneInfo("UTC")
    raise WrongSetting(
        "This computer does not say which time zone it is in; name it, for example TIME_ZONE=Europe/Berlin."
    )
