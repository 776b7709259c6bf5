"""What can be set: one field a setting, with its type, bounds, default and description.

Everything people see of a setting derives from its field: the option, the environment variable, the `*_FILE` of a
secret, what a refusal says, `--help` (command_line.py), and docs/administrator/settings.md (`make docs`).
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, FilePath, HttpUrl
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo

PROJECT = Path(__file__).resolve().parent.parent


class WrongSetting(ValueError):
    """A setting that cannot be used. The message is one line that says which values are allowed."""


@dataclasses.dataclass(frozen=True)
class Allowed:
    """The values a type takes, in words, where its bounds do not say it."""

    words: str


def _text(read: Callable[[str], object]) -> BeforeValidator:
    """Read text from outside. Values that code passes stay as they are."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        name = text.lower().rstrip(".")
    # Digits and dots alone are a mistyped address, not a name.
    if len(name) > 253 or re.fullmatch(r"[\d.]+", name):
        raise ValueError(text)
    if not all(re.fullmatch(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", label) for label in name.split(".")):
        raise ValueError(text)
    return name


def _origin(text: str) -> str:
    """An origin as browsers send it: without a path, and without a port that the scheme implies."""
    url = HttpUrl(text)
    if url.username is not None or url.path != "/" or url.query is not None or url.fragment is not None:
        raise ValueError(text)
    return str(url).removesuffix("/")


def _fraction(text: str) -> float:
    return float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)


def _line(text: str) -> str:
    line = " ".join(text.split())
    if not line.isprintable():
        raise ValueError(text)
    return line


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _folder(text: str) -> Path:
    path = _path(text)
    if path.exists() and not path.is_dir():
        raise ValueError(text)
    return path


def _new_file(text: str) -> Path:
    path = _path(text)
    if path.is_dir():
        raise ValueError(text)
    return path


def _database(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "sqlite":
        known = text.startswith("sqlite:///") and parts.path.strip("/") != "" and not parts.path.endswith("/")
    else:
        known = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/") != ""
        _ = parts.port  # raises ValueError if it is not a number
    if not known:
        raise ValueError
    return text


ON_OFF = "1 or 0"
LOWER = _text(str.lower)
PROFILE_OR_PAIR = r"^(auto|facenet|arcface|sface|[A-Za-z0-9_.-]+\+[A-Za-z0-9_.-]+)$"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Host = Annotated[str, _text(_host), Allowed("an IP address or a host name")]
Hosts = Annotated[tuple[Host, ...], _text(_parts), Allowed("host names or IP addresses, separated by commas")]
Origin = Annotated[str, _text(_origin)]
Origins = Annotated[
    tuple[Origin, ...], _text(_parts), Allowed("origins like https://pages.example.edu, separated by commas")
]
Networks = Annotated[
    tuple[Network, ...], _text(_parts), Allowed("addresses or networks like 10.20.0.0/16, separated by commas")
]
Port = Annotated[int, Field(ge=0, le=65535), Allowed("a whole number from 1 to 65535, or 0 for any free port")]
Minutes = Annotated[
    timedelta,
    _text("PT{}M".format),  # as ISO 8601 writes a duration
    Field(ge=timedelta(0), le=timedelta(days=1)),
    Allowed("minutes from 0 to 1440"),
]
Fraction = Annotated[
    float,
    _text(_fraction),
    Field(ge=1e-6, le=0.05),
    Allowed("a percentage from 0.0001% to 5%, or a fraction like 0.001"),
]
Models = Annotated[
    str,
    _text(lambda text: text if "+" in text else text.lower()),
    Field(pattern=PROFILE_OR_PAIR),
    Allowed("auto, facenet, arcface, sface, or DETECTOR+RECOGNISER as deepface names them"),
]
Line = Annotated[str, _text(_line), Field(min_length=1, max_length=60), Allowed("1 to 60 characters")]
Zone = Annotated[ZoneInfo, Allowed("an IANA name like Europe/Berlin")]
DaysOrDefault = Annotated[int | None, Field(ge=0, le=36500), Allowed("a whole number from 0 to 36500")]
Switch = Annotated[bool, Allowed(ON_OFF)]
File = Annotated[FilePath | None, _text(_path), Allowed("a file that exists")]
NewFile = Annotated[Path | None, _text(_new_file), Allowed("a file, not a folder")]
Folder = Annotated[Path, _text(_folder), Allowed("a folder")]
DatabaseUrl = Annotated[
    str | None, _text(_database), Allowed("postgresql://USER:PASSWORD@HOST/NAME or sqlite:////FOLDER/FILE")
]
Passphrase = Annotated[
    str | None, Field(min_length=12, max_length=1000), Allowed("a passphrase of 12 to 1000 characters")
]


Group = Literal["Network", "Face models", "Data", "Check-in", "Privacy", "Names and texts", "Performance"]


@dataclasses.dataclass(frozen=True)
class Help:
    """What people read of a setting beside its description: the text under the field."""

    group: Group
    example: str
    default: str = ""  # in words, where the field's own default is not what people get
    secret: bool = False  # never repeated; may be in a file that the variable `*_FILE` names
    option: bool = True  # may be on the command line, where other users of the computer can see it


@dataclass(frozen=True, config=ConfigDict(use_attribute_docstrings=True, hide_input_in_errors=True))
class Settings:
    """How this site runs. Built by `from_arguments`; tests build it directly."""

    host: Annotated[Host, Help("Network", "192.168.1.20")] = "127.0.0.1"
    """The address to listen on. Use 0.0.0.0 to accept connections from every network."""
    port: Annotated[Port, Help("Network", "8080")] = 5000
    """The port to listen on. If 5000 is busy and you have not chosen a port, the server takes the next free port up to
    5009."""
    port_chosen: bool = False
    time_zone_chosen: bool = False
    https: Annotated[Switch, Help("Network", "1")] = False
    """Serve HTTPS. Browsers give the camera to pages from another computer only over HTTPS. Unless you set CERTIFICATE,
    the server creates its own certificate."""
    certificate: Annotated[File, Help("Network", "/etc/ssl/attend.pem", "the server creates its own")] = None
    """The certificate for HTTPS, as a PEM file. It turns HTTPS on."""
    certificate_key: Annotated[File, Help("Network", "/etc/ssl/private/attend.key", "in the certificate file")] = None
    """The private key of CERTIFICATE, as a PEM file."""
    hsts: Annotated[Switch, Help("Network", "1")] = False
    """Tell browsers to use only HTTPS with this server for six months. Needs CERTIFICATE."""
    allowed_hosts: Annotated[Hosts, Help("Network", "attend.example.edu", "the names of this computer")] = ()
    """More host names that browsers use to reach this server, for example through a proxy."""
    cors_origins: Annotated[Origins, Help("Network", "https://pages.example.edu", "none")] = ()
    """Other sites whose pages may use this server."""
    trusted_proxies: Annotated[Networks, Help("Network", "10.20.0.0/16", "none")] = ()
    """Proxies in front of this server. They may open more connections than other addresses."""
    faces: Annotated[Literal["on", "off"], LOWER, Help("Face models", "off")] = "on"
    """Whether this site uses faces. `off` loads no model and opens no camera: students check in with their ID and
    personal code, or lecturers mark them. Faces that are stored already stay, and are compared with nobody."""
    models: Annotated[Models, Help("Face models", "facenet")] = "auto"
    """The face models. `auto` decides once, before the first face is registered."""
    keep_old: Annotated[Switch, Help("Face models", "1")] = False
    """Keep recognising students whose faces were registered with other models. Each student moves to MODELS at their
    next check-in. Needs MODELS."""
    keep_old_days: Annotated[int, Field(ge=0, le=365), Help("Face models", "7")] = 30
    """Days to keep a student's old face beside the new one, with KEEP_OLD."""
    faces_again: Annotated[Switch, Help("Face models", "1")] = False
    """Erase the faces of models that this version no longer has. Those students register again; their IDs, codes,
    consents and attendance stay. Needed for one start only."""
    data: Annotated[Folder, Help("Data", "/srv/attendance", "the folder that app.py is in")] = PROJECT
    """Where to keep students, attendance and accounts. The folder is created if it does not exist."""
    database_url: Annotated[
        DatabaseUrl, Help("Data", "sqlite:////srv/attendance/site.db", "none: two files in DATA", secret=True)
    ] = dataclasses.field(default=None, repr=False)
    """Keep students and attendance in a database instead of two files. Prefer the variable to the option, so that other
    users of this computer do not see the password."""
    site_key_file: Annotated[NewFile, Help("Data", "/etc/secure-attend/site.key", "in your configuration folder")] = (
        None
    )
    """The file with the key that opens the stored faces. Keep it apart from the data, and back it up. It is created if
    it does not exist."""
    key_passphrase: Annotated[
        Passphrase,
        Help("Data", "correct horse battery staple", "none: the key file is not wrapped", secret=True, option=False),
    ] = dataclasses.field(default=None, repr=False)
    """The passphrase that the key file is wrapped with, so that a stolen copy of the file opens nothing."""
    liveness: Annotated[Literal["quick", "standard", "strict"], LOWER, Help("Check-in", "strict")] = "standard"
    """How many movements a check-in asks for: two (`quick`, for supervised rooms), four (`standard`) or six
    (`strict`)."""
    step_seconds: Annotated[float, Field(ge=10, le=20), Help("Check-in", "15")] = 10.0
    """Seconds that the kiosk waits for each movement."""
    require_passive: Annotated[Switch, Help("Check-in", "1")] = False
    """Refuse to check in by face unless the model files that recognise pictures and screens are installed. Installed
    files are used in any case."""
    false_accept_target: Annotated[Fraction, Help("Check-in", "0.5%")] = 0.001
    """How often, at most, a stranger may be mistaken for a registered student. A higher value recognises students more
    readily. While a class takes check-ins at a kiosk, half of this rate applies to the students of the class, who are
    recognised more readily, and half to everyone else."""
    check_in_interval: Annotated[Minutes, Help("Check-in", "5")] = timedelta(minutes=10)
    """Minutes in which a student's next check-in adds no second record."""
    self_registration: Annotated[Switch, Help("Check-in", "1")] = False
    """Let students register their own faces at a kiosk. A lecturer has to accept each of them."""
    history_access: Annotated[Literal["proof", "open"], LOWER, Help("Privacy", "open")] = "proof"
    """What a student needs to see their attendance at a kiosk: `proof` asks for their ID and for their face or personal
    code, `open` for their ID alone."""
    request_days: Annotated[int, Field(ge=1, le=90), Help("Check-in", "14")] = 7
    """Days in which staff should answer a student's request. After that it is shown as overdue."""
    student_page: Annotated[Switch, Help("Privacy", "0")] = True
    """Whether students can see their own attendance on any device, with their ID and personal code, and ask for
    corrections there. With 0, they can do so at a kiosk alone."""
    retain_days: Annotated[int, Field(ge=0, le=36500), Help("Privacy", "365")] = 0
    """Days to keep identities in attendance records. Older identities are deleted daily and at every start. Classes
    that are older have no statuses then, so choose more days than a term has. 0 keeps everything."""
    retain_faces_days: Annotated[DaysOrDefault, Help("Privacy", "120", "RETAIN_DAYS")] = None
    """Days to keep a face after it last recognised its student, or after the student's last course ended. 0 keeps faces
    until somebody erases them."""
    retain_notes_days: Annotated[DaysOrDefault, Help("Privacy", "180", "RETAIN_DAYS")] = None
    """Days to keep the reasons and notes of marks and excuses. They are kept for RETAIN_DAYS at most. The statuses
    stay. 0 keeps them as long as identities."""
    retain_requests_days: Annotated[int, Field(ge=1, le=3650), Help("Privacy", "14")] = 30
    """Days to keep a student's request after it was answered."""
    consent_text: Annotated[
        File, Help("Privacy", "/etc/secure-attend/consent.txt", "the text that comes with Secure-Attend")
    ] = None
    """The text that students agree to before a face is registered, as a UTF-8 file. After a change, students are asked
    again when their face is next registered."""
    site_name: Annotated[Line, Help("Names and texts", "Northfield College")] = "Secure-Attend"
    """The name of your institution, as the pages show it."""
    contact: Annotated[Line, Help("Names and texts", "the front office")] = "your lecturer"
    """Who students should ask, as the notice at the kiosk says."""
    time_zone: Annotated[Zone, Help("Names and texts", "Europe/Berlin", "the time zone of this computer")] = (
        dataclasses.field(default_factory=lambda: ZoneInfo("UTC"))
    )
    """The time zone of the dates and times that people see."""
    threads: Annotated[int, Field(ge=2, le=64), Help("Performance", "32")] = 16
    """How many requests the server answers at the same time. Three in four may be camera frames: 16 threads serve 12
    kiosks."""
    demo: bool = False

    @property
    def uses_faces(self) -> bool:
        """Whether faces are registered and recognised."""
        return self.faces == "on"

    @property
    def loopback(self) -> bool:
        """Whether only this computer can reach the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def place(self) -> str:
        """Where everything is kept, without the password of a database."""
        return str(self.data) if self.database_url is None else without_password(self.database_url)


def without_password(url: str) -> str:
    """Return the address of a database as it may be shown."""
    return re.sub(r"^(\w+://[^:/@]*):.*@", r"\1:***@", url)


@dataclasses.dataclass(frozen=True)
class Option:
    """A setting as it is given from outside: by `--flag` (empty if there is none) or by VARIABLE."""

    name: str
    setting: Help
    about: str
    allowed: str
    default: str

    @property
    def flag(self) -> str:
        """The option of the command line; empty if there is none."""
        return "--" + self.name.replace("_", "-") if self.setting.option else ""

    @property
    def variable(self) -> str:
        """The environment variable."""
        return self.name.upper()

    @property
    def is_switch(self) -> bool:
        """Whether the option takes no value on the command line."""
        return self.allowed == ON_OFF

    def refusal(self, said: str) -> WrongSetting:
        """The refusal of what was `said`."""
        return WrongSetting(f"{said} cannot be used. Allowed: {self.allowed}.")


def _options() -> Iterator[Option]:
    fields: Mapping[str, FieldInfo] = vars(Settings)["__pydantic_fields__"]
    for name, field in fields.items():
        setting = next((part for part in field.metadata if isinstance(part, Help)), None)
        if setting is None:
            continue
        allowed, about = _allowed(field), " ".join((field.description or "").split())
        yield Option(name, setting, about, allowed, setting.default or _in_words(field.default))
        if setting.secret:
            about = f"A file that holds {name.upper()}, for example one of systemd's credentials."
            in_file = Help(setting.group, f"/run/credentials/{name}")
            yield Option(f"{name}_file", in_file, about, f"a file that holds {allowed}", "none")


def _allowed(field: FieldInfo) -> str:
    """The values that a field takes, in words."""
    words = next((part.words for part in field.metadata if isinstance(part, Allowed)), None)
    if words is not None:
        return words
    if get_origin(field.annotation) is Literal:
        *others, last = get_args(field.annotation)
        return f"{', '.join(others)} or {last}"
    number = "whole number" if field.annotation is int else "number"
    lowest, highest = (getattr(part, name) for name in ("ge", "le") for part in field.metadata if hasattr(part, name))
    return f"a {number} from {lowest:g} to {highest:g}"


def _in_words(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{value / timedelta(minutes=1):g}"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


OPTIONS: Mapping[str, Option] = {option.name: option for option in _options()}
"""Every setting under its name. A secret is followed by the file that may hold it."""
