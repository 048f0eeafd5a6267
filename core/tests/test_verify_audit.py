"""The command that proves the audit trail."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core import audit
from core.guards import suspended
from core.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@pytest.fixture
def trail():
    """Five events about one person."""
    person = User.objects.create(username="canbo.thu", full_name="Trần Thị B")
    with transaction.atomic():
        for number in range(5):
            audit.record(f"tests.done_{number}", person, by=audit.System(), now=NOW)


def change(sql: str) -> None:
    """Do what only somebody with the database in their hands could do."""
    with suspended(connection), connection.cursor() as cursor:
        cursor.execute(sql)


def refusal() -> CommandError:
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit")
    return refused.value


def test_a_whole_trail_ends_well(trail):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "nguyên vẹn: 5 sự kiện" in out.getvalue()


def test_an_empty_trail_ends_well():
    call_command("verify_audit", stdout=StringIO())


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE core_auditevent SET reason = 'khác' WHERE seq = 3", "số 3"),
        ("UPDATE core_auditevent SET actor_name = 'Người khác' WHERE seq = 1", "số 1"),
        ("DELETE FROM core_auditevent WHERE seq = 2", "số 2"),
        ("DELETE FROM core_auditevent WHERE seq = 5", "còn 4"),
    ],
)
def test_the_first_fault_is_named_and_the_status_is_one(trail, sql, words):
    change(sql)
    fault = refusal()
    assert words in str(fault)
    assert fault.returncode == 1


def test_the_database_refuses_the_same_change_to_everybody_else(trail):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.filter(seq=3).update(reason="khác")
