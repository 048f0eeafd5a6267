"""Years of clusters: opened, copied from last year, changed by decision, with a reason."""

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from clusters import operations
from clusters.models import (
    ClusterYear,
    Extension,
    MemberRole,
    Role,
    Stage,
    UnitSuccession,
    YearStatus,
)
from clusters.operations import StagePlan
from clusters.queries import start_from, year_later
from clusters.tests.factories import NOW, make_person, make_unit, make_world
from clusters.tests.pages import client_of, rows, sent, words
from core.models import AuditEvent
from core.policy import Refused

pytestmark = pytest.mark.django_db
STAGES = [
    {"kind": "PREPARING", "opens_on": "05/01/2027", "due_on": "31/01/2027"},
    {"kind": "DRAFTING", "opens_on": "01/02/2027", "due_on": "15/03/2027"},
    {"kind": "SIGNING", "opens_on": "16/03/2027", "due_on": "31/03/2027", "late_accepted": "on"},
    {"kind": "RUNNING", "opens_on": "01/04/2027", "due_on": ""},
]


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def organiser(world):
    return client_of(world.organiser_acting)


def members_of(world, *roles: str) -> list[dict[str, Any]]:
    roles = roles or ("LEAD", "DEPUTY", "MEMBER")
    return [
        {"order": at, "unit": unit.pk, "role": role}
        for at, (unit, role) in enumerate(zip(world.units, roles, strict=True), start=1)
    ]


def year_form(world, members=None, stages=None, **changes) -> dict[str, Any]:
    facts = {
        "year": "2027", "period": "YEAR", "starts_on": "15/12/2026", "ends_on": "14/12/2027",
        "theme": "Vì an ninh Tổ quốc", "decision_number": "15/QĐ-CAT",
        "decision_date": "05/01/2027", "signing_order": "PARALLEL",
        "openness": "ALL",
    }  # fmt: skip
    return sent(
        **{**facts, **changes},
        **rows("thanh-vien", *(members_of(world) if members is None else members)),
        **rows("lich", *(STAGES if stages is None else stages)),
    )


# Opening -------------------------------------------------------------------------------------
def test_a_year_is_opened_once_and_leads_to_the_criteria_table(world, organiser):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    data = year_form(world)
    first, second = organiser.post(url, data), organiser.post(url, data)
    year = ClusterYear.objects.get(cycle__year=2027)
    assert first.url == second.url == reverse("scoring:choose_table", args=[year.pk])
    assert [m.role for m in year.memberships.order_by("order")] == ["LEAD", "DEPUTY", "MEMBER"]
    assert year.stages.get(kind="SIGNING").late_accepted
    assert year.cloned_from == world.year
    assert year.openness == "ALL"
    assert AuditEvent.objects.filter(action="clusters.year_opened").count() == 2


def test_the_page_is_filled_from_last_year(world, organiser):
    html = organiser.get(reverse("clusters:open_year", args=[world.cluster.pk])).content.decode()
    for value in (
        "2027",
        "15/12/2026",
        "14/12/2027",
        "12/QĐ-CAT",
        "06/01/2026",
        "04/03/2027",
        "10/03/2027",
    ):
        assert f'value="{value}"' in html
    assert "Tổ quốc” năm 2027" in html
    for unit in world.units:
        assert f'<option value="{unit.pk}" selected>' in html


def test_an_empty_page_can_be_asked_for(world, organiser):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    html = organiser.get(url, {"trong": "1"}).content.decode()
    assert not any(f'<option value="{u.pk}" selected>' in html for u in world.units)


def test_a_unit_that_ended_is_not_copied_but_named_with_what_came_after(world, organiser):
    gone, after = world.units[2], make_unit("MOI", "Công an xã Mới", parent=world.organiser)
    gone.closed_on = date(2026, 7, 1)
    gone.save()
    UnitSuccession.objects.create(
        kind="MERGE", predecessor=gone, successor=after, effective_date=date(2026, 7, 1)
    )
    response = organiser.get(reverse("clusters:open_year", args=[world.cluster.pk]))
    assert f"{gone.name} kết thúc hoạt động ngày 01/07/2026, kế tục là Công an xã Mới" in words(
        response
    )
    assert f'<option value="{gone.pk}" selected>' not in response.content.decode()


def test_the_calendar_moves_a_year_on_whatever_february_holds():
    assert year_later(date(2028, 2, 29)) == date(2029, 2, 28)
    assert year_later(date(2027, 2, 28)) == date(2028, 2, 28)


def test_last_years_order_and_roles_are_copied(world):
    world.year.memberships.filter(unit=world.units[2]).update(order=99)
    start = start_from(world.year)
    assert [row["unit"] for row in start.members] == [str(u.pk) for u in world.units]
    assert [row["order"] for row in start.members] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"year": ""}, "Chưa nhập năm."),
        ({"year": "2.027"}, "Ghi năm bằng bốn chữ số, ví dụ 2026."),
        ({"year": "27"}, "Ghi năm bằng bốn chữ số, ví dụ 2026."),
        ({"year": "٢٠٢٧"}, "Ghi năm bằng bốn chữ số, ví dụ 2026."),
        ({"starts_on": "31/02/2026"}, "Tháng 2 năm 2026 chỉ có 28 ngày."),
        ({"starts_on": "15/12/2027"}, "Ngày cuối phải sau ngày 15/12/2027."),
        ({"ends_on": "14/12/2037"}, "Ngày 14/12/2037 không thuộc năm thi đua 2027."),
        ({"theme": "  "}, "Chưa nhập phong trào, chủ đề thi đua."),
        ({"decision_date": ""}, "Ghi ngày của quyết định."),
        ({"decision_number": ""}, "Ghi số của quyết định."),
        ({"signing_order": "RANDOM"}, "không có trong danh sách"),
    ],
)
def test_a_bad_year_is_refused_at_the_field_and_the_grids_are_kept(
    world, organiser, changes, sentence
):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    response = organiser.post(url, year_form(world, **changes))
    html = response.content.decode()
    assert response.status_code == 200
    assert sentence in words(response)
    assert "lỗi cần sửa" in html
    assert "<title>Lỗi:" in html
    assert f'<option value="{world.units[2].pk}" selected>' in html
    assert 'value="16/03/2027"' in html
    assert ClusterYear.objects.count() == 1


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        (("MEMBER", "MEMBER", "MEMBER"), "Chọn đúng một đơn vị trưởng; hiện có 0."),
        (("LEAD", "LEAD", "MEMBER"), "Chọn đúng một đơn vị trưởng; hiện có 2."),
        (("LEAD", "DEPUTY", "DEPUTY"), "Nhiều nhất một đơn vị phó; hiện có 2."),
        (("LEAD", "KING", "MEMBER"), "không có trong danh sách"),
    ],
)
def test_roles_are_held_against_the_rule(world, organiser, roles, sentence):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    response = organiser.post(url, year_form(world, members=members_of(world, *roles)))
    assert response.status_code == 200
    assert sentence in words(response)
    assert "<title>Lỗi:" in response.content.decode()
    assert ClusterYear.objects.count() == 1


def test_the_same_unit_twice_is_marked_at_its_row(world, organiser):
    members = [*members_of(world), {"order": 4, "unit": world.units[0].pk, "role": "MEMBER"}]
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    response = organiser.post(url, year_form(world, members=members))
    assert "Đơn vị này đã có ở dòng trên. Bỏ một dòng." in words(response)
    assert 'id="id_thanh-vien-3-unit_error"' in response.content.decode()


def test_a_unit_that_the_organiser_does_not_know_is_refused(world, organiser):
    foreign = make_world(2, prefix="hn").units[0]
    members = [*members_of(world), {"order": 4, "unit": foreign.pk, "role": "MEMBER"}]
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    response = organiser.post(url, year_form(world, members=members))
    assert "không có trong danh sách" in words(response)
    assert ClusterYear.objects.filter(cluster=world.cluster).count() == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"kind": "RUNNING", "opens_on": "", "due_on": ""}, "Chưa nhập ngày mở."),
        ({"kind": "", "opens_on": "01/05/2027", "due_on": ""}, "Chọn giai đoạn của dòng này"),
        (
            {"kind": "RUNNING", "opens_on": "01/05/2027", "due_on": "30/04/2027"},
            "Hạn phải từ 01/05/2027",
        ),
        (
            {"kind": "RUNNING", "opens_on": "01/05/2072", "due_on": ""},
            "không thuộc năm thi đua 2027",
        ),
        ({"kind": "RUNNING", "opens_on": "5/13/2027", "due_on": ""}, "ngày/tháng/năm"),
    ],
)
def test_a_bad_stage_is_refused_at_its_cell(world, organiser, row, sentence):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    response = organiser.post(url, year_form(world, stages=[*STAGES, row]))
    assert response.status_code == 200
    assert sentence in words(response)
    assert ClusterYear.objects.count() == 1


def test_drafting_and_signing_belong_into_every_calendar(world, organiser):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    response = organiser.post(url, year_form(world, stages=STAGES[:1]))
    assert "Lịch năm còn thiếu giai đoạn: dự thảo giao ước, ký giao ước." in words(response)


def test_more_rows_keep_everything_typed_and_check_nothing(world, organiser):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    data = year_form(world, theme="Đang gõ dở", year="20") | {"them-dong": "thanh-vien"}
    response = organiser.post(url, data)
    html = response.content.decode()
    assert "lỗi cần sửa" not in html
    assert 'value="Đang gõ dở"' in html
    assert 'value="20"' in html
    assert f'<option value="{world.units[1].pk}" selected>' in html
    assert 'name="thanh-vien-TOTAL_FORMS" value="6"' in html
    box = html[html.index('<input type="checkbox" name="lich-2-late_accepted"') :]
    assert "checked" in box[: box.index(">")]
    assert ClusterYear.objects.count() == 1


def test_the_same_year_twice_is_refused_with_a_sentence(world, organiser):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    cycle = world.year.cycle
    data = year_form(
        world, year="2026", starts_on="15/12/2025", ends_on="14/12/2026", theme=cycle.theme,
        stages=[{**s, "opens_on": s["opens_on"].replace("2027", "2026"),
                 "due_on": s["due_on"].replace("2027", "2026")} for s in STAGES],
    )  # fmt: skip
    response = organiser.post(url, data)
    assert "đã có năm 2026. Mở trang năm đó để sửa." in words(response)


def test_what_other_clusters_share_is_not_silently_ignored(world, organiser):
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    response = organiser.post(url, year_form(world, year="2026", theme="Chủ đề khác", stages=[]))
    assert f"Các cụm, khối khác trong năm 2026 đã dùng: “{world.year.cycle.theme}”" in words(
        response
    )


# Members -------------------------------------------------------------------------------------
def members_form(world, *roles: str, **changes) -> dict[str, Any]:
    facts = {"decision_number": "20/QĐ-CAT", "decision_date": "10/02/2026", **changes}
    return sent(**facts, **rows("thanh-vien", *members_of(world, *roles), initial=3))


def test_members_are_changed_by_decision(world, organiser):
    url = reverse("clusters:members", args=[world.year.pk])
    assert organiser.post(url, members_form(world, "MEMBER", "LEAD", "DEPUTY")).status_code == 302
    lead = world.year.memberships.get(role=MemberRole.LEAD)
    assert lead.unit == world.units[1]
    text = words(organiser.get(reverse("clusters:history", args=[world.year.pk])))
    assert "đã sửa danh sách thành viên" in text


def test_the_order_typed_is_the_order_stored(world, organiser):
    data = members_form(world)
    data |= {"thanh-vien-0-order": "3", "thanh-vien-1-order": "1", "thanh-vien-2-order": "2"}
    organiser.post(reverse("clusters:members", args=[world.year.pk]), data)
    stored = [m.unit for m in world.year.memberships.order_by("order")]
    assert stored == [world.units[1], world.units[2], world.units[0]]


def test_members_read_what_they_may_not_change_and_why(world):
    browser = client_of(world.officers[1])
    url = reverse("clusters:members", args=[world.year.pk])
    text = words(browser.get(url))
    assert "Chỉ cơ quan thường trực sửa được thành viên, theo quyết định." in text
    assert "Công an huyện Ba Đồn qb" in text
    refused = browser.post(url, members_form(world, "MEMBER", "LEAD", "DEPUTY"))
    assert refused.status_code == 200
    assert "lỗi cần sửa" in words(refused)
    assert world.year.memberships.get(role=MemberRole.LEAD).unit == world.units[0]


def test_members_are_locked_once_signed_and_the_page_says_why(world, organiser):
    ClusterYear.objects.filter(pk=world.year.pk).update(status=YearStatus.RUNNING)
    url = reverse("clusters:members", args=[world.year.pk])
    assert "Thành viên đã chốt khi bắt đầu ký giao ước." in words(organiser.get(url))
    assert "Thành viên đã chốt" in words(organiser.post(url, members_form(world)))


# Calendar and extensions ---------------------------------------------------------------------
def calendar_form(world, reason="Dời ngày hội nghị", **changes) -> dict[str, Any]:
    given = [
        {"kind": s.kind, "opens_on": s.opens_on.strftime("%d/%m/%Y"),
         "due_on": s.due_on.strftime("%d/%m/%Y"),
         **({"late_accepted": "on"} if s.late_accepted else {})}
        for s in world.year.stages.order_by("order")
    ]  # fmt: skip
    return sent(reason=reason, **(rows("lich", *given, initial=len(given)) | changes))


def test_the_calendar_is_changed_with_a_reason_that_all_can_read(world, organiser):
    url = reverse("clusters:calendar", args=[world.year.pk])
    assert "Chưa ghi lý do." in words(
        organiser.post(url, calendar_form(world, reason=" . "))
    ) or "Ghi rõ lý do" in words(organiser.post(url, calendar_form(world, reason=" . ")))
    data = calendar_form(world, **{"lich-1-due_on": "10/03/2026"})
    assert organiser.post(url, data).status_code == 302
    assert world.year.stages.get(kind="DRAFTING").due_on == date(2026, 3, 10)
    text = words(
        client_of(world.officers[2]).get(reverse("clusters:history", args=[world.year.pk]))
    )
    assert "Lý do: Dời ngày hội nghị" in text
    assert "thêm: dự thảo giao ước: 06/02/2026 – 10/03/2026" in text


def test_an_extension_stays_with_its_stage_when_a_stage_is_put_before_it(world):
    signing = world.year.stages.get(kind="SIGNING")
    by = world.organiser_acting
    operations.extend(stage_id=signing.pk, unit_id=world.units[2].pk, until=date(2026, 3, 20),
                      reason="Bão", by=by, now=NOW)  # fmt: skip
    stages = [StagePlan(YearStatus(s.kind), s.opens_on, s.due_on, s.late_accepted)
              for s in world.year.stages.order_by("order")]  # fmt: skip
    stages.insert(0, StagePlan(YearStatus.OBJECTIONS, date(2026, 1, 2), date(2026, 1, 3)))
    common = {"cluster_year_id": world.year.pk, "reason": "Thêm", "by": by, "now": NOW}
    operations.set_calendar(stages=stages, **common)
    assert Extension.objects.get().stage.kind == YearStatus.SIGNING
    assert list(world.year.stages.order_by("order").values_list("order", flat=True)) == list(
        range(1, len(stages) + 1)
    )
    without = [s for s in stages if s.kind != YearStatus.SIGNING]
    with pytest.raises(Refused, match="đang có đơn vị được gia hạn"):
        operations.set_calendar(stages=without, **common)
    assert Stage.objects.filter(cluster_year=world.year, kind="SIGNING").exists()


def extension_form(world, **changes) -> dict[str, Any]:
    stage = world.year.stages.get(kind="DRAFTING")
    return sent(**{"what": f"g{stage.pk}", "unit": world.units[2].pk, "until": "06/03/2026",
                   "reason": "Bão lũ", **changes})  # fmt: skip


def test_one_unit_is_given_more_time_and_all_see_why(world, organiser):
    url = reverse("clusters:extensions", args=[world.year.pk])
    data = extension_form(world)
    assert organiser.post(url, data).url == organiser.post(url, data).url
    assert Extension.objects.count() == 1
    text = words(client_of(world.officers[1]).get(url))
    assert "Công an huyện Ba Đồn qb : giai đoạn dự thảo giao ước, hạn chung 03/03/2026" in text
    assert "Lý do: Bão lũ" in text
    assert "Chỉ cơ quan thường trực gia hạn được cho đơn vị." in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"until": "01/03/2026"}, "Ngày gia hạn phải sau hạn chung của giai đoạn."),
        ({"until": ""}, "Chưa nhập gia hạn đến hết ngày."),
        ({"reason": ""}, "Chưa ghi lý do."),
        ({"reason": "..."}, "Ghi rõ lý do bằng chữ"),
        ({"what": "g0"}, "không có trong danh sách"),
        ({"unit": ""}, "Chưa chọn đơn vị."),
    ],
)
def test_a_bad_extension_is_refused_at_the_field(world, organiser, changes, sentence):
    response = organiser.post(
        reverse("clusters:extensions", args=[world.year.pk]), extension_form(world, **changes)
    )
    assert response.status_code == 200
    assert sentence in words(response)
    assert not Extension.objects.exists()


def test_a_member_cannot_extend_its_own_time(world):
    url = reverse("clusters:extensions", args=[world.year.pk])
    response = client_of(world.officers[2]).post(url, extension_form(world))
    assert "Chỉ cơ quan thường trực gia hạn được cho đơn vị." in words(response)
    assert not Extension.objects.exists()


def test_a_period_is_extended_for_one_unit(world, organiser):
    period = world.year.periods.get(order=1)
    url = reverse("clusters:extensions", args=[world.year.pk])
    data = extension_form(world, what=f"k{period.pk}", until="30/03/2026")
    assert organiser.post(url, data).status_code == 302
    assert Extension.objects.get().period == period
    assert f"kỳ {period.name}, hạn chung" in words(organiser.get(url))
    early = extension_form(world, what=f"k{period.pk}", until="01/03/2026")
    assert "phải sau hạn chung của kỳ" in words(organiser.post(url, early))


# Reporting periods -----------------------------------------------------------------------------
def period_form(world, *kept, **changes) -> dict[str, Any]:
    rows_of = [{"name": n, "starts_on": a, "ends_on": b, "due_on": c} for n, a, b, c in kept]
    mark = operations.periods_mark(world.year)
    return sent(**{"seen": mark, "reason": "Báo cáo hai kỳ", **rows("ky", *rows_of), **changes})


HALVES = (
    ("6 tháng đầu năm", "15/12/2025", "14/06/2026", "19/06/2026"),
    ("6 tháng cuối năm", "15/06/2026", "14/12/2026", "19/12/2026"),
)


@pytest.mark.parametrize(("months", "count"), [("1", 12), ("3", 4), ("6", 2)])
def test_periods_are_proposed_by_month_quarter_and_half(world, organiser, months, count):
    url = reverse("clusters:periods", args=[world.year.pk])
    page = organiser.get(url, {"goi-y": months})
    filled = [r for r in page.context["page"].periods.forms if r["name"].value()]
    assert len(filled) == count
    assert filled[-1]["ends_on"].value() == "14/12/2026"


def test_the_organiser_sets_the_periods_and_all_see_them(world, organiser):
    url = reverse("clusters:periods", args=[world.year.pk])
    assert organiser.post(url, period_form(world, *HALVES)).status_code == 302
    assert [p.name for p in world.year.periods.order_by("order")] == [HALVES[0][0], HALVES[1][0]]
    text = words(client_of(world.officers[1]).get(url))
    assert "6 tháng đầu năm 15/12/2025 14/06/2026 hạn 19/06/2026" in text
    assert "Chỉ cơ quan thường trực sửa được lịch." in text


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("", "15/12/2025", "14/06/2026", "19/06/2026"), "Chưa nhập tên kỳ"),
        (("Kỳ 1", "", "14/06/2026", "19/06/2026"), "Chưa nhập ngày đầu kỳ."),
        (("Kỳ 1", "15/12/2025", "14/06/2026", "01/06/2026"), "Hạn nộp phải từ 14/06/2026"),
        (("Kỳ 1", "15/06/2026", "14/06/2026", "19/06/2026"), "Ngày cuối kỳ phải từ 15/06/2026"),
        (("Kỳ 1", "14/12/2025", "14/06/2026", "19/06/2026"), "ngoài chu kỳ 15/12/2025"),
        (("Kỳ 1", "31/02/2026", "14/06/2026", "19/06/2026"), "chỉ có 28 ngày"),
    ],
)
def test_a_bad_period_is_refused_at_its_cell(world, organiser, row, sentence):
    url = reverse("clusters:periods", args=[world.year.pk])
    response = organiser.post(url, period_form(world, row))
    assert response.status_code == 200
    assert sentence in words(response)
    assert world.year.periods.count() == 4


def test_periods_that_overlap_or_repeat_or_are_missing_are_refused(world, organiser):
    url = reverse("clusters:periods", args=[world.year.pk])
    second = ("Kỳ 2", "01/06/2026", "14/12/2026", "19/12/2026")
    overlap = words(organiser.post(url, period_form(world, HALVES[0], second)))
    assert "Kỳ 2 bắt đầu trước khi 6 tháng đầu năm kết thúc" in overlap
    twice = words(organiser.post(url, period_form(world, HALVES[0], HALVES[0])))
    assert "Kỳ này đã có ở dòng trên" in twice
    assert "Ghi ít nhất một kỳ báo cáo." in words(organiser.post(url, period_form(world)))
    stale = words(organiser.post(url, period_form(world, *HALVES, seen="cu")))
    assert "Đang lưu trong hệ thống" in stale


# Clusters ------------------------------------------------------------------------------------
def test_a_cluster_has_a_sign_of_its_own(world, organiser):
    url = reverse("clusters:add_cluster")
    data = {"kind": "KHOI", "bloc": "", "code": "K1", "name": "Khối trùng"}
    assert "mang ký hiệu này" in words(organiser.post(url, sent(**data)))
    assert organiser.post(url, sent(**{**data, "code": "K2"})).status_code == 302
    assert "Khối trùng" in words(organiser.get(reverse("clusters:clusters")))


# Who may, how many statements ------------------------------------------------------------------
def test_strangers_see_none_of_it(world):
    other = make_world(2, prefix="hn")
    year = [
        reverse(f"clusters:{n}", args=[world.year.pk])
        for n in ("members", "calendar", "extensions", "history")
    ]
    own = [reverse("clusters:clusters"), reverse("clusters:add_cluster")]
    opening = reverse("clusters:open_year", args=[world.cluster.pk])
    for person in (other.officers[0], other.heads[1], other.organiser_acting, world.administrator):
        browser = client_of(person)
        assert {browser.get(url).status_code for url in [*year, opening]} == {404}, person
    for person in (world.officers[0], world.heads[1], world.organiser_head):
        browser = client_of(person)
        assert {browser.get(url).status_code for url in [*own, opening]} == {404}
        assert {browser.get(url).status_code for url in year} == {200}


@pytest.mark.parametrize("name", ["members", "calendar", "extensions", "history"])
@pytest.mark.parametrize("who", ["organiser_acting", "lead_officer"])
def test_pages_of_a_year_ask_the_same_number_of_statements_at_any_size(
    django_assert_max_num_queries, name, who
):
    counts = []
    for size, prefix in ((5, "nho"), (50, "lon")):
        world = make_world(size, prefix=prefix)
        browser = client_of(getattr(world, who))
        url = reverse(f"clusters:{name}", args=[world.year.pk])
        browser.get(url)
        with django_assert_max_num_queries(60) as asked:
            assert browser.get(url).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_list_of_clusters_asks_the_same_number_of_statements_at_any_size(
    world, organiser, django_assert_max_num_queries
):
    url = reverse("clusters:clusters")
    organiser.get(url)
    with django_assert_max_num_queries(60) as few:
        organiser.get(url)
    for at in range(20):
        world.organiser.clusters.create(kind="KHOI", code=f"K{at + 2}", name=f"Khối {at}")
    with django_assert_max_num_queries(60) as many:
        organiser.get(url)
    assert len(many) == len(few)


def test_an_unknown_person_of_the_body_may_not_open_years(world):
    stranger = make_person("khac", Role.ORGANISER, make_unit("KHAC", "Sở khác"))
    url = reverse("clusters:open_year", args=[world.cluster.pk])
    assert client_of(stranger).post(url, year_form(world)).status_code == 404


# Two people at once ----------------------------------------------------------------------------
def mark_on(browser, url: str) -> str:
    found = re.search('name="seen" value="([0-9a-f]+)"', browser.get(url).content.decode())
    assert found
    return found[1]


def test_who_saves_members_second_is_shown_what_stands_and_may_decide(world, organiser):
    url = reverse("clusters:members", args=[world.year.pk])
    read = mark_on(organiser, url)
    organiser.post(url, members_form(world, "MEMBER", "LEAD", "DEPUTY", seen=read))
    late = members_form(world, "MEMBER", "DEPUTY", "LEAD", seen=read)
    refused = organiser.post(url, late)
    assert "Danh sách thành viên đã được người khác sửa" in words(refused)
    assert "Đang lưu trong hệ thống" in words(refused)
    assert world.year.memberships.get(role="LEAD").unit == world.units[1]
    assert organiser.post(url, late | {"seen": mark_on(organiser, url)}).status_code == 302
    assert world.year.memberships.get(role="LEAD").unit == world.units[2]


def test_more_rows_do_not_hide_what_another_person_wrote_meanwhile(world, organiser):
    url = reverse("clusters:members", args=[world.year.pk])
    read = mark_on(organiser, url)
    organiser.post(url, members_form(world, "MEMBER", "LEAD", "DEPUTY", seen=read))
    larger = organiser.post(url, members_form(world, seen=read) | {"them-dong": "thanh-vien"})
    assert f'name="seen" value="{read}"' in larger.content.decode()


def test_who_saves_the_calendar_second_is_shown_what_stands(world, organiser):
    url = reverse("clusters:calendar", args=[world.year.pk])
    read = mark_on(organiser, url)
    first = calendar_form(world, **{"seen": read, "lich-1-due_on": "10/03/2026"})
    assert organiser.post(url, first).status_code == 302
    second = calendar_form(world, **{"seen": read, "lich-1-due_on": "11/03/2026"})
    refused = words(organiser.post(url, second))
    assert "Lịch năm đã được người khác sửa" in refused
    assert "Đang lưu trong hệ thống" in refused
    assert world.year.stages.get(kind="DRAFTING").due_on == date(2026, 3, 10)


# How far points are open ---------------------------------------------------------------------
def test_the_rule_of_openness_is_changed_once_with_a_reason_that_all_read(world, organiser):
    url = reverse("clusters:openness", args=[world.year.pk])
    assert "Điểm của mọi đơn vị, sau khi công bố chính thức" in organiser.get(url).content.decode()
    asked = sent(openness="ALL", reason="Theo biên bản hội nghị ngày 05/3")
    assert organiser.post(url, asked).url == organiser.post(url, asked).url == url
    world.year.refresh_from_db()
    assert world.year.openness == "ALL"
    event = AuditEvent.objects.get(action="clusters.openness_set")
    assert event.after == {"openness": "Điểm của mọi đơn vị, kể cả khi tạm tính"}
    read = client_of(world.officers[1])
    history = read.get(reverse("clusters:history", args=[world.year.pk])).content.decode()
    assert "đã đổi quy tắc công khai điểm" in history
    assert "Theo biên bản hội nghị ngày 05/3" in history
    page = read.get(url).content.decode()
    assert "Điểm của mọi đơn vị, kể cả khi tạm tính" in page
    assert "Chỉ cơ quan thường trực đổi được quy tắc công khai điểm." in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"openness": "FINAL", "reason": "Như cũ"}, "không có gì để đổi"),
        ({"openness": "NOBODY", "reason": "Khác"}, "không có trong danh sách"),
        ({"openness": "OWN", "reason": ""}, "lý do"),
    ],
)
def test_a_rule_of_openness_that_cannot_be_is_refused_in_words(world, organiser, typed, said):
    url = reverse("clusters:openness", args=[world.year.pk])
    answer = organiser.post(url, sent(**typed))
    assert answer.status_code == 200
    assert said in answer.content.decode().lower()
    assert not AuditEvent.objects.filter(action="clusters.openness_set").exists()


def test_nobody_but_the_organiser_changes_the_rule_of_openness(world):
    url = reverse("clusters:openness", args=[world.year.pk])
    for person in (world.officers[0], world.heads[1], world.organiser_head):
        client_of(person).post(url, sent(openness="ALL", reason="Cho rõ"))
    world.year.refresh_from_db()
    assert world.year.openness == "FINAL"
