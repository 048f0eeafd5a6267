"""The copied database is what the migrations make, and is made anew when they change."""

import re
import shutil
import sqlite3
from contextlib import closing

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.tests import migrated

OWN = re.compile(
    r"^(?:from|import) ((?:accounts|clusters|core|pledges|reports|scoring)[\w.]*)", re.MULTILINE
)


def test_what_migrations_import_is_part_of_the_name():
    sources = [path.read_text() for path in migrated.ROOT.glob("*/migrations/*.py")]
    imported = {name for source in sources for name in OWN.findall(source)}
    assert imported <= {"core.guards", "core.fields"}, "name what they import in `fingerprint`"


def test_a_changed_migration_changes_the_name(tmp_path):
    parts = [*migrated.ROOT.glob("*/migrations/*.py"), migrated.ROOT / "core" / "guards.py"]
    parts += [migrated.ROOT / "core" / "fields.py", migrated.ROOT / "requirements.txt"]
    for part in parts:
        copy = tmp_path / part.relative_to(migrated.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(part, copy)
    before = migrated.fingerprint(tmp_path)
    assert before == migrated.fingerprint()
    newest = max(tmp_path.glob("*/migrations/*.py"))
    newest.write_text(newest.read_text() + "# another\n")
    assert migrated.fingerprint(tmp_path) != before


@pytest.mark.django_db
def test_nothing_is_left_to_migrate():
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db
def test_the_kept_file_has_no_rows_of_anybody():
    if connection.vendor != "sqlite":
        assert connection.settings_dict["TEST"]["TEMPLATE"] == migrated.template(connection)
        return
    with closing(sqlite3.connect(migrated.file(connection))) as kept:
        (users,) = kept.execute("SELECT count(*) FROM accounts_user").fetchone()
    assert users == 0
