"""Brings a database's tables up to this version of the program, while no other process does the same."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from secure_attend.errors import StartRefused
from secure_attend.storage.sql.client_timeout import patience
from secure_attend.storage.sql.database import Database


def migrate(database: Database) -> None:
    """Apply what is missing, all of it or nothing. Raises StartRefused for a database of a newer version."""
    config = _config()
    with patience(None), database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if database.is_postgresql:
            connection.execute(text("SET LOCAL lock_timeout = '10min'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        database.lock_schema(connection)
        if _missing(connection, config, database.name):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def holds_tables(database: Database) -> bool:
    """Return whether there are tables, as this version of the program makes them: for those who only read. Raises
    StartRefused for tables of another version."""
    with database.reading() as connection:
        if not MigrationContext.configure(connection).get_current_heads():
            return False
        if _missing(connection, _config(), database.name):
            raise StartRefused(
                "other_format",
                f"The database {database.name} belongs to an older version of Secure-Attend. Start this version's "
                "server once: it brings the tables up to date.",
            )
    return True


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


def _missing(connection: Connection, config: Config, name: str) -> bool:
    scripts = ScriptDirectory.from_config(config)
    applied = MigrationContext.configure(connection).get_current_heads()
    unknown = set(applied) - {script.revision for script in scripts.walk_revisions()}
    if unknown:
        raise StartRefused(
            "other_format",
            f"The database {name} belongs to a newer version of Secure-Attend (schema {', '.join(unknown)}). Start "
            "that version. Nothing was changed.",
        )
    return set(applied) != set(scripts.get_heads())
