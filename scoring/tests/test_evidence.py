"""Evidence: who may put it forward and take it back, what rests on it, where else it stands."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from clusters.models import ClusterYear, YearStatus
from clusters.queries import history_of
from clusters.tests.factories import NOW, World, make_world
from core import storage
from core.history import sentences_of
from core.models import AuditEvent
from core.policy import Invalid, Refused
from core.tests import races
from core.uploads import Accepted
from pledges.models import Exemplar
from scoring import operations
from scoring.models import CriteriaTable, Evidence, ScoreLine, ScoreSheet
from scoring.queries.evidence import Use, elsewhere, store_of, uses_of

pytestmark = pytest.mark.django_db
Y = YearStatus
PDF = "application/pdf"


def file(data: bytes = b"%PDF-1.7 mot", name: str = "QĐ khen thưởng.pdf") -> Accepted:
    return Accepted(name=name, mime=PDF, data=data)


def running(size: int = 4, prefix: str = "qb", status: YearStatus = Y.RUNNING) -> World:
    world = make_world(size, prefix=prefix)
    ClusterYear.objects.filter(pk=world.year.pk).update(status=status)
    world.year.refresh_from_db()
    return world


@pytest.fixture
def world():
    return running()


def put(world: World, at: int = 2, upload: Accepted | None = None, **more: Any) -> Evidence:
    values: dict[str, Any] = {"by": world.officers[at], "now": NOW, **more}
    return operations.add(cluster_year_id=world.year.pk, upload=upload or file(), **values)


def make_line(world: World, at: int = 2, **sheet: Any) -> ScoreLine:
    """A line of a sheet as it stands in the database; how it comes about is tested elsewhere."""
    table = CriteriaTable.objects.filter(cluster_year=world.year).first()
    if table is None:
        table = operations.take_starter(
            cluster_year_id=world.year.pk, starter="front-100", by=world.organiser_acting, now=NOW
        )
    row, _ = ScoreSheet.objects.get_or_create(
        cluster_year=world.year,
        unit=world.units[at],
        defaults={"table": table, "opened_at": NOW, **sheet},
    )
    used = row.lines.values("criterion")
    leaf = table.criteria.filter(rule__isnull=False).exclude(pk__in=used).order_by("order")[0]
    return ScoreLine.objects.create(sheet=row, criterion=leaf, basis={})


# Putting forward -----------------------------------------------------------------------------
def test_officer_and_head_put_a_file_into_the_store_of_their_unit(world):
    first = put(world, paper_number="12/QĐ-CAT", paper_date=date(2026, 2, 3))
    second = put(world, upload=file(b"%PDF-1.7 hai"), by=world.heads[2])
    assert {first.unit, second.unit} == {world.units[2]}
    assert storage.read(first.sha256) == b"%PDF-1.7 mot"
    assert (first.size, first.mime, first.uploaded_by_id) == (12, PDF, world.officers[2].user_id)
    event = AuditEvent.objects.filter(action="scoring.evidence_added").first()
    assert event.after["file"] == "QĐ khen thưởng.pdf (số 12/QĐ-CAT, ngày 03/02/2026)"
    assert event.cluster_year_id == world.year.pk
    call_command("verify_files", verbosity=0)


def test_the_same_file_is_kept_once_and_its_paper_is_not_rewritten(world):
    first = put(world, paper_number="12/QĐ")
    assert put(world) == put(world, paper_number="12/QĐ") == first
    with pytest.raises(Invalid, match="rút tệp trong kho rồi tải lên lại") as refused:
        put(world, paper_number="13/QĐ")
    assert refused.value.field == "uploads"
    assert Evidence.objects.count() == 1
    assert AuditEvent.objects.filter(action="scoring.evidence_added").count() == 1


def test_a_withdrawn_file_comes_back_with_its_right_number(world):
    first = put(world, paper_number="12/QĐ")
    operations.withdraw(evidence_id=first.pk, by=world.officers[2], now=NOW)
    again = put(world, paper_number="13/QĐ")
    assert again.pk != first.pk
    assert again.sha256 == first.sha256
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=first.pk).update(withdrawn_at=None)


@pytest.mark.parametrize("status", [s for s in Y if s not in (Y.PUBLISHED, Y.ARCHIVED)])
def test_the_store_is_open_from_the_signed_pledge_to_publication(status):
    world = running(status=status)
    if status in (Y.PREPARING, Y.DRAFTING, Y.SIGNING):
        with pytest.raises(Refused, match="mở khi giao ước đã ký xong"):
            put(world)
    else:
        assert put(world).pk


@pytest.mark.parametrize("status", [Y.PUBLISHED, Y.ARCHIVED])
def test_after_publication_nothing_comes_and_nothing_goes(world, status):
    kept = put(world)
    ClusterYear.objects.filter(pk=world.year.pk).update(status=status)
    with pytest.raises(Refused, match="đã công bố"):
        put(world, upload=file(b"%PDF-1.7 hai"))
    with pytest.raises(Refused, match="đã công bố"):
        operations.withdraw(evidence_id=kept.pk, by=world.officers[2], now=NOW)


def test_others_put_nothing_forward(world):
    stranger = running(2, prefix="hn")
    for person in (
        world.organiser_acting, world.organiser_head, world.administrator, stranger.officers[0],
    ):  # fmt: skip
        with pytest.raises(Refused, match="Cán bộ hoặc lãnh đạo của đơn vị thành viên"):
            put(world, by=person)
    assert not Evidence.objects.exists()


def test_keep_returns_what_was_chosen_and_what_is_new_in_order(world):
    old = put(world)
    fresh = (file(b"%PDF-1.7 hai"), file(b"%PDF-1.7 ba"), file())
    chosen = operations.Chosen((old.pk,), fresh, "5/BC", None)
    with pytest.raises(Invalid, match="đã có trong kho"):
        operations.keep(cluster_year_id=world.year.pk, chosen=chosen, by=world.officers[2], now=NOW)
    assert Evidence.objects.count() == 1
    chosen = operations.Chosen((old.pk,), fresh)
    keys = operations.keep(
        cluster_year_id=world.year.pk, chosen=chosen, by=world.officers[2], now=NOW
    )
    assert keys[0] == old.pk
    assert len(keys) == len(set(keys)) == Evidence.objects.count() == 3


# Attaching -----------------------------------------------------------------------------------
def attach(world: World, line: ScoreLine, *files: Evidence) -> list[Evidence]:
    with transaction.atomic():
        return operations.attach(
            line.evidence,
            [f.pk for f in files],
            cluster_year_id=world.year.pk,
            unit_id=line.sheet.unit_id,
        )


def test_attaching_makes_exactly_these_the_evidence(world):
    one, two = put(world), put(world, upload=file(b"%PDF-1.7 hai"))
    line = make_line(world)
    assert attach(world, line, one, two) == [one, two]
    assert attach(world, line, two) == [two]
    assert list(line.evidence.all()) == [two]
    assert attach(world, line) == []
    assert operations.labels([one]) == ["QĐ khen thưởng.pdf"]


def test_only_standing_files_of_the_own_unit_and_year_are_attached(world):
    other_year = running(3, prefix="hn")
    foreign = [put(world, at=1), put(other_year)]
    gone = put(world, upload=file(b"%PDF-1.7 hai"))
    operations.withdraw(evidence_id=gone.pk, by=world.officers[2], now=NOW)
    line = make_line(world)
    for bad in (*foreign, gone):
        with pytest.raises(Invalid, match="không còn trong kho của đơn vị"):
            attach(world, line, bad)
    assert not line.evidence.exists()


# Taking back ---------------------------------------------------------------------------------
def test_taking_back_frees_drafts_and_keeps_the_bytes(world):
    kept = put(world)
    line = make_line(world)
    attach(world, line, kept)
    operations.withdraw(evidence_id=kept.pk, by=world.heads[2], now=NOW)
    kept.refresh_from_db()
    assert kept.withdrawn_at == NOW
    assert not line.evidence.exists()
    assert storage.read(kept.sha256)
    assert AuditEvent.objects.filter(action="scoring.evidence_withdrawn").count() == 1


def test_what_was_submitted_with_a_file_keeps_it(world):
    kept = put(world)
    line = make_line(world)
    attach(world, line, kept)
    ScoreSheet.objects.filter(pk=line.sheet_id).update(submitted_at=NOW)
    with pytest.raises(Refused, match=f"đã nộp cùng tiêu chí {line.criterion.code}"):
        operations.withdraw(evidence_id=kept.pk, by=world.officers[2], now=NOW)
    exemplar = Exemplar.objects.create(
        cluster_year=world.year, unit=world.units[2], kind="MODEL", name="Camera an ninh",
        registered_at=NOW,
    )  # fmt: skip
    other = put(world, upload=file(b"%PDF-1.7 hai"))
    exemplar.evidence.add(other)
    with pytest.raises(Refused, match="điển hình “Camera an ninh”"):
        operations.withdraw(evidence_id=other.pk, by=world.officers[2], now=NOW)


def test_a_file_is_taken_back_by_its_unit_only_and_once(world):
    kept = put(world)
    for person in (world.officers[0], world.heads[1], world.organiser_acting):
        with pytest.raises(Refused, match="Chỉ đơn vị đã đưa tệp này lên"):
            operations.withdraw(evidence_id=kept.pk, by=person, now=NOW)
    for person in (world.officers[3], world.administrator):
        with pytest.raises(Evidence.DoesNotExist):
            operations.withdraw(evidence_id=kept.pk, by=person, now=NOW)
    operations.withdraw(evidence_id=kept.pk, by=world.officers[2], now=NOW)
    with pytest.raises(Refused, match="đã được rút"):
        operations.withdraw(evidence_id=kept.pk, by=world.officers[2], now=NOW)


def test_the_database_keeps_what_was_put_forward(world):
    kept = put(world)
    for wrong in ({"name": "khác"}, {"sha256": "0" * 64}, {"paper_number": "1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Evidence.objects.filter(pk=kept.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM scoring_evidence")


# What rests on a file, and where else it stands ------------------------------------------------
def test_uses_are_asked_of_every_app(world):
    kept, line = put(world), make_line(world)
    attach(world, line, kept)
    assert uses_of([kept.pk])[kept.pk] == [
        Use(kept.pk, f"tiêu chí {line.criterion.code}", is_submitted=False)
    ]
    assert uses_of([]) == {}


def test_who_judges_is_told_where_else_the_same_bytes_stand(world):
    mine, theirs = put(world, at=2), put(world, at=3)
    line = make_line(world, 3, submitted_at=NOW)
    attach(world, line, theirs)
    code = line.criterion.code
    other = f"{world.units[3].short_name}, năm 2026 (tiêu chí {code})"
    for judge in (world.officers[0], world.heads[1], world.organiser_acting):
        (row,) = store_of(judge, world.year, world.units[2].pk)
        assert row.shield == f"Tệp này còn dùng cho {other}."
        assert not row.verdict
    (own,) = store_of(world.officers[2], world.year, world.units[2].pk)
    assert (own.shield, bool(own.verdict)) == ("", True)
    alone = put(world, upload=file(b"%PDF-1.7 hai"))
    judge = world.officers[0]
    assert elsewhere(judge, [alone])[alone.pk] == "Tệp này chưa dùng cho đơn vị hay năm nào khác."
    none = "Tệp này chưa dùng cho tiêu chí hay đơn vị nào khác."
    assert elsewhere(judge, [alone], besides="tiêu chí I")[alone.pk] == none
    at_hand = elsewhere(judge, [theirs], besides=f"tiêu chí {code}")[theirs.pk]
    assert at_hand == f"Tệp này còn dùng cho {mine.unit.short_name}, năm 2026."
    further = make_line(world, 3)
    attach(world, further, theirs)
    said = elsewhere(judge, [theirs], besides=f"tiêu chí {code}")[theirs.pk]
    assert f"tiêu chí {further.criterion.code}" in said


def test_another_cluster_is_never_named(world):
    put(running(3, prefix="zz"))
    mine = put(world)
    assert "chưa dùng" in elsewhere(world.organiser_acting, [mine])[mine.pk]


def test_drafts_of_other_units_stay_with_them(world):
    kept, line = put(world), make_line(world)
    attach(world, line, kept)
    (seen,) = store_of(world.officers[0], world.year, world.units[2].pk)
    (own,) = store_of(world.officers[2], world.year, world.units[2].pk)
    assert seen.uses == ()
    assert own.uses == (f"tiêu chí {line.criterion.code}",)


def test_the_history_names_files_to_their_unit_and_to_who_judges(world):
    put(world)

    def told(acting) -> str:
        return " ".join(line.text for line in sentences_of(history_of(acting, world.year)))

    for person in (world.officers[2], world.heads[2], world.officers[0], world.organiser_acting):
        assert "đã đưa vào kho minh chứng: QĐ khen thưởng.pdf" in told(person)
    assert "minh chứng" not in told(world.officers[3])


# Two at the same moment ------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_twice_at_once_is_one_file():
    world = running()
    first, second = races.overlap(
        lambda: put(world), lambda: put(world, by=world.heads[2], now=NOW + timedelta(seconds=1))
    )
    assert first.get() == second.get()
    assert Evidence.objects.count() == 1
    assert AuditEvent.objects.filter(action="scoring.evidence_added").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_still_keeps_one():
    world = running()
    with races.without_locks(ClusterYear):
        first, second = races.overlap(lambda: put(world), lambda: put(world, by=world.heads[2]))
    assert first.get().pk
    assert isinstance(second.error, IntegrityError)
    assert Evidence.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_file_is_not_attached_while_it_is_taken_back():
    world = running()
    kept, line = put(world), make_line(world)
    gone, attached = races.overlap(
        lambda: operations.withdraw(evidence_id=kept.pk, by=world.officers[2], now=NOW),
        lambda: attach(world, line, kept),
    )
    assert gone.get().withdrawn_at == NOW
    assert isinstance(attached.error, Invalid)
    assert not line.evidence.exists()
