"""The database itself refuses to change what was circulated, frozen, signed or issued.

The cases are made from the guards declared in the migrations: a new guard without rows to try it on
fails here. Each guarded column is attacked in every way the ORM and SQL offer, and each guard has
its negative control: a row, or a column, that may still change.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import ProtectedError, RestrictedError
from django.test import override_settings

from clusters.tests.factories import make_world
from config.tests import guarded_year
from config.tests.test_guards_and_flush import guards as guards_in_force
from core import audit
from core.guards import Refuse
from core.models import AuditEvent
from pledges.models import Consent, PledgeVersion
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from reports.models import Document, StoredFile, VerifyCode

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
Field: TypeAlias = "models.Field[Any, Any]"
#: Where only one new value is refused.
REFUSED_VALUES = {
    "scoring_criteriatable.used": "DRAFT",
    "scoring_objection.back": "DRAFT",
    "scoring_ballot.back": "PREPARING",
    "scoring_candidate.votes": 1,
}
MODELS = {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}


def declared() -> list[Refuse]:
    """Return every guard of every migration."""
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return [
        operation
        for _, migration in sorted(migrations.items())
        for operation in migration.operations
        if isinstance(operation, Refuse)
    ]


GUARDS = {f"{g.table}.{g.name}": g for g in declared()}


@dataclass
class Rows:
    """Which row a guard holds and which it leaves alone, by table."""

    held: dict[str, models.Model] = field(default_factory=dict)
    free: dict[str, models.Model] = field(default_factory=dict)

    def held_by(self, guard: Refuse) -> models.Model:
        """Return the row that the guard refuses to change."""
        own = self.held.get(f"{guard.table}.{guard.name}")
        if own:
            return own
        return (self.free if guard.name == "moved" else self.held)[guard.table]

    def free_of(self, guard: Refuse) -> models.Model:
        """Return a row that the guard lets change."""
        return self.free.get(f"{guard.table}.{guard.name}") or self.free[guard.table]


@pytest.fixture(scope="module")
def rows(kept: None) -> Rows:
    """A signed pledge with issued papers beside one that is still a draft."""
    with override_settings(EFFECTS={}):
        published, parts = guarded_year.worlds()
        pledge = published.year.pledge
        other, draft = f.make_pledge_at(P.DRAFT, make_world(prefix="hd"))
        _add_activities(pledge, draft, other)
    found = Rows()
    for held, free in parts:
        found.held |= held
        found.free |= free
    for side, some in ((found.held, pledge), (found.free, draft)):
        version = some.current
        target = version.targets.exclude(unit_of_measure="").get()
        table = some.cluster_year.criteria_tables.get()
        for row in (
            version, version.papers.first(), version.clauses.first(), target,
            target.values.first(), version.signatories.first(), table, table.criteria.first(),
            version.activities.first(),
        ):  # fmt: skip
            assert row is not None
            side[row._meta.db_table] = row
    issued = _issue(pledge)
    standing, ended = Consent.objects.filter(version=pledge.current).order_by("pk")[:2]
    Consent.objects.filter(pk=ended.pk).update(voided_at=NOW, void_reason="Cho ý kiến lại")
    found.held["pledges_consent.ended"] = Consent.objects.get(pk=ended.pk)
    found.free["pledges_consent"] = standing
    for row in (
        AuditEvent.objects.first(), standing, pledge.numbers.first(),
        pledge.current.signatories.first().signature, *issued.values(),
    ):  # fmt: skip
        assert row is not None
        found.held[row._meta.db_table] = row
    return found


def _add_activities(pledge, draft, other) -> None:
    """Give both an activity; into the signed one only with the guards lifted."""
    from core.guards import suspended  # noqa: PLC0415 - only here is it right to lift them

    values = {"when": "Quý I", "what": "Phát động", "responsible": "Khối trưởng", "output": ""}
    operations = f.operations
    operations.save_activity(
        pledge_id=draft.pk, key=None, values=values, seen="", by=other.lead_officer, now=f.NOW
    )
    draft.refresh_from_db()
    copy = draft.current.activities.get()
    copy.pk, copy.version = None, pledge.current
    with suspended(connection):
        copy.save()


def _issue(pledge) -> dict[str, models.Model]:
    """Issue one paper with its file, withdrawn, and one that is not rendered yet."""
    file = StoredFile.objects.create(
        sha256="a" * 64, size=9, mime="application/pdf", pages=1, created_at=NOW
    )
    code = VerifyCode.objects.create(code="AAAA-BBBB-CCCC", version=pledge.current, paper="PLEDGE")
    document = Document.objects.create(
        cluster_year=pledge.cluster_year, code=code, revision=1, stage="TO_SIGN", title="Giao ước",
        number="01/GƯTĐ-K1", content={"schema": 1}, content_hash="b" * 64, file=file,
        issued_at=NOW, rendered_at=NOW, withdrawn_at=NOW,
    )  # fmt: skip
    return {"file": file, "code": code, "document": document}


@pytest.fixture
def fresh_document(rows: Rows) -> Document:
    """An issued paper that waits for its file and still stands."""
    old = rows.held["reports_document"]
    assert isinstance(old, Document)
    return Document.objects.create(
        cluster_year=old.cluster_year, code=old.code, revision=2, stage="SIGNED", title=old.title,
        number=old.number, content=old.content, content_hash=old.content_hash, issued_at=NOW,
    )  # fmt: skip


# How to break a row --------------------------------------------------------------------------
def fields_of(guard: Refuse) -> list[Field]:
    """Return the fields whose change the guard refuses."""
    model = MODELS[guard.table]
    names = {column.strip('"') for column in guard.columns}
    return [
        f
        for f in model._meta.concrete_fields
        if (f.column in names if names else not f.primary_key)
    ]


#: A value of each type that no row has.
OTHERS: tuple[tuple[type[Field], Any], ...] = (
    (models.JSONField, {"forged": True}),
    (models.DateTimeField, datetime(2020, 1, 1, tzinfo=UTC)),
    (models.DateField, date(2020, 1, 1)),
    (models.GenericIPAddressField, "10.9.9.9"),
)


def another(fld: Field, value: Any) -> Any:
    """Return a value of the field's type that differs from the one it has."""
    for kind, other in OTHERS:
        if isinstance(fld, kind):
            return other
    if isinstance(fld, models.BooleanField):
        return not value
    if isinstance(fld, models.CharField | models.TextField):
        return "X" if value != "X" else "Y"
    return (value or 0) + 1


def by_save(row: models.Model, fld: Field, value: Any) -> None:
    changed = type(row)._default_manager.get(pk=row.pk)
    setattr(changed, fld.attname, value)
    changed.save(update_fields=[fld.name])


def by_update(row: models.Model, fld: Field, value: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**{fld.attname: value})


def by_bulk_update(row: models.Model, fld: Field, value: Any) -> None:
    changed = type(row)._default_manager.get(pk=row.pk)
    setattr(changed, fld.attname, value)
    type(row)._default_manager.bulk_update([changed], [fld.name])


def by_sql(row: models.Model, fld: Field, value: Any) -> None:
    value = json.dumps(value) if isinstance(fld, models.JSONField) else value
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {row._meta.db_table} SET "{fld.column}" = %s WHERE id = %s',  # noqa: S608
            [value, row.pk],
        )


UPDATES = [by_save, by_update, by_bulk_update, by_sql]


def sql_delete(row: models.Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])  # noqa: S608


DELETES: list[Callable[[models.Model], Any]] = [
    lambda row: type(row)._default_manager.get(pk=row.pk).delete(),
    lambda row: type(row)._default_manager.filter(pk=row.pk).delete(),
    lambda row: type(row)._default_manager.filter(pk=row.pk)._raw_delete("default"),
    sql_delete,
]


def copied(row: models.Model) -> models.Model:
    """Return an unsaved copy under a key and a place of its own."""
    copy: models.Model = pickle.loads(pickle.dumps(row))  # noqa: S301 - our own row, one line above
    copy.pk = None
    copy._state.adding = True
    own = {"pledges_paper": {"kind": "PROGRAMME"}}.get(row._meta.db_table, {})
    names = {f.name for f in row._meta.fields}
    for name, value in ({"key": "moi", "code": "moi", "order": 999} | own).items():
        if name in names:
            setattr(copy, name, value)
    return copy


def sql_insert(row: models.Model) -> None:
    copy = copied(row)
    columns = [f for f in row._meta.concrete_fields if not f.primary_key]
    names = ", ".join(f'"{f.column}"' for f in columns)
    holes = ", ".join(["%s"] * len(columns))
    values = [f.get_db_prep_save(getattr(copy, f.attname), connection) for f in columns]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {row._meta.db_table} ({names}) VALUES ({holes})", values)  # noqa: S608


INSERTS: list[Callable[[models.Model], Any]] = [
    lambda row: copied(row).save(force_insert=True),
    lambda row: type(row)._default_manager.bulk_create([copied(row)]),
    sql_insert,
]


@contextmanager
def attempt() -> Iterator[list[str]]:
    """Try something in a savepoint that is taken back; collect what the database answered."""
    said: list[str] = []
    try:
        with transaction.atomic():
            yield said
            transaction.set_rollback(True)
    except (ProtectedError, RestrictedError):
        said.append("protected")
    except DatabaseError as error:
        said.append(str(error))


def refused(guard: Refuse, said: list[str]) -> bool:
    """Whether this very guard answered, or Django saw the rows that hang on it before."""
    return said == ["protected"] or any(guard.message in text for text in said)


# The tests -----------------------------------------------------------------------------------
def test_every_declared_trigger_exists():
    wanted = {g._trigger(event) for g in GUARDS.values() for event in g.events}
    assert wanted <= guards_in_force()
    assert guards_in_force() <= wanted, "a trigger that no migration declares"


def test_guards_have_names_of_their_own():
    assert len(GUARDS) == len(declared())


@pytest.mark.parametrize("name", [n for n, g in GUARDS.items() if "UPDATE" in g.events])
def test_a_held_row_cannot_be_changed(rows, name):
    guard = GUARDS[name]
    row = rows.held_by(guard)
    for fld in fields_of(guard):
        value = REFUSED_VALUES.get(name) or another(fld, getattr(row, fld.attname))
        for way in UPDATES:
            with attempt() as said:
                way(row, fld, value)
            assert refused(guard, said) or _held_by_a_sister(guard, fld, said), (
                f"{guard.table}.{fld.column} was changed {way.__name__}: {said}"
            )


def _held_by_a_sister(guard: Refuse, fld: Field, said: list[str]) -> bool:
    """Two guards on one column: whichever the database asks first may answer."""
    sisters = [
        g
        for g in GUARDS.values()
        if g.table == guard.table
        and (not g.columns or fld.column in {column.strip('"') for column in g.columns})
    ]
    return any(g.message in text for g in sisters for text in said)


@pytest.mark.parametrize("name", [n for n, g in GUARDS.items() if "DELETE" in g.events])
def test_a_held_row_cannot_be_deleted(rows, name):
    guard = GUARDS[name]
    row = rows.held_by(guard)
    for number, way in enumerate(DELETES):
        with attempt() as said:
            way(row)
        assert refused(guard, said) or _held_below(said), (
            f"{guard.table} was deleted in way {number}: {said}"
        )
    with attempt() as said:
        sql_delete(row)
    sisters = [g for g in GUARDS.values() if g.table == guard.table and "DELETE" in g.events]
    assert any(g.message in said[0] for g in sisters)


def _held_below(said: list[str]) -> bool:
    """Django deletes what hangs on a row first: then the guard of those rows answers."""
    return any(g.message in text for g in GUARDS.values() for text in said)


@pytest.mark.parametrize("name", [n for n, g in GUARDS.items() if "INSERT" in g.events])
def test_a_held_version_takes_no_new_rows(rows, name):
    guard = GUARDS[name]
    row = rows.held_by(guard)
    for number, way in enumerate(INSERTS):
        with attempt() as said:
            way(row)
        assert any(guard.message in text for text in said), f"inserted in way {number}: {said}"


# Negative controls ---------------------------------------------------------------------------
#: Columns that change together or not at all; each has a control of its own below.
SPECIAL = {
    "pledges_pledgeversion.frozen",
    "scoring_objection.back",
    "scoring_veto.lifted",
    "scoring_teamplace.fair",
    "scoring_ballot.back",
    "scoring_openvote.secret",
    "scoring_nomination.withdrawn",
}
HAVE_FREE_ROWS = [
    n for n, g in GUARDS.items()
    if g.when != "1 = 1" and g.table != "reports_document" and n not in SPECIAL
]  # fmt: skip


@pytest.mark.parametrize("name", HAVE_FREE_ROWS)
def test_a_row_that_is_not_held_may_change(rows, name):
    guard = GUARDS[name]
    row = rows.free_of(guard)
    worked = 0
    for fld in fields_of(guard) if "UPDATE" in guard.events else []:
        if fld.is_relation:
            continue  # rows do not move between versions at all
        with attempt() as said:
            by_sql(row, fld, another(fld, getattr(row, fld.attname)))
        assert not refused(guard, said), f"{fld.column}: {said}"
        worked += not said
    if "INSERT" in guard.events:
        with attempt() as said:
            copy = type(row)._default_manager.get(pk=row.pk)
            sql_delete(row)
            sql_insert(copy)
        assert not said, said
        worked += 1
    if "DELETE" in guard.events:
        with attempt() as said:
            sql_delete(row)
        assert not refused(guard, said), said
        worked += not said
    assert worked, "the control changed nothing, so the guard proves nothing"


#: Columns beside the guarded ones which stay open, for guards that hold every row of a table.
STAYS_OPEN = {
    "pledges_paper.moved": "title",
    "pledges_clause.moved": "text",
    "pledges_activity.moved": "what",
    "pledges_target.moved": "text",
    "pledges_targetvalue.moved": "value",
    "pledges_signatory.moved": "position",
    "pledges_consent.kept": "voided_at",
    "pledges_consent.frozen": "voided_at",
    "scoring_criterion.moved": "title",
    "pledges_exemplar.kept": "description",
    "pledges_review.kept": "sections",
    "pledges_review.figures": "sections",
    "scoring_evidence.kept": "withdrawn_at",
    "scoring_evidence.frozen": "withdrawn_at",
    "scoring_scoreline.kept": "explanation",
    "scoring_scoreline.basis": "explanation",
    "scoring_scoresheet.kept": "return_reason",
    "scoring_objection.moved": "text",
    # A draft that becomes another state needs more columns than this one.
    "scoring_objection.back": "revision",
    "scoring_ballot.back": "title",
    "scoring_draw.kept": "due_on",
    "scoring_draw.frozen": "due_on",
    "scoring_inspection.kept": "summary",
    "scoring_inspection.drawn": "summary",
    "scoring_nomination.kept": "withdrawn_by",
    "scoring_nomination.frozen": "withdrawn_by",
}


@pytest.mark.parametrize("name", sorted(STAYS_OPEN))
def test_the_columns_beside_stay_open(rows, name):
    guard = GUARDS[name]
    row = (rows.held if guard.table == "pledges_consent" else rows.free)[guard.table]
    fld = MODELS[guard.table]._meta.get_field(STAYS_OPEN[name])
    assert isinstance(fld, models.Field)
    for way in UPDATES:
        with attempt() as said:
            way(row, fld, another(fld, getattr(row, fld.attname)))
        assert not said, said


#: Guards without any row that may change: there the control is that rows can still be added.
WRITTEN_ONCE = {
    "core_auditevent.frozen", "pledges_signature.frozen", "pledges_papernumber.frozen",
    "reports_verifycode.frozen", "reports_storedfile.frozen",
    # Written by the walk of the year above: rows are added, none is changed.
    "pledges_returnedentry.frozen", "scoring_scoringrun.frozen", "scoring_runresult.frozen",
    "scoring_runline.frozen", "scoring_publication.frozen", "scoring_publication.kept",
    "scoring_veto.frozen", "scoring_veto.kept", "scoring_veto.lifted",
    "scoring_teamplace.frozen", "scoring_teamplace.fair",
    "scoring_openvote.frozen", "scoring_openvote.secret", "scoring_nomination.withdrawn",
}  # fmt: skip


def test_what_is_written_once_can_be_written(rows):
    pledge = rows.held["pledges_papernumber"].pledge
    audit.record("tests.control", pledge, by=audit.System(), now=NOW)
    pledge.numbers.create(kind="OUTLINE", number=9, text="09/ĐC-K1")
    VerifyCode.objects.create(code="DDDD-EEEE-FFFF", version=pledge.current, paper="OUTLINE")
    file = StoredFile.objects.create(sha256="c" * 64, size=1, mime="x", created_at=NOW)
    with attempt() as said:
        sql_delete(file)  # a file nobody refers to may be cleared away
    assert not said


def test_a_version_that_is_not_frozen_can_be_frozen(rows):
    draft = PledgeVersion.objects.filter(pk=rows.free["pledges_pledgeversion"].pk)
    written = {"content": {}, "content_hash": "e" * 64, "circulated_at": NOW}
    assert draft.update(**written) == 1
    assert draft.update(frozen={}, frozen_hash="f" * 64, frozen_at=NOW) == 1
    with attempt() as said:
        draft.update(frozen=None, frozen_hash="", frozen_at=None)
    assert refused(GUARDS["pledges_pledgeversion.frozen"], said)


def test_a_standing_document_takes_its_file_once_and_ends_once(fresh_document):
    file = StoredFile.objects.create(sha256="d" * 64, size=1, mime="x", created_at=NOW)
    Document.objects.filter(pk=fresh_document.pk).update(file=file, rendered_at=NOW)
    with attempt() as said:
        Document.objects.filter(pk=fresh_document.pk).update(file=None, rendered_at=None)
    assert refused(GUARDS["reports_document.rendered"], said)
    Document.objects.filter(pk=fresh_document.pk).update(withdrawn_at=NOW)
    with attempt() as said:
        Document.objects.filter(pk=fresh_document.pk).update(withdrawn_at=None)
    assert refused(GUARDS["reports_document.withdrawn"], said)


def test_every_guard_has_a_control():
    documents = {n for n, g in GUARDS.items() if g.table == "reports_document"}
    documents.add("pledges_pledgeversion.frozen")
    controlled = set(HAVE_FREE_ROWS) | set(STAYS_OPEN) | WRITTEN_ONCE | documents
    missing = set(GUARDS) - controlled
    assert not missing, f"add a control for {sorted(missing)} above"
