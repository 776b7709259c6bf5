"""Every option: its flag and environment variable, the values it takes, its default and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from secure_attend import setting_values


class WrongSetting(ValueError):
    """A setting that cannot be used; the message is one line that says which values are allowed."""


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
        return self.read is setting_values.switch

    def value(self, text: str, said_by: str) -> object:
        """What `text` says, given by the flag or variable `said_by`. Raises WrongSetting."""
        try:
            return self.read(text)
        except (ValueError, KeyError) as error:
            if self.secret:
                raise WrongSetting(f"{said_by} cannot be used as it is. Allowed: {self.allowed}.") from None
            separator = " " if said_by.startswith("-") else "="
            raise WrongSetting(f"{said_by}{separator}{text} cannot be used. Allowed: {self.allowed}.") from error


def _option(name: str, read: Callable[[str], object], allowed: str, default: str, about: str) -> Option:
    return Option(name, "--" + name.replace("_", "-"), name.upper(), read, allowed, default, about)


ON_OFF = "1 or 0"
OPTIONS = (
    _option(
        "host",
        setting_values.host,
        "an IP address or a host name",
        "127.0.0.1",
        "where to listen; 0.0.0.0 for every network",
    ),
    _option(
        "port",
        setting_values.whole(0, 65535),
        "a whole number from 1 to 65535, or 0 for any free one",
        "5000",
        "where to listen; the next free of 5001 to 5009 is taken when 5000 is busy and none was chosen",
    ),
    _option(
        "https",
        setting_values.switch,
        ON_OFF,
        "0",
        "serve HTTPS, which browsers ask for before they give the camera to a page from another computer",
    ),
    _option(
        "models",
        setting_values.models,
        "auto, facenet, arcface, bundled, or DETECTOR+RECOGNISER as deepface names them",
        "auto",
        "the face models; `auto` decides once, before the first face is registered",
    ),
    _option(
        "runtime",
        setting_values.one_of("onnxruntime", "openvino"),
        "onnxruntime or openvino",
        "onnxruntime",
        "the library that runs downloaded models; for openvino, `python -m pip install openvino` first",
    ),
    _option(
        "keep_old",
        setting_values.switch,
        ON_OFF,
        "0",
        "with `models`: students registered by other models check in by those, and each moves at the next check-in",
    ),
    _option(
        "keep_old_days",
        setting_values.whole(0, 365),
        "a whole number from 0 to 365",
        "30",
        "how many days a student's old face is kept beside the new one",
    ),
    _option(
        "data",
        setting_values.folder,
        "a folder; it is made if missing",
        "this folder",
        "where students and attendance are kept",
    ),
    Option(
        "database_url",
        "--database-url",
        "DATABASE_URL",
        setting_values.database_url,
        "postgresql://USER:PASSWORD@HOST/NAME or sqlite:////FOLDER/FILE",
        "none: two files",
        "keep students and attendance in a database instead; by the variable, so that nobody sees the password",
        secret=True,
    ),
    _option(
        "database_url_file", setting_values.file, "a file", "none", "where the address of the database stands instead"
    ),
    _option(
        "certificate",
        setting_values.file,
        "a file (PEM)",
        "a self-signed one is made",
        "the certificate for HTTPS; turns it on",
    ),
    _option(
        "certificate_key",
        setting_values.file,
        "a file (PEM)",
        "in the certificate file",
        "the certificate's private key",
    ),
    _option(
        "hsts",
        setting_values.switch,
        ON_OFF,
        "0",
        "tell browsers to come by HTTPS only, for half a year to come; needs a certificate of yours",
    ),
    _option(
        "site_key_file",
        setting_values.new_file,
        "a file, not a folder",
        "in your configuration folder",
        "the key that opens the stored faces; keep it apart from the data, and back it up",
    ),
    Option(
        "key_passphrase",
        "",
        "KEY_PASSPHRASE",
        setting_values.passphrase,
        "12 to 1000 characters",
        "none: the file is enough",
        "what the key file is wrapped by, so that a stolen copy of it opens nothing",
        secret=True,
    ),
    _option(
        "key_passphrase_file",
        setting_values.file,
        "a file",
        "none",
        "where the passphrase stands instead, for example one of systemd's credentials",
    ),
    _option(
        "allowed_hosts",
        setting_values.list_of(setting_values.host),
        "host names or addresses, with commas between",
        "this computer's",
        "further names under which browsers reach the server, behind a proxy for example",
    ),
    _option(
        "cors_origins",
        setting_values.list_of(setting_values.origin),
        "origins like https://pages.example.edu, with commas between",
        "none",
        "other sites whose pages may use this server",
    ),
    _option(
        "trusted_proxies",
        setting_values.list_of(setting_values.network),
        "addresses or networks like 10.20.0.0/16, with commas between",
        "none",
        "proxies in front of this server: they may have more connections than other addresses",
    ),
    _option(
        "time_zone",
        setting_values.time_zone,
        "an IANA name like Europe/Berlin",
        "this computer's",
        "for dates and times people see",
    ),
    _option(
        "check_in_interval",
        setting_values.minutes,
        "minutes from 0 to 1440",
        "10",
        "how long a second check-in of the same student adds no record",
    ),
    _option(
        "step_seconds",
        setting_values.number(10, 20),
        "seconds from 10 to 20",
        "10",
        "how long the kiosk waits for a movement",
    ),
    _option(
        "history_access",
        setting_values.one_of("proof", "open"),
        "proof or open",
        "proof",
        "what shows a student's attendance at a kiosk: the ID and the face, or the ID and the code; `open`: the ID",
    ),
    _option(
        "false_accept_target",
        setting_values.share,
        "a share from 0.0001% to 5%",
        "0.1%",
        "how often at most a stranger may be taken for a registered student; a higher one recognises more readily",
    ),
    _option(
        "liveness",
        setting_values.one_of("quick", "standard", "strict"),
        "quick, standard or strict",
        "standard",
        "how many movements a check-in asks for: two (for a supervised room), four or six",
    ),
    _option(
        "require_passive",
        setting_values.switch,
        ON_OFF,
        "0",
        "refuse to check in by face unless the model files that tell pictures from people are there; where they are, "
        "they are used anyway",
    ),
    _option("site_name", setting_values.words, "1 to 60 characters", "Secure-Attend", "the name on both pages"),
    _option(
        "contact", setting_values.words, "1 to 60 characters", "your lecturer", "whom the kiosk's notice names to ask"
    ),
    _option(
        "consent_text",
        setting_values.file,
        "a text file (UTF-8)",
        "the text that comes with Secure-Attend",
        "what students agree to before a face is registered; changed, it is asked for anew at the next registration",
    ),
    _option(
        "self_registration",
        setting_values.switch,
        ON_OFF,
        "0",
        "let students register their own face at a kiosk, to be confirmed by faculty",
    ),
    _option(
        "retain_days",
        setting_values.whole(0, 36_500),
        "days from 1 to 36500, or 0",
        "0: keep",
        "how long attendance says whose it is, and an unused face is kept; what is older goes daily and at the start",
    ),
    _option(
        "threads",
        setting_values.whole(2, 64),
        "a whole number from 2 to 64",
        "16",
        "how many requests are answered at once; three of four may be pictures, so 16 serve 12 kiosks",
    ),
)


def as_markdown() -> str:
    """The table of all settings for the README."""
    rows = ["| option | variable | default | what it does | values |", "|---|---|---|---|---|"]
    for option in OPTIONS:
        flag = f"`{option.flag}`" if option.flag else ""
        rows.append(f"| {flag} | `{option.variable}` | {option.default} | {option.about} | {option.allowed} |")
    return "\n".join(rows) + "\n"
