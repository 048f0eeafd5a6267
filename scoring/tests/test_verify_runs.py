"""The command that makes every recorded run again, years later."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clusters.models import Unit
from clusters.operations import save_unit
from clusters.tests.factories import make_unit
from core.guards import suspended
from core.models import AuditEvent
from core.policy import Invalid
from pledges.tests import year as walk
from scoring.models import RunKind, RunLine, RunResult, ScoringRun
from scoring.queries import recorded

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(scope="module")
def world(kept):
    """Three runs: of each kind of figures, a veto among them."""
    world = walk.approved_world()
    for kind in RunKind:
        walk.make_run(world, kind)
    return world


def said() -> str:
    out = StringIO()
    call_command("verify_runs", stdout=out)
    return out.getvalue()


def refusal() -> str:
    with pytest.raises(CommandError) as refused:
        call_command("verify_runs", stdout=StringIO())
    assert refused.value.returncode == 1
    return str(refused.value)


def change(sql: str, *values: Any) -> None:
    """Do what only somebody with the database in their hands could do."""
    with suspended(connection), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_every_run_gives_what_it_gave(world):
    assert "3 phiên tính lại đúng" in said()


def test_the_code_by_which_runs_know_a_unit_stays(world):
    unit = Unit.objects.get(pk=world.units[0].pk)
    hand: dict[str, Any] = {"by": world.administrator, "now": walk.FINAL, "before": {}}
    unit.name = "Công an huyện Mới"
    save_unit(unit, **hand)
    unit.code = "KHAC-01"
    with pytest.raises(Invalid, match="đã ghi trong phiên chấm điểm nên không đổi được"):
        save_unit(unit, **hand)
    other = make_unit("MOI-01", "Công an huyện chưa chấm")
    other.code = "MOI-02"
    save_unit(other, **hand)
    assert Unit.objects.get(pk=other.pk).code == "MOI-02"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("total", 1, "tổng điểm"),
        ("percent", None, "tỷ lệ (%): ghi “None”"),
        ("rank", 9, "hạng: ghi “9”"),
        ("is_tied", False, "đồng hạng"),
        ("classification", "Xuất sắc nhất", "xếp loại"),
        ("missing", '["I.1"]', "tiêu chí chưa nhập"),
        ("vetoes", '["Có vụ việc"]', "không xét vì"),
        ("groups", "{}", "điểm từng nhóm"),
        ("unit_name", "Đơn vị khác", "tên đơn vị"),
    ],
)
def test_a_changed_value_of_a_unit_is_named(world, column, value, words):
    row = RunResult.objects.get(run__number=2, order=3)
    change(f"UPDATE scoring_runresult SET {column} = %s WHERE id = %s", value, row.pk)  # noqa: S608
    fault = refusal()
    assert fault.startswith("Phiên chấm 2, ")
    assert words in fault


@pytest.mark.parametrize(
    ("column", "value"), [("score", 77), ("score", None), ("max_points", 99), ("why", "Khác.")]
)
def test_a_changed_point_or_sentence_is_named_with_its_leaf(world, column, value):
    line = RunLine.objects.filter(result__run__number=3, code="I.1").first()
    change(f"UPDATE scoring_runline SET {column} = %s WHERE id = %s", value, line.pk)  # noqa: S608
    assert "tiêu chí I.1" in refusal()


def test_a_point_that_is_gone_or_too_many_is_named(world):
    line = RunLine.objects.filter(code="I.1").first()
    change("UPDATE scoring_runline SET code = 'X' WHERE id = %s", line.pk)
    assert "thiếu tiêu chí I.1" in refusal()


def test_a_result_under_another_unit_is_named(world):
    row = RunResult.objects.get(run__number=1, order=1)
    change("UPDATE scoring_runresult SET unit_id = %s WHERE id = %s", world.organiser.pk, row.pk)
    assert f"ghi cho {world.organiser.code}" in refusal()


def test_a_unit_that_is_gone_is_named(world):
    last = RunResult.objects.get(run__number=1, order=3)
    change("DELETE FROM scoring_runline WHERE result_id = %s", last.pk)
    change("DELETE FROM scoring_runresult WHERE id = %s", last.pk)
    assert "ghi 2 đơn vị, tính lại được 3" in refusal()


def test_changed_inputs_do_not_have_their_hash(world):
    run = ScoringRun.objects.get(number=3)
    run.figures["units"][0]["figures"].pop("I.1")
    change("UPDATE scoring_scoringrun SET figures = %s WHERE id = %s",
           json.dumps(run.figures), run.pk)  # fmt: skip
    assert "mã băm đã ghi không phải" in refusal()


def test_inputs_that_cannot_be_read_are_a_difference_not_a_traceback(world):
    change("UPDATE scoring_scoringrun SET table_json = '[1]' WHERE number = 3")
    assert "không còn đọc được: $" in refusal()


def test_a_hash_the_trail_does_not_know_is_named(world):
    run = ScoringRun.objects.get(number=3)
    with suspended(connection):
        AuditEvent.objects.about(run).delete()
    assert "không có trong nhật ký" in refusal()


def test_a_run_of_another_engine_is_told_and_its_points_are_not_judged(world, monkeypatch):
    change("UPDATE scoring_runresult SET total = 1 WHERE run_id = "
           "(SELECT id FROM scoring_scoringrun WHERE number = 2)")  # fmt: skip
    monkeypatch.setattr(recorded, "ENGINE_VERSION", "2")
    told = said()
    assert "Phiên chấm 2, " in told
    assert "phiên bản 1 lập" in told
    assert "nguyên vẹn: 0 phiên" in told
    # Its hash and its number are held against the trail all the same.
    change("UPDATE scoring_scoringrun SET number = 9 WHERE number = 3")
    assert "nhật ký ghi phiên số 3" in refusal()
    change("UPDATE scoring_scoringrun SET inputs_sha256 = %s WHERE number = 1", "0" * 64)
    assert "mã băm đã ghi không phải" in refusal()


def test_a_run_that_calls_itself_one_of_another_engine_is_named(world):
    change("UPDATE scoring_scoringrun SET engine = '0' WHERE number = 2")
    assert "nhật ký ghi máy tính điểm phiên bản 1, phiên ghi 0" in refusal()


def test_a_run_that_is_gone_is_named(world):
    gone = ScoringRun.objects.get(number=3)
    for sql in (
        (
            "DELETE FROM scoring_runline WHERE result_id IN "
            "(SELECT id FROM scoring_runresult WHERE run_id = %s)"
        ),
        "DELETE FROM scoring_runresult WHERE run_id = %s",
        "DELETE FROM scoring_scoringrun WHERE id = %s",
    ):
        change(sql, gone.pk)
    fault = refusal()
    assert fault.startswith("Phiên chấm 3, ")
    assert "có trong nhật ký nhưng không còn" in fault


def test_the_database_refuses_the_same_change_to_everybody_else(world):
    for model in (ScoringRun, RunResult, RunLine):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(id=0)
