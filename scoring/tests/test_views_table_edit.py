"""The editor on its pages: what is typed is kept, every fault is told, nothing needs a script."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from clusters.tests.factories import NOW, World, make_world
from clusters.tests.pages import client_of, rows, sent, words
from core.text import format_number
from pledges.tests import factories as f
from scoring import operations
from scoring.engine import KINDS, read_table
from scoring.forms.table_rules import GRID, KIND_FORMS, RULE, RulePart
from scoring.models import CriteriaTable
from scoring.queries.table import STARTERS, as_interchange, draft_of, standing_table
from scoring.queries.table_examples import examples_of, table_around

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(kept: None) -> World:
    world = make_world()
    f.start(world)
    return world


def draft(world: World) -> CriteriaTable:
    found = draft_of(world.year)
    assert found is not None
    return found


def url(world: World, name: str, *args, query: str = "") -> str:
    return reverse(f"scoring:{name}", args=[world.year.pk, *args]) + query


def seen(world: World, **values) -> dict[str, Any]:
    return sent(seen=str(draft(world).revision), **values)


def leaf(world: World):
    return draft(world).criteria.filter(rule__isnull=False).order_by("order").first()


def leaf_form(world: World, kind: str = "direct", **values) -> dict[str, Any]:
    group = draft(world).criteria.filter(parent=None).order_by("order").first()
    start = {"above": group.code, "code": "X.9", "max": "10", "kind": kind, "title": "Mới"}
    return seen(world, **(start | values))


# The tree ---------------------------------------------------------------------------------------
def test_the_tree_is_saved_without_a_script_and_says_what_is_missing(world):
    browser, page = client_of(world.lead_officer), url(world, "table_edit")
    assert "Tổng các nhóm 100/100: vừa đủ" in words(browser.get(page))
    row = leaf(world)
    response = browser.post(page, seen(world, **points(world, {row.pk: "0,5"})), follow=True)
    text = words(response)
    assert "Đã lưu vào bản nháp." in text
    assert re.search(r"\d chỗ chưa đúng", text)
    assert draft(world).criteria.get(pk=row.pk).max_points == pytest.approx(0.5)
    assert "khác tổng" in text


def points(world: World, changed: dict[int, str]) -> dict[str, str]:
    """Return the boxes as the page sends them, each with what was read there."""
    sent_boxes = {}
    for row in draft(world).criteria.all():
        read = "" if row.max_points is None else format_number(row.max_points)
        sent_boxes[f"initial-diem-{row.pk}"] = read
        sent_boxes[f"diem-{row.pk}"] = changed.get(row.pk, read)
    return sent_boxes


def test_an_arrow_saves_what_was_typed_and_moves_the_row(world):
    browser, page = client_of(world.lead_officer), url(world, "table_edit")
    row = leaf(world)
    after = draft(world).criteria.filter(parent=row.parent).order_by("order")[1]
    typed = points(world, {row.pk: "0,25"})
    browser.post(page, seen(world, chuyen=f"{row.pk}:xuong", **typed))
    moved, other = draft(world).criteria.get(pk=row.pk), draft(world).criteria.get(pk=after.pk)
    assert moved.order > other.order
    assert str(moved.max_points) == "0.25"


def test_an_unreadable_maximum_is_refused_at_its_box_and_everything_stays(world):
    row, other = draft(world).criteria.filter(rule__isnull=False).order_by("order")[:2]
    page = url(world, "table_edit")
    typed = points(world, {row.pk: "mười", other.pk: "7,77"})
    response = client_of(world.lead_officer).post(page, seen(world, **typed))
    assert 'value="mười"' in response.content.decode()
    assert 'value="7,77"' in response.content.decode()
    assert f'id="loi-diem-{row.pk}"' in response.content.decode()
    assert str(draft(world).criteria.get(pk=other.pk).max_points) != "7.77"


def test_whoever_was_overtaken_sees_what_is_stored_and_saves_again(world):
    row, other = draft(world).criteria.filter(rule__isnull=False).order_by("order")[:2]
    page = url(world, "table_edit")
    typed = points(world, {row.pk: "0,75"})
    stale = seen(world, **typed)
    operations.save_row(
        cluster_year_id=world.year.pk, code=None, above=row.parent.code, seen=draft(world).revision,
        node={"code": "X.9", "max": "3", "rule": {"kind": "direct"}},
        by=world.organiser_acting, now=NOW,
    )  # fmt: skip
    operations.save_points(
        cluster_year_id=world.year.pk, points={row.code: Decimal(1), other.code: Decimal("1.25")},
        seen=draft(world).revision, by=world.organiser_acting, now=NOW,
    )  # fmt: skip
    browser = client_of(world.lead_officer)
    response = browser.post(page, stale)
    text = words(response)
    assert "Người khác vừa sửa bản nháp" in text
    assert "đang lưu 1" in text
    assert 'value="0,75"' in response.content.decode()
    browser.post(page, boxes_of(response) | sent())
    assert str(draft(world).criteria.get(pk=row.pk).max_points) == "0.75"
    # What the other one saved where nothing was typed stays.
    assert str(draft(world).criteria.get(pk=other.pk).max_points) == "1.25"
    assert str(draft(world).criteria.get(code="X.9").max_points) == "3.00"


def boxes_of(response) -> dict[str, str]:
    """Return what a browser sends of the boxes of a page as it stands."""
    tags = re.findall(r"<input[^>]*>", response.content.decode())
    found = {}
    for tag in tags:
        name = re.search(r' name="([^"]*)"', tag)
        if name and re.match(r"(initial-)?diem-|seen$", name[1]):
            value = re.search(r' value="([^"]*)"', tag)
            found[name[1]] = value[1] if value else ""
    return found


@pytest.mark.parametrize("name", ["table_edit", "table_head", "table_group_new", "table_trial"])
def test_a_member_reads_but_is_told_who_writes(world, name):
    response = client_of(world.officers[2]).get(url(world, name))
    assert response.status_code == 403
    assert "Cơ quan thường trực hoặc đơn vị trưởng soạn bảng tiêu chí" in words(response)
    assert "Soạn bản nháp" not in words(client_of(world.officers[2]).get(url(world, "table")))


# A row ------------------------------------------------------------------------------------------
def test_a_leaf_is_added_with_an_example_made_by_the_engine(world):
    browser, page = client_of(world.lead_officer), url(world, "table_leaf_new")
    form = leaf_form(world, "percent_of_target", **rule_fields(direction="up", cap="100"))
    text = words(browser.post(page, form | {"xem-thu": "1"}))
    assert "Chỉ tiêu 80, đạt 72, mức hoàn thành 90 %: 90 % × 10 = 9 điểm." in text
    assert not draft(world).criteria.filter(code="X.9").exists()
    response = browser.post(page, form)
    stored = draft(world).criteria.get(code="X.9")
    assert response["Location"].endswith(f"#d-{stored.pk}")
    assert stored.rule == {"kind": "percent_of_target"}


def rule_fields(**values: str) -> dict[str, str]:
    return {f"{RULE}-{name}": value for name, value in values.items()}


def test_every_fault_of_a_leaf_is_told_at_once_beside_its_field(world):
    browser, page = client_of(world.lead_officer), url(world, "table_leaf_new")
    grid = rows(GRID, {"label": "Tốt", "points": "12"}, {"label": "Khá", "points": "11"}, {})
    response = browser.post(page, leaf_form(world, "levels", **grid))
    html = response.content.decode()
    assert "Có 2 lỗi cần sửa" in words(response)
    assert f"#id_{GRID}-0-points" in html
    assert f"#id_{GRID}-1-points" in html
    assert "ngoài phạm vi cho phép" in html
    broken = rows(GRID, {"label": "Tốt", "points": ""}, {"label": "", "points": "3"})
    text = words(browser.post(page, leaf_form(world, "levels", code="", **broken)))
    assert "Có 3 lỗi cần sửa" in text


def test_bands_with_a_gap_are_refused_in_words(world):
    grid = rows(
        GRID, {"low": "95", "high": "", "points": "10"}, {"low": "", "high": "90", "points": "5"}
    )
    fields = rule_fields(on="actual", direction="up")
    response = client_of(world.lead_officer).post(
        url(world, "table_leaf_new"), leaf_form(world, "bands", **grid, **fields)
    )
    assert "để hở ở giữa; mỗi giá trị phải thuộc đúng một bậc" in words(response)


def test_another_kind_and_more_rows_keep_what_was_typed(world):
    browser, page = client_of(world.lead_officer), url(world, "table_leaf_new")
    form = leaf_form(world, "levels", title="Đang gõ", evidence_required="on")
    html = browser.post(page, form | {"doi-cach-tinh": "1"}).content.decode()
    assert 'value="X.9"' in html
    assert "Đang gõ" in html
    assert 'name="evidence_required"' in html
    assert "checked" in html
    assert f'name="{GRID}-0-label"' in html
    typed = rows(GRID, {"label": "Tốt", "points": "9"}, {})
    html = browser.post(page, form | typed | {"them-dong": "1"}).content.decode()
    assert 'value="Tốt"' in html
    assert f'name="{GRID}-3-label"' in html


def test_a_label_twice_a_list_without_rows_and_no_cap_at_all_are_told(world):
    browser, page = client_of(world.lead_officer), url(world, "table_leaf_new")
    twice = rows(GRID, {"label": "Tốt", "points": "9"}, {"label": "Tốt", "points": "8"})
    assert "Tốt ghi hai lần" in words(browser.post(page, leaf_form(world, "levels", **twice)))
    empty = leaf_form(world, "levels", **rows(GRID, {"label": "", "points": ""}))
    assert "ghi ít nhất một dòng" in words(browser.post(page, empty))
    form = leaf_form(world, "percent_of_target", **rule_fields(direction="up", cap=""))
    assert "đánh dấu không giới hạn" in words(browser.post(page, form))
    browser.post(page, form | rule_fields(no_cap="on"))
    stored = draft(world).criteria.get(code="X.9").rule
    assert stored == {"kind": "percent_of_target", "cap_percent": None}


def test_a_code_in_use_is_refused_at_its_field(world):
    form = leaf_form(world, code=leaf(world).code)
    text = words(client_of(world.lead_officer).post(url(world, "table_leaf_new"), form))
    assert "đã dùng trong bảng; mỗi nhóm, mỗi tiêu chí một mã riêng" in text


def test_a_row_that_somebody_changed_meanwhile_is_shown_as_stored_and_saved_again(world):
    row, browser = leaf(world), client_of(world.lead_officer)
    page = url(world, "table_row", row.pk)
    form = leaf_form(world, code=row.code, max="5", above=row.parent.code)
    operations.save_points(
        cluster_year_id=world.year.pk, points={row.code: Decimal(3)}, seen=draft(world).revision,
        by=world.organiser_acting, now=NOW,
    )  # fmt: skip
    response = browser.post(page, form)
    text = words(response)
    assert "Người khác vừa sửa bản nháp" in text
    assert "điểm tối đa 3" in text
    again = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert again
    browser.post(page, form | sent(seen=again[1]))
    assert draft(world).criteria.get(pk=row.pk).max_points == 5


def test_what_the_next_version_may_not_do_is_said_on_its_page(world):
    operations.put_in_use(cluster_year_id=world.year.pk)
    browser = client_of(world.lead_officer)
    assert browser.get(url(world, "table_adopt")).status_code == 403
    operations.make_version(
        cluster_year_id=world.year.pk, reason="Sửa", by=world.lead_officer, now=NOW
    )
    organiser = client_of(world.organiser_acting)
    text = words(organiser.post(url(world, "table_adopt"), seen(world, decision="QĐ 1")))
    assert "cùng lúc chốt giao ước, không cần quyết định riêng" in text
    stale = seen(world)
    operations.save_points(
        cluster_year_id=world.year.pk, points={leaf(world).code: Decimal(1)},
        seen=draft(world).revision, by=world.lead_officer, now=NOW,
    )  # fmt: skip
    assert "Người khác vừa sửa bản nháp" in words(browser.post(url(world, "table_drop"), stale))
    assert draft_of(world.year) is not None
    assert "chỗ chưa đúng" in words(browser.get(url(world, "table_trial")))


def test_a_group_is_added_and_a_cap_stands_only_outside_the_scale(world):
    browser, page = client_of(world.lead_officer), url(world, "table_group_new")
    form = seen(world, above="", code="T9", title="Thưởng thêm", max="", kind="", cap="5")
    assert "Mức trần chỉ dùng cho nhóm điểm thưởng, điểm trừ." in words(browser.post(page, form))
    browser.post(page, form | {"kind": "bonus"})
    assert draft(world).criteria.get(code="T9").details == {"cap": "5"}


def test_taking_a_row_out_asks_first(world):
    group = draft(world).criteria.filter(parent=None).order_by("order").last()
    browser, page = client_of(world.lead_officer), url(world, "table_remove", group.pk)
    assert "dòng bên dưới" in words(browser.get(page))
    browser.post(page, seen(world))
    assert not draft(world).criteria.filter(pk=group.pk).exists()
    assert browser.get(page).status_code == 404


def test_every_kind_comes_back_out_of_its_form_as_it_went_in():
    """Every rule of every shipped table, and one of each kind with every parameter."""
    assert set(KIND_FORMS) == set(KINDS)
    kinds = set()
    for path in STARTERS.glob("*.json"):
        table = json.loads(path.read_text(encoding="utf-8"))
        for node, role in leaves(table["groups"], ""):
            hold_round_trip(node, role)
            kinds.add(node["rule"]["kind"])
    for rule in FULL:
        hold_round_trip({"max": "10", "rule": rule}, "")
    assert kinds | {rule["kind"] for rule in FULL} == set(KINDS)


FULL: list[dict[str, Any]] = [
    {"kind": "percent_of_target", "direction": "down", "cap_percent": None, "floor_percent": "50"},
    {"kind": "percent_of_target", "baseline": True, "cap_percent": "120"},
    {"kind": "cluster_relative", "lead_share": "0.4", "no_target": "skip", "direction": "down"},
    {"kind": "deduct_short", "per_percent": "0.5", "floor_percent": "80", "baseline": True},
    {"kind": "ratio_to_best", "direction": "down"},
    {"kind": "zero_tolerance", "veto": True},
    {"kind": "per_occurrence", "items": [{"label": "A", "points_each": "-1.5"}], "min": "-5",
     "max": "5"},
    {"kind": "bands", "on": "days_late", "bands": [
        {"from": "0", "to": "2", "to_inclusive": True, "points": "10"},
        {"from": "2", "from_inclusive": False, "points": "0"}]},
]  # fmt: skip


def leaves(nodes, role):
    for node in nodes:
        own = node.get("kind", role)
        if "rule" in node:
            yield node, own
        yield from leaves(node.get("children", []), own)


def hold_round_trip(node, role):
    rule = node["rule"]
    shown = RulePart(rule["kind"], None, rule)
    data = typed_into(shown.form) | (grid_into(shown.grid) if shown.grid is not None else {})
    part = RulePart(rule["kind"], query(data), rule)
    assert part.is_valid(), (rule, part.form.errors)
    table = table_around(node | {"code": "1", "rule": part.rule}, role, 2)
    again = read_table(table).leaves
    assert [one.rule for one in again] == [
        one.rule for one in read_table(table_around(node | {"code": "1"}, role, 2)).leaves
    ]
    assert examples_of(node, role, 2), rule


def query(data: dict[str, str]):
    from django.http import QueryDict  # noqa: PLC0415 - a helper of one test

    sent_data = QueryDict(mutable=True)
    sent_data.update(data)
    return sent_data


def typed_into(form) -> dict[str, str]:
    """Return what a browser sends of a form as it is shown."""
    data = {}
    for bound in form:
        value = bound.value()
        if value is True:
            data[bound.html_name] = "on"
        elif value not in (None, False):
            data[bound.html_name] = str(value)
    return data


def grid_into(grid) -> dict[str, str]:
    data = {f"{GRID}-TOTAL_FORMS": str(len(grid.forms)), f"{GRID}-INITIAL_FORMS": "0"}
    for form in grid.forms:
        data |= typed_into(form)
    return data


# The head ---------------------------------------------------------------------------------------
def test_the_head_is_saved_with_its_grades_and_falling_order_is_told(world):
    browser, page = client_of(world.lead_officer), url(world, "table_head")
    group = draft(world).criteria.filter(parent=None).order_by("order").first().code
    form = seen(world, name="Bảng mới", scale_total="100", places="3", by="total",
                tie0=f"group:{group}", tie1="penalty", tie2="", tie3="")  # fmt: skip
    grades = rows("xep-loai", {"label": "Tốt", "start": "85"}, {"label": "Giỏi", "start": "95"})
    browser.post(page, form | grades)
    table = as_interchange(draft(world))
    assert table["name"] == "Bảng mới"
    assert table["rounding"] == {"places": 3}
    assert table["ranking"] == {"by": "total", "tie_breakers": [f"group:{group}", "penalty"]}
    assert table["classification"][0] == {"label": "Tốt", "from": "85"}
    assert "các mức phải giảm dần" in words(browser.get(page))
    twice = form | seen(world) | {"tie1": f"group:{group}"} | grades
    assert "chỉ chọn một lần" in words(browser.post(page, twice))
    html = browser.post(page, form | grades | {"them-dong": "1"}).content.decode()
    assert 'value="Giỏi"' in html
    assert 'name="xep-loai-4-label"' in html
    named = ["bonus", "penalty", *(f"group:{code}" for code in group_codes(world)), "group:gone"]
    set_ties(world, named)
    browser.post(page, seen(world, name="Tên", scale_total="100", places="2", by="percent") | grades
                 | {f"tie{at}": word for at, word in enumerate(named)})  # fmt: skip
    assert as_interchange(draft(world))["ranking"]["tie_breakers"] == named
    assert f'name="tie{len(named)}"' in browser.get(page).content.decode()
    gone = form | rows("xep-loai", {"label": "Tốt", "start": ""}, {"label": "", "start": "3"})
    assert "Có 2 lỗi cần sửa" in words(browser.post(page, gone | seen(world)))


def group_codes(world: World) -> list[str]:
    groups = draft(world).criteria.filter(parent=None).order_by("order")
    return list(groups.values_list("code", flat=True))


def set_ties(world: World, named: list[str]) -> None:
    """Store a head as an import may bring it: with more tie-breakers than usual."""
    table = as_interchange(draft(world))
    operations.save_head(
        cluster_year_id=world.year.pk, seen=draft(world).revision, by=world.lead_officer, now=NOW,
        head={"name": table["name"], "scale_total": table["scale_total"],
              "ranking": {"by": "percent", "tie_breakers": named}},
    )  # fmt: skip


# Versions ---------------------------------------------------------------------------------------
def test_versions_are_listed_read_and_compared(world):
    operations.put_in_use(cluster_year_id=world.year.pk)
    browser = client_of(world.lead_officer)
    page = url(world, "table_version_new")
    assert "Chưa ghi lý do." in words(browser.post(page, sent(reason="")))
    browser.post(page, sent(reason="Theo hướng dẫn mới của tỉnh"))
    row = leaf(world)
    operations.save_points(
        cluster_year_id=world.year.pk, points={row.code: Decimal(1)}, seen=draft(world).revision,
        by=world.lead_officer, now=NOW,
    )  # fmt: skip
    member = client_of(world.officers[2])
    text = words(member.get(url(world, "table_versions")))
    assert "Theo hướng dẫn mới của tỉnh" in text
    assert world.lead_officer.name in text
    compared = member.get(url(world, "table_compare"))
    assert "Điểm tối đa" in words(compared)
    assert "<ins>1</ins>" in compared.content.decode()
    assert "Đang dùng" in words(member.get(url(world, "table_version", 1)))
    assert "Bản nháp" in words(member.get(url(world, "table_version", 2)))
    assert member.get(url(world, "table_version", 9)).status_code == 404
    assert "Phiên bản 2 đang soạn" in words(member.get(url(world, "table")))
    browser.post(url(world, "table_drop"), seen(world))
    assert draft_of(world.year) is None
    assert browser.get(url(world, "table_edit")).status_code == 403


def test_the_organiser_adopts_a_version_by_decision_and_everybody_is_told(
    kept, django_capture_on_commit_callbacks
):
    world = make_world(prefix="ap")
    f.make_pledge_at(f.PledgeStatus.SIGNED, world)
    operations.make_version(
        cluster_year_id=world.year.pk, reason="Sửa thang", by=world.lead_officer, now=NOW
    )
    browser = client_of(world.organiser_acting)
    assert "Quyết định về phiên bản 2 của bảng tiêu chí" in words(
        browser.get(reverse("core:inbox"))
    )
    lead = client_of(world.lead_officer)
    assert "Cơ quan thường trực đưa phiên bản mới" in words(lead.get(url(world, "table_adopt")))
    page = url(world, "table_adopt")
    assert "Chưa nhập quyết định áp dụng." in words(browser.post(page, seen(world, decision="")))
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(page, seen(world, decision="Quyết định số 12/QĐ-CAT ngày 03/6/2026"))
    table = standing_table(world.lead_officer, world.year)
    assert table is not None
    assert table.version == 2
    told = words(client_of(world.officers[2]).get(reverse("core:notices")))
    assert "áp dụng theo Quyết định số 12/QĐ-CAT" in told
    assert "Áp dụng theo Quyết định số 12" in words(browser.get(url(world, "table")))


# Coded ------------------------------------------------------------------------------------------
def test_coding_is_confirmed_and_pages_print_numbers_only(world):
    browser, page = client_of(world.lead_officer), url(world, "table_coded")
    text = leaf(world).title
    assert "Chưa chọn" in words(browser.post(page, seen(world))) or not draft(world).is_coded
    browser.post(page, seen(world, agreed="on"))
    assert draft(world).is_coded
    shown = words(browser.get(url(world, "table")))
    assert text not in shown
    assert f"Tiêu chí số {leaf(world).code}" in shown
    form = browser.get(url(world, "table_leaf_new")).content.decode()
    assert 'name="title"' not in form
    assert 'name="legal_basis"' not in form
    browser.post(url(world, "table_leaf_new"), leaf_form(world, title="Lọt vào"))
    assert draft(world).criteria.get(code="X.9").title == ""


# Statements -------------------------------------------------------------------------------------
def test_the_editor_asks_the_same_number_of_statements_for_24_and_176_leaves(
    world, django_assert_max_num_queries
):
    browser, counts = client_of(world.lead_officer), []
    for size in (24, 176):
        operations.replace_tree(
            cluster_year_id=world.year.pk, table=table_of(size), source="", by=world.lead_officer,
            seen=draft(world).revision, now=NOW,
        )  # fmt: skip
        for name in ("table_edit", "table", "table_leaf_new"):
            browser.get(url(world, name))
            with django_assert_max_num_queries(70) as asked:
                assert browser.get(url(world, name)).status_code == 200
            counts.append(len(asked))
    assert counts[:3] == counts[3:]


def table_of(size: int) -> dict[str, Any]:
    children = [
        {"code": f"I.{at}", "title": f"Tiêu chí {at}", "max": "5", "rule": {"kind": "direct"}}
        for at in range(1, size + 1)
    ]
    top = str(5 * size)
    group = {"code": "I", "title": "Nhóm", "max": top, "children": children}
    return {"name": "Bảng", "scale_total": top, "groups": [group]}
