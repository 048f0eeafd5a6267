"""Many new rows in one statement, however many they are, on both databases.

On PostgreSQL `bulk_create` is one statement: Django hands each column over as an array. SQLite
takes only so many parameters, and Django cuts the rows into batches there; here they travel in one
parameter, as JSON.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection, models


def insert_all(rows: Iterable[models.Model]) -> None:
    """Insert new rows of one model, stored exactly as `bulk_create` stores them.

    They do not learn their keys: read them back where they are needed. Raises `TypeError` for a
    column that JSON cannot carry unchanged to SQLite (floats, bytes, database expressions).
    """
    rows = list(rows)
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "sqlite":
        model._default_manager.bulk_create(rows)  # noqa: SLF001 - the documented name
        return
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    values = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(fields)))
    # Nothing but names and places of columns is written into the statement.
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "  # noqa: S608
        f"SELECT {values} FROM json_each(%s)"
    )
    packed = json.dumps([_stored(row, fields) for row in rows], ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute(statement, [packed])


def _stored(row: models.Model, fields: "list[models.Field[Any, Any]]") -> list[str | int | None]:
    """Return the values of a row as they reach SQLite."""
    return [
        _bare(field, field.get_db_prep_save(field.pre_save(row, add=True), connection))
        for field in fields
    ]


def _bare(field: "models.Field[Any, Any]", value: object) -> str | int | None:
    if isinstance(value, Decimal):
        return str(value)  # what the adapter registered by Django does
    if value is None or isinstance(value, str | int):
        return value
    message = f"{field}: {type(value).__name__} does not pass through JSON unchanged"
    raise TypeError(message)
