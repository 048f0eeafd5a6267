"""Triggers by which the database itself refuses to change what was frozen.

Rules in Python can be passed by `.update()`, a shell or raw SQL; these cannot. A guard is declared
once, in a migration, and means the same on SQLite and PostgreSQL:

    operations = [Refuse("core_auditevent", "nhật ký chỉ được ghi thêm")]
    operations = [Refuse("pledges_clause", "bản đã gửi góp ý", when="EXISTS (SELECT 1 ...)" )]

`when` is SQL over `{row}` (OLD for UPDATE and DELETE, NEW for INSERT) and must be valid on both.

A later change of a guarded table goes into a `Lift`, or SQLite loses the triggers of the table:

    operations = [Lift([migrations.AlterField(...)])]
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

PREFIX = "guard_"


class Refuse(Operation):
    """Migration operation: refuse statements on the rows of a table for which `when` holds."""

    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        table: str,
        message: str,
        *,
        name: str = "frozen",
        when: str = "1 = 1",
        events: tuple[str, ...] = ("UPDATE", "DELETE"),
        columns: tuple[str, ...] = (),
    ) -> None:
        """Guard `table`; `columns` narrows UPDATE to changes of these columns."""
        self.table = table
        self.message = message
        self.name = name
        self.when = when
        self.events = events
        self.columns = columns

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Describe the operation for the migration writer."""
        return (
            self.__class__.__name__,
            [self.table, self.message],
            {"name": self.name, "when": self.when, "events": self.events, "columns": self.columns},
        )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the state: triggers are invisible to the models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create one trigger for each event."""
        for event in self.events:
            for statement in self._create(schema_editor.connection.vendor, event):
                schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the triggers."""
        postgres = schema_editor.connection.vendor == "postgresql"
        for event in self.events:
            where = f" ON {self.table}" if postgres else ""
            schema_editor.execute(f"DROP TRIGGER {self._trigger(event)}{where}", params=None)
            if postgres:
                schema_editor.execute(f"DROP FUNCTION {self._trigger(event)}()", params=None)

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Refuse {', '.join(self.events)} on {self.table}: {self.message}"

    def _trigger(self, event: str) -> str:
        return f"{PREFIX}{self.table}_{self.name}_{event.lower()}"

    def _condition(self, event: str) -> str:
        row = "NEW" if event == "INSERT" else "OLD"
        condition = f"({self.when.format(row=row)})"
        if event == "UPDATE" and self.columns:
            changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in self.columns)
            condition += f" AND ({changed})"
        return condition

    def _create(self, vendor: str, event: str) -> list[str]:
        name, condition = self._trigger(event), self._condition(event)
        message = f"{self.table}: {self.message}".replace("'", "''")
        if vendor == "sqlite":
            # SQLite before 3.39 knows IS NOT, not IS DISTINCT FROM.
            condition = condition.replace("IS DISTINCT FROM", "IS NOT")
            create = f"CREATE TRIGGER {name} BEFORE {event} ON {self.table} FOR EACH ROW "
            return [f"{create}WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"]
        result = "OLD" if event == "DELETE" else "NEW"
        function = (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{message.replace('%', '%%')}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {result}; END $$"
        )
        trigger = (
            f"CREATE TRIGGER {name} BEFORE {event} ON {self.table} FOR EACH ROW "
            f"EXECUTE FUNCTION {name}()"
        )
        return [function, trigger]


class Lift(Operation):
    """Migration operation: change guarded tables and leave every guard as it was.

    SQLite changes a table by building a new one and dropping the old one together with its
    triggers, and refuses to rename while a trigger of another table names it. There all guards
    are dropped before the wrapped operations and created again, word for word, behind them;
    PostgreSQL needs nothing of this.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        """Wrap the operations that change guarded tables; they run in this order."""
        self.operations = list(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Describe the operation for the migration writer."""
        return self.__class__.__name__, [self.operations], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the state as the wrapped operations do."""
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the wrapped operations with the guards lifted."""
        with _lifted(schema_editor):
            for operation, before, after in self._steps(app_label, from_state):
                operation.database_forwards(app_label, schema_editor, before, after)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take the wrapped operations back, the last one first, with the guards lifted."""
        with _lifted(schema_editor):
            for operation, before, after in reversed(self._steps(app_label, to_state)):
                operation.database_backwards(app_label, schema_editor, after, before)

    def describe(self) -> str:
        """Say what the operation does."""
        return f"With the guards lifted: {'; '.join(o.describe() for o in self.operations)}"

    def _steps(
        self, app_label: str, state: ProjectState
    ) -> list[tuple[Operation, ProjectState, ProjectState]]:
        """Return each operation with the states before and after it."""
        steps = []
        for operation in self.operations:
            after = state.clone()
            operation.state_forwards(app_label, after)
            steps.append((operation, state, after))
            state = after
        return steps


@contextmanager
def _lifted(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """Drop the guards of SQLite and create them again, unless the block failed.

    After a failure the transaction of the migration is rolled back, which brings them back too.
    """
    triggers = []
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            triggers = _triggers(cursor)
    for name, _ in triggers:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)
    yield
    for _, sql in triggers:
        schema_editor.execute(sql, params=None)


def _triggers(cursor: CursorWrapper) -> list[tuple[str, str]]:
    """Return name and text of every guard in force on SQLite."""
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s ORDER BY name",
        [f"{PREFIX}%"],
    )
    return [(name, sql) for name, sql in cursor.fetchall()]


@contextmanager
def suspended(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Lift every guard for the length of the block: for the flush between tests, nothing else."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = DEFAULT")
            return
        triggers = _triggers(cursor)
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            yield
        finally:
            for _, sql in triggers:
                cursor.execute(sql)
