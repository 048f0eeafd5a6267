"""A guarded table is changed by a migration and stays guarded, on both databases."""

import pytest
from django.db import DatabaseError, connection, migrations, models, transaction
from django.db.migrations.state import ModelState, ProjectState

from core.guards import PREFIX, Lift, Refuse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
APP = "trial"
GUARDS = [
    Refuse("trial_paper", "bài đã nộp không sửa được", columns=("title",), events=("UPDATE",)),
    Refuse("trial_paper", "bài đã nộp không xóa được", name="kept", events=("DELETE",)),
    # This one names the other table: SQLite cannot rename under it.
    Refuse(
        "trial_line",
        "dòng của bài đã nộp không sửa được",
        when="EXISTS (SELECT 1 FROM trial_paper p WHERE p.id = {row}.paper_id AND p.title <> '')",
    ),
]
CHANGES = [
    migrations.AlterField("paper", "title", models.CharField(max_length=90, null=True)),
    migrations.AddField("paper", "subject", models.CharField(max_length=9, default="")),
    migrations.AddConstraint(
        "paper",
        models.CheckConstraint(condition=~models.Q(subject="X"), name="trial_subject_is_no_x"),
    ),
]


def step(operation, state, *, back=False):
    """Carry out one operation as a migration does, or take it back."""
    after = state.clone()
    operation.state_forwards(APP, after)
    with connection.schema_editor() as editor:
        if back:
            operation.database_backwards(APP, editor, after, state)
        else:
            operation.database_forwards(APP, editor, state, after)
    return after


def triggers() -> list[tuple[str, str]]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s ORDER BY 1"
    if connection.vendor == "postgresql":
        query = (
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgname LIKE %s ORDER BY 1"
        )
    with connection.cursor() as cursor:
        cursor.execute(query, [f"{PREFIX}%"])
        return [(name, sql) for name, sql in cursor.fetchall()]


def refused(sql: str) -> str:
    """Try a statement that has to fail; return what the database says."""
    with pytest.raises(DatabaseError) as said, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return str(said.value)


@pytest.fixture
def state():
    """Two guarded tables with a row each, dropped afterwards with everything on them."""
    key = {"id": models.BigAutoField(primary_key=True)}
    create = [
        migrations.CreateModel("Paper", [*key.items(), ("title", models.CharField(max_length=30))]),
        migrations.CreateModel(
            "Line", [*key.items(), ("paper", models.ForeignKey("trial.Paper", models.PROTECT))]
        ),
    ]
    now = ProjectState()
    for operation in [*create, *GUARDS]:
        now = step(operation, now)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO trial_paper (title) VALUES ('Bài')")
        cursor.execute("INSERT INTO trial_line (paper_id) SELECT id FROM trial_paper")
    yield now
    for guard in GUARDS:
        with connection.schema_editor() as editor:
            guard.database_backwards(APP, editor, now, now)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE trial_line")
        cursor.execute("DROP TABLE trial_paper")


def test_every_guard_outlives_the_change_word_for_word(state):
    before = triggers()
    after = step(Lift(CHANGES), state)
    assert triggers() == before
    assert isinstance(after.models[APP, "paper"], ModelState)
    assert "subject" in after.models[APP, "paper"].fields
    assert "bài đã nộp không sửa được" in refused("UPDATE trial_paper SET title = 'Khác'")
    assert "bài đã nộp không xóa được" in refused("DELETE FROM trial_paper")
    assert "dòng của bài đã nộp" in refused("UPDATE trial_line SET paper_id = paper_id + 1")
    assert "trial_subject_is_no_x" in refused("UPDATE trial_paper SET subject = 'X'")


def test_the_change_can_be_taken_back_under_guard(state):
    before = triggers()
    step(Lift(CHANGES), state)
    step(Lift(CHANGES), state, back=True)
    assert triggers() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM trial_paper")
        assert {column[0] for column in cursor.description} == {"id", "title"}
    assert "không sửa được" in refused("UPDATE trial_paper SET title = 'Khác'")


def test_a_change_that_fails_leaves_the_guards(state):
    before = triggers()
    broken = migrations.RunSQL("SELECT 1 FROM no_such_table")
    with pytest.raises(DatabaseError):
        step(Lift([*CHANGES, broken]), state)
    assert triggers() == before
    assert "không sửa được" in refused("UPDATE trial_paper SET title = 'Khác'")


def test_the_operation_describes_itself_for_the_migration_writer():
    lift = Lift(CHANGES)
    name, args, kwargs = lift.deconstruct()
    assert (name, kwargs) == ("Lift", {})
    assert Lift(*args).operations == CHANGES
    assert lift.describe().startswith("With the guards lifted: Alter field title")
