"""Every setting, its default, its option and environment variable; nonsense is refused at start, in one line."""

from __future__ import annotations

import argparse
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
    keep_old: bool = False
    keep_old_days: int = 30
    data: Path = PROJECT
    database_url: str | None = field(default=None, repr=False)  # with its password
    site_key_file: Path | None = None
    key_passphrase: str | None = field(default=None, repr=False)
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
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
        return str(self.data) if self.database_url is None else _without_password(self.database_url)


class WrongSetting(ValueError):
    """A setting that cannot be used; the message is one line that says which values are allowed."""


def is_loopback(host: str) -> bool:
    """Whether `host` names this computer alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# Each reader below turns text into a value of Settings and raises ValueError for text it does not take.


def _host(text: str) -> str:
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


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not lowest <= number <= highest:
            raise ValueError(text)
        return number

    return read


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        number = float(text)
        if not lowest <= number <= highest:
            raise ValueError(text)
        return number

    return read


def share(text: str) -> float:
    """A share of strangers' tries, given as `0.1%` or `0.001`. Raises ValueError for what no site should ask."""
    number = float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    if not 1e-6 <= number <= 0.05:
        raise ValueError(text)
    return number


def _minutes(text: str) -> timedelta:
    return timedelta(minutes=_number(0, 1440)(text))


def _switch(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        text.lower()
    ]


def _models(text: str) -> str:
    if text.lower() in {"auto", "facenet", "arcface", "bundled"}:
        return text.lower()
    if re.fullmatch(r"[A-Za-z0-9_.-]+\+[A-Za-z0-9_.-]+", text):
        return text
    raise ValueError(text)


def _history_access(text: str) -> str:
    if text.lower() not in {"proof", "open"}:
        raise ValueError(text)
    return text.lower()


def _liveness(text: str) -> str:
    if text.lower() not in {"quick", "standard", "strict"}:
        raise ValueError(text)
    return text.lower()


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(text)
    return path


def _file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError(text)
    return path


def _passphrase(text: str) -> str:
    if not 12 <= len(text) <= 1000:
        raise ValueError("too short or too long")
    return text


def _database_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "sqlite":
        known = text.startswith("sqlite:///") and parts.path.strip("/") != "" and not parts.path.endswith("/")
    else:
        known = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/") != ""
        _ = parts.port  # raises ValueError for what is none
    if not known:
        raise ValueError("not an address of a database")
    return text


def read_database_url(text: str, said_by: str) -> str:
    """The address of a database, if it is one. Raises WrongSetting, which does not repeat it."""
    option = next(option for option in OPTIONS if option.name == "database_url")
    return str(_read(option, text, said_by))


def _without_password(url: str) -> str:
    return re.sub(r"^(\w+://[^:/@]*):.*@", r"\1:***@", url)


def _new_file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.is_dir():
        raise ValueError(text)
    return path


def _list_of(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda text: tuple(read(part.strip()) for part in text.split(",") if part.strip())


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError(text)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(text)
    _host(parts.hostname)
    port = f":{parts.port}" if parts.port else ""
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{name}{port}"


def _time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(text) from error


def _words(text: str) -> str:
    text = " ".join(text.split())
    if not 1 <= len(text) <= 60 or not text.isprintable():
        raise ValueError(text)
    return text


@dataclass(frozen=True)
class Option:
    """One setting as it is given from outside: `--flag` (empty: by the variable alone) and `VARIABLE`, which values it
    takes, and what it does."""

    name: str
    flag: str
    variable: str
    read: Callable[[str], object]
    allowed: str
    default: str
    about: str
    secret: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether the option stands alone on the command line."""
        return self.read is _switch


def _option(
    name: str, read: Callable[[str], object], allowed: str, default: str, about: str, variable: str = ""
) -> Option:
    return Option(name, "--" + name.replace("_", "-"), variable or name.upper(), read, allowed, default, about)


ON_OFF = "1 or 0"
OPTIONS = (
    _option("host", _host, "an IP address or a host name", "127.0.0.1", "where to listen; 0.0.0.0 for every network"),
    _option(
        "port",
        _whole(0, 65535),
        "a whole number from 1 to 65535, or 0 for any free one",
        "5000",
        "where to listen; the next free of 5001 to 5009 is taken when 5000 is busy and none was chosen",
    ),
    _option(
        "https",
        _switch,
        ON_OFF,
        "0",
        "serve HTTPS, which browsers ask for before they give the camera to a page from another computer",
    ),
    _option(
        "models",
        _models,
        "auto, facenet, arcface, bundled, or DETECTOR+RECOGNISER as deepface names them",
        "auto",
        "the face models; `auto` decides once, before the first face is registered",
    ),
    _option(
        "keep_old",
        _switch,
        ON_OFF,
        "0",
        "with `models`: students registered by other models check in by those, and each moves at the next check-in",
    ),
    _option(
        "keep_old_days",
        _whole(0, 365),
        "a whole number from 0 to 365",
        "30",
        "how many days a student's old face is kept beside the new one",
    ),
    _option(
        "data", _folder, "a folder; it is made if missing", "this folder", "where students and attendance are kept"
    ),
    Option(
        "database_url",
        "--database-url",
        "DATABASE_URL",
        _database_url,
        "postgresql://USER:PASSWORD@HOST/NAME or sqlite:////FOLDER/FILE",
        "none: two files",
        "keep students and attendance in a database instead; by the variable, so that nobody sees the password",
        secret=True,
    ),
    _option("database_url_file", _file, "a file", "none", "where the address of the database stands instead"),
    _option(
        "certificate", _file, "a file (PEM)", "a self-signed one is made", "the certificate for HTTPS; turns it on"
    ),
    _option("certificate_key", _file, "a file (PEM)", "in the certificate file", "the certificate's private key"),
    _option(
        "hsts",
        _switch,
        ON_OFF,
        "0",
        "tell browsers to come by HTTPS only, for half a year to come; needs a certificate of yours",
    ),
    _option(
        "site_key_file",
        _new_file,
        "a file, not a folder",
        "in your configuration folder",
        "the key that opens the stored faces; keep it apart from the data, and back it up",
    ),
    Option(
        "key_passphrase",
        "",
        "KEY_PASSPHRASE",
        _passphrase,
        "12 to 1000 characters",
        "none: the file is enough",
        "what the key file is wrapped by, so that a stolen copy of it opens nothing",
        secret=True,
    ),
    _option(
        "key_passphrase_file",
        _file,
        "a file",
        "none",
        "where the passphrase stands instead, for example one of systemd's credentials",
    ),
    _option(
        "allowed_hosts",
        _list_of(_host),
        "host names or addresses, with commas between",
        "this computer's",
        "further names under which browsers reach the server, behind a proxy for example",
    ),
    _option(
        "cors_origins",
        _list_of(_origin),
        "origins like https://pages.example.edu, with commas between",
        "none",
        "other sites whose pages may use this server",
    ),
    _option(
        "time_zone", _time_zone, "an IANA name like Europe/Berlin", "this computer's", "for dates and times people see"
    ),
    _option(
        "check_in_interval",
        _minutes,
        "minutes from 0 to 1440",
        "10",
        "how long a second check-in of the same student adds no record",
    ),
    _option("step_seconds", _number(10, 20), "seconds from 10 to 20", "10", "how long the kiosk waits for a movement"),
    _option(
        "history_access",
        _history_access,
        "proof or open",
        "proof",
        "what shows a student's attendance at a kiosk: the ID and the face, or the ID and the code; `open`: the ID",
    ),
    _option(
        "false_accept_target",
        share,
        "a share from 0.0001% to 5%",
        "0.1%",
        "how often at most a stranger may be taken for a registered student; a higher one recognises more readily",
    ),
    _option(
        "liveness",
        _liveness,
        "quick, standard or strict",
        "standard",
        "how many movements a check-in asks for: two (for a supervised room), four or six",
    ),
    _option(
        "require_passive",
        _switch,
        ON_OFF,
        "0",
        "refuse to check in by face unless the model files that tell pictures from people are there; where they are, "
        "they are used anyway",
    ),
    _option("site_name", _words, "1 to 60 characters", "Secure-Attend", "the name on both pages"),
    _option("contact", _words, "1 to 60 characters", "your lecturer", "whom the kiosk's notice names to ask"),
    _option(
        "consent_text",
        _file,
        "a text file (UTF-8)",
        "the text that comes with Secure-Attend",
        "what students agree to before a face is registered; changed, it is asked for anew at the next registration",
    ),
    _option(
        "self_registration",
        _switch,
        ON_OFF,
        "0",
        "let students register their own face at a kiosk, to be confirmed by faculty",
    ),
    _option(
        "retain_days",
        _whole(0, 36_500),
        "days from 1 to 36500, or 0",
        "0: keep",
        "how long attendance says whose it is, and an unused face is kept; what is older goes daily and at the start",
    ),
    _option(
        "threads",
        _whole(2, 64),
        "a whole number from 2 to 64",
        "16",
        "how many requests are answered at once; three of four may be pictures, so 16 serve 12 kiosks",
    ),
)


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
            values[option.name] = _read(option, text, said_by)
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


def _read(option: Option, text: str, said_by: str) -> object:
    try:
        return option.read(text)
    except (ValueError, KeyError) as error:
        if option.secret:
            raise WrongSetting(f"{said_by} cannot be used as it is. Allowed: {option.allowed}.") from None
        separator = " " if said_by.startswith("-") else "="
        raise WrongSetting(f"{said_by}{separator}{text} cannot be used. Allowed: {option.allowed}.") from error


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
    ("key_passphrase", _passphrase, "a passphrase of 12 to 1000 characters"),
    ("database_url", _database_url, "the address of a database"),
)


def read_passphrase(environment: Mapping[str, str]) -> str | None:
    """What an environment says that the site key is wrapped by. Raises WrongSetting, which does not repeat it."""
    values: dict[str, object] = {}
    for option in OPTIONS:
        text = environment.get(option.variable, "").strip()
        if text and option.name in ("key_passphrase", "key_passphrase_file"):
            values[option.name] = _read(option, text, option.variable)
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


def as_markdown() -> str:
    """The table of all settings for the README."""
    rows = ["| option | variable | default | what it does | values |", "|---|---|---|---|---|"]
    for option in OPTIONS:
        flag = f"`{option.flag}`" if option.flag else ""
        rows.append(f"| {flag} | `{option.variable}` | {option.default} | {option.about} | {option.allowed} |")
    return "\n".join(rows) + "\n"
