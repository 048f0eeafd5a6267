"""Writing the draft: nothing typed is lost, bad input is named at its field."""

from decimal import Decimal

import pytest

from core.models import AuditEvent
from pledges import operations
from pledges.models import Clause, Paper, Pledge, Section, Signatory, Target, TargetValue
from pledges.models import PledgeStatus as P
from pledges.tests import factories as f
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch, settings):
    settings.EFFECTS = {}
    stop_clock(monkeypatch)
    return f.make_pledge_at(P.DRAFT)[0]


@pytest.fixture
def pledge(world):
    return Pledge.objects.get(cluster_year=world.year)


@pytest.fixture
def officer(world):
    return client_of(world.lead_officer)


def clause_of(pledge: Pledge, text: str) -> Clause:
    return pledge.current.clauses.get(text__startswith=text)


def target_of(pledge: Pledge, text: str) -> Target:
    return pledge.current.targets.get(text__startswith=text)


# Head ----------------------------------------------------------------------------------------
def test_the_head_is_saved_in_one_form_of_letters_and_on_the_paper_too(world, pledge, officer):
    decomposed = "Giao ước thi đua năm 2026"
    answer = fill(officer, url(world, "head"), title=decomposed, slogan="")
    assert answer.status_code == 302
    pledge.current.refresh_from_db()
    assert pledge.current.title == "Giao ước thi đua năm 2026"
    assert pledge.current.slogan == ""
    assert pledge.current.papers.get(kind="PLEDGE").title == "Giao ước thi đua năm 2026"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Chưa nhập tên giao ước."),
        ("   ", "Chưa nhập tên giao ước."),
        ("Giao\x00 ước", "Có ký tự không in được (mã U+0000)"),
        ("x" * 301, "Chỉ nhận tối đa 300 ký tự, hiện có 301."),
        ("a\x07b", "Có ký tự không in được (mã U+0007)"),
    ],
)
def test_a_bad_title_is_named_at_its_field_and_the_rest_is_kept(world, officer, typed, says):
    answer = fill(officer, url(world, "head"), title=typed, slogan="Khẩu hiệu vừa nhập")
    page = words(answer)
    assert answer.status_code == 200
    assert page.count(says) == 2, "once in the summary, once beside the field"
    assert 'value="Khẩu hiệu vừa nhập"' in answer.content.decode()
    assert "<title>Lỗi:" in answer.content.decode()


def test_markup_is_shown_as_it_was_typed(world, officer):
    fill(officer, url(world, "head"), slogan="<script>alert(1)</script> {{7*7}}")
    page = officer.get(url(world, "pledge")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page


# Clauses -------------------------------------------------------------------------------------
def test_two_officers_save_one_clause_and_nothing_is_lost(world, pledge, officer):
    row = clause_of(pledge, "Thực hiện nghiêm")
    address = url(world, "clause", row.key)
    mine = form_on(officer.get(address)) | {"text": "Bản của tôi."}
    head = client_of(world.heads[0])
    assert fill(head, address, text="Bản của lãnh đạo.").status_code == 302

    answer = officer.post(address, mine)
    page = words(answer)
    row.refresh_from_db()
    assert row.text == "Bản của lãnh đạo."
    assert "Người khác vừa sửa dòng này sau khi bạn mở" in page
    assert "Bản của tôi." in answer.content.decode()
    assert "Bản của lãnh đạo." in page
    assert world.heads[0].name in page, "who saved it"

    again = officer.post(address, form_on(answer, "seen"))
    assert again.status_code == 302
    row.refresh_from_db()
    assert row.text == "Bản của tôi."
    texts = [e.after["text"] for e in AuditEvent.objects.filter(action="pledges.clause_saved")]
    assert texts[-2:] == ["Bản của lãnh đạo.", "Bản của tôi."], "both are in the history"


def test_a_clause_removed_meanwhile_can_be_saved_as_a_new_one(world, pledge, officer):
    row = clause_of(pledge, "Thực hiện nghiêm")
    address = url(world, "clause", row.key)
    mine = form_on(officer.get(address)) | {"text": "Vẫn cần điều này."}
    operations.remove_row(
        pledge_id=pledge.pk, model=Clause, key=row.key, by=world.heads[0], now=f.NOW
    )
    answer = officer.post(address, mine)
    new = url(world, "clause_new", "PLEDGE", "CONTENT")
    assert answer.status_code == 200
    assert f'formaction="{new}"' in answer.content.decode()
    assert officer.post(new, form_on(answer, "seen")).status_code == 302
    assert clause_of(pledge, "Vẫn cần điều này.").section == Section.CONTENT


def test_a_clause_without_words_and_a_basis_of_one_unit_are_refused(world, officer):
    new = url(world, "clause_new", "PLEDGE", "CONTENT")
    assert "Chưa ghi nội dung điều khoản." in words(fill(officer, new, text=" "))
    unit = str(world.units[1].pk)
    answer = fill(officer, new, section="BASIS", unit=unit, text="Căn cứ Luật")
    assert "Căn cứ là của chung cả cụm, khối." in words(answer)
    assert fill(officer, new, heading="Chỉ tiêu đề", text="").status_code == 302


def test_a_clause_sent_twice_is_added_once(world, pledge, officer):
    new = url(world, "clause_new", "PLEDGE", "CONTENT")
    form = form_on(officer.get(new)) | {"text": "Chỉ một lần."}
    first, second = officer.post(new, form), officer.post(new, form)
    assert first["Location"] == second["Location"]
    assert pledge.current.clauses.filter(text="Chỉ một lần.").count() == 1


def test_saving_and_adding_more_stays_in_the_part(world, officer):
    new = url(world, "clause_new", "PLEDGE", "MEASURES")
    assert fill(officer, new, text="Đợt 1", more="1")["Location"] == new


def test_legal_bases_are_offered_by_their_dates_and_not_twice(world, pledge, officer):
    page = words(officer.get(url(world, "bases")))
    assert "Nghị định số 152/2025/NĐ-CP" in page
    assert "Nghị định số 98/2023/NĐ-CP" not in page, "no longer in force in 2026"
    assert "cần rà soát hiệu lực" in page
    answer = officer.post(url(world, "bases"), sent(bases=["LUAT-TDKT-2022", "ND-152-2025"]))
    assert answer.status_code == 302
    assert clause_of(pledge, "Căn cứ Luật Thi đua, khen thưởng ngày 15").section == Section.BASIS
    assert 'value="LUAT-TDKT-2022"' not in officer.get(url(world, "bases")).content.decode()
    nothing = officer.post(url(world, "bases"), sent())
    assert "Chưa chọn căn cứ nào." in words(nothing)


def test_starting_points_fill_the_papers_beside_the_pledge(world, pledge, officer):
    fill(officer, url(world, "papers"), programme_included="on", outline_included="on")
    assert officer.post(url(world, "starter"), sent()).status_code == 302
    assert pledge.current.activities.count() == 11
    assert officer.post(url(world, "outline"), sent(outline="SK")).status_code == 302
    assert pledge.current.clauses.filter(paper="OUTLINE").count() > 10


def test_rows_move_within_their_group_once_for_one_click(world, pledge, officer):
    new = url(world, "clause_new", "PLEDGE", "CONTENT")
    for text in ("Thứ hai", "Thứ ba"):
        fill(officer, new, text=text)
    last = clause_of(pledge, "Thứ ba")
    address = url(world, "move", "dieu-khoan", last.key)
    press = {"token": "8a4b8a4e-62a1-4f7e-9ac0-0a4a52c1d001", "way": "up"}
    officer.post(address, press)
    officer.post(address, press)
    group = pledge.current.clauses.filter(section=Section.CONTENT, unit=None).order_by("order")
    assert [row.text for row in group] == [
        "Thực hiện nghiêm kỷ luật, kỷ cương.",
        "Thứ ba",
        "Thứ hai",
    ]
    assert officer.get(address).status_code == 405


def test_a_row_is_taken_out_only_after_the_question(world, pledge, officer):
    row = clause_of(pledge, "Thực hiện nghiêm")
    address = url(world, "remove", "dieu-khoan", row.key)
    assert "Thực hiện nghiêm kỷ luật" in words(officer.get(address))
    assert pledge.current.clauses.filter(key=row.key).exists()
    assert officer.post(address, sent()).status_code == 302
    assert not pledge.current.clauses.filter(key=row.key).exists()
    assert officer.get(address).status_code == 404
    assert officer.get(url(world, "remove", "gi-do", row.key)).status_code == 404


# Targets -------------------------------------------------------------------------------------
def target_form(officer, world, **typed):
    page = officer.get(url(world, "target_new"))
    ready = {
        "text": "Tỷ lệ giải quyết tin báo", "unit_of_measure": "%", "direction": "UP",
        "aggregation": "LAST", "common_value": "90",
    }  # fmt: skip
    return form_on(page, "seen") | ready | typed


def test_one_common_level_fills_all_units(world, pledge, officer):
    answer = officer.post(url(world, "target_new"), target_form(officer, world))
    assert answer.status_code == 302
    target = target_of(pledge, "Tỷ lệ giải quyết")
    assert target.is_common
    assert {v.value for v in target.values.all()} == {Decimal(90)}
    assert target.values.count() == len(world.units)


def test_number_zero_not_set_and_not_assigned_stay_three_things(world, pledge, officer):
    a, b, c = (f"u{unit.pk}" for unit in world.units)
    typed = {
        "is_common": "", f"{a}-state": "so", f"{a}-value": "0", f"{b}-state": "chua",
        f"{c}-state": "khong", f"{a}-baseline": "1.234,5",
    }  # fmt: skip
    answer = officer.post(url(world, "target_new"), target_form(officer, world, **typed))
    assert answer.status_code == 302, words(answer)
    target = target_of(pledge, "Tỷ lệ giải quyết")
    rows = {v.unit_id: (v.is_assigned, v.value, v.baseline) for v in target.values.all()}
    one, two, three = (unit.pk for unit in world.units)
    assert rows == {
        one: (True, Decimal(0), Decimal("1234.5")),
        two: (True, None, None),
        three: (False, None, None),
    }
    page = officer.get(url(world, "levels")).content.decode()
    assert "≥ 0" in page
    assert '<td class="gu-num gu-unassigned"><span>Không giao</span>' in page
    assert '<span class="gu-not-entered">chưa giao mức</span>' in page
    served = form_on(officer.get(url(world, "target", target.key)), "seen")
    assert (served[f"{a}-value"], served[f"{a}-baseline"]) == ("0", "1.234,5")
    assert (served[f"{b}-state"], served[f"{c}-state"]) == ("chua", "khong")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("0.125", "Số 0.125 có hai cách hiểu. Ghi 0,125 hoặc 125."),
        ("1e5", "Ghi đủ các chữ số, không viết tắt bằng chữ e."),
        ("-1", "Số không được âm."),
        ("5 vụ", "Chỉ ghi số, không ghi chữ hay đơn vị."),
        ("5%", "Chỉ ghi số, không ghi dấu %."),
        ("\uff11\uff12", "Chỉ dùng các chữ số 0–9."),
        ("1,23456", "Chỉ ghi tối đa 4 chữ số sau dấu phẩy."),
        ("9" * 5000, "Số quá dài"),
        ("1" + "0" * 15, "Số quá lớn, chỉ nhận tối đa 14 chữ số trước dấu phẩy."),
        ("", "Chưa ghi mức."),
        ("5\u202e", "Số có ký tự ẩn"),
    ],
)
def test_a_bad_level_is_named_at_its_cell_and_the_rest_is_kept(world, pledge, officer, typed, says):
    a, b, c = (f"u{unit.pk}" for unit in world.units)
    grid = {"is_common": "", f"{a}-value": "77,5", f"{b}-value": typed, f"{c}-value": "80"}
    answer = officer.post(url(world, "target_new"), target_form(officer, world, **grid))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"{world.units[1].short_name}: {says}" in words(answer)
    assert 'value="77,5"' in page
    assert "Đọc là: 77,5" in page
    assert not pledge.current.targets.filter(text__startswith="Tỷ lệ giải quyết").exists()
    assert TargetValue.objects.filter(target__version=pledge.current).count() == len(world.units)


def test_a_number_beside_not_assigned_is_asked_about(world, officer):
    b = f"u{world.units[1].pk}"
    grid = {"is_common": "", f"{b}-state": "khong", f"{b}-value": "5"}
    for unit in (world.units[0], world.units[2]):
        grid[f"u{unit.pk}-value"] = "1"
    answer = officer.post(url(world, "target_new"), target_form(officer, world, **grid))
    assert "Đã chọn “Không giao” thì bỏ trống mức" in words(answer)


def test_a_described_target_needs_no_number_and_a_counted_one_needs_all_of_it(
    world, pledge, officer
):
    bare = {"unit_of_measure": "", "direction": "", "aggregation": "", "common_value": "abc"}
    answer = officer.post(url(world, "target_new"), target_form(officer, world, **bare))
    page = words(answer)
    for said in ("cần đơn vị tính", "cần chiều phấn đấu", "cần cách tính cả năm"):
        assert f"Chỉ tiêu bằng số {said}." in page
    described = target_form(officer, world, kind="TEXT", text="Không để xảy ra khủng bố", **bare)
    assert officer.post(url(world, "target_new"), described).status_code == 302
    assert target_of(pledge, "Không để xảy ra khủng bố").values.count() == 0


def test_the_common_level_can_be_filled_in_to_be_changed_for_one_unit(world, pledge, officer):
    form = target_form(officer, world, common_value="85", fill="1")
    answer = officer.post(url(world, "target_new"), form)
    assert answer.status_code == 200
    served = form_on(answer, "seen")
    assert [served[f"u{unit.pk}-value"] for unit in world.units] == ["85", "85", "85"]
    assert "chưa lưu" in words(answer)
    assert not pledge.current.targets.filter(text__startswith="Tỷ lệ giải quyết").exists()
    served[f"u{world.units[2].pk}-value"] = "80"
    assert officer.post(url(world, "target_new"), served | {"is_common": ""}).status_code == 302
    values = target_of(pledge, "Tỷ lệ giải quyết").values.order_by("unit__code")
    assert [v.value for v in values] == [Decimal(85), Decimal(85), Decimal(80)]


def test_two_officers_save_one_target_and_both_levels_are_shown(world, pledge, officer):
    row = target_of(pledge, "Tỷ lệ điều tra")
    address = url(world, "target", row.key)
    mine = form_on(officer.get(address), "seen") | {"common_value": "81"}
    theirs = form_on(client_of(world.heads[0]).get(address), "seen") | {"common_value": "79"}
    assert client_of(world.heads[0]).post(address, theirs).status_code == 302
    answer = officer.post(address, mine)
    page = words(answer)
    assert f"Mức của {world.units[0].short_name} 79" in page
    assert form_on(answer, "seen")["common_value"] == "81"
    assert officer.post(address, form_on(answer, "seen")).status_code == 302
    assert {v.value for v in row.values.all()} == {Decimal(81)}


# Activities, papers, signatories -------------------------------------------------------------
def test_an_activity_is_added_and_changed(world, pledge, officer):
    fill(officer, url(world, "papers"), programme_included="on")
    answer = fill(officer, url(world, "activity_new"), when="", what="Hội thao", responsible="Cụm")
    assert "Chưa nhập thời gian." in words(answer)
    assert "Hội thao" in answer.content.decode()
    fill(officer, url(world, "activity_new"), when="Tháng 5", what="Hội thao", responsible="Cụm")
    row = pledge.current.activities.get()
    fill(officer, url(world, "activity", row.key), output="Báo cáo")
    row.refresh_from_db()
    assert (row.when, row.output) == ("Tháng 5", "Báo cáo")


def test_papers_need_a_title_and_leave_only_when_empty(world, pledge, officer):
    address = url(world, "papers")
    answer = fill(officer, address, programme_included="on", programme_title="")
    assert "Chưa ghi tên chương trình hoạt động." in words(answer)
    fill(officer, address, programme_included="on", programme_signing="ALL")
    assert pledge.current.papers.get(kind="PROGRAMME").signing == Paper.Signing.ALL
    officer.post(url(world, "starter"), sent())
    form = form_on(officer.get(address))
    form.pop("programme_included")
    answer = officer.post(address, form)
    assert "Chương trình hoạt động còn 11 dòng nội dung." in words(answer)
    assert pledge.current.papers.filter(kind="PROGRAMME").exists()


def test_papers_changed_by_somebody_else_are_shown_beside(world, pledge, officer):
    address = url(world, "papers")
    mine = form_on(officer.get(address)) | {"outline_included": "on"}
    fill(client_of(world.heads[0]), address, programme_included="on")
    answer = officer.post(address, mine)
    assert "Bản đang lưu" in words(answer)
    assert "PROGRAMME" not in words(answer), "papers have names"
    assert not pledge.current.papers.filter(kind="OUTLINE").exists()
    assert officer.post(address, form_on(answer)).status_code == 302
    assert pledge.current.papers.filter(kind="OUTLINE").exists()


def test_the_signing_order_has_one_unit_in_each_place(world, pledge, officer):
    address = url(world, "signatories")
    a, b, c = (f"s{unit.pk}" for unit in world.units)
    answer = fill(officer, address, **{f"{b}-order": "1", f"{c}-position": ""})
    page = words(answer)
    assert f"Chưa ghi chức vụ người ký của {world.units[2].short_name}." in page
    answer = fill(officer, address, **{f"{b}-order": "1"})
    assert f"Thứ tự 1 đã dành cho {world.units[0].short_name}. Ghi số khác." in words(answer)
    answer = fill(officer, address, **{f"{b}-order": "hai"})
    assert "Chỉ ghi số, không ghi chữ hay đơn vị." in words(answer)
    witness = f"w{world.organiser.pk}"
    order = {f"{a}-order": "2", f"{b}-order": "1", f"{a}-authority": "KT."}
    seen = {f"{witness}-included": "on", f"{witness}-position": "Phó Giám đốc"}
    assert fill(officer, address, **order, **seen).status_code == 302
    rows = pledge.current.signatories.order_by("order")
    assert [r.unit for r in rows] == [
        world.units[1],
        world.units[0],
        world.units[2],
        world.organiser,
    ]
    assert rows[1].authority == "KT."
    assert rows[3].role == Signatory.Role.WITNESS


# Who and when --------------------------------------------------------------------------------
PAGES = [
    ("head", []), ("papers", []), ("signatories", []), ("bases", []), ("outline", []),
    ("starter", []), ("clause_new", ["PLEDGE", "CONTENT"]), ("activity_new", []),
    ("target_new", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_only_the_leads_people_write(world, name, args):
    address = url(world, name, *args)
    assert client_of(world.lead_officer).get(address).status_code == 200
    assert client_of(world.heads[0]).get(address).status_code == 200
    for other in (world.officers[1], world.heads[2], world.organiser_acting):
        answer = client_of(other).get(address)
        assert answer.status_code == 403
        assert "Chỉ cán bộ, lãnh đạo đơn vị trưởng" in words(answer)
        assert client_of(other).post(address, sent(text="x")).status_code == 403
    assert client_of(world.administrator).get(address).status_code == 404
    stranger = f.make_world(prefix="xa").lead_officer
    assert client_of(stranger).get(address).status_code == 404
    assert client_of(stranger).post(address, sent()).status_code == 404


def test_keys_of_a_hidden_draft_cannot_be_told_apart(world, pledge):
    member = client_of(world.officers[1])
    real = clause_of(pledge, "Thực hiện nghiêm").key
    for key in (real, "khong-co-khoa"):
        assert member.get(url(world, "clause", key)).status_code == 403
        assert member.get(url(world, "discussion", key)).status_code == 404


def test_what_is_sent_after_the_draft_went_out_is_kept_with_the_reason(world, pledge, officer):
    row = clause_of(pledge, "Thực hiện nghiêm")
    address = url(world, "clause", row.key)
    mine = form_on(officer.get(address)) | {"text": "Gửi muộn một phút."}
    f.circulate(world, pledge)
    answer = officer.post(address, mine)
    assert answer.status_code == 200
    assert "đã gửi góp ý nên không sửa trực tiếp" in words(answer)
    assert "Gửi muộn một phút." in answer.content.decode()
    assert officer.get(address).status_code == 403
    row.refresh_from_db()
    assert row.text == "Thực hiện nghiêm kỷ luật, kỷ cương."
