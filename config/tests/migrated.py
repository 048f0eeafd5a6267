"""A database with every migration applied, made once and copied for each process of the tests.

Applying all migrations takes longer than most files of tests, and every process of a run needs the
same empty database: on SQLite a file is kept in `.pytest_cache`, on PostgreSQL a template database.
Both are named for what they are made of, so a changed migration makes a new one. Django's own
`migrate` still runs over every copy, and finds nothing left to do.
"""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / ".pytest_cache" / "migrated"


def fingerprint(root: Path = ROOT) -> str:
    """Return a name for what a schema is made of: migrations, what they import, the packages."""
    sources = [*root.glob("*/migrations/*.py"), root / "core" / "guards.py"]
    sources += [root / "core" / "fields.py", root / "requirements.txt"]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def copied(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let Django make its test database, inside the block, from the migrated one."""
    creation = connection.creation
    name = creation._get_test_db_name()  # type: ignore[attr-defined]
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = template(connection)
        yield
    elif creation.is_in_memory_db(name):  # type: ignore[attr-defined]
        # A database in memory lives as long as somebody is connected to it.
        with closing(sqlite3.connect(name, uri=True)) as memory:
            with closing(sqlite3.connect(file(connection))) as kept:
                kept.backup(memory)
            yield
    else:
        yield


def file(connection: BaseDatabaseWrapper) -> Path:
    """Return the migrated SQLite database, making it first where it is missing."""
    path = FOLDER / f"{fingerprint()}.sqlite3"
    with _alone():
        if not path.exists():
            for old in FOLDER.glob("*.sqlite3*"):
                old.unlink()
            raw = path.with_suffix(".sqlite3-raw")
            _migrate(connection, str(raw))
            with closing(sqlite3.connect(raw)) as made:
                made.execute("PRAGMA journal_mode=DELETE")
            raw.rename(path)
    return path


def template(connection: BaseDatabaseWrapper) -> str:
    """Return the name of the migrated PostgreSQL database, making it first where it is missing."""
    name = f"migrated_{fingerprint()}"
    with _alone():
        if not _tell(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            _tell(connection, f"DROP DATABASE IF EXISTS {name}_raw")
            _tell(connection, f"CREATE DATABASE {name}_raw")
            _migrate(connection, f"{name}_raw")
            _tell(connection, f"ALTER DATABASE {name}_raw RENAME TO {name}")
    return name


def _tell(connection: BaseDatabaseWrapper, statement: str, *values: str) -> bool:
    """Run a statement outside the database itself; return whether there was an answer."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.description is not None and cursor.fetchone() is not None


def _migrate(connection: BaseDatabaseWrapper, name: str) -> None:
    """Apply every migration to the database of this name."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make what all of them copy."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = os.open(FOLDER / "lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
