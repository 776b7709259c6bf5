"""Settings: every option and variable is read, every wrong value is refused in one line that says what is allowed."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from secure_attend.command_line import from_arguments
from secure_attend.settings import OPTIONS, PROJECT, Group, Option, Settings, WrongSetting, without_password

NOWHERE = "/nowhere/at-all"

TRUSTED = tuple(ip_network(text) for text in ("10.0.0.7/32", "10.20.0.0/16", "fd00::/8"))

# name, text as given, value in Settings
GOOD = [
    ("host", "127.0.0.2", "127.0.0.2"),
    ("host", "localhost", "localhost"),
    ("host", "::1", "::1"),
    ("port", "8080", 8080),
    ("port", "0", 0),
    ("models", "facenet", "facenet"),
    ("keep_old_days", "7", 7),
    ("models", "SFace", "sface"),
    ("models", "mtcnn+Facenet512", "mtcnn+Facenet512"),
    ("allowed_hosts", "attend.example.edu, 10.0.0.7", ("attend.example.edu", "10.0.0.7")),
    ("cors_origins", "https://a.example:8443,http://[::1]:80/", ("https://a.example:8443", "http://[::1]")),
    ("trusted_proxies", "10.20.0.0/16, ::1", (ip_network("10.20.0.0/16"), ip_network("::1/128"))),
    ("database_url", "postgresql://u:p%40ss@db.example:5433/site", "postgresql://u:p%40ss@db.example:5433/site"),
    ("database_url", "postgresql:///site?host=/run/postgresql", "postgresql:///site?host=/run/postgresql"),
    ("database_url", "sqlite:////srv/site.db", "sqlite:////srv/site.db"),
    ("time_zone", "Asia/Kolkata", ZoneInfo("Asia/Kolkata")),
    ("check_in_interval", "0", timedelta()),
    ("check_in_interval", "90", timedelta(minutes=90)),
    ("step_seconds", "12.5", 12.5),
    ("history_access", "Open", "open"),
    ("faces", "OFF", "off"),
    ("false_accept_target", "0.1%", 0.001),
    ("false_accept_target", "0.01", 0.01),
    ("liveness", "Strict", "strict"),
    ("site_name", "  Room  101 ", "Room 101"),
    ("contact", "Frau Weiß", "Frau Weiß"),
    ("consent_text", __file__, Path(__file__)),
    ("request_days", "14", 14),
    ("retain_days", "365", 365),
    ("retain_days", "0", 0),
    ("retain_faces_days", "120", 120),
    ("retain_notes_days", "0", 0),
    ("retain_requests_days", "1", 1),
    ("threads", "2", 2),
]
BAD = [
    ("host", "999.1.1.1"),
    ("host", "not a host"),
    ("host", "-x.example"),
    ("port", "http"),
    ("port", "65536"),
    ("port", "-1"),
    ("trusted_proxies", "proxy.example.edu"),
    ("trusted_proxies", "10.20.0.1/16"),
    ("models", "facenet2"),
    ("keep_old_days", "366"),
    ("models", "a+b+c"),
    ("certificate", NOWHERE),
    ("certificate_key", NOWHERE),
    ("data", __file__),
    ("consent_text", NOWHERE),
    ("request_days", "0"),
    ("retain_days", "-1"),
    ("retain_days", "1.5"),
    ("retain_faces_days", "36501"),
    ("retain_notes_days", "-1"),
    ("retain_requests_days", "0"),
    ("site_key_file", str(PROJECT)),
    ("database_url", "site.db"),
    ("database_url", "sqlite://"),
    ("database_url", "sqlite:///data/"),
    ("database_url", "mysql://u:p@h/n"),
    ("database_url", "postgresql://u:p@h"),
    ("database_url", "postgresql://u:p@h:port/n"),
    ("allowed_hosts", "a b"),
    ("trusted_proxies", "10.20.0.1/16"),
    ("trusted_proxies", "proxy.example"),
    ("cors_origins", "*"),
    ("cors_origins", "null"),
    ("cors_origins", "https://a.example/path"),
    ("cors_origins", "https://user@a.example"),
    ("cors_origins", "https://a.example:99999"),
    ("time_zone", "Mars/Olympus"),
    ("time_zone", "../etc/passwd"),
    ("check_in_interval", "-1"),
    ("check_in_interval", "nan"),
    ("check_in_interval", "inf"),
    ("check_in_interval", "1441"),
    ("step_seconds", "9"),
    ("step_seconds", "21"),
    ("history_access", "closed"),
    ("faces", "0"),
    ("false_accept_target", "6%"),
    ("false_accept_target", "0"),
    ("false_accept_target", "nan"),
    ("liveness", "easy"),
    ("site_name", "x" * 61),
    ("site_name", "a\x07b"),
    ("contact", "x" * 61),
    ("threads", "1"),
    ("threads", "65"),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_an_option_and_its_variable_say_the_same(name: str, text: str, value: object) -> None:
    option = OPTIONS[name]
    assert getattr(from_arguments([f"{option.flag}={text}"], {}), name) == value
    assert getattr(from_arguments([], {option.variable: text}), name) == value


@pytest.mark.parametrize(("name", "text"), BAD)
@pytest.mark.parametrize("by_variable", [False, True])
def test_a_wrong_value_is_refused_in_one_line(name: str, text: str, by_variable: bool) -> None:
    option = OPTIONS[name]
    arguments, environment = ([], {option.variable: text}) if by_variable else ([f"{option.flag}={text}"], {})
    with pytest.raises(WrongSetting) as refusal:
        from_arguments(arguments, environment)
    said = str(refusal.value)
    assert "\n" not in said
    assert option.allowed in said
    assert (option.variable if by_variable else option.flag) in said


@pytest.mark.parametrize("name", ["https", "hsts", "self_registration", "faces_again"])
@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("yes", True), ("On", True), ("TRUE", True), ("0", False), ("no", False)]
)
def test_switches(name: str, text: str, value: bool) -> None:
    needed = {"CERTIFICATE": __file__} if name == "hsts" else {}
    assert getattr(from_arguments([], {**needed, OPTIONS[name].variable: text}), name) is value
    assert getattr(from_arguments([OPTIONS[name].flag], needed), name) is True


@pytest.mark.parametrize("name", ["https", "hsts", "self_registration", "faces_again"])
def test_a_switch_is_on_or_off(name: str) -> None:
    with pytest.raises(WrongSetting, match="1 or 0"):
        from_arguments([], {OPTIONS[name].variable: "maybe"})


def test_every_option_was_tried() -> None:
    files = {"data", "certificate", "certificate_key", "site_key_file", "key_passphrase", "key_passphrase_file"}
    files |= {"database_url_file"}
    passphrase = {"key_passphrase", "key_passphrase_file", "database_url_file"}
    switches = {"https", "hsts", "require_passive", "self_registration", "student_page", "keep_old", "faces_again"}
    assert {name for name, *_ in GOOD} | files | switches == set(OPTIONS)
    assert {name for name, _ in BAD} | switches | passphrase == set(OPTIONS)


def test_the_passphrase_comes_by_variable_or_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = "four words make one"
    file = tmp_path / "passphrase"
    file.write_text(f"{secret}\n")
    for environment in ({"KEY_PASSPHRASE": secret}, {"KEY_PASSPHRASE_FILE": str(file)}):
        settings = from_arguments([], environment)
        assert settings.key_passphrase == secret
        assert secret not in repr(settings)
    assert from_arguments(["--key-passphrase-file", str(file)], {}).key_passphrase == secret
    with pytest.raises(WrongSetting, match="unrecognized"):
        from_arguments(["--key-passphrase", secret], {})


def test_a_passphrase_that_cannot_be_used_is_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("short secret"[:8])
    for environment, words in (
        ({"KEY_PASSPHRASE": "secret"}, "12 to 1000"),
        ({"KEY_PASSPHRASE_FILE": str(file)}, "a file that holds a passphrase"),
        ({"KEY_PASSPHRASE": "four words make one", "KEY_PASSPHRASE_FILE": str(file)}, "both set"),
    ):
        with pytest.raises(WrongSetting, match=words) as refusal:
            from_arguments([], environment)
        assert "secret" not in str(refusal.value)


def test_paths_are_absolute_and_may_hold_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = from_arguments(["--data", "my data", "--site-key-file", "a key"], {})
    assert settings.data == tmp_path / "my data"
    assert settings.site_key_file == tmp_path / "a key"


def test_the_defaults_serve_this_computer_from_this_folder() -> None:
    settings = from_arguments([], {"TIME_ZONE": "UTC", "PORT": "", "HOST": " "})
    assert settings == Settings(time_zone=ZoneInfo("UTC"), time_zone_chosen=True)
    assert not settings.port_chosen
    assert settings.data == PROJECT


def test_the_command_line_wins() -> None:
    assert from_arguments(["--port", "7001"], {"PORT": "7002"}).port == 7001


def test_a_port_that_was_named_is_chosen_even_if_it_is_the_usual_one() -> None:
    assert from_arguments([], {"PORT": "5000"}).port_chosen


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "kiosk.example.edu"])
def test_other_computers_are_let_in(host: str) -> None:
    assert from_arguments(["--host", host], {}).host == host


def test_there_is_no_way_around_access_control() -> None:
    with pytest.raises(WrongSetting, match="without-access-control"):
        from_arguments(["--without-access-control"], {})


def test_the_demo_uses_the_models_that_need_no_download_and_stays_on_this_computer() -> None:
    assert from_arguments(["--demo"], {}).models == "sface"
    assert from_arguments(["--demo", "--models", "facenet"], {}).models == "facenet"
    with pytest.raises(WrongSetting, match="only this computer"):
        from_arguments(["--demo", "--host", "0.0.0.0"], {})
    with pytest.raises(WrongSetting, match="temporary folder"):
        from_arguments(["--demo", "--data", "x"], {})


def test_a_certificate_turns_https_on_and_its_key_needs_it() -> None:
    assert from_arguments(["--certificate", __file__], {}).https
    with pytest.raises(WrongSetting, match="CERTIFICATE_KEY needs CERTIFICATE"):
        from_arguments([], {"CERTIFICATE_KEY": __file__})


def test_keeping_the_old_models_needs_the_new() -> None:
    with pytest.raises(WrongSetting, match="KEEP_OLD needs MODELS"):
        from_arguments(["--keep-old"], {})
    assert from_arguments(["--models", "facenet", "--keep-old"], {}).keep_old


def test_hsts_needs_a_certificate_of_ones_own() -> None:
    with pytest.raises(WrongSetting, match="HSTS needs CERTIFICATE"):
        from_arguments(["--https", "--hsts"], {})
    assert not from_arguments(["--https"], {}).hsts


@pytest.mark.parametrize("arguments", [["--prot", "1"], ["--port"], ["--por", "1"], ["extra"]])
def test_an_unknown_option_is_refused_in_one_line(arguments: list[str]) -> None:
    with pytest.raises(WrongSetting) as refusal:
        from_arguments(arguments, {})
    assert "\n" not in str(refusal.value)
    assert "--help" in str(refusal.value)


def test_help_names_every_option_and_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        from_arguments(["--help"], {})
    assert done.value.code == 0
    said = capsys.readouterr().out
    assert all(option.flag in said for option in OPTIONS.values())


@pytest.mark.parametrize("named", ["Europe/Berlin", None])
def test_the_time_zone_is_the_machines_unless_set(named: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Europe/Berlin")
    environment = {"TIME_ZONE": "Asia/Tokyo"} if named is None else {}
    assert from_arguments([], environment).time_zone.key == (named or "Asia/Tokyo")


@pytest.mark.parametrize(
    ("variable", "zone"),
    [
        ("EST5EDT", "EST5EDT"),
        (":America/New_York", "America/New_York"),
        (":/etc/localtime", "Europe/Berlin"),
        ("", "Europe/Berlin"),
    ],
)
def test_the_variable_of_the_time_zone_is_the_machines(
    variable: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tzlocal ignores EST5EDT, and times were five hours off."""
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Europe/Berlin")
    settings = from_arguments([], {"TZ": variable})
    assert (settings.time_zone.key, settings.time_zone_chosen) == (zone, False)
    assert from_arguments([], {"TZ": variable, "TIME_ZONE": "Asia/Tokyo"}).time_zone_chosen


@pytest.mark.parametrize("password", ["pa55word", "pa55:/@?#word"])
def test_a_databases_password_is_never_shown(password: str) -> None:
    url = f"postgresql://site:{password}@db.example/site"
    assert without_password(url) == "postgresql://site:***@db.example/site"
    settings = Settings(database_url="postgresql://site:pa55word@db.example/site")
    assert settings.place == "postgresql://site:***@db.example/site"
    assert "pa55" not in repr(settings)
    with pytest.raises(WrongSetting) as refusal:
        from_arguments([], {"DATABASE_URL": f"mysql://site:{password}@db.example/site"})
    assert "pa55" not in str(refusal.value)


def test_the_demo_touches_no_database() -> None:
    with pytest.raises(WrongSetting, match="DATABASE_URL"):
        from_arguments(["--demo"], {"DATABASE_URL": "sqlite:////srv/site.db"})


def test_the_page_of_settings_is_what_the_fields_say() -> None:
    page = subprocess.run(
        [sys.executable, str(PROJECT / ".ci" / "settings_page.py")], capture_output=True, text=True, check=True
    ).stdout
    assert page == (PROJECT / "docs" / "administrator" / "settings.md").read_text(encoding="utf-8"), "run make docs"
    assert re.findall(r"^### (.*)$", page, re.MULTILINE) == [
        option.variable for group in get_args(Group) for option in OPTIONS.values() if option.setting.group == group
    ]


@pytest.mark.parametrize("option", OPTIONS.values(), ids=lambda option: option.name)
def test_every_setting_says_what_it_does_and_its_example_can_be_used(option: Option) -> None:
    assert re.fullmatch(r"[A-Z].*\.", option.about)
    assert option.default
    if "a file that" not in option.allowed:
        others = {"HSTS": {"CERTIFICATE": __file__}, "KEEP_OLD": {"MODELS": "facenet"}}.get(option.variable, {})
        assert from_arguments([], {**others, option.variable: option.setting.example}) != from_arguments([], others)


def test_the_address_of_the_database_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text("postgresql://ada:hunter2@db/attend\n")
    found = from_arguments([], {"DATABASE_URL_FILE": str(file)})
    assert found.database_url == "postgresql://ada:hunter2@db/attend"
    assert "hunter2" not in repr(found) + found.place
    with pytest.raises(WrongSetting, match="both set"):
        from_arguments([], {"DATABASE_URL_FILE": str(file), "DATABASE_URL": "sqlite:////x/y"})
    file.write_text("hunter2")
    with pytest.raises(WrongSetting, match="a file that holds postgresql://") as refused:
        from_arguments([], {"DATABASE_URL_FILE": str(file)})
    assert "hunter2" not in str(refused.value)
