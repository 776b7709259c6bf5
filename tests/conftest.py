"""A test gets its own app, store and clock; nothing is shared, nothing outside the test's directory is written."""

from __future__ import annotations

import gc
import re
import signal
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from flask import Flask, Response, request
from flask.testing import FlaskClient

from secure_attend import ModelStatus, create_app
from secure_attend.access import passwords
from secure_attend.access.access import Access
from secure_attend.access.state import ROLES_OF, OneRole, Role, Token, fingerprint
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from secure_attend.settings import Settings
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.web.http.site_parts import SITE_PARTS
from secure_attend.web.openapi.document import document
from tests.support.fakes import Clock, DrawnFaces, Person, Scene
from tests.support.postgres import NewDatabase, Postgres, missing
from tests.support.puppet import NoLandmarker
from tests.support.storage.made_tables import MadeTables
from tests.support.web.route_builders import keep_route_builders

keep_route_builders()

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background, the servers that tests interrupt would inherit deafness to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).resolve().parent
MARKED = {
    "browser": ("e2e",),
    "engines": ("e2e/engines",),
    "slow": (
        "access/test_state_repositories.py",
        "attendance/meetings/test_meeting_import.py",
        "attendance/recognition/test_model_migration.py",
        "attendance/recognition/test_real_models.py",
        "attendance/registers/test_register_histories.py",
        "attendance/students/test_erasing.py",
        "deploy",
        "evaluate/test_command.py",
        "faces/detect",
        "faces/models",
        "faces/test_following.py",
        "faces/test_real_people.py",
        "liveness/test_attack_bench.py",
        "liveness/test_attacks.py",
        "liveness/test_clip_bench.py",
        "liveness/test_pixels.py",
        "privacy/test_no_image_is_kept.py",
        "repository/test_benchmarks.py",
        "repository/test_packaging.py",
        "server",
        "storage/chains/test_edits.py",
        "storage/files/test_log_bulk.py",
        "storage/files/test_power_cuts.py",
        "storage/files/test_processes.py",
        "storage/keys/test_key_rotation.py",
        "storage/sql",
        "storage/test_against_a_model.py",
        "storage/test_upgrades.py",
        "storage/tools/test_verify.py",
        "support",
        "web/api/kiosk/test_personal_codes.py",
        "web/api/test_site_key.py",
        "web/attacks",
        "web/http/test_headers.py",
        "web/test_shared_database.py",
    ),
    "nightly": (
        "attendance/registers/test_register_histories.py",
        "storage/chains/test_edits.py",
        "storage/files/test_processes.py",
        "storage/sql/test_sql_processes.py",
        "storage/test_against_a_model.py",
        "access/test_limits.py",
        "web/attacks/test_forged.py",
        "web/attacks/test_fuzz.py",
    ),
}
"""Which folders and files bear which marker; pyproject.toml says what each means."""


def _is_marked(path: Path, marker: str) -> bool:
    place = path.relative_to(HERE).as_posix()
    return any(f"{place}/".startswith(f"{each}/") for each in MARKED[marker])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files unread that `-m "not slow"` and its like would leave out whole: reading them takes seconds.

    What opens other browsers is read only if `-m engines` asks for it.
    """
    asked = config.getoption("markexpr")
    left_out = [marker for marker in MARKED if f"not {marker}" in asked]
    if "engines" not in asked:
        left_out.append("engines")  # WebKitGTK is too slow for a check-in beside other tests
    return True if any(_is_marked(collection_path, marker) for marker in left_out) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by where they are, and those that want a database server by what they ask for."""
    if hasattr(config, "workerinput"):
        items.sort(key=_late)
    for item in items:
        for marker in MARKED:
            if _is_marked(item.path, marker):
                item.add_marker(marker)
        if _needs_a_database_server(item):
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was imported: walking it again and again took a sixth of the time."""
    gc.collect()
    gc.freeze()


def _late(item: pytest.Item) -> tuple[bool, int]:
    """Where several processes share the files: the long ones come first, so that none is left for the end. They are
    shuffled, always the same, so that those that wait run beside those that compute."""
    short = not any(_is_marked(item.path, marker) for marker in MARKED)
    return short, zlib.crc32(item.path.relative_to(HERE).as_posix().encode())


def _needs_a_database_server(item: pytest.Item) -> bool:
    asked = getattr(item, "fixturenames", ())
    call = getattr(item, "callspec", None)
    return "postgres" in asked or (call is not None and "postgresql" in map(str, call.params.values()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Skip a test whose fixtures need a puppet, on a machine without the landmark model's file."""
    with _puppet_or_skip():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Skip a test that needs a puppet, on a machine without the landmark model's file."""
    with _puppet_or_skip():
        return (yield)


@contextmanager
def _puppet_or_skip() -> Iterator[None]:
    try:
        yield
    except NoLandmarker as missing_file:
        pytest.skip(str(missing_file))


NOTE = ModelStatus(reason="Chosen for the tests.", advice="Nothing to do.")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL of the tests' own."""
    if missing():
        pytest.skip(
            f"PostgreSQL's {' and '.join(missing())} not found: apt-get install postgresql, and put them on PATH"
        )
    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def empty_database(request: pytest.FixtureRequest) -> NewDatabase:
    """`empty_database(kind, folder)` is the address of one: a file in `folder` for sqlite, else PostgreSQL's."""

    def made(kind: str, folder: Path) -> str:
        if kind == "sqlite":
            return f"sqlite:///{folder / 'site.db'}"
        address: str = request.getfixturevalue("postgres").new_database()
        return address

    return made


@pytest.fixture(scope="session")
def made_tables(request: pytest.FixtureRequest) -> MadeTables:
    """Databases without a site whose tables are there already."""
    return MadeTables(lambda: request.getfixturevalue("postgres"))


@pytest.fixture
def new_database(made_tables: MadeTables) -> NewDatabase:
    """As `empty_database`, but its tables are there already."""
    return made_tables.copy


@pytest.fixture
def clock() -> Clock:
    """Half past eight on a Monday morning, UTC: half past nine in Berlin."""
    return Clock()


@pytest.fixture
def faces() -> Literal["on", "off"]:
    """Whether the site uses faces. A file whose tests hold on both kinds of site asks for both."""
    return "on"


@pytest.fixture
def settings(tmp_path: Path, faces: Literal["on", "off"]) -> Settings:
    """A site in Berlin whose every file lies in the test's directory."""
    berlin = ZoneInfo("Europe/Berlin")
    return Settings(
        data=tmp_path / "data",
        site_key_file=tmp_path / "site.key",
        time_zone=berlin,
        site_name="Test",
        liveness="standard",
        faces=faces,
    )


@pytest.fixture
def store(settings: Settings, clock: Clock) -> Iterator[Store]:
    """The real store, empty: in files, or where `settings` say."""
    settings.data.mkdir(exist_ok=True)
    opened = open_store(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def engine() -> DrawnFaces:
    """Reads drawn frames."""
    return DrawnFaces()


@pytest.fixture
def app(settings: Settings, store: Store, engine: DrawnFaces, clock: Clock) -> Iterator[Flask]:
    """The whole application. Fails the test if it answered with a status or media type that OpenAPI does not name."""
    made = create_app(settings, faces=engine, store=store, clock=clock, profile_note=NOTE)
    undocumented: list[str] = []

    @made.after_request
    def note(response: Response) -> Response:
        if not documented(cast("APIFlask", made), response):
            undocumented.append(f"{request.method} {request.url_rule}: {response.status} {response.mimetype}")
        return response

    yield made
    assert undocumented == []


def documented(app: APIFlask, response: Response) -> bool:
    """Whether OpenAPI names this answer; answers of no route of the interface are not its business."""
    rule = str(request.url_rule or "")
    if not rule.startswith("/api/") or request.method in ("OPTIONS", "HEAD"):
        return True
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
    answer = openapi(app)["paths"][path][request.method.lower()]["responses"].get(str(response.status_code))
    return answer is not None and (response.status_code == 304 or response.mimetype in answer["content"])


_documents: dict[str, Any] = {}


def openapi(app: APIFlask) -> Any:
    """The document; it is the same for every app, so it is made once."""
    if not _documents:
        _documents.update(document(app))
    return _documents


FAR_AWAY = datetime(2999, 1, 1, tzinfo=timezone.utc)
PASSWORD = "nine purple otters dance"  # the account's of every test that needs one
LECTURER = "Ada Byron"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
OF_NOBODY = CHEAP.hash("nobody's")


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing takes next to no time; what it costs in life is tests/access's own business."""
    monkeypatch.setattr(passwords, "HASHER", CHEAP)
    monkeypatch.setattr(passwords, "DUMMY_HASH", OF_NOBODY)


def access_of(app: Flask) -> Access:
    """The app's access control."""
    found: Access = SITE_PARTS.of(app).access
    return found


def logged_in(
    app: Flask, name: str = LECTURER, role: OneRole = "admin", roles: Sequence[Role] | None = None
) -> FlaskClient:
    """A client that bears the token of an account, made where there is none of this name. The token outlives any test's
    clock."""
    access = access_of(app)
    accounts = {account.name: account for account in access.accounts.all()}
    account = accounts.get(name) or access.accounts.add(name, PASSWORD, roles or ROLES_OF[role])
    token = f"a test's token for {account.key}"
    with access._repository.change() as book:
        book.tokens[fingerprint(token)] = Token(account.key, account.created_at, FAR_AWAY)
    return bearing(app, token)


def paired(app: Flask, name: str = "Room 101") -> FlaskClient:
    """A client that bears the key of a kiosk, a new one."""
    return bearing(app, access_of(app).kiosks.add(name, LECTURER)[1])


def as_student(app: Flask, key: str) -> FlaskClient:
    """A client that bears the pass of a student who has proved who they are."""
    return bearing(app, access_of(app).passes.give(key)[0])


def bearing(app: Flask, secret: str) -> FlaskClient:
    """A client that sends this token, key or pass with every request."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Calls it as an admin's program does, who may do everything."""
    return logged_in(app)


@pytest.fixture
def lecturer(app: Flask, client: FlaskClient) -> Actor:
    """Who `client` is."""
    account = access_of(app).accounts.find(LECTURER)
    return Actor(f"account:{account.key}", account.name, None)


@pytest.fixture
def kiosk(app: Flask) -> FlaskClient:
    """Calls it as a kiosk does."""
    return paired(app)


@pytest.fixture
def services(app: Flask) -> Services:
    """What the application's views call."""
    found: Services = SITE_PARTS.of(app).services
    return found


def agree(client: Any, *keys: str) -> None:
    """Records the consent of these students."""
    version = client.get("/api/v1/consents/text").get_json()["version"]
    recorded = client.post("/api/v1/consents", json={"keys": keys, "way": "in_person", "version": version})
    assert recorded.status_code == 201, recorded.text


class Site:
    """A site with people, for tests of what comes after the roster."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.client = client
        self.clock = clock

    def add(self, student_id: str, name: str, *, agreed: bool = True) -> str:
        """A student on the list, who agreed to being registered; returns the key."""
        response = self.client.post("/api/v1/students", json={"student_id": student_id, "name": name})
        assert response.status_code == 201, response.text
        key: str = response.get_json()["key"]
        if agreed:
            agree(self.client, key)
        return key

    def register(self, key: str, who: int, **query: object) -> Any:
        """Registers the face of `who` from a photo."""
        photo = Scene(who).png()
        address = f"/api/v1/students/{key}/faces"
        return self.client.post(address, data=photo, content_type="image/png", query_string=query)

    def enrolled(self, student_id: str, name: str, who: int) -> str:
        """A registered student; returns the key."""
        key = self.add(student_id, name)
        assert self.register(key, who).status_code == 201
        return key

    def open(self, purpose: str = "check_in", key: str | None = None) -> dict[str, Any]:
        """A new session."""
        body = {"purpose": purpose} | ({"student_key": key} if key else {})
        response = self.client.post("/api/v1/challenges", json=body)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.get_json()
        return answer

    def passed(self, who: int, purpose: str = "check_in", key: str | None = None) -> dict[str, Any]:
        """A session that `who` has passed."""
        challenge = Person(self.client, self.clock, who).play(self.open(purpose, key))
        assert challenge["state"] == "passed", challenge
        return challenge

    def check_in(self, who: int) -> Any:
        """A whole check-in of `who`; returns the response to redeeming."""
        return self.client.post("/api/v1/check-ins", json={"challenge": self.passed(who)["id"]})


@pytest.fixture
def site(client: FlaskClient, clock: Clock) -> Site:
    """People and kiosk of the application."""
    return Site(client, clock)


@pytest.fixture
def john(site: Site) -> str:
    """John Doe, 1001, registered with face 1; his key."""
    return site.enrolled("1001", "John Doe", who=1)


@pytest.fixture
def jane(site: Site) -> str:
    """Jane Smith, 1002, not registered, though she agreed; her key."""
    return site.add("1002", "Jane Smith")


@pytest.fixture
def api(app: Flask) -> Callable[..., Any]:
    """`api("POST", "/history", json=...)`, with the prefix put before, called by an admin."""
    client = logged_in(app)

    def call(method: str, path: str, **kwargs: Any) -> Any:
        return client.open(f"/api/v1{path}", method=method, buffered=True, **kwargs)

    return call
