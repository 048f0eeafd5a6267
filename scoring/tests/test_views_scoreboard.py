"""The scoreboard: what each reader sees of it, how it adds up, and the same as a workbook."""

import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clusters.models import ClusterYear, Unit
from core.text import format_number
from pledges.tests import year as walk
from pledges.tests.pages import client_of, stop_clock, words
from scoring.models import Publication, RunLine, RunResult, ScoringRun
from scoring.render.board import SheetData, workbook
from scoring.workflow import run as runs
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput

pytestmark = pytest.mark.django_db
VETO = "Có cán bộ bị kỷ luật từ cảnh cáo trở lên"


@pytest.fixture(scope="module")
def world(kept):
    return walk.approved_world()


@pytest.fixture(autouse=True)
def still(monkeypatch):
    stop_clock(monkeypatch, walk.PROVISIONAL + timedelta(hours=1))


def url(world, name: str = "scoreboard", *args: object) -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args])


def settle(world, index: int, figure: dict[str, object], kind: str = "direct") -> str:
    row = walk.sheet(world, index)
    line = next(one for one in walk.lines(row) if (one.criterion.rule or {}).get("kind") == kind)
    sheets.settle(
        sheet_id=row.pk, line=LineInput(line.pk, figure, "Theo biên bản"),
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip
    return line.criterion.code


def veto(world, index: int) -> None:
    sheets.raise_veto(
        cluster_year_id=world.year.pk, unit_id=world.units[index].pk, reason=VETO,
        by=world.organiser_acting, now=walk.PROVISIONAL,
    )  # fmt: skip


def published(world) -> Publication:
    return walk.publish_provisional(world, walk.make_run(world))


def board(world, person, query: str = "") -> str:
    answer = client_of(person).get(url(world) + query)
    assert answer.status_code == 200
    return words(answer)


def history(world, person) -> str:
    return words(client_of(person).get(reverse("clusters:history", args=[world.year.pk])))


# What is said --------------------------------------------------------------------------------
def test_before_any_publication_everybody_reads_who_publishes_and_when(world):
    walk.make_run(world)
    for person in (world.officers[1], world.heads[2], world.organiser_head):
        page = board(world, person)
        assert "Chưa công bố kết quả nào" in page
        assert "Khối trưởng hoặc Công an tỉnh qb công bố điểm tạm tính" in page
        assert "từ ngày 24/12/2026" in page
        assert "phiên chấm 1" not in page
        assert client_of(person).get(url(world, "scoreboard_excel")).status_code == 404
    assert "Xem phiên chấm 1" in board(world, world.lead_officer)


def test_a_provisional_board_says_so_and_until_when(world, monkeypatch):
    published(world)
    page = board(world, world.officers[2])
    assert "Bảng tạm tính, chưa phải kết quả chính thức." in page
    assert "Nhận kiến nghị đến hết ngày 28/12/2026, còn 4 ngày" in page
    stop_clock(monkeypatch, walk.FINAL)
    late = board(world, world.officers[2])
    assert "Hạn nhận kiến nghị đã hết ngày 28/12/2026" in late


def test_an_official_board_is_not_called_provisional(world, monkeypatch):
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    walk.publish_final(world, run)
    stop_clock(monkeypatch, walk.FINAL)
    page = board(world, world.officers[2])
    assert "Kết quả chính thức, Công an tỉnh qb công bố lúc 09:00 ngày 30/12/2026" in page
    assert "Bảng tạm tính" not in page


def test_a_revoked_board_stays_and_names_the_decision(world, monkeypatch):
    run = walk.make_run(world)
    walk.publish_provisional(world, run)
    walk.publish_final(world, run)
    runs.revoke(
        cluster_year_id=world.year.pk, reason="Quyết định 05/QĐ-CAT", by=world.organiser_acting,
        now=walk.FINAL,
    )  # fmt: skip
    stop_clock(monkeypatch, walk.FINAL)
    page = board(world, world.officers[2])
    assert "Đã thu hồi" in page
    assert "Quyết định 05/QĐ-CAT" in page
    assert world.units[0].name in page


# Rows ----------------------------------------------------------------------------------------
def test_the_points_of_every_unit_stand_on_the_board_and_add_up(world):
    publication = published(world)
    for unit, person in zip(world.units, world.officers, strict=True):
        page = board(world, person)
        result = RunResult.objects.get(run=publication.run, unit=unit)
        assert "Đơn vị bạn" in page
        assert format_number(result.total, 2) in page
        parts = [Decimal(result.groups[g["code"]]) for g in publication.run.table_json["groups"]
                 if "kind" not in g]  # fmt: skip
        said = " + ".join(format_number(part, 2) for part in parts)
        assert f"{said} = {format_number(result.base, 2)}" in page
        assert f"+ {format_number(result.bonus, 2)} = {format_number(result.total, 2)}" in page
        assigned = format_number(result.assigned_max)
        assert f"{format_number(result.total, 2)} ÷ {assigned} × 100 = " in page


def test_equal_units_share_a_rank_and_the_next_is_left_out(world):
    # The walk gives all units the same full marks.
    published(world)
    page = client_of(world.organiser_acting).get(url(world)).content.decode()
    assert page.count('class="sb-first">1<') == 3
    assert page.count("sb-tied") == 3
    assert "vẫn bằng thì đồng hạng, bỏ trống hạng sau" in page


def test_the_rule_is_said_as_the_table_has_it(world):
    published(world)
    page = board(world, world.officers[1])
    assert "Xếp theo tổng điểm. Bằng nhau thì lần lượt xét điểm nhóm I, điểm nhóm II" in page


def test_why_a_unit_is_not_considered_is_for_those_who_may_know(world):
    veto(world, 2)
    published(world)
    for person in (world.organiser_acting, world.lead_officer, world.officers[2], world.heads[2]):
        assert VETO in board(world, person)
    for person in (world.officers[1], world.heads[1], world.organiser_head):
        page = board(world, person)
        assert "Không xét" in page
        assert VETO not in page
        compared = client_of(person).get(url(world, "run", 1))
        assert VETO not in words(compared)
        book = client_of(person).get(url(world, "scoreboard_excel")).content
        assert VETO not in _text_of(book)
        assert VETO not in history(world, person)
    for person in (world.organiser_acting, world.lead_officer, world.officers[2]):
        assert VETO in history(world, person)


def test_the_three_states_of_a_figure_are_told_apart(world):
    published(world)
    code = settle(world, 1, {})
    settle(world, 2, {"assigned": False})
    settle(world, 0, {"points": "0"})
    published(world)
    page = board(world, world.organiser_acting)
    assert "1 tiêu chí chưa nhập" in page
    assert "1 tiêu chí không giao (" in page
    own = words(client_of(world.officers[1]).get(url(world, "run_unit", 2, world.units[1].pk)))
    assert "chưa nhập" in own
    away = words(client_of(world.officers[2]).get(url(world, "run_unit", 2, world.units[2].pk)))
    assert "Không giao" in away
    book = openpyxl.load_workbook(
        io.BytesIO(client_of(world.organiser_acting).get(url(world, "scoreboard_excel")).content)
    )
    points = book.worksheets[1]
    row = next(r for r in points.iter_rows(values_only=True) if r[0] == code)
    heads = next(r for r in points.iter_rows(values_only=True) if r[0] == "Mã")
    cells = dict(zip(heads, row, strict=True))
    assert cells[world.units[0].short_name] == 0
    assert cells[world.units[1].short_name] is None
    assert cells[world.units[2].short_name] == "Không giao"
    assert f"Chưa nhập, tính 0: {world.units[1].short_name}" in cells["Ghi chú"]


def test_a_second_publication_says_how_ranks_moved(world):
    published(world)
    settle(world, 2, {"points": "0"})
    published(world)
    page = board(world, world.officers[2])
    assert "So với lần trước phiên chấm 1" in page
    assert "từ hạng 1" in page
    assert "giữ hạng 1" in page
    assert "Các lần công bố" in page


@pytest.mark.parametrize(
    "query",
    ["?mo=", "?mo=abc", "?mo=-1", "?mo=²", "?mo=%00", f"?mo={'9' * 30}", f"?mo={'9' * 5000}"],
)
def test_an_address_that_opens_no_row_opens_none(world, query):
    published(world)
    assert "Cách tính" not in board(world, world.officers[1], query)


def test_any_row_opens_to_its_sum_but_only_ones_own_to_the_cards(world):
    published(world)
    other = board(world, world.officers[1], f"?mo={world.units[2].pk}")
    assert "Cách tính" in other
    assert "thẻ giải thích" not in other
    assert "thẻ giải thích" in board(world, world.officers[1], f"?mo={world.units[1].pk}")
    assert "thẻ giải thích" in board(world, world.lead_officer, f"?mo={world.units[2].pk}")


def test_the_chart_says_its_finding_and_gives_its_figures(world):
    published(world)
    page = client_of(world.officers[1]).get(url(world)).content.decode()
    assert page.count('role="img"') == 2
    assert f'aria-label="Tỷ lệ điểm theo nhóm. nhóm I: {world.units[1].short_name}' in page
    assert "Xem số liệu" in page


# The workbook --------------------------------------------------------------------------------
def _text_of(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return "\n".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )


def test_the_workbook_holds_numbers_and_says_that_it_is_provisional(world):
    publication = published(world)
    answer = client_of(world.organiser_acting).get(url(world, "scoreboard_excel"))
    assert answer["Content-Disposition"].startswith("attachment;")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Xếp hạng (tạm tính)", "Điểm tiêu chí (tạm tính)"]
    ranks = list(book.worksheets[0].iter_rows(values_only=True))
    assert "tạm tính" in ranks[0][0]
    head = next(place for place, row in enumerate(ranks) if row[0] == "TT")
    column = ranks[head].index("Tổng điểm")
    totals = RunResult.objects.filter(run=publication.run).order_by("order")
    found = [Decimal(str(row[column])) for row in ranks[head + 1 :]]
    assert found == [result.total for result in totals]
    leaves = [r for r in book.worksheets[1].iter_rows(min_row=1, values_only=True) if r[0]]
    codes = {row[0] for row in leaves}
    assert set(publication.run.results.first().lines.values_list("code", flat=True)) <= codes


def test_members_get_only_their_own_leaves_in_the_workbook(world):
    published(world)
    data = client_of(world.officers[1]).get(url(world, "scoreboard_excel")).content
    book = openpyxl.load_workbook(io.BytesIO(data))
    heads = next(r for r in book.worksheets[1].iter_rows(values_only=True) if r[0] == "Mã")
    assert heads[3:-1] == (world.units[1].short_name,)
    above = client_of(world.organiser_head).get(url(world, "scoreboard_excel")).content
    assert len(openpyxl.load_workbook(io.BytesIO(above)).sheetnames) == 1


EVIL = ["=HYPERLINK(1)", "+1+1", "-2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "a\x00b\x07"]


@pytest.mark.parametrize("text", EVIL)
def test_a_name_that_begins_like_a_formula_stays_a_text(text):
    sheet = SheetData("A" * 40, [text], ["Mã", text], [[text, Decimal("1.5")]], places=2)
    book = openpyxl.load_workbook(io.BytesIO(workbook([sheet])))
    cells = [cell for row in book.active.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert len(cells) == 4
    assert all(cell.data_type == "s" for cell in cells)
    assert all(cell.quotePrefix for cell in cells if cell.value[0] in "=+-@\t")


# Many units ----------------------------------------------------------------------------------
def grown(world, run: ScoringRun, count: int) -> None:
    """Add results of further units to a run, as the workflow would have stored them."""
    first = RunResult.objects.get(run=run, order=1)
    lines = list(first.lines.all())
    start = run.results.count()
    units = Unit.objects.bulk_create(
        Unit(code=f"N{start + n}", name=f"Đơn vị {start + n}", short_name=f"ĐV {start + n}",
             level="DISTRICT", search_key="", sort_key="")
        for n in range(count)
    )  # fmt: skip
    for order, unit in enumerate(units, start=start + 1):
        first.pk, first.unit, first.order, first.rank = None, unit, order, order
        first.unit_name, first.missing = unit.name, [lines[0].code]
        first._state.adding = True
        first.save()
        RunLine.objects.bulk_create(
            RunLine(result_id=first.pk, code=one.code, max_points=one.max_points, why=one.why,
                    score=None if place == 1 else one.score)
            for place, one in enumerate(lines)
        )  # fmt: skip


def test_the_board_asks_as_often_for_many_units(world):
    publication = published(world)
    browser = client_of(world.organiser_acting)
    addresses = [url(world), url(world, "run", 1), url(world, "scoreboard_excel"),
                 url(world, "publish"), url(world, "run_unit", 1, world.units[1].pk),
                 url(world, "run_matrix", 1), url(world, "run_matrix_excel", 1)]  # fmt: skip

    def asked() -> list[int]:
        counts = []
        for address in addresses:
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200
            counts.append(len(queries))
        return counts

    few = asked()
    grown(world, publication.run, 47)
    assert asked() == few
    page = browser.get(url(world))
    assert "47" in words(page)
    assert ClusterYear.objects.count() == 1
