"""Settings from the command line, the environment and the files that hold secrets."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from secure_attend.settings import OPTIONS, Group, Option, Settings, WrongSetting

DEMO = {"models": "sface", "history_access": "open"}
"""What the demo sets, unless it was set."""


@dataclasses.dataclass(frozen=True)
class Given:
    """A setting's text, the option it belongs to, and what a refusal may repeat of it."""

    text: str
    option: Option
    said: str


def from_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Return the settings that a command line and an environment ask for. An empty variable counts as not set.

    Raises WrongSetting, and SystemExit after `--help`.
    """
    parsed = _parser().parse_args(arguments)
    given = _given(vars(parsed), environment)
    others: dict[str, Any] = {
        "port_chosen": "port" in given,
        "time_zone_chosen": "time_zone" in given,
        "demo": parsed.demo,
    }
    if "time_zone" not in given:
        others["time_zone"] = _time_zone_of_this_computer(environment.get("TZ", ""))
    if parsed.demo:
        for name, is_set in (("--data", parsed.data is not None), ("DATABASE_URL", "database_url" in given)):
            if is_set:
                raise WrongSetting(f"The demo keeps its data in a temporary folder. Leave out {name} or --demo.")
        others |= {name: DEMO[name] for name in DEMO.keys() - given.keys()}
    settings = _settings(given, **others)
    _check_together(settings)
    return dataclasses.replace(settings, https=True) if settings.certificate else settings


def read_setting(name: str, text: str, said: str) -> Any:
    """Return the value that `text` stands for. Raises WrongSetting, which repeats only what was `said`."""
    return getattr(_settings({name: Given(text, OPTIONS[name], said)}), name)


def read_database_url(text: str, said_by: str) -> str:
    """Return the address of a database. Raises WrongSetting, which does not repeat it."""
    return str(read_setting("database_url", text, said_by))


def _settings(given: Mapping[str, Given], **others: Any) -> Settings:
    """Read and check the given. Raises WrongSetting for the first that cannot be used."""
    values = {name: one.text for name, one in given.items()} | others
    try:
        return Settings(**values)
    except ValidationError as error:
        wrong = given[str(error.errors()[0]["loc"][0])]
        raise wrong.option.refusal(wrong.said) from None


def _given(parsed: Mapping[str, str | None], environment: Mapping[str, str]) -> dict[str, Given]:
    """Return what was set, by name, with secrets read from their files."""
    given: dict[str, Given] = {}
    for name, option in OPTIONS.items():
        text, source, joint = parsed.get(name), option.flag, " "
        if text is None:
            text, source, joint = environment.get(option.variable, "").strip() or None, option.variable, "="
        if text is not None:
            given[name] = Given(text, option, source if option.setting.secret else f"{source}{joint}{text}")
    for name in [name for name, option in OPTIONS.items() if option.setting.secret]:
        file = given.pop(f"{name}_file", None)
        if file and name in given:
            raise WrongSetting(f"{name.upper()} and {name.upper()}_FILE are both set. Set only one of them.")
        if file:
            given[name] = _content(file)
    return given


def _content(file: Given) -> Given:
    """Return the secret in a file."""
    try:
        return dataclasses.replace(file, text=Path(file.text).expanduser().read_text("utf-8").strip())
    except (OSError, ValueError):
        raise file.option.refusal(file.said) from None


def _check_together(settings: Settings) -> None:
    if settings.certificate_key and settings.certificate is None:
        raise WrongSetting("CERTIFICATE_KEY needs CERTIFICATE: the certificate that the key belongs to (a PEM file).")
    if settings.keep_old and settings.models == "auto":
        raise WrongSetting("KEEP_OLD needs MODELS, the models to move to. For example: --models facenet --keep-old.")
    if settings.hsts and settings.certificate is None:
        raise WrongSetting("HSTS needs CERTIFICATE: browsers would lock people out of the server's own certificate.")
    if settings.demo and not settings.loopback:
        raise WrongSetting(f"The demo serves only this computer. Leave out HOST={settings.host}, or use 127.0.0.1.")


def _time_zone_of_this_computer(variable: str) -> ZoneInfo:
    """Return the zone that TZ names, the computer's otherwise. Raises WrongSetting where neither has a name.

    tzlocal ignores a TZ without a slash, such as EST5EDT, which the computer's own clock follows.
    """
    import tzlocal  # only here: nothing else needs it

    name: str | None = variable.removeprefix(":")
    try:
        if not name or name.startswith("/"):
            name = tzlocal.get_localzone_name()
        if name:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        name = None
    if not datetime.now(timezone.utc).astimezone().utcoffset():
        return ZoneInfo("UTC")
    raise WrongSetting("This computer does not say what its time zone is. Set TIME_ZONE, for example Europe/Berlin.")


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongSetting(f"{message}. `python app.py --help` lists the settings.")


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="python app.py",
        usage="%(prog)s [--demo] [OPTION ...]",
        description="Secure-Attend: attendance by face.",
        epilog="Each has an environment variable of the same name in capitals. The command line wins.",
        allow_abbrev=False,
    )
    parser.add_argument("--demo", action="store_true", help="try it with invented students; nothing is kept")
    groups = {group: parser.add_argument_group(group) for group in get_args(Group)}
    for option in OPTIONS.values():
        about = f"{option.about} Allowed: {option.allowed}. Default: {option.default}.".replace("%", "%%")
        add = groups[option.setting.group].add_argument
        if option.flag and option.is_switch:
            add(option.flag, action="store_const", const="1", dest=option.name, help=about)
        elif option.flag:
            add(option.flag, metavar=option.variable, dest=option.name, help=about)
    return parser
