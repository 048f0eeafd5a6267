"""Runs on the page: made, explained to the sentence, made again elsewhere, compared."""

import io
import json
import re
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clusters.models import ClusterYear
from core.models import AuditEvent
from pledges.tests import year as walk
from pledges.tests.pages import client_of, form_on, sent, stop_clock, words
from scoring.engine import compute, read_figures, read_table
from scoring.models import Objection, RunKind, RunLine, RunResult, ScoringRun
from scoring.queries.comparison import _arrow
from scoring.queries.outlook import forecast_of
from scoring.queries.sheet import cluster_of
from scoring.workflow import run as runs
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept):
    return walk.approved_world()


@pytest.fixture(autouse=True)
def still(monkeypatch):
    stop_clock(monkeypatch, walk.PROVISIONAL + timedelta(hours=1))


def opens_all(_unit_id: int) -> bool:
    return True


def url(world, name: str, *args: object) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args])


def settle(world, index: int, points: str = "0", now: datetime = walk.PROVISIONAL) -> str:
    """Change the final figure of a leaf with given points; return its code."""
    row = walk.sheet(world, index)
    line = next(
        one for one in walk.lines(row) if (one.criterion.rule or {}).get("kind") == "direct"
    )
    sheets.settle(
        sheet_id=row.pk, line=LineInput(line.pk, {"points": points}, "Theo biên bản họp"),
        by=world.organiser_acting, now=now,
    )  # fmt: skip
    return line.criterion.code


# Making --------------------------------------------------------------------------------------
def test_a_run_is_made_on_its_page_once_however_often_the_button_is_pressed(world):
    browser = client_of(world.organiser_acting)
    page = browser.get(url(world, "make_run"))
    assert "Không thiếu gì" in words(page)
    form = form_on(page) | {"kind": "FINAL", "reason": "Chấm lần đầu"}
    first = browser.post(url(world, "make_run"), form)
    second = browser.post(url(world, "make_run"), form)
    assert first["Location"] == second["Location"] == url(world, "run", 1)
    run = ScoringRun.objects.get()
    assert (run.number, run.reason, run.gaps) == (1, "Chấm lần đầu", [])
    listed = words(browser.get(url(world, "runs")))
    assert "Phiên chấm 1" in listed
    assert run.inputs_sha256[:4] in listed
    assert "Chấm lần đầu" in listed


@pytest.mark.parametrize("kind", ["", "BEST", "FINAL' OR 1=1", "\x00"])
def test_a_kind_that_is_none_is_refused_in_words(world, kind):
    answer = client_of(world.organiser_acting).post(
        url(world, "make_run"), sent(kind=kind, reason="x" * 4000)
    )
    assert answer.status_code == 200
    assert "Lỗi:" in answer.content.decode()
    assert not ScoringRun.objects.exists()


def test_members_other_than_the_lead_make_no_run(world):
    for person in (world.officers[1], world.heads[2], world.organiser_head):
        answer = client_of(person).get(url(world, "make_run"))
        assert answer.status_code == 403
        assert "Đơn vị trưởng và cơ quan thường trực" in words(answer)
        assert client_of(person).post(url(world, "make_run"), sent(kind="FINAL")).status_code == 403
    assert not ScoringRun.objects.exists()


# Reading -------------------------------------------------------------------------------------
def test_a_run_not_published_is_for_the_lead_and_the_organiser_alone(world):
    walk.make_run(world)
    for person in (world.lead_officer, world.heads[0], world.organiser_acting):
        assert client_of(person).get(url(world, "run", 1)).status_code == 200
    for person in (world.officers[1], world.heads[2], world.organiser_head):
        assert client_of(person).get(url(world, "run", 1)).status_code == 404
        listed = client_of(person).get(url(world, "runs"))
        assert "Phiên chấm 1" not in words(listed)


def test_every_point_of_a_unit_is_explained_by_its_sentence(world):
    run = walk.make_run(world)
    for unit in world.units:
        page = words(client_of(world.organiser_acting).get(url(world, "run_unit", 1, unit.pk)))
        lines = RunLine.objects.filter(result__run=run, result__unit=unit)
        for line in lines:
            assert " ".join(line.why.split()) in page


def test_after_publication_a_unit_opens_its_own_leaves_and_no_others(world):
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    browser = client_of(world.officers[1])
    assert browser.get(url(world, "run", 1)).status_code == 200
    assert browser.get(url(world, "run_unit", 1, world.units[1].pk)).status_code == 200
    assert browser.get(url(world, "run_unit", 1, world.units[2].pk)).status_code == 404
    assert browser.get(url(world, "run_unit", 1, 999_999)).status_code == 404
    above = client_of(world.organiser_head)
    assert above.get(url(world, "run_unit", 1, world.units[1].pk)).status_code == 404


# Made again elsewhere ------------------------------------------------------------------------
def test_the_files_of_a_run_give_the_same_bytes_on_the_command_line(world, tmp_path):
    run = walk.make_run(world)
    browser = client_of(world.organiser_acting)
    for name in ("TABLE.json", "FIGURES.json", "RESULT.json"):
        answer = browser.get(url(world, "run_file", 1, name))
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        (tmp_path / name).write_bytes(answer.content)
    made = tmp_path / "made.json"
    call_command(
        "score", str(tmp_path / "TABLE.json"), str(tmp_path / "FIGURES.json"), output=str(made),
        stdout=io.StringIO(),
    )  # fmt: skip
    assert made.read_bytes() == (tmp_path / "RESULT.json").read_bytes()
    result = json.loads(made.read_bytes())
    assert result["inputs_sha256"] == run.inputs_sha256
    stored = RunResult.objects.filter(run=run).select_related("unit").prefetch_related("lines")
    assert [(u["code"], u["rank"], u["total"]) for u in result["units"]] == [
        (r.unit.code, r.rank, f"{r.total:.2f}") for r in stored.order_by("order")
    ]
    for unit, row in zip(result["units"], stored.order_by("order"), strict=True):
        assert {code: line["why"] for code, line in unit["lines"].items()} == {
            line.code: line.why for line in row.lines.all()
        }


def test_the_inputs_hold_the_figures_of_all_and_are_not_sent_to_members(world):
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    for person in (world.officers[1], world.heads[2], world.organiser_head):
        for name in ("TABLE.json", "FIGURES.json", "RESULT.json"):
            assert client_of(person).get(url(world, "run_file", 1, name)).status_code == 404
    browser = client_of(world.organiser_acting)
    for name in ("result.json", "RESULT.json.bak", "..", "%2e%2e", "TABLE.json%00"):
        address = url(world, "run_file", 1, "TABLE.json").replace("TABLE.json", name)
        assert browser.get(address).status_code == 404, name


# Compared ------------------------------------------------------------------------------------
def test_two_runs_side_by_side_name_the_units_that_moved_and_the_leaf(world):
    walk.publish_provisional(world, walk.make_run(world))
    code = settle(world, 2)
    walk.make_run(world)
    page = words(client_of(world.lead_officer).get(url(world, "runs_compare")))
    assert "1/3 đơn vị đổi điểm" in page
    assert world.units[2].name in page
    assert f"{code}:" in page
    unit = world.units[2].short_name
    assert re.search(rf"Sửa \S+ → 0 điểm ở tiêu chí {code} của {unit}: "
                     r"1 đơn vị đổi điểm, \d đổi hạng\.", page)  # fmt: skip
    assert "Theo biên bản họp" in page
    for number in (1, 2):
        assert f"Phiên chấm {number}, bảng tiêu chí bản 1" in page
    turned = words(client_of(world.lead_officer).get(url(world, "runs_compare") + "?cu=2&moi=1"))
    assert "Phiên chấm 1 so với phiên chấm 2" in turned


def test_members_compare_published_runs_without_the_leaves_of_others(world):
    walk.publish_provisional(world, walk.make_run(world))
    code = settle(world, 2)
    walk.publish_provisional(world, walk.make_run(world))
    page = words(client_of(world.officers[1]).get(url(world, "runs_compare")))
    assert world.units[2].name in page
    assert f"{code}:" not in page
    assert "Sửa số liệu của đơn vị khác: 1 đơn vị đổi điểm" in page
    assert "Theo biên bản họp" not in page
    own = words(client_of(world.officers[2]).get(url(world, "runs_compare")))
    assert f"{code}:" in own


def test_what_else_differs_between_two_runs_is_said_too(world):
    walk.publish_provisional(world, walk.make_run(world, RunKind.FIRST))
    settle(world, 1)
    settle(world, 2)
    sheets.raise_veto(
        cluster_year_id=world.year.pk, unit_id=world.units[2].pk, reason="Bị kỷ luật tập thể",
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    run = walk.make_run(world)
    page = words(client_of(world.lead_officer).get(url(world, "runs_compare")))
    said = "Số liệu thẩm định lần một so với kết quả duyệt: khác nhau ở 2 số liệu của 2 đơn vị; "
    assert f"{said}2 đơn vị đổi điểm" in page
    assert "Số liệu theo thẩm định lần một → theo kết quả duyệt." in page
    assert f"{world.units[2].short_name} thêm lý do không xét: Bị kỷ luật tập thể." in page
    walk.publish_provisional(world, run)
    other = words(client_of(world.officers[1]).get(url(world, "runs_compare")))
    assert f"{world.units[2].short_name} thêm lý do không xét." in other
    assert "Bị kỷ luật tập thể" not in other
    assert "khác nhau ở 1 số liệu" in other
    assert "và số liệu của đơn vị khác" in other


def test_the_rule_of_openness_opens_the_comparison_but_not_the_reasons(world):
    walk.publish_provisional(world, walk.make_run(world))
    code = settle(world, 2)
    walk.publish_provisional(world, walk.make_run(world))
    ClusterYear.objects.filter(pk=world.year.pk).update(openness="ALL")
    page = words(client_of(world.officers[1]).get(url(world, "runs_compare")))
    assert f"ở tiêu chí {code} của {world.units[2].short_name}" in page
    assert "Theo biên bản họp" not in page


def test_what_is_weighed_again_is_not_told_before_it_is_decided(world):
    walk.publish_provisional(world, walk.make_run(world))
    sheet, now = walk.sheet(world, 2), walk.PROVISIONAL
    sheets.reopen(sheet_id=sheet.pk, reason="Kết luận kiểm tra", by=world.organiser_acting, now=now)
    line = next(one for one in walk.lines(sheet) if (one.second or {}).get("points"))
    sheets.appraise_again(
        sheet_id=sheet.pk, lines=[LineInput(line.pk, {"points": "0"}, "Đang xem xét lại")],
        by=world.organiser_acting, now=now,
    )  # fmt: skip
    walk.publish_provisional(world, walk.make_run(world))

    def told(person) -> bool:
        page = words(client_of(person).get(url(world, "runs_compare")))
        assert line.criterion.code in page
        return "Đang xem xét lại" in page

    assert told(world.organiser_acting)
    assert not told(world.officers[2])
    walk.agree_second(world, 2)
    walk.approve(world, 2)
    assert told(world.officers[2])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("20 vụ", "18 vụ", "20 → 18 vụ"),
        ("1.200,5 vụ", "−3 vụ", "1.200,5 → −3 vụ"),
        ("Rất tốt", "Khá tốt", "Rất tốt → Khá tốt"),
        ("20 vụ", "18 lần", "20 vụ → 18 lần"),
        ("20 vụ", "chưa quyết định", "20 vụ → chưa quyết định"),
    ],
)
def test_the_arrow_shortens_numbers_of_one_unit_alone(before, after, said):
    assert _arrow(before, after) == said


COUNTED = {
    "kind": "per_occurrence", "min": "-5",
    "items": [{"label": "Nhắc nhở", "points_each": "-1"}],
}  # fmt: skip


def written(
    world,
    number: int,
    kind: RunKind,
    leaves: list[str],
    entries: dict[str, Any] | None = None,
    gaps: tuple[str, ...] = (),
) -> ScoringRun:
    """Store a run whose figures are the same 5 points on each leaf, but for these entries."""
    cluster = cluster_of(world.year)
    assert cluster is not None
    children = [
        {"code": code, "max": "10", "rule": COUNTED if code == "I.0" else {"kind": "direct"}}
        for code in leaves
    ]
    top = str(10 * len(leaves))
    table = {"scale_total": top, "groups": [{"code": "I", "max": top, "children": children}]}
    given: dict[str, Any] = {code: {"points": "5"} for code in leaves} | (entries or {})
    figures = {"units": [
        {"code": unit.code, "name": unit.name,
         "figures": {k: v for k, v in given.items() if v is not None}}
        for unit in world.units[:1]
    ]}  # fmt: skip
    sound = read_table(table)
    result = compute(sound, read_figures(figures, sound))
    made = ScoringRun.objects.create(
        cluster_year=world.year, number=number, kind=kind, table=cluster.stored,
        table_json=table, figures=figures, inputs_sha256=result.inputs_sha256, engine="1",
        made_at=walk.PROVISIONAL, made_by_id=world.organiser_acting.user_id,
        gaps=list(gaps),
    )  # fmt: skip
    runs._write(made, cluster, result)
    return made


def test_what_only_one_table_or_one_stage_has_is_not_called_edited(world):
    changed = {"I.10": {"points": "4"}, "I.2": {"points": "4"}, "I.3": None}
    written(world, 1, RunKind.CLAIMED, ["I.2", "I.3", "I.10", "I.11"])
    written(world, 2, RunKind.FIRST, ["I.2", "I.3", "I.10"], entries=changed, gaps=("chưa duyệt",))
    written(world, 3, RunKind.FIRST, ["I.2", "I.3", "I.10", "I.11"], entries=changed)
    browser = client_of(world.lead_officer)
    page = words(browser.get(url(world, "runs_compare") + "?cu=1&moi=2"))
    unit = world.units[0].short_name
    assert f"Số liệu tự chấm so với thẩm định lần một: khác nhau ở 3 số liệu của {unit}; " in page
    assert "chưa quyết định" in page
    html = browser.get(url(world, "runs_compare") + "?cu=1&moi=2").content.decode()
    places = [html.index(f">{code}<") for code in ("I.2", "I.3", "I.10")]
    assert places == sorted(places), "in the order of the table, not of the letters"
    page = words(browser.get(url(world, "runs_compare") + "?cu=2&moi=3"))
    assert "Bảng tiêu chí bản 1 so với bản 1, không sửa số liệu nào: " in page


def test_points_below_nothing_are_no_full_marks(world):
    entries = {"I.2": {"points": "10"}, "I.0": {"counts": {"Nhắc nhở": "2"}}}
    written(world, 1, RunKind.FINAL, ["I.0", "I.2"], entries)
    html = client_of(world.lead_officer).get(url(world, "run_matrix", 1)).content.decode()
    cells = re.findall(r'<td class="gu-num([^"]*)"><a [^>]*>([^<]*)<', html)
    assert ("", "−2,00") in cells
    assert (" mx-full", "10,00") in cells


@pytest.mark.parametrize("query", ["?cu=1&moi=1", "?cu=x&moi=", "?cu=99&moi=-1", "?cu=1.000"])
def test_a_comparison_of_nothing_says_so(world, query):
    walk.make_run(world)
    page = client_of(world.lead_officer).get(url(world, "runs_compare") + query)
    assert page.status_code == 200
    assert "Cần hai phiên chấm" in words(page)


def test_the_run_is_recorded_with_what_it_was_made_from(world):
    run = walk.make_run(world, RunKind.FIRST)
    event = AuditEvent.objects.get(action="scoring.run_made")
    assert event.after["inputs_sha256"] == run.inputs_sha256
    page = words(client_of(world.organiser_acting).get(reverse("clusters:history",
                                                               args=[world.year.pk])))  # fmt: skip
    assert "đã chạy" in page


def test_pages_of_a_run_ask_as_often_for_any_number_of_runs(world):
    walk.make_run(world)
    browser = client_of(world.organiser_acting)

    def asked() -> list[int]:
        counts = []
        newest = ScoringRun.objects.count()
        for address in (url(world, "runs"), url(world, "run", newest)):
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                browser.get(address)
            counts.append(len(queries))
        return counts

    few = asked()
    for _ in range(4):
        walk.make_run(world)
    assert asked() == few


# Criteria × units ----------------------------------------------------------------------------
def columns(page) -> list[str]:
    found = re.findall(r'<th scope="col" class="gu-num[^"]*">([^<]+)', page.content.decode())
    return [one.strip() for one in found]


def test_the_matrix_shows_every_point_and_leads_each_to_its_card(world):
    walk.publish_provisional(world, walk.make_run(world))
    code = settle(world, 2)
    run = walk.make_run(world)
    page = client_of(world.lead_officer).get(url(world, "run_matrix", 2))
    html = page.content.decode()
    assert sorted(columns(page)) == sorted(unit.short_name for unit in world.units)
    lines = RunLine.objects.filter(result__run=run)
    assert html.count('href="../don-vi/') == lines.count() + 3 * html.count('class="gu-group"') - 6
    assert "mx-zero" in html
    assert "mx-full" in html
    cards = client_of(world.lead_officer).get(url(world, "run_unit", 2, world.units[2].pk))
    row = rf'<tr id="(m\d+)"[^>]*>\s*<td class="gu-nowrap">{code}<'
    place = re.search(row, cards.content.decode())
    assert place is not None
    assert f'href="../don-vi/{world.units[2].pk}/#{place[1]}">0,00<' in html


def test_members_see_their_own_column_until_the_rule_opens_the_others(world):
    walk.publish_provisional(world, walk.make_run(world))
    browser = client_of(world.officers[1])
    own = browser.get(url(world, "run_matrix", 1))
    assert columns(own) == [world.units[1].short_name]
    assert "Không gồm 2 đơn vị khác" in words(own)
    above = client_of(world.organiser_head).get(url(world, "run_matrix", 1))
    assert columns(above) == []
    book = openpyxl.load_workbook(io.BytesIO(
        browser.get(url(world, "run_matrix_excel", 1)).content))  # fmt: skip
    assert world.units[2].short_name not in _heads(book.worksheets[1])
    ClusterYear.objects.filter(pk=world.year.pk).update(openness="ALL")
    assert len(columns(browser.get(url(world, "run_matrix", 1)))) == 3
    book = openpyxl.load_workbook(io.BytesIO(
        browser.get(url(world, "run_matrix_excel", 1)).content))  # fmt: skip
    assert book.sheetnames == ["Xếp hạng (tạm tính)", "Điểm tiêu chí (tạm tính)"]
    assert world.units[2].short_name in _heads(book.worksheets[1])


def _heads(sheet) -> tuple[object, ...]:
    return next(row for row in sheet.iter_rows(values_only=True) if row[0] == "Mã")


def test_the_three_states_stand_in_letters_in_the_matrix(world):
    walk.publish_provisional(world, walk.make_run(world))
    for index, figure in ((1, {}), (2, {"assigned": False})):
        row = walk.sheet(world, index)
        line = next(
            one for one in walk.lines(row) if (one.criterion.rule or {})["kind"] == "direct"
        )
        sheets.settle(
            sheet_id=row.pk, line=LineInput(line.pk, figure, "Theo biên bản"),
            by=world.organiser_acting, now=walk.PROVISIONAL,
        )  # fmt: skip
    walk.make_run(world)
    html = client_of(world.lead_officer).get(url(world, "run_matrix", 2)).content.decode()
    assert html.count(">CN</abbr></a>") == 1
    assert html.count(">KG</abbr></td>") == 1
    assert "mx-zero" not in html.split("<table")[1]


# The sentence --------------------------------------------------------------------------------
def test_change_the_figure_of_the_leader_and_the_sentence_of_the_others_changes(world):
    def run(number: int, leader: str) -> ScoringRun:
        rule = {"kind": "cluster_relative"}
        leaf = {"code": "I.1", "max": "10", "unit_of_measure": "vụ", "rule": rule}
        table = {"scale_total": "10", "groups": [{"code": "I", "max": "10", "children": [leaf]}]}
        actuals = (leader, "15", "8")
        figures = {"units": [
            {"code": unit.code, "name": unit.name,
             "figures": {"I.1": {"target": "10", "actual": actual}}}
            for unit, actual in zip(world.units, actuals, strict=True)
        ]}  # fmt: skip
        cluster = cluster_of(world.year)
        assert cluster is not None
        sound = read_table(table)
        result = compute(sound, read_figures(figures, sound))
        made = ScoringRun.objects.create(
            cluster_year=world.year, number=number, kind=RunKind.FINAL, table=cluster.stored,
            table_json=table, figures=figures, inputs_sha256=result.inputs_sha256, engine="1",
            made_at=walk.PROVISIONAL, made_by_id=world.organiser_acting.user_id,
        )  # fmt: skip
        runs._write(made, cluster, result)
        return made

    run(1, "20")
    run(2, "30")
    browser, unit = client_of(world.lead_officer), world.units[1]
    first, second = (words(browser.get(url(world, "run_unit", n, unit.pk))) for n in (1, 2))
    leader = world.units[0].name
    assert f"đơn vị dẫn đầu {leader} vượt 100 %: 5 + 50/100 × 5 = 7,5 điểm." in first
    assert f"đơn vị dẫn đầu {leader} vượt 200 %: 5 + 50/200 × 5 = 6,25 điểm." in second
    assert "So với đơn vị dẫn đầu" in first
    assert "Phiên chấm 1, bảng tiêu chí bản 1" in first
    page = words(browser.get(url(world, "runs_compare")))
    said = f"Sửa 20 → 30 vụ ở tiêu chí I.1 của {world.units[0].short_name}: 1 đơn vị đổi"
    assert said in page
    # Both sentences stand on the page of the comparison, each with its run.
    assert "5 + 50/100 × 5 = 7,5 điểm." in page
    assert "5 + 50/200 × 5 = 6,25 điểm." in page


# What is still open --------------------------------------------------------------------------
def test_with_everything_approved_nothing_is_open_and_no_range_is_shown(world):
    walk.publish_provisional(world, walk.make_run(world))
    page = client_of(world.officers[1]).get(url(world, "scoreboard"))
    assert "Tạm tính. Không còn tiêu chí nào để ngỏ." in words(page)
    assert "sb-ends" not in page.content.decode()


def test_a_figure_changed_after_the_run_is_open_and_the_range_holds_what_comes(world):
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    code = settle(world, 2, now=walk.PROVISIONAL + timedelta(minutes=5))
    forecast = forecast_of(run, world.year.status, opens_all)
    unit = world.units[2]
    assert (forecast.leaves, forecast.open_units) == (1, 1)
    ends = forecast.units[unit.code]
    before = RunResult.objects.get(run=run, unit=unit)
    assert ends.total.high == before.total
    assert ends.lines[code] is not None
    assert ends.lines[code].low == 0
    again = walk.make_run(world, now=walk.PROVISIONAL + timedelta(minutes=9))
    after = RunResult.objects.get(run=again, unit=unit)
    assert ends.total.low is not None
    assert ends.total.high is not None
    assert ends.rank is not None
    assert after.rank is not None
    assert ends.total.low <= after.total <= ends.total.high
    assert ends.rank[0] <= after.rank <= ends.rank[1]
    # The older run goes nowhere any more; the newest has nothing open again.
    page = client_of(world.lead_officer)
    assert "sb-ends" not in page.get(url(world, "run", 1)).content.decode()
    assert "Không còn tiêu chí nào để ngỏ" in words(page.get(url(world, "run", 2)))


def test_a_figure_decided_anew_after_the_run_is_open_however_that_came(world):
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    row, later = walk.sheet(world, 2), walk.PROVISIONAL + timedelta(minutes=5)
    sheets.reopen(sheet_id=row.pk, reason="Xem lại", by=world.organiser_acting, now=later)
    reopened = forecast_of(run, world.year.status, opens_all)
    assert (reopened.leaves, reopened.open_units) == (len(walk.lines(row)), 1)
    line, other = [
        one for one in walk.lines(row) if (one.criterion.rule or {}).get("kind") == "direct"
    ][:2]
    asked = [LineInput(line.pk, {"points": "0"}, "Theo biên bản"),
             LineInput(other.pk, {"assigned": False}, "Theo biên bản")]  # fmt: skip
    sheets.appraise_again(sheet_id=row.pk, lines=asked, by=world.organiser_acting, now=later)
    row.refresh_from_db()
    sheets.approve(sheet_id=row.pk, seen=row.revision, by=world.organiser_acting, now=later)
    forecast = forecast_of(run, world.year.status, opens_all)
    assert (forecast.leaves, forecast.open_units) == (2, 1)
    ends = forecast.units[world.units[2].code].percent
    assert ends is not None
    assert ends.low is not None
    assert ends.high is not None
    after = walk.make_run(world, now=later)
    for number in (run, after):
        percent = RunResult.objects.get(run=number, unit=world.units[2]).percent
        assert percent is not None
        assert ends.low <= percent <= ends.high
    # Those who may not open the points of others learn nothing of it.
    assert forecast_of(run, world.year.status, lambda _: False).leaves == 0


def test_an_objection_that_waits_keeps_its_criterion_open_for_who_may_know_of_it(world):
    run = walk.make_run(world)
    publication = walk.publish_provisional(world, run)
    line = next(one for one in walk.lines(walk.sheet(world, 1)) if one.final.get("points"))
    Objection.objects.create(
        cluster_year=world.year, publication=publication, unit=world.units[1], line=line, number=1,
        status="SENT", text="Đề nghị xem lại", created_at=walk.PROVISIONAL,
        created_by_id=world.officers[1].user_id, sent_at=walk.PROVISIONAL,
        sent_by_id=world.heads[1].user_id,
    )  # fmt: skip
    tells_by_reader(world, {1, 0}, "1 tiêu chí của 1 đơn vị")
    # A member whose own figure is open, too, learns of that one alone.
    settle(world, 2, now=walk.PROVISIONAL + timedelta(minutes=5))
    tells_by_reader(world, {0}, "2 tiêu chí của 2 đơn vị")
    tells_by_reader(world, {1, 2}, "1 tiêu chí của 1 đơn vị")
    ends = forecast_of(run, world.year.status, lambda unit: unit == world.units[2].pk).units
    assert ends[world.units[2].code].total.low != ends[world.units[2].code].total.high
    assert ends[world.units[1].code].total.low == ends[world.units[1].code].total.high
    ClusterYear.objects.filter(pk=world.year.pk).update(openness="ALL")
    tells_by_reader(world, {0, 1, 2}, "2 tiêu chí của 2 đơn vị")


def tells_by_reader(world, readers: set[int], said: str) -> None:
    """Compare board, run and workbook: only these units read that so much is open."""
    for at in range(3):
        client, tells = client_of(world.officers[at]), at in readers
        for name, args in (("scoreboard", []), ("run", [1])):
            page = client.get(url(world, name, *args))
            assert (f"{said} còn để ngỏ" in words(page)) is tells, (name, at)
            assert not tells or "sb-ends" in page.content.decode()
        data = client.get(url(world, "scoreboard_excel")).content
        book = openpyxl.load_workbook(io.BytesIO(data))
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        assert any(f"{said} còn để ngỏ" in str(row[0]) for row in rows) is tells, at
        heads = next(row for row in rows if row[0] == "TT")
        assert not tells or "Tổng điểm thấp nhất có thể" in heads


def test_the_workbook_of_a_run_stands_after_a_unit_got_another_code(world):
    publication = walk.publish_provisional(world, walk.make_run(world))
    # What is still open of another unit gives the result its ranges.
    settle(world, 1, now=walk.PROVISIONAL + timedelta(minutes=5))
    unit = world.units[2]
    type(unit).objects.filter(pk=unit.pk).update(code="ZZ-09")
    assert publication.run.number == 1
    client = client_of(world.lead_officer)
    for name, args in (
        ("scoreboard_excel", []), ("scoreboard", []), ("run_matrix", [1]),
        ("run_matrix_excel", [1]),
        ("run_unit", [1, unit.pk]),
    ):  # fmt: skip
        assert client.get(url(world, name, *args)).status_code == 200, name


def test_a_final_result_has_no_range(world):
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    walk.publish_final(world, run)
    world.year.refresh_from_db()
    assert not forecast_of(run, world.year.status, opens_all).is_provisional
    page = words(client_of(world.lead_officer).get(url(world, "run", 1)))
    assert "Tạm tính" not in page
